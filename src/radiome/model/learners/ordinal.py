"""Proportional odds regression of ordered classes (McCullagh, J R Stat Soc B 1980; 42:109)."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from radiome.model.learners.contract import (
    STRENGTHS,
    Floats,
    LearnerOptions,
    NotNegative,
    Places,
    Values,
    read_classes,
    read_features,
)
from radiome.model.learners.penalised_newton import Derivatives, fewer_columns, minimise

#: Stands for the infinite thresholds below the first and above the last class.
_FAR = 1e3


class OrdinalOptions(LearnerOptions):
    """Options of proportional odds regression."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"strength"})

    strength: Values[NotNegative] = Field(
        default=STRENGTHS, description="Ridge penalty beside the mean loss of a patient."
    )


class ProportionalOdds(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Proportional odds with a ridge penalty: P(class ≤ j) = 1/(1 + exp(x·b − t_j)).

    Minimises −log likelihood / n + strength/2 · Σb² by Newton's method; thresholds are free.
    Classes are ordered as they sort.

    Parameters
    ----------
    strength : float
        Penalty, 0 or more.
    max_iter : int
        At most so many Newton steps.

    Attributes
    ----------
    coef_ : array (p,)
        Positive where larger values go with higher classes.
    thresholds_ : array (k − 1,)
        Ascending.
    converged_ : bool
    n_iter_ : int
    """

    def __init__(self, strength: float = 0.01, max_iter: int = 50) -> None:
        self.strength = strength
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their classes (n,)."""
        features, codes, self.classes_ = read_classes(self, X, y)
        centre = features.mean(axis=0)
        reduced, basis = fewer_columns(features - centre)
        loss = _OrdinalLoss(reduced, codes, self.strength)
        shares = np.cumsum(np.bincount(codes))[:-1] / len(codes)
        start = np.concatenate([logit(shares), np.zeros(reduced.shape[1])])
        found = minimise(loss, start, change=loss.change, max_steps=self.max_iter)
        cuts = len(shares)
        slopes = found.at[cuts:]
        self.coef_ = slopes if basis is None else basis @ slopes
        self.thresholds_ = found.at[:cuts] + self.coef_ @ centre
        self.n_iter_, self.converged_ = found.steps, found.converged
        return self

    def linear_predictor(self, X: Any) -> Floats:
        """x·b (n,): the larger, the higher the class."""
        check_is_fitted(self)
        return np.asarray(read_features(self, X) @ self.coef_, np.float64)

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, k) of the classes."""
        linear = self.linear_predictor(X)
        inner = self.thresholds_ - linear[:, None]
        sides = [np.full((len(linear), 1), far) for far in (-np.inf, np.inf)]
        edges = np.hstack([sides[0], inner, sides[1]])
        return _between(edges[:, :-1], edges[:, 1:])

    def predict(self, X: Any) -> Any:
        """Most probable class (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


def _between(lower: Floats, upper: Floats) -> Floats:
    """1/(1 + exp(−upper)) − 1/(1 + exp(−lower)), from the tail in which both are small."""
    right = lower > 0
    first, second = np.where(right, -lower, upper), np.where(right, -upper, lower)
    return np.asarray(expit(first) - expit(second), np.float64)


class _OrdinalLoss:
    """Mean loss of proportional odds with ridge, and its derivatives.

    Parameters are the k − 1 thresholds, then the p slopes. Each row lies between two
    thresholds, less its linear predictor: two designs make them from the parameters.
    """

    def __init__(self, columns: Floats, codes: Places, strength: float) -> None:
        n, cuts = len(codes), int(codes.max())
        above = np.zeros((n, cuts + 2))
        above[np.arange(n), codes + 1] = 1.0
        below = np.roll(above, -1, axis=1)
        self.upper = np.hstack([above[:, 1:-1], -columns])
        self.lower = np.hstack([below[:, 1:-1], -columns])
        self.beyond = _FAR * (codes == cuts)
        self.beneath = -_FAR * (codes == 0)
        self.ridge = np.concatenate([np.zeros(cuts), np.full(columns.shape[1], strength)])

    def change(self, step: Floats) -> float:
        """Largest change of a distance to a threshold."""
        return float(max(np.abs(self.upper @ step).max(), np.abs(self.lower @ step).max()))

    def __call__(self, b: Floats) -> Derivatives:
        n = len(self.upper)
        upper, lower = self.upper @ b + self.beyond, self.lower @ b + self.beneath
        chance = _between(lower, upper)
        if chance.min() <= 0:  # thresholds have crossed
            return np.inf, b, np.empty((0, 0))
        up, low = expit(upper), expit(lower)
        # Densities over the probability, and what their slopes add.
        first, second = up * (1 - up) / chance, low * (1 - low) / chance
        gradient = (second @ self.lower - first @ self.upper) / n + self.ridge * b
        both = first * second
        at_upper, at_lower = first**2 - first * (1 - 2 * up), second**2 + second * (1 - 2 * low)
        cross = (self.upper.T * both) @ self.lower
        hessian = (self.upper.T * at_upper) @ self.upper + (self.lower.T * at_lower) @ self.lower
        hessian = (hessian - cross - cross.T) / n
        hessian.flat[:: len(b) + 1] += self.ridge
        value = -np.log(chance).sum() / n + 0.5 * self.ridge @ b**2
        return float(value), gradient, hessian
