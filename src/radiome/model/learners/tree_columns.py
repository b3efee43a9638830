"""Columns and outcomes in the unit in which trees are grown.

Trees hold columns in single precision and take values nearer than 1e-7 for equal, and they leave
a node alone whose variance is below 2e-16. So the unit of a feature would decide whether it is
seen at all: a lesion of 20 ml is, in cubic metres it is not.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from radiome.model.learners.contract import Floats

#: What trees can hold; a value beyond it is beyond every split.
_LARGEST = float(np.finfo(np.float32).max)


class TreeColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns less their median, in units of their interquartile range.

    No order changes and no split moves, so a tree is the one of the columns as they are, where
    those are in a unit that it can tell apart. A long tail, which would make the standard
    deviation large, leaves the values of most patients as far apart as they were.

    Attributes
    ----------
    centre_, spread_ : float64 arrays (p,)
        Medians and interquartile ranges of the training rows; where half of them are the same,
        their standard deviation, and 1 where all are.
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find centre and spread of the columns of rows (n, p)."""
        values = np.asarray(X, np.float64)
        lower, self.centre_, upper = np.quantile(values, (0.25, 0.5, 0.75), axis=0)
        self.spread_ = _spread(values, upper - lower)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Rows (m, p) as trees see them."""
        with np.errstate(over="ignore"):
            values = (np.asarray(X, np.float64) - self.centre_) / self.spread_
        return np.ascontiguousarray(np.clip(values, -_LARGEST, _LARGEST), np.float32)


def read_for_trees(learner: Any, features: Floats) -> NDArray[np.float32]:
    """Rows (m, p) as the trees of a fitted learner see them.

    One that was locked before there was an attribute ``reading_`` sees them as they are.
    """
    reading = getattr(learner, "reading_", None)
    if reading is None:
        return np.ascontiguousarray(features, np.float32)
    found: NDArray[np.float32] = reading.transform(features)
    return found


def _spread(values: Floats, range_: Floats) -> Floats:
    largest = np.abs(values).max(axis=0)
    # In units of the largest value, for squares of very large or small ones are lost.
    shares = values / np.where(largest > 0, largest, 1)
    deviation = shares.std(axis=0) * largest
    smallest = np.finfo(np.float64).tiny
    spread = np.where(range_ > smallest, range_, deviation)
    return np.where(spread > smallest, spread, 1.0)


class TreeOutcome(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Outcomes in units of the power of 2 next to their standard deviation: nothing is rounded.

    Attributes
    ----------
    exponent_ : int
        Of the power of 2.
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the unit of outcomes (n, 1)."""
        values = np.asarray(X, np.float64)
        self.exponent_ = int(np.frexp(values.std())[1])
        return self

    def transform(self, X: Any) -> Floats:
        """Outcomes (n, 1) in this unit."""
        return np.ldexp(np.asarray(X, np.float64), -self.exponent_)

    def inverse_transform(self, X: Any) -> Floats:
        """Outcomes as they were."""
        return np.ldexp(np.asarray(X, np.float64), self.exponent_)
