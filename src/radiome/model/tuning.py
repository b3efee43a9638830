"""Fit a recipe: tune its options by inner cross-validation, then fit the chosen ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.concordance import above, ranking
from radiome.model.learners.catalogue import scores as learner_scores
from radiome.model.ledger import Fit, patients_hash, require_apart
from radiome.model.outcomes import Outcome
from radiome.model.preparation import Design, FeaturePreparation
from radiome.model.recipe import Recipe
from radiome.model.splits import repeated_folds, splits_of

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]
Choice = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """A recipe fitted on the training patients.

    Parameters
    ----------
    recipe : Recipe
        What was fitted.
    preparation : FeaturePreparation
        Fitted.
    selectors : tuple
        Fitted selectors.
    learner : estimator
        Fitted.
    choice : tuple of int
        Options chosen by tuning.
    selected : tuple of str
        Features that the learner sees.
    trained_on : frozenset of str
        Patients that any step has seen.
    """

    recipe: Recipe
    preparation: FeaturePreparation
    selectors: tuple[Any, ...]
    learner: Any
    choice: Choice
    selected: tuple[str, ...]
    trained_on: frozenset[str]

    def inputs(self, design: Design) -> Floats:
        """What the learner sees of other rows (m, k)."""
        values = self.preparation.transform(design)
        for selector in self.selectors:
            values = values[:, np.asarray(selector.get_support())]
        return np.hstack([values, self.preparation.transform_beside(design)])

    def scores(self, design: Design) -> Floats:
        """Scores (m,) or (m, k) of other rows."""
        found: Floats = learner_scores(self.learner, self.inputs(design), self.recipe.kind)
        return found

    def judged_scores(self, design: Design, patients: Texts) -> Floats:
        """Scores to judge the model by; refused for patients that it was fitted on."""
        require_apart(self.trained_on, patients.tolist(), what="a model")
        return self.scores(design)

    def fits(self, purpose: str) -> list[Fit]:
        """What was fitted, for the ledger."""
        n, digest = len(self.trained_on), patients_hash(self.trained_on)
        options = self.recipe.preparation.model_dump()
        entries = [Fit("preparation", purpose, n, digest, saw_outcome=False, options=options)]
        if self.recipe.harmonise is not None:
            options = self.recipe.harmonise.model_dump()
            entries.append(Fit("combat", purpose, n, digest, saw_outcome=False, options=options))
        for stage, index in zip(self.recipe.stages, self.choice, strict=True):
            chosen = stage.choices[index]
            entries.append(Fit(stage.name, purpose, n, digest, saw_outcome=True, options=chosen))
        return entries


def fit_recipe(
    recipe: Recipe,
    design: Design,
    outcome: Outcome,
    patients: Texts,
    *,
    inner_folds: int,
    seed: int,
) -> FittedModel:
    """Tune and fit a recipe on training rows; nothing else is looked at.

    Parameters
    ----------
    recipe : Recipe
        Steps and options.
    design : Design
        n training rows.
    outcome : Outcome
        Their outcomes, all known.
    patients : str array (n,)
        Their patients: inner folds do not cut through one.
    inner_folds : int
        Folds to tune by, fewer if a class is rarer than that.
    seed : int
        Of the inner folds and of steps that draw.
    """
    chosen: Choice = (0,) * len(recipe.stages)
    if recipe.configurations > 1:
        chosen = _tuned(recipe, design, outcome, patients, inner_folds, seed)
    preparation = FeaturePreparation(recipe.preparation, recipe.harmonise)
    values = preparation.fit_transform(design)
    names = np.array(design.names)[preparation.kept_]
    fitted = []
    for stage, index in zip(recipe.selectors, chosen, strict=False):
        selector = stage.new(index, seed).fit(values, outcome.values)
        support = np.asarray(selector.get_support())
        values, names = values[:, support], names[support]
        _require_selection(names, stage.name)
        fitted.append(selector)
    values = np.hstack([values, preparation.transform_beside(design)])
    learner = recipe.learner.new(chosen[-1], seed).fit(values, outcome.values)
    return FittedModel(
        recipe,
        preparation,
        tuple(fitted),
        learner,
        chosen,
        tuple(names.tolist()),
        frozenset(patients.tolist()),
    )


def _tuned(
    recipe: Recipe,
    design: Design,
    outcome: Outcome,
    patients: Texts,
    inner_folds: int,
    seed: int,
) -> Choice:
    """The simplest combination of options within one standard error of the best."""
    strata = outcome.strata()
    rarest = int(np.bincount(strata)[np.unique(strata)].min())
    n_folds = max(2, min(inner_folds, rarest))
    folds = repeated_folds(strata, patients, n_folds, 1, seed)[0]
    found: dict[Choice, list[float]] = {}
    for split in splits_of(folds):
        held = outcome.taken(split.test)
        wanted = above(held)
        if not any(matrix.any() for matrix in wanted):
            continue
        preparation = FeaturePreparation(recipe.preparation, recipe.harmonise)
        values = preparation.fit_transform(design.taken(split.train))
        training, held_out = design.taken(split.train), design.taken(split.test)
        rows = _Rows(
            values,
            preparation.transform(held_out),
            preparation.transform_beside(training),
            preparation.transform_beside(held_out),
            outcome.taken(split.train).values,
        )
        for choice, score in _walk(recipe, rows, seed):
            found.setdefault(choice, []).append(_agreement(wanted, ranking(held, score)))
    return _simplest(found) if found else (0,) * len(recipe.stages)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Training and held-out rows of an inner fold, and what stands beside their features."""

    values: Floats
    others: Floats
    beside: Floats
    others_beside: Floats
    outcome: NDArray[Any]

    def selected(self, support: NDArray[np.bool_]) -> _Rows:
        values, others = self.values[:, support], self.others[:, support]
        return _Rows(values, others, self.beside, self.others_beside, self.outcome)


