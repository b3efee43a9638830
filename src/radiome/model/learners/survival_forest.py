"""Forests of relative risk trees (LeBlanc and Crowley, Biometrics 1992; 48:411).

Given the cumulative hazard Λ0 of all, the events of a patient are Poisson with mean
θ(x) Λ0(time), so a tree that splits by the Poisson deviance of event / Λ0(time), weighted by
Λ0(time), splits by the full likelihood, and a leaf's θ is its events over its sum of Λ0.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn import config_context
from sklearn.tree import DecisionTreeRegressor

from radiome.model.learners.contract import (
    Count,
    Floats,
    LearnerOptions,
    Values,
    read_survival,
)
from radiome.model.learners.survival import SurvivalLearner, breslow_hazard
from radiome.model.learners.tree_columns import TreeColumns, read_for_trees


class SurvivalForestOptions(LearnerOptions):
    """Options of survival forests."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"min_leaf"})

    trees: Values[Count] = Field(default=(300,), description="Trees.")
    min_leaf: Values[Count] = Field(default=(20, 10, 5), description="Fewest patients in a leaf.")
    columns: Values[Literal["sqrt", "log2", "all"]] = Field(
        default=("sqrt",), description="How many columns each split may choose from."
    )


class SurvivalForest(SurvivalLearner):
    """Random forest of relative risk trees; the relative risk is the mean of the trees'.

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

    Attributes
    ----------
    baseline_ : CumulativeHazard
        Nelson-Aalen estimate of all training patients.
    reading_ : TreeColumns
        How the trees see the columns.
    trees_ : list
        Fitted trees.
    converged_ : bool
        Always True.
    """

    def __init__(
        self, trees: int = 300, min_leaf: int = 10, columns: str = "sqrt", random_state: int = 0
    ) -> None:
        self.trees = trees
        self.min_leaf = min_leaf
        self.columns = columns
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their events and times (n,)."""
        features, event, time = read_survival(self, X, y)
        self.baseline_ = breslow_hazard(event, time, np.ones(len(time)))
        exposure = self.baseline_.at(time)
        rate = np.divide(event, exposure, out=np.zeros(len(time)), where=exposure > 0)
        self.reading_ = TreeColumns().fit(features)
        columns = self.reading_.transform(features)
        rng = np.random.default_rng(self.random_state)
        # Not scikit-learn's forest: from 1.9 on it draws rows in proportion to their weights.
        with config_context(skip_parameter_validation=True):
            self.trees_ = [self._tree(columns, rate, exposure, rng) for _ in range(self.trees)]
        self.converged_ = True
        return self

    def _tree(
        self, columns: NDArray[np.float32], rate: Floats, exposure: Floats, rng: np.random.Generator
    ) -> DecisionTreeRegressor:
        n = len(rate)
        drawn = np.bincount(rng.integers(n, size=n), minlength=n)
        # Who was censored before the first event weighs nothing: it says nothing of the risk.
        return DecisionTreeRegressor(
            criterion="poisson",
            min_samples_leaf=self.min_leaf,
            max_features=None if self.columns == "all" else self.columns,
            random_state=int(rng.integers(2**31)),
        ).fit(columns, rate, sample_weight=drawn * exposure, check_input=False)

    def _log_risk(self, features: Floats) -> Floats:
        columns = read_for_trees(self, features)
        risk = np.mean([tree.predict(columns, check_input=False) for tree in self.trees_], axis=0)
        # A patient who is in no leaf with an event has risk 0: a finite stand-in keeps order.
        return np.asarray(np.log(np.maximum(risk, np.finfo(np.float64).tiny)), np.float64)
