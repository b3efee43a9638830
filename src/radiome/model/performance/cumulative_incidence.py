"""Competing risks: the cumulative incidence of one cause in the presence of the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.model.performance.inputs import Floats, Integers, finite, survival_outcome
from radiome.model.performance.intervals import normal_quantile
from radiome.model.performance.results import Estimate, UndefinedStatisticError
from radiome.model.survival_curves import product_limit, tally


@dataclass(frozen=True, slots=True)
class CumulativeIncidence:
    """Probability of one cause by each time, in the presence of the others (Aalen-Johansen).

    Parameters
    ----------
    times : array of shape (k,)
        Distinct follow-up times, ascending.
    incidence, standard_error : arrays of shape (k,)
        The curve and its error by the delta method (Marubini and Valsecchi 1995, ch. 10).
    at_risk, events : arrays of shape (k,)
        Patients at risk just before each time, and events of this cause.
    last_survival : float
        Probability of no event of any cause at the last time.
    n : int
        Number of patients.
    """

    times: Floats
    incidence: Floats
    standard_error: Floats
    at_risk: Integers
    events: Integers
    last_survival: float
    n: int

    def interval_at(self, time: float, *, level: float = 0.95) -> Estimate:
        """Return the incidence by `time` with a log-log interval."""
        if time > self.times[-1] and self.last_survival > 0:
            raise UndefinedStatisticError(
                "the curve is not known beyond the last follow-up",
                expected=f"a time up to {self.times[-1]:g}",
                got=f"{time:g}",
            )
        index = int(np.searchsorted(self.times, time, "right")) - 1
        value = float(self.incidence[index]) if index >= 0 else 0.0
        method = "delta method, log-log"
        if not 0 < value < 1:
            note = "the curve is at 0 or 1, where there is no interval"
            return Estimate(value, None, None, method, self.n, level, None, note)
        error = float(self.standard_error[index])
        power = normal_quantile(level) * error / (value * math.log(value))
        lower, upper = value ** math.exp(-power), value ** math.exp(power)
        return Estimate(value, lower, upper, method, self.n, level, error)


def cumulative_incidence(time: ArrayLike, cause: ArrayLike, of: int = 1) -> CumulativeIncidence:
    """Return the cumulative incidence of one cause (Aalen and Johansen 1978).

    Parameters
    ----------
    time : array of shape (n,)
        Follow-up.
    cause : array of int of shape (n,)
        0 for censored, else the number of the cause.
    of : int
        The cause wanted.

    Examples
    --------
    >>> curve = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0])
    >>> curve.incidence.tolist()
    [0.25, 0.25, 0.5, 0.5]
    """
    codes = finite(cause, "cause")
    if np.any(codes != np.round(codes)) or np.any(codes < 0) or of < 1:
        raise UserError("a cause is not a number of a cause", expected="0, 1, 2, ...")
    times, events = survival_outcome(time, codes > 0)
    if not np.any(codes == of):
        raise UndefinedStatisticError(f"no event of cause {of}")
    distinct, at_risk, (every, own) = tally(times, np.stack([events, codes == of]))
    whole = product_limit(distinct, at_risk, every, times.size)
    before = np.concatenate([[1.0], whole.survival[:-1]])
    incidence = np.cumsum(before * own / at_risk)
    variance = _incidence_variance(incidence, before, at_risk, every, own)
    return CumulativeIncidence(
        distinct,
        incidence,
        np.sqrt(np.clip(variance, 0, None)),
        at_risk,
        own,
        float(whole.survival[-1]),
        times.size,
    )


def _incidence_variance(
    incidence: Floats, before: Floats, at_risk: Integers, every: Integers, own: Integers
) -> Floats:
    """Sum over s <= t of three terms, expanded so that one pass serves all t."""
    staying = at_risk * (at_risk - every)
    # After a time that nobody survives the curve is flat, so that its term has no weight.
    spread = np.divide(every, staying, out=np.zeros(incidence.size), where=staying > 0)
    step = before * own / at_risk**2
    return np.asarray(
        incidence**2 * np.cumsum(spread)
        - 2 * incidence * np.cumsum(incidence * spread)
        + np.cumsum(incidence**2 * spread)
        + np.cumsum(before**2 * (at_risk - own) * own / at_risk.astype(np.float64) ** 3)
        - 2 * incidence * np.cumsum(step)
        + 2 * np.cumsum(incidence * step)
    )
