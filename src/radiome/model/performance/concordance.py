"""Concordance of predicted risk with time to event: Harrell's C and Uno's C.

A pair is comparable where the one with the shorter time has the event; of two equal times, where
one has the event and the other is censored, the censored one counts as the longer. Two events at
one time are not comparable. Equal risks count one half.

Harrell's C depends on how follow-up was censored. Uno's C (Uno et al. 2011) weighs each pair by
1/G(T−)², with G the curve of being uncensored, and looks at pairs whose shorter time is below a
horizon tau; G comes from the same rows, unless a curve from training data is passed.

Standard errors are the infinitesimal jackknife, summed by patient, which is what R's
`survival::concordance` reports; for Uno's C it takes G as known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    Integers,
    codes,
    finite,
    same_length,
    survival_outcome,
)
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.results import Estimate, UndefinedStatisticError
from radiome.model.survival_curves import SurvivalCurve, censoring_curve

_BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class PairCounts:
    """How the pairs fall: comparable ones by their order, and pairs of events at one time."""

    concordant: int
    discordant: int
    tied_risk: int
    tied_time: int


def harrell_c(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> float:
    """Return Harrell's C: concordant pairs, plus half the tied ones, over comparable pairs.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    risk : array of shape (n,)
        Higher means an earlier event.

    Examples
    --------
    >>> harrell_c([1, 2, 3, 4], [1, 0, 1, 0], [4, 1, 2, 3])
    0.75
    """
    times, events, risks = _checked(time, event, risk)
    return _ratio(*_credits(times, events, risks, events.astype(np.float64)))


def harrell_interval(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return Harrell's C with a plain interval from the infinitesimal jackknife by patient."""
    times, events, risks = _checked(time, event, risk)
    parts = _credits(times, events, risks, events.astype(np.float64))
    return _interval(*parts, groups=groups, level=level, method="infinitesimal jackknife")


def uno_c(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    tau: float,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Return Uno's C up to the horizon tau.

    Parameters
    ----------
    time, event, risk : arrays of shape (n,)
        As in `harrell_c`.
    tau : float
        Pairs count where the shorter time is below tau. Choose it beforehand.
    censoring : SurvivalCurve, optional
        `survival_curves.censoring_curve` of the training data; without it that of these rows.
    """
    times, events, risks = _checked(time, event, risk)
    return _ratio(*_credits(times, events, risks, _uno_weights(times, events, tau, censoring)))


def uno_interval(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    tau: float,
    censoring: SurvivalCurve | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return Uno's C with a plain interval; G is taken as known. See `uno_c`."""
    times, events, risks = _checked(time, event, risk)
    weights = _uno_weights(times, events, tau, censoring)
    source = "these rows" if censoring is None else "the curve passed"
    method = f"infinitesimal jackknife, G of {source}, tau {tau:g}"
    parts = _credits(times, events, risks, weights)
    return _interval(*parts, groups=groups, level=level, method=method)


def pair_counts(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> PairCounts:
    """Return how many pairs are concordant, discordant, tied in risk, and tied in time."""
    times, events, risks = _checked(time, event, risk)
    concordant = comparable = tied = 0
    for rows in _blocks(events.nonzero()[0], times.size):
        after = _after(times, events, rows)
        difference = risks[rows][:, None] - risks
        comparable += int(after.sum())
        concordant += int(np.sum(after & (difference > 0)))
        tied += int(np.sum(after & (difference == 0)))
    _, counts = np.unique(times[events], return_counts=True)
    same_time = int(np.sum(counts * (counts - 1) // 2))
    return PairCounts(concordant, comparable - concordant - tied, tied, same_time)


def largest_horizon(time: ArrayLike, event: ArrayLike, *, least: float = 0.1) -> float:
    """Return the largest follow-up time before which more than `least` are uncensored by G."""
    times, events = survival_outcome(time, event)
    curve = censoring_curve(times, events)
    usable = curve.times[curve.before(curve.times) > least]
    return float(usable[-1])


def _uno_weights(
    times: Floats, events: Booleans, tau: float, censoring: SurvivalCurve | None
) -> Floats:
    curve = censoring_curve(times, events) if censoring is None else censoring
    used = events & (times < tau)
    weights = np.zeros(times.size)
    weights[used] = inverse_probability(curve.before(times[used])) ** 2
    return weights


def inverse_probability(uncensored: Floats) -> Floats:
    """Return 1/G; a G of 0 is refused, for nobody is left there to stand for the censored."""
    if np.any(uncensored <= 0):
        raise UndefinedStatisticError(
            "the probability of being uncensored is 0 at a time in use",
            do="choose an earlier horizon",
        )
    return np.asarray(1 / uncensored)


def _credits(
    times: Floats, events: Booleans, risks: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Per row: weighted right orderings of its pairs, and weighted number of its pairs."""
    right, pairs = np.zeros(times.size), np.zeros(times.size)
    for rows in _blocks(np.flatnonzero(weights), times.size):
        after = _after(times, events, rows) * weights[rows][:, None]
        order = (np.sign(risks[rows][:, None] - risks) + 1) / 2
        good = after * order
        right[rows] += good.sum(axis=1)
        pairs[rows] += after.sum(axis=1)
        right += good.sum(axis=0)
        pairs += after.sum(axis=0)
    return right, pairs


def _after(times: Floats, events: Booleans, rows: Integers) -> Booleans:
    """Whether each row (column) outlasts each of `rows`, whose event is seen."""
    own = times[rows][:, None]
    return np.asarray((times > own) | ((times == own) & ~events))


def _blocks(rows: Integers, n: int) -> list[Integers]:
    """Rows in blocks whose tables of pairs stay small."""
    count = max(1, math.ceil(rows.size * n / _BLOCK))
    return list(np.array_split(rows, count))


def _ratio(right: Floats, pairs: Floats) -> float:
    total = float(pairs.sum())
    if total == 0:
        raise UndefinedStatisticError("no two patients are comparable", do="wait for more events")
    return float(right.sum()) / total


def _interval(
    right: Floats, pairs: Floats, *, groups: ArrayLike | None, level: float, method: str
) -> Estimate:
    value = _ratio(right, pairs)
    patient = codes(groups, right.size)
    # Each pair stands in two rows, so the total of the rows is twice that of the pairs.
    influence = np.bincount(patient, weights=right - value * pairs) / (pairs.sum() / 2)
    error = math.sqrt(float(np.sum(influence**2)))
    return normal_interval(value, error, right.size, method=method, level=level, limits=(0.0, 1.0))


def _checked(time: ArrayLike, event: ArrayLike, risk: ArrayLike) -> tuple[Floats, Booleans, Floats]:
    times, events = survival_outcome(time, event)
    risks = finite(risk, "risk")
    same_length(time=times, risk=risks)
    return times, events, risks
