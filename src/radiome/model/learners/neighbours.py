"""Nearest neighbours (Cover and Hart, IEEE Trans Inf Theory 1967; 13:21)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from radiome.model.learners.contract import Count, LearnerOptions, Values
from radiome.model.learners.wrapped import WrappedClassifier, WrappedRegressor


class NeighboursOptions(LearnerOptions):
    """Options of nearest neighbours."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"neighbours"})

    neighbours: Values[Count] = Field(
        default=(25, 15, 7), description="How many; all training patients if there are fewer."
    )
    weights: Values[Literal["uniform", "distance"]] = Field(
        default=("uniform",), description="Each alike, or by the inverse of the distance."
    )


class _Nearest:
    """Parameters of nearest neighbours.

    Parameters
    ----------
    neighbours : int
        How many.
    weights : str
        uniform or distance.
    """

    def __init__(self, neighbours: int = 15, weights: str = "uniform") -> None:
        self.neighbours = neighbours
        self.weights = weights


class NeighboursClassifier(_Nearest, WrappedClassifier):
    """Shares of classes among the nearest training patients."""

    def _inner(self, sizes: NDArray[np.intp]) -> Any:
        return KNeighborsClassifier(
            min(self.neighbours, int(sizes.sum())), weights=self.weights, n_jobs=1
        )


class NeighboursRegressor(_Nearest, WrappedRegressor):
    """Mean of the nearest training patients."""

    def _inner(self, n_rows: int) -> Any:
        return KNeighborsRegressor(min(self.neighbours, n_rows), weights=self.weights, n_jobs=1)


class NeighboursCounts(NeighboursRegressor):
    """Mean count of the nearest training patients."""

    _counts = True
