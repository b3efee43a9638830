"""Ranking of ordered classes: Somers' D of the score on the outcome, and the ordinal C."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from radiome.model.performance.inputs import Floats, codes, finite, same_length
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.results import Estimate, UndefinedStatisticError


def ordinal_c(outcome: ArrayLike, score: ArrayLike) -> float:
    """Return the share of pairs of different classes that the score orders as the outcome does.

    Equal scores count one half. With two classes it is the AUC.

    Examples
    --------
    >>> ordinal_c([0, 1, 2], [0.1, 0.4, 0.4])
    0.8333333333333334
    """
    right, pairs = _credits(*_checked(outcome, score))
    return float(right.sum() / pairs.sum())


def ordinal_c_interval(
    outcome: ArrayLike,
    score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the ordinal C with a plain interval from the infinitesimal jackknife by patient."""
    right, pairs = _credits(*_checked(outcome, score))
    value = float(right.sum() / pairs.sum())
    patient = codes(groups, right.size)
    influence = np.bincount(patient, weights=right - value * pairs) / (pairs.sum() / 2)
    return normal_interval(
        value,
        math.sqrt(float(np.sum(influence**2))),
        right.size,
        method="infinitesimal jackknife",
        level=level,
        limits=(0.0, 1.0),
    )


def somers_d(outcome: ArrayLike, score: ArrayLike) -> float:
    """Return Somers' D of the score given the outcome: 2 · ordinal C − 1 (Somers 1962)."""
    return 2 * ordinal_c(outcome, score) - 1


def _checked(outcome: ArrayLike, score: ArrayLike) -> tuple[Floats, Floats]:
    classes, values = finite(outcome, "outcome"), finite(score, "score")
    same_length(outcome=classes, score=values)
    if np.ptp(classes) == 0:
        raise UndefinedStatisticError("the outcome has a single class")
    return classes, values


def _credits(classes: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Per row: right orderings of its pairs, and number of its pairs of different classes."""
    right, pairs = np.zeros(values.size), np.zeros(values.size)
    for level in np.unique(classes)[1:]:
        own, lower = classes == level, classes < level
        low, high = np.sort(values[lower]), np.sort(values[own])
        below = _ranks(low, values[own])
        above = high.size - _ranks(high, values[lower])
        right[own] += below
        right[lower] += above
        pairs[own] += low.size
        pairs[lower] += high.size
    return right, pairs


def _ranks(ordered: Floats, values: Floats) -> Floats:
    """Values of `ordered` below each value, equal ones counting one half."""
    left = np.searchsorted(ordered, values, "left")
    return np.asarray((left + np.searchsorted(ordered, values, "right")) / 2)
