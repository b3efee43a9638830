"""Gradient boosting of trees on binned columns (Friedman, Ann Stat 2001; 29:1189)."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from radiome.model.learners.contract import Count, Floats, LearnerOptions, Positive, Values
from radiome.model.learners.wrapped import WrappedClassifier, WrappedRegressor


class GradientBoostingOptions(LearnerOptions):
    """Options of gradient boosting."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"min_leaf"})

    trees: Values[Count] = Field(default=(50, 150), description="Trees, one after the other.")
    depth: Values[Count] = Field(default=(1, 2), description="Splits from root to leaf.")
    learning_rate: Values[Positive] = Field(
        default=(0.1,), description="Share of each tree that is added."
    )
    min_leaf: Values[Count] = Field(default=(10,), description="Fewest patients in a leaf.")


class _Boosting:
    """Parameters of boosting.

    Parameters
    ----------
    trees : int
        How many.
    depth : int
        Splits from root to leaf.
    learning_rate : float
        Share of each tree that is added.
    min_leaf : int
        Fewest patients in a leaf.
    random_state : int
        Of the bins, where there are very many rows.
    """

    def __init__(
        self,
        trees: int = 50,
        depth: int = 2,
        learning_rate: float = 0.1,
        min_leaf: int = 10,
        random_state: int = 0,
    ) -> None:
        self.trees = trees
        self.depth = depth
        self.learning_rate = learning_rate
        self.min_leaf = min_leaf
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their outcomes (n,), in one thread."""
        with threadpool_limits(1, user_api="openmp"):
            super().fit(X, y)  # type: ignore[misc]
        return self

    def _arguments(self) -> dict[str, Any]:
        return {
            "max_iter": self.trees,
            "max_depth": self.depth,
            "learning_rate": self.learning_rate,
            "min_samples_leaf": self.min_leaf,
            "early_stopping": False,
            "random_state": self.random_state,
        }


class BoostingClassifier(_Boosting, WrappedClassifier):
    """Gradient boosting of the log loss."""

    def _inner(self, sizes: NDArray[np.intp]) -> Any:
        return HistGradientBoostingClassifier(**self._arguments())

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, k) of the classes."""
        with threadpool_limits(1, user_api="openmp"):
            return super().predict_proba(X)


class BoostingRegressor(_Boosting, WrappedRegressor):
    """Gradient boosting of the squared error."""

    _loss = "squared_error"

    def _inner(self, n_rows: int) -> Any:
        return HistGradientBoostingRegressor(loss=self._loss, **self._arguments())

    def predict(self, X: Any) -> Floats:
        """Expected values (n,)."""
        with threadpool_limits(1, user_api="openmp"):
            return super().predict(X)


class BoostingCounts(BoostingRegressor):
    """Gradient boosting of the Poisson deviance of counts."""

    _loss = "poisson"
    _counts = True
