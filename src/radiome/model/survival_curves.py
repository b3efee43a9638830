"""Curves of time to event: Kaplan-Meier, and the curve of being uncensored.

At one time, events come before censorings: a patient censored at t was at risk at t, and a
patient with the event at t was not at risk of being censored at t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    Integers,
    finite,
    same_length,
    survival_outcome,
)
from radiome.model.performance.intervals import normal_quantile
from radiome.model.performance.results import Estimate, UndefinedStatisticError

CurveScale = Literal["log-log", "log", "plain"]


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: a right-continuous step function that starts at 1.

    Parameters
    ----------
    times : array of shape (k,)
        Distinct follow-up times, ascending.
    survival : array of shape (k,)
        Probability of being event-free after each time.
    at_risk, events : arrays of shape (k,)
        Patients at risk just before each time, and events at it.
    greenwood : array of shape (k,)
        Σ d / (n (n − d)): the variance of log S (Greenwood 1926).
    n : int
        Number of patients.
    """

    times: Floats
    survival: Floats
    at_risk: Integers
    events: Integers
    greenwood: Floats
    n: int

    def at(self, times: ArrayLike) -> Floats:
        """Return S(t). Beyond the last follow-up it is refused unless S has reached 0."""
        return self._step(times, "right")

    def before(self, times: ArrayLike) -> Floats:
        """Return the limit S(t−) from the left, with the same rule."""
        return self._step(times, "left")

    def interval_at(
        self, time: float, *, scale: CurveScale = "log-log", level: float = 0.95
    ) -> Estimate:
        """Return S(t) with its pointwise interval from Greenwood's variance.

        Where S is 0 or 1 there is no interval, and the note says so. R's default is "log".
        """
        value = float(self.at([time])[0])
        index = int(np.searchsorted(self.times, time, "right")) - 1
        method = f"Greenwood, {scale}"
        if index < 0 or not 0 < value < 1:
            note = "the curve is at 0 or 1, where Greenwood's variance gives no interval"
            return Estimate(value, None, None, method, self.n, level, None, note)
        error = math.sqrt(self.greenwood[index])
        lower, upper = _limits(value, error, scale, normal_quantile(level))
        return Estimate(value, lower, upper, method, self.n, level, value * error)

    def quantile(
        self, share: float = 0.5, *, scale: CurveScale = "log-log", level: float = 0.95
    ) -> Estimate | NotApplicable:
        """Return the time by which `share` of the patients have the event; 0.5 is the median.

        Where the curve is flat at 1 − share, the middle of that stretch. The limits are the
        times at which the limits of the curve cross 1 − share (Brookmeyer and Crowley 1982);
        a limit that is not reached is None.
        """
        if not 0 < share < 1:
            raise UserError("the share lies outside 0 to 1", got=f"{share:g}")
        aim = 1 - share
        value = _crossing(self.times, self.survival, aim)
        if value is None:
            return NotApplicable(f"the curve stays above {aim:g}")
        z = normal_quantile(level)
        inside = (self.survival > 0) & (self.survival < 1)
        pairs = [
            _limits(float(s), math.sqrt(v), scale, z)
            for s, v in zip(self.survival[inside], self.greenwood[inside], strict=True)
        ]
        curves = np.array(pairs).reshape(-1, 2)
        # Once the curve is at 0 every limit has crossed.
        ends = self.times[self.survival == 0][:1]
        times = np.concatenate([self.times[inside], ends])
        lower, upper = (
            _crossing(times, np.concatenate([curves[:, side], 0 * ends]), aim) for side in (0, 1)
        )
        missing = [name for name, limit in (("lower", lower), ("upper", upper)) if limit is None]
        note = f"the {' and '.join(missing)} limit is not reached" if missing else None
        method = f"Brookmeyer-Crowley, {scale}"
        return Estimate(value, lower, upper, method, self.n, level, None, note)

    def _step(self, times: ArrayLike, side: Literal["left", "right"]) -> Floats:
        wanted = finite(times, "time")
        if wanted.size and wanted.max() > self.times[-1] and self.survival[-1] > 0:
            raise UndefinedStatisticError(
                "the curve is not known beyond the last follow-up",
                expected=f"a time up to {self.times[-1]:g}",
                got=f"{wanted.max():g}",
                do="choose an earlier horizon",
            )
        index = np.searchsorted(self.times, wanted, side)
        return np.concatenate([[1.0], self.survival])[index]


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> SurvivalCurve:
    """Return the curve of being event-free (Kaplan and Meier 1958).

    Parameters
    ----------
    time : array of shape (n,)
        Follow-up, in any unit.
    event : array of shape (n,)
        1 where the event ended the follow-up, 0 where it was censored.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3], [1, 1, 0, 1])
    >>> curve.at([0, 1, 2, 3]).tolist()
    [1.0, 0.75, 0.5, 0.0]
    """
    times, events = survival_outcome(time, event)
    distinct, at_risk, tallies = tally(times, np.stack([events]))
    return product_limit(distinct, at_risk, tallies[0], times.size)


