"""The models of the outer folds once more, asked something about patients they never saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import above, judge
from radiome.model.crossvalidation import jobs_of, purpose_of
from radiome.model.learners.catalogue import scores as learner_scores
from radiome.model.ledger import Fit, judging
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.out_of_fold import by_patient
from radiome.model.outcomes import Outcome
from radiome.model.parallel import in_parallel
from radiome.model.preparation import Design
from radiome.model.splits import Split, patient_index, repeated_folds
from radiome.model.tuning import FittedModel

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class FoldModel:
    """The model of one outer fold with its rows.

    Parameters
    ----------
    model : FittedModel
        Fitted on the training rows.
    training, held_out : Design
        Training rows, and the n rows of the patients left out.
    outcome : Outcome
        Of the m patients left out, in the order of their first rows.
    number : int64 array (n,)
        Which of the m patients each held-out row is of.
    seed : int
        Of what is drawn for this fold.
    fits : tuple of Fit
        What was fitted, and the patients left out.
    """

    model: FittedModel
    training: Design
    held_out: Design
    outcome: Outcome
    number: Rows
    seed: int
    fits: tuple[Fit, ...] = ()

    def score(self, inputs: Floats) -> Floats:
        """Scores (n,) or (n, k) of rows as the learner sees them (n, q)."""
        return learner_scores(
            self.model.learner,
            inputs,
            self.model.recipe.kind,
            n_classes=len(self.outcome.classes) or None,
        )

    def by_patient(self, values: Floats) -> Floats:
        """Mean (m, ...) over the rows of each patient of values (n, ...)."""
        return by_patient(values, self.number, len(self.outcome))

    @property
    def comparable(self) -> bool:
        """Whether the outcome orders some of the patients, in every class."""
        return all(wanted.any() for wanted in above(self.outcome))

    def concordance(self, scores: Floats) -> float:
        """Concordance of the m patients over r sets of scores (r, n) or (r, n, k) of the rows."""
        each = np.array([self.by_patient(one) for one in scores])
        return judge(self.outcome, each, np.zeros(each.shape[:2], np.int64)).concordance()


@dataclass(frozen=True, slots=True, eq=False)
class Asked(Generic[Answer]):
    """What the models of all outer folds answered.

    Parameters
    ----------
    answers : list
        One for each fold of each repeat.
    fits : tuple of Fit
        Of all these models, each with the patients that it was asked about.
    """

    answers: list[Answer]
    fits: tuple[Fit, ...]


def ask_folds(
    question: Callable[[FoldModel], Answer],
    rows: RecipeRefit,
    *,
    folds: int,
    repeats: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    dealt: Rows | None = None,
    purpose: str = "",
) -> Asked[Answer]:
    """Fit every outer fold as `cross_validate` does, and keep what `question` makes of it.

    Equal folds and seeds give the very models whose predictions were judged.

    Parameters
    ----------
    question : callable
        Takes a `FoldModel`.
    rows : RecipeRefit
        The recipe with its rows.
    folds, repeats, seed
        Those of the cross-validation.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with folds done and all folds.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.
    purpose : str, optional
        What the ledger says before repeat and fold, such as ``permuted outcome 1, ``.
    """
    if dealt is None:
        dealt = repeated_folds(rows.outcome.strata(), rows.patients, folds, repeats, seed)
    calls = [
        (question, rows, split, own, purpose + purpose_of(repeat, split))
        for repeat, split, own in jobs_of(dealt, seed)
    ]
    found = in_parallel(_asked, calls, workers=workers, progress=progress)
    return Asked([answer for answer, _ in found], tuple(fit for _, fits in found for fit in fits))


def _asked(
    question: Callable[[FoldModel], Answer],
    rows: RecipeRefit,
    split: Split,
    seed: int,
    purpose: str,
) -> tuple[Answer, tuple[Fit, ...]]:
    fold = _fitted(rows, split, seed, purpose)
    return question(fold), fold.fits


def _fitted(rows: RecipeRefit, split: Split, seed: int, purpose: str) -> FoldModel:
    model = rows.fit(split.train, seed).model
    patients = rows.patients[split.test]
    fits = judging(model.fits(purpose), model.trained_on, patients.tolist())
    first, number = patient_index(patients)
    return FoldModel(
        model,
        rows.design.taken(split.train),
        rows.design.taken(split.test),
        rows.outcome.taken(split.test[first]),
        number,
        seed,
        fits,
    )
