"""Gradient boosting of Cox's partial likelihood (Ridgeway, Comput Sci Stat 1999; 31:172).

Each tree is fitted to the martingale residuals, events less what was expected, which are the
gradient of the log partial likelihood in the log risks. A leaf then takes the Newton step with
the diagonal of the information: its events less expected ones, over its expected ones.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn import config_context
from sklearn.tree import DecisionTreeRegressor

from radiome.model.learners.contract import (
    Count,
    Floats,
    LearnerOptions,
    Positive,
    Values,
    read_survival,
)
from radiome.model.learners.partial_likelihood import RiskSets
from radiome.model.learners.survival import SurvivalLearner, breslow_hazard
from radiome.model.learners.tree_columns import TreeColumns, read_for_trees


class SurvivalBoostingOptions(LearnerOptions):
    """Options of survival boosting."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"min_leaf"})

    trees: Values[Count] = Field(default=(50, 150), description="Trees, one after the other.")
    depth: Values[Count] = Field(default=(1, 2), description="Splits from root to leaf.")
    learning_rate: Values[Positive] = Field(
        default=(0.1,), description="Share of each tree that is added."
    )
    min_leaf: Values[Count] = Field(default=(10,), description="Fewest patients in a leaf.")


class SurvivalBoosting(SurvivalLearner):
    """Boosted trees of log relative risk; events at one time by Efron's approximation.

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
        Of the order in which equal splits are considered.

    Attributes
    ----------
    reading_ : TreeColumns
        How the trees see the columns.
    trees_ : list
        Fitted trees.
    baseline_ : CumulativeHazard
        Breslow's.
    converged_ : bool
        Always True.
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
        """Fit on rows (n, p) and their events and times (n,)."""
        features, event, time = read_survival(self, X, y)
        sets = RiskSets(event, time, ties="efron")
        self.reading_ = TreeColumns().fit(features)
        columns = self.reading_.transform(features)
        log_risk = np.zeros(len(time))
        self.trees_, self._steps = [], []
        with config_context(skip_parameter_validation=True):
            for number in range(self.trees):
                residual, expected = sets.martingale(log_risk)
                tree = DecisionTreeRegressor(
                    max_depth=self.depth,
                    min_samples_leaf=self.min_leaf,
                    random_state=self.random_state + number,
                ).fit(columns, residual, check_input=False)
                leaves = tree.apply(columns, check_input=False)
                steps = self.learning_rate * _leaf_steps(
                    leaves, residual, expected, tree.tree_.node_count
                )
                log_risk += steps[leaves]
                self.trees_.append(tree)
                self._steps.append(steps)
        self.baseline_ = breslow_hazard(event, time, np.exp(log_risk))
        self.converged_ = True
        return self

    def _log_risk(self, features: Floats) -> Floats:
        columns = read_for_trees(self, features)
        log_risk = np.zeros(len(columns))
        for tree, steps in zip(self.trees_, self._steps, strict=True):
            log_risk += steps[tree.apply(columns, check_input=False)]
        return log_risk


def _leaf_steps(
    leaves: NDArray[np.int64], residual: Floats, expected: Floats, n_nodes: int
) -> Floats:
    """Newton step of each node (n_nodes,), 0 where nothing is expected or no leaf is."""
    gain = np.bincount(leaves, weights=residual, minlength=n_nodes)
    weight = np.bincount(leaves, weights=expected, minlength=n_nodes)
    step = np.divide(gain, weight, out=np.zeros(n_nodes), where=weight > 0)
    # A leaf of patients who were hardly at risk must not run away.
    return np.clip(step, -2.0, 2.0)
