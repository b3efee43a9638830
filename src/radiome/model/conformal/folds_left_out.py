"""Models without two folds each: what calibrates never saw what it is calibrated for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.ledger import Fit, judging
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.out_of_fold import by_patient
from radiome.model.outcomes import Outcome
from radiome.model.parallel import in_parallel
from radiome.model.splits import Split, patient_index, repeated_folds

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TwiceLeftOut:
    """Predictions of m patients in K folds by the models without two folds.

    Parameters
    ----------
    scores : float64 array (K, m) or (K, m, k)
        ``scores[l, i]`` is of the model without fold l and without the fold of patient i;
        NaN where l is the fold of patient i.
    folds : int64 array (m,)
        Fold of each patient, 0 to K - 1.
    patients : str array (m,)
        In the order of their first rows.
    outcome : Outcome
        Of the m patients.
    fits : tuple of Fit
        Of all these models, each with the patients of the two folds.
    """

    scores: Floats
    folds: Rows
    patients: NDArray[np.str_]
    outcome: Outcome
    fits: tuple[Fit, ...] = ()


def leave_two_out(
    rows: RecipeRefit,
    *,
    folds: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    dealt: Rows | None = None,
) -> TwiceLeftOut:
    """Fit the recipe without each pair of the K outer folds of the first repeat.

    Seen from one fold, the models without it are a cross-validation of all its training
    patients over the K - 1 other folds. Each of the K (K - 1) / 2 models serves two folds.

    Parameters
    ----------
    rows : RecipeRefit
        The recipe with its rows; all of it is fitted again for each pair.
    folds : int
        K, at least 3.
    seed : int
        Of the folds and of the steps.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with fits done and all fits.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.

    Raises
    ------
    UserError
        If there are fewer than three folds.
    """
    if folds < 3:
        raise UserError(
            "conformal prediction leaves out two folds at a time",
            where="validation.folds",
            expected="at least 3",
            got=str(folds),
        )
    if dealt is None:
        dealt = repeated_folds(rows.outcome.strata(), rows.patients, folds, 1, seed)
    fold_of = dealt[0]
    pairs = list(combinations(range(folds), 2))
    seeds = np.random.SeedSequence(seed, spawn_key=(4,)).generate_state(len(pairs)).tolist()
    jobs = [(rows, _without(fold_of, pair), own) for pair, own in zip(pairs, seeds, strict=True)]
    found = in_parallel(_scores, jobs, workers=workers, progress=progress)
    answers = [answer for answer, _ in found]
    whole = np.full((folds, *fold_of.shape, *answers[0].shape[1:]), np.nan)
    for (one, other), (_, split, _), answer in zip(pairs, jobs, answers, strict=True):
        for left_out, held in ((one, other), (other, one)):
            own = fold_of[split.test] == held
            whole[left_out, split.test[own]] = answer[own]
    first, number = patient_index(rows.patients)
    return TwiceLeftOut(
        np.array([by_patient(each, number, len(first)) for each in whole]),
        fold_of[first],
        rows.patients[first],
        rows.outcome.taken(first),
        tuple(fit for _, fits in found for fit in fits),
    )


def _without(dealt: Rows, pair: tuple[int, int]) -> Split:
    test = np.isin(dealt, pair)
    name = f"folds {pair[0] + 1} and {pair[1] + 1}"
    return Split(np.flatnonzero(~test), np.flatnonzero(test), name)


def _scores(rows: RecipeRefit, split: Split, seed: int) -> tuple[NDArray[Any], tuple[Fit, ...]]:
    """Scores of the rows of both folds, and what was fitted for them."""
    model = rows.fit(split.train, seed).model
    judged = rows.patients[split.test].tolist()
    fits = judging(model.fits(split.name), model.trained_on, judged)
    return model.scores(rows.design.taken(split.test)), fits
