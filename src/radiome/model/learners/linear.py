"""Penalised linear regression."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import ElasticNet
from sklearn.utils.validation import check_is_fitted

from radiome.model.learners.contract import (
    STRENGTHS,
    Floats,
    LearnerOptions,
    NotNegative,
    Share,
    Values,
    quick_and_watched,
    read_features,
    read_numbers,
)
from radiome.model.learners.penalised_newton import fewer_columns, solve


class LinearOptions(LearnerOptions):
    """Options of linear regression."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"strength"})

    strength: Values[NotNegative] = Field(
        default=STRENGTHS, description="Penalty beside the mean loss of a patient."
    )
    l1_ratio: Values[Share] = Field(
        default=(0.0,), description="Share of the lasso in the penalty: 0 is ridge, 1 lasso."
    )


class PenalisedLinear(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Linear regression with ridge, lasso or elastic net penalty.

    Minimises mean (y − b0 − x·b)²/2 + strength · ((1 − l1_ratio)/2 · Σb² + l1_ratio · Σ|b|),
    y being scaled to unit variance, so that a strength means the same in any unit.

    Parameters
    ----------
    strength : float
        Penalty, 0 or more.
    l1_ratio : float
        0 is ridge, 1 lasso.
    max_iter : int
        At most so many passes of coordinate descent, with lasso.

    Attributes
    ----------
    coef_ : array (p,)
    intercept_ : float
    converged_ : bool
    n_iter_ : int
    """

    def __init__(
        self, strength: float = 0.01, l1_ratio: float = 0.0, max_iter: int = 10_000
    ) -> None:
        self.strength = strength
        self.l1_ratio = l1_ratio
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and values (n,)."""
        features, numbers = read_numbers(self, X, y)
        centre, mean, spread = features.mean(axis=0), numbers.mean(), numbers.std()
        spread = spread if spread > 0 else 1.0
        centred, outcome = features - centre, (numbers - mean) / spread
        self.n_iter_, self.converged_ = 1, True
        if self.strength * self.l1_ratio > 0:
            slopes = self._elastic_net(centred, outcome)
        else:
            reduced, basis = fewer_columns(centred)
            matrix = reduced.T @ reduced / len(reduced)
            matrix.flat[:: len(matrix) + 1] += self.strength
            slopes = solve(matrix, outcome @ reduced / len(reduced))
            slopes = slopes if basis is None else basis @ slopes
        self.coef_ = slopes * spread
        self.intercept_ = float(mean - self.coef_ @ centre)
        return self

    def predict(self, X: Any) -> Floats:
        """Expected values (n,)."""
        check_is_fitted(self)
        return np.asarray(read_features(self, X) @ self.coef_ + self.intercept_, np.float64)

    def _elastic_net(self, centred: Floats, outcome: Floats) -> Floats:
        inner = ElasticNet(
            alpha=self.strength,
            l1_ratio=self.l1_ratio,
            fit_intercept=False,
            max_iter=self.max_iter,
            tol=1e-7,
        )
        with quick_and_watched() as watch:
            inner.fit(np.asfortranarray(centred), outcome)
        self.n_iter_, self.converged_ = max(1, int(inner.n_iter_)), watch.converged
        return np.asarray(inner.coef_, np.float64)
