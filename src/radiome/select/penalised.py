"""Select what stays in a penalised linear model."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field
from sklearn.model_selection import StratifiedKFold

from radiome.base.errors import SettingsError
from radiome.select.contract import Choice, FeatureSelector, SelectorOptions, best_first
from radiome.select.inputs import SelectionError
from radiome.select.outcome_values import OutcomeValues
from radiome.select.penalised_path import (
    Binomial,
    Cox,
    Fit,
    Gaussian,
    Response,
    path,
    penalties,
    responses,
    standardised,
)

Floats = npt.NDArray[np.float64]
Rule = Literal["best", "one_se"]


class PenalisedSelector(FeatureSelector):
    """Keep the features with a non-zero coefficient in a LASSO or elastic net.

    Linear, logistic (each class against the rest) or Cox, by the outcome. The penalty is chosen
    by cross-validated deviance on the rows of the fit; columns are standardised inside.

    Parameters
    ----------
    l1_ratio : float
        1 for the LASSO, lower for an elastic net, above 0.
    rule : {"one_se", "best"}
        Largest penalty within one standard error of the least deviance, or that of the least.
    top : int, optional
        Keep at most so many, those with the largest coefficients.
    folds : int
        Of the cross-validation; fewer where a class is rarer.
    outcome : str
        Type of the outcome; "auto" reads it from y.
    random_state : int
        Of the folds.

    Attributes
    ----------
    coefficients_ : array of float, shape (responses, features)
        Of standardised columns; one row, or one per class.
    penalties_ : tuple of float
        Chosen penalty of each response.
    support_, scores_, ranking_, excluded_
        As of every selector; scores are the largest magnitudes of coefficients.
    """

    def __init__(
        self,
        l1_ratio: float = 1.0,
        *,
        rule: Rule = "one_se",
        top: int | None = None,
        folds: int = 5,
        outcome: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.l1_ratio = l1_ratio
        self.rule = rule
        self.top = top
        self.folds = folds
        self.outcome = outcome
        self.random_state = random_state

    def _choose(self, values: Floats, outcome: OutcomeValues) -> Choice:
        if not 0 < self.l1_ratio <= 1 or self.rule not in ("best", "one_se") or self.folds < 2:
            raise SettingsError(
                "the penalised model is not as expected",
                expected="l1_ratio above 0 and up to 1, rule best or one_se, 2 folds or more",
                got=f"{self.l1_ratio}, {self.rule}, {self.folds}",
            )
        count = values.shape[1]
        fits = []
        if count:
            folds = balanced_folds(outcome, self.folds, self.random_state)
            x = standardised(values)
            fits = [
                cross_validated(
                    x, whole, parts, l1_ratio=self.l1_ratio, one_se=self.rule == "one_se"
                )
                for whole, parts in with_folds(outcome, folds)
            ]
        coefficients = np.array([fit.coefficients for fit in fits]).reshape(len(fits), count)
        scores = np.abs(coefficients).max(axis=0) if fits else np.zeros(0)
        order = best_first(scores)
        selected = np.zeros(count, dtype=np.bool_)
        selected[order[scores[order] > 0][: self.top]] = True
        self.penalties_ = tuple(fit.penalty for fit in fits)
        self.coefficients_ = np.zeros((len(fits), self.n_features_in_))
        self.coefficients_[:, self._varying] = coefficients
        return Choice(selected, scores, order)


Part = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Response, Response]


def balanced_folds(outcome: OutcomeValues, folds: int, seed: int) -> list[npt.NDArray[np.intp]]:
    """Rows of each fold, balanced by class or event."""
    strata = outcome.strata()
    fewest = int(np.bincount(strata)[np.unique(strata)].min())
    count = min(folds, fewest) if np.unique(strata).size > 1 else min(folds, len(outcome))
    if count < 2:
        raise SelectionError(
            "a class or event has a single patient: the penalty cannot be cross-validated",
            expected="2 or more of each",
            do="choose a selector without cross-validation, such as univariate",
        )
    splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
    return [held for _, held in splitter.split(np.zeros(len(outcome)), strata)]


def with_folds(
    outcome: OutcomeValues, folds: list[npt.NDArray[np.intp]]
) -> list[tuple[Response, list[Part]]]:
    """Each response of all rows, with those of the training and held-out rows of each fold."""
    rows = np.arange(len(outcome))
    splits = [(np.setdiff1d(rows, held), held) for held in folds]
    trained = [responses(outcome.taken(train)) for train, _ in splits]
    tested = [_on_same_scale(outcome, train, held) for train, held in splits]
    return [
        (
            whole,
            [
                (train, held, own[number], other[number])
                for (train, held), own, other in zip(splits, trained, tested, strict=True)
            ],
        )
        for number, whole in enumerate(responses(outcome))
    ]


def _on_same_scale(
    outcome: OutcomeValues, train: npt.NDArray[np.intp], held: npt.NDArray[np.intp]
) -> tuple[Response, ...]:
    """Responses of held-out rows; numbers on the scale of the training rows, classes of all."""
    part = outcome.taken(held)
    if part.event is not None:
        return (Cox(part.values, part.event),)
    if outcome.kind == "binary":
        return (Binomial(part.values),)
    if outcome.kind == "multiclass":
        classes = np.unique(outcome.values)
        return tuple(Binomial((part.values == code).astype(np.float64)) for code in classes)
    known = outcome.values[train]
    return (Gaussian((part.values - known.mean()) / known.std()),)


def cross_validated(
    x: Floats, whole: Response, parts: list[Part], *, l1_ratio: float, one_se: bool
) -> Fit:
    """The fit to all rows at the penalty chosen by held-out deviance.

    Parameters
    ----------
    x : array of float, shape (n, p)
        Standardised columns.
    whole : Response
        Of all rows.
    parts : list
        For each fold: training rows, held-out rows, and their responses.
    l1_ratio : float
        Of the penalty.
    one_se : bool
        Take the largest penalty within one standard error of the best.
    """
    grid = penalties(x, whole, l1_ratio)
    deviances = np.full((len(parts), grid.size), np.inf)
    for row, (train, held, own, other) in enumerate(parts):
        fits = path(np.asfortranarray(x[train]), own, l1_ratio=l1_ratio, grid=grid)
        for step, fit in enumerate(fits):
            eta = fit.intercept + x[held] @ fit.coefficients
            deviances[row, step] = other.deviance(eta) / held.size
    reached = np.flatnonzero(np.isfinite(deviances).all(axis=0))
    means = deviances[:, reached].mean(axis=0)
    best = int(means.argmin())
    if one_se:
        error = deviances[:, reached[best]].std(ddof=1) / np.sqrt(len(parts))
        best = int(np.flatnonzero(means <= means[best] + error)[0])
    *_, last = path(x, whole, l1_ratio=l1_ratio, grid=grid[: reached[best] + 1])
    return last


class PenalisedOptions(SelectorOptions):
    """Options of `PenalisedSelector`."""

    l1_ratio: float = Field(default=1.0, gt=0, le=1, description="1 for the LASSO.")
    rule: Rule = Field(default="one_se", description="How the penalty is chosen.")
    top: int | None = Field(default=None, ge=1, description="Keep at most so many.")
    folds: int = Field(default=5, ge=2, description="Folds that the penalty is chosen by.")

    def build(self, *, outcome: str, seed: int) -> PenalisedSelector:
        """The selector, with folds drawn by `seed`."""
        return PenalisedSelector(**self.model_dump(), outcome=outcome, random_state=seed)