def _walk(
    recipe: Recipe, rows: _Rows, seed: int, choice: Choice = ()
) -> Iterator[tuple[Choice, Floats]]:
    """Every combination of options with the scores of the held-out rows.

    Combinations that begin alike share the fits of what they have in common.
    """
    stage = recipe.stages[len(choice)]
    last = len(choice) == len(recipe.selectors)
    training = np.hstack([rows.values, rows.beside]) if last else rows.values
    for index in range(len(stage.choices)):
        step = stage.new(index, seed).fit(training, rows.outcome)
        if last:
            held_out = np.hstack([rows.others, rows.others_beside])
            yield (*choice, index), learner_scores(step, held_out, recipe.kind)
            continue
        support = np.asarray(step.get_support())
        if support.any():
            yield from _walk(recipe, rows.selected(support), seed, (*choice, index))


def _agreement(wanted: list[NDArray[np.bool_]], columns: Floats) -> float:
    """Concordance of held-out rows, classes that none of them has left out."""
    shares = []
    for matrix, column in zip(wanted, columns.T, strict=True):
        first, second = np.nonzero(matrix)
        if len(first):
            gap = column[first] - column[second]
            shares.append(np.mean((gap > 0) + 0.5 * (gap == 0)))
    return float(np.mean(shares))


def _simplest(found: dict[Choice, list[float]]) -> Choice:
    tried = max(len(values) for values in found.values())
    # What selected nothing in some fold is not comparable with what always did.
    complete = {choice: v for choice, v in found.items() if len(v) == tried}
    mean = {choice: float(np.mean(values)) for choice, values in complete.items()}
    best = max(mean, key=lambda choice: mean[choice])
    spread = complete[best]
    error = float(np.std(spread, ddof=1) / np.sqrt(len(spread))) if len(spread) > 1 else 0.0
    return next(choice for choice in sorted(mean) if mean[choice] >= mean[best] - error)


def _require_selection(names: NDArray[np.str_], stage: str) -> None:
    if not names.size:
        raise UserError(
            f"the selector '{stage}' kept no feature of a training fold",
            expected="at least one",
            do="choose a selector that keeps a fixed number, such as univariate with 'top'",
        )
