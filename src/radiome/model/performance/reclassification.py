"""Change from one model to another: net reclassification and integrated discrimination.

The continuous net reclassification index rewards noise and miscalibration (Pepe et al. 2015,
Hilden and Gerds 2014). It belongs on independent data, split into events and non-events, and
never in a headline. Positive values favour the new model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    Integers,
    probabilities,
    same_length,
    two_classes,
)
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.results import Estimate, UndefinedStatisticError


@dataclass(frozen=True, slots=True)
class Reclassification:
    """Net reclassification: events moved up less down, non-events down less up, and the sum."""

    events: Estimate
    non_events: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class DiscriminationGain:
    """Integrated discrimination: mean gain of events, mean fall of non-events, and the sum."""

    events: Estimate
    non_events: Estimate
    total: Estimate


def continuous_nri(
    outcome: ArrayLike, old: ArrayLike, new: ArrayLike, *, level: float = 0.95
) -> Reclassification:
    """Return the category-free net reclassification index (Pencina et al. 2011).

    Parameters
    ----------
    outcome : array of shape (n,)
        1 for the event, 0 for none.
    old, new : arrays of shape (n,)
        Predicted risks of the two models.
    level : float
        Confidence level.
    """
    positive, before, after = _checked(outcome, old, new)
    return _net(positive, np.sign(after - before).astype(np.intp), "continuous", level)


def categorical_nri(
    outcome: ArrayLike,
    old: ArrayLike,
    new: ArrayLike,
    cuts: Sequence[float],
    *,
    level: float = 0.95,
) -> Reclassification:
    """Return the net reclassification index over risk categories (Pencina et al. 2008).

    Parameters
    ----------
    outcome, old, new : arrays of shape (n,)
        As in `continuous_nri`.
    cuts : sequence of float
        Limits between categories, ascending and fixed beforehand; a risk equal to a limit
        belongs to the category above it.
    level : float
        Confidence level.

    Examples
    --------
    >>> result = categorical_nri([1, 1, 0, 0], [0.1, 0.4, 0.3, 0.1], [0.3, 0.4, 0.1, 0.1], [0.2])
    >>> result.events.value, result.non_events.value, result.total.value
    (0.5, 0.5, 1.0)
    """
    limits = np.asarray(cuts, dtype=np.float64)
    if limits.size == 0 or np.any(np.diff(limits) <= 0):
        raise UserError("the cuts must ascend", expected="at least one cut", got=str(list(cuts)))
    positive, before, after = _checked(outcome, old, new)
    moved = np.searchsorted(limits, after, "right") - np.searchsorted(limits, before, "right")
    return _net(positive, np.sign(moved), f"{limits.size + 1} categories", level)


def integrated_discrimination(
    outcome: ArrayLike, old: ArrayLike, new: ArrayLike, *, level: float = 0.95
) -> DiscriminationGain:
    """Return the integrated discrimination improvement (Pencina et al. 2008).

    The error is that of a difference of two independent means of paired changes.
    """
    positive, before, after = _checked(outcome, old, new)
    gain = after - before
    method = "normal, paired changes"

    def mean(values: Floats) -> Estimate:
        error = float(np.std(values, ddof=1)) / math.sqrt(values.size)
        return normal_interval(float(values.mean()), error, values.size, method=method, level=level)

    events, others = mean(gain[positive]), mean(-gain[~positive])
    return DiscriminationGain(events, others, _sum(events, others, method, level))


def _net(positive: Booleans, moved: Integers, kind: str, level: float) -> Reclassification:
    method = f"normal, {kind}"

    def part(direction: Integers) -> Estimate:
        share = float(direction.mean())
        error = math.sqrt((float(np.mean(direction != 0)) - share**2) / direction.size)
        return normal_interval(share, error, direction.size, method=method, level=level)

    events, others = part(moved[positive]), part(-moved[~positive])
    return Reclassification(events, others, _sum(events, others, method, level))


def _sum(events: Estimate, others: Estimate, method: str, level: float) -> Estimate:
    error = math.hypot(events.standard_error or 0.0, others.standard_error or 0.0)
    n = events.n + others.n
    return normal_interval(events.value + others.value, error, n, method=method, level=level)


def _checked(outcome: ArrayLike, old: ArrayLike, new: ArrayLike) -> tuple[Booleans, Floats, Floats]:
    positive = two_classes(outcome)
    before, after = probabilities(old, "old risk"), probabilities(new, "new risk")
    same_length(outcome=positive, old=before, new=after)
    if min(int(positive.sum()), int((~positive).sum())) < 2:
        raise UndefinedStatisticError("reclassification needs two patients of each class")
    return positive, before, after
