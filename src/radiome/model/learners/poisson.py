"""Poisson regression of counts with a ridge penalty."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field
from sklearn.linear_model import PoissonRegressor

from radiome.model.learners.contract import STRENGTHS, LearnerOptions, NotNegative, Values
from radiome.model.learners.wrapped import WrappedRegressor


class PoissonOptions(LearnerOptions):
    """Options of Poisson regression."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"strength"})

    strength: Values[NotNegative] = Field(
        default=STRENGTHS, description="Ridge penalty beside the mean loss of a patient."
    )


class RidgePoisson(WrappedRegressor):
    """Poisson regression with log link: mean loss + strength/2 · Σb², the intercept free.

    Parameters
    ----------
    strength : float
        Penalty, 0 or more.
    max_iter : int
        At most so many Newton steps.
    """

    _counts = True

    def __init__(self, strength: float = 0.01, max_iter: int = 100) -> None:
        self.strength = strength
        self.max_iter = max_iter

    def _inner(self, n_rows: int) -> Any:
        return PoissonRegressor(
            alpha=self.strength, solver="newton-cholesky", tol=1e-6, max_iter=self.max_iter
        )

    @property
    def n_iter_(self) -> int:
        """Newton steps taken."""
        return max(1, int(self.estimator_.n_iter_))
