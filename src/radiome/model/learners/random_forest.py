"""Random forests (Breiman, Mach Learn 2001; 45:5)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline

from radiome.model.learners.contract import Count, LearnerOptions, Values
from radiome.model.learners.tree_columns import TreeColumns, TreeOutcome
from radiome.model.learners.wrapped import WrappedClassifier, WrappedRegressor


class RandomForestOptions(LearnerOptions):
    """Options of random forests."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"min_leaf"})

    trees: Values[Count] = Field(default=(300,), description="Trees.")
    min_leaf: Values[Count] = Field(default=(10, 5, 2), description="Fewest patients in a leaf.")
    columns: Values[Literal["sqrt", "log2", "all"]] = Field(
        default=("sqrt",), description="How many columns each split may choose from."
    )


class _Forest:
    """Parameters of a forest.

    Parameters
    ----------
    trees : int
        How many.
    min_leaf : int
        Fewest patients in a leaf.
    columns : str
        How many columns a split may choose from: sqrt, log2 or all.
    random_state : int
        Of the bootstrap samples and the columns.
    """

    def __init__(
        self, trees: int = 300, min_leaf: int = 5, columns: str = "sqrt", random_state: int = 0
    ) -> None:
        self.trees = trees
        self.min_leaf = min_leaf
        self.columns = columns
        self.random_state = random_state

    def _arguments(self) -> dict[str, Any]:
        return {
            "n_estimators": self.trees,
            "min_samples_leaf": self.min_leaf,
            "max_features": None if self.columns == "all" else self.columns,
            "random_state": self.random_state,
            "n_jobs": 1,
        }


class ForestClassifier(_Forest, WrappedClassifier):
    """Random forest of classes."""

    def _inner(self, sizes: NDArray[np.intp]) -> Any:
        return make_pipeline(TreeColumns(), RandomForestClassifier(**self._arguments()))


class ForestRegressor(_Forest, WrappedRegressor):
    """Random forest of values; a leaf predicts the mean of its patients."""

    def _inner(self, n_rows: int) -> Any:
        forest = make_pipeline(TreeColumns(), RandomForestRegressor(**self._arguments()))
        return TransformedTargetRegressor(forest, transformer=TreeOutcome())


class ForestCounts(ForestRegressor):
    """Random forest of counts."""

    _counts = True