def censoring_curve(time: ArrayLike, event: ArrayLike) -> SurvivalCurve:
    """Return the curve G of being uncensored: Kaplan-Meier with the roles exchanged.

    Its median is the median follow-up.

    Examples
    --------
    >>> censoring_curve([1, 2, 2, 3], [1, 1, 0, 1]).at([1, 2, 3]).tolist()
    [1.0, 0.5, 0.5]
    """
    times, events = survival_outcome(time, event)
    distinct, at_risk, tallies = tally(times, np.stack([events, ~events]))
    return product_limit(distinct, at_risk - tallies[0], tallies[1], times.size)


def tally(times: Floats, marks: Booleans) -> tuple[Floats, Integers, Integers]:
    """Return the distinct times, the numbers at risk, and the count of each mark at each time.

    Parameters
    ----------
    times : array of shape (n,)
        Follow-up.
    marks : array of bool of shape (m, n)
        Rows to be counted, such as those with the event.
    """
    same_length(time=times, mark=marks[0])
    distinct, place, counts = np.unique(times, return_inverse=True, return_counts=True)
    at_risk = times.size - np.concatenate([[0], np.cumsum(counts)[:-1]])
    tallies = [np.bincount(place[mark], minlength=distinct.size) for mark in marks]
    return distinct, at_risk.astype(np.intp), np.array(tallies, dtype=np.intp)


def product_limit(times: Floats, at_risk: Integers, events: Integers, n: int) -> SurvivalCurve:
    """Return the curve Π (1 − d/n) with Greenwood's sum."""
    # Nobody may be left at risk of censoring when all leave by the event.
    hazard = np.divide(events, at_risk, out=np.zeros(times.size), where=at_risk > 0)
    staying = at_risk * (at_risk - events)
    terms = np.divide(events, staying, out=np.zeros(times.size), where=staying > 0)
    return SurvivalCurve(times, np.cumprod(1 - hazard), at_risk, events, np.cumsum(terms), n)


def _limits(value: float, error: float, scale: CurveScale, z: float) -> tuple[float, float]:
    """Pointwise limits of S from the standard error of log S."""
    if scale == "log-log":
        power = z * error / math.log(value)
        return value ** math.exp(-power), value ** math.exp(power)
    if scale == "log":
        return value * math.exp(-z * error), min(value * math.exp(z * error), 1.0)
    return max(value - z * value * error, 0.0), min(value + z * value * error, 1.0)


def _crossing(times: Floats, curve: Floats, aim: float) -> float | None:
    """First time at which the curve is at or below the aim; the middle where it is flat there."""
    reached = np.flatnonzero(curve <= aim + 1e-12)
    if reached.size == 0:
        return None
    first = int(reached[0])
    below = np.flatnonzero(curve < aim - 1e-12)
    if abs(curve[first] - aim) <= 1e-12 and below.size:
        return float((times[first] + times[below[0]]) / 2)
    return float(times[first])
