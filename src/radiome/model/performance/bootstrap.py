"""Bootstrap by patient: percentile and BCa intervals, paired differences of any statistic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from radiome.base.errors import UserError
from radiome.model.performance.inputs import Floats, same_length
from radiome.model.performance.intervals import normal_quantile
from radiome.model.performance.resampling import Resampling, Seed, resampling
from radiome.model.performance.results import Estimate, UndefinedStatisticError

Statistic = Callable[..., float]
Interval = Literal["percentile", "bca"]


@dataclass(frozen=True)
class Bootstrap:
    """An interval by bootstrap with the replicates behind it.

    Parameters
    ----------
    estimate : Estimate
        The statistic of the whole sample, with its interval.
    replicates : ndarray of float
        The statistic of each resample in which it is defined.
    undefined : int
        Number of resamples in which it is not.
    """

    estimate: Estimate
    replicates: Floats
    undefined: int


def bootstrap(
    statistic: Statistic,
    *arrays: ArrayLike,
    seed: Seed,
    groups: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    resamples: int = 2000,
    interval: Interval = "percentile",
    level: float = 0.95,
    most_undefined: float = 0.05,
) -> Bootstrap:
    """Return a statistic with its bootstrap interval (Efron and Tibshirani 1993, ch. 13-14).

    Parameters
    ----------
    statistic : callable
        Takes the arrays, gives a number, raises `UndefinedStatisticError` where it has none.
    *arrays : arrays with n rows
        Resampled together.
    seed : int or SeedSequence
        Root seed.
    groups, strata : arrays of shape (n,), optional
        Patients and strata; see `resampling`.
    resamples : int
        Number of resamples.
    interval : {"percentile", "bca"}
        Percentiles interpolate linearly. BCa takes its acceleration from leaving out each patient.
    level : float
        Confidence level.
    most_undefined : float
        Largest share of resamples without a value; beyond it the interval is refused.

    Examples
    --------
    >>> import numpy as np
    >>> result = bootstrap(np.mean, np.arange(20.0), seed=1, resamples=500)
    >>> result.estimate.value, result.undefined
    (9.5, 0)
    """
    data = [np.asarray(array) for array in arrays]
    n = same_length(**{f"array {number}": array for number, array in enumerate(data)})
    plan = resampling(n, seed=seed, groups=groups, strata=strata)
    value = float(statistic(*data))
    replicates, undefined = _replicates(statistic, data, plan, resamples)
    if undefined > most_undefined * resamples:
        raise UndefinedStatisticError(
            "the statistic is undefined in too many resamples",
            expected=f"at most {most_undefined:.0%}",
            got=f"{undefined} of {resamples}",
            do="stratify by the outcome, or use a larger sample",
        )
    tails = equal_tails(level)
    if interval == "bca":
        tails = _bca_tails(statistic, data, plan, value, replicates, tails)
    lower, upper = percentile_interval(replicates, tails)
    method = f"bootstrap {'BCa' if interval == 'bca' else interval}, {plan.lengths.size} patients"
    estimate = Estimate(value, lower, upper, method, n, level, float(np.std(replicates, ddof=1)))
    return Bootstrap(estimate, replicates, undefined)


def equal_tails(level: float) -> Floats:
    """Probabilities (1 - level)/2 and (1 + level)/2; raise `UserError` for no level, shape (2,)."""
    normal_quantile(level)
    return np.array([(1 - level) / 2, (1 + level) / 2])


def percentile_interval(replicates: Floats, tails: Floats) -> tuple[float, float]:
    """Percentiles of the replicates that have a value, interpolated linearly.

    Parameters
    ----------
    replicates : float64 array (b,)
        A statistic of b resamples; NaN where it has no value.
    tails : float64 array (2,)
        From `equal_tails`, or shifted as BCa does.

    Raises
    ------
    UndefinedStatisticError
        If no replicate has a value.

    Examples
    --------
    >>> import numpy as np
    >>> percentile_interval(np.append(np.arange(101.0), np.nan), equal_tails(0.5))
    (25.0, 75.0)
    """
    known = replicates[~np.isnan(replicates)]
    if not known.size:
        raise UndefinedStatisticError(
            "the statistic is undefined in every resample", got=f"{replicates.size} resamples"
        )
    lower, upper = np.quantile(known, tails)
    return float(lower), float(upper)


def paired_difference(
    statistic: Statistic,
    outcome: Sequence[ArrayLike],
    first: ArrayLike,
    second: ArrayLike,
    **options: Any,
) -> Bootstrap:
    """Return statistic(outcome, first) − statistic(outcome, second) on the same resamples.

    Parameters
    ----------
    statistic : callable
        Takes the arrays of `outcome` and then one array of predictions.
    outcome : sequence of arrays
        ``(y,)``, or ``(time, event)``.
    first, second : arrays with n rows
        Predictions of two models for the same rows.
    **options
        Those of `bootstrap`.

    Examples
    --------
    >>> import numpy as np
    >>> from radiome.model.performance.discrimination import auc
    >>> y = np.repeat([0, 1], 20)
    >>> good, poor = np.arange(40.0), np.tile(np.arange(20.0), 2)
    >>> paired_difference(auc, (y,), good, poor, strata=y, seed=1, resamples=200).estimate.value
    0.5
    """

    def difference(*arrays: NDArray[Any]) -> float:
        *known, one, other = arrays
        return statistic(*known, one) - statistic(*known, other)

    return bootstrap(difference, *outcome, first, second, **options)


def _replicates(
    statistic: Statistic, data: list[NDArray[Any]], plan: Resampling, resamples: int
) -> tuple[Floats, int]:
    if resamples < 2:
        raise UserError("a bootstrap needs resamples", expected="at least 2", got=str(resamples))
    values: list[float] = []
    for number in range(resamples):
        rows = plan.draw(number)
        try:
            values.append(float(statistic(*(array[rows] for array in data))))
        except UndefinedStatisticError:
            continue
    return np.array(values), resamples - len(values)


def _bca_tails(
    statistic: Statistic,
    data: list[NDArray[Any]],
    plan: Resampling,
    value: float,
    replicates: Floats,
    tails: Floats,
) -> Floats:
    """Percentiles of the BCa interval: bias correction z0, acceleration a."""
    below = (np.sum(replicates < value) + np.sum(replicates <= value)) / (2 * replicates.size)
    if not 0 < below < 1:
        raise UndefinedStatisticError(
            "BCa is undefined: the estimate is at the end of the replicates"
        )
    bias = ndtri(below)
    acceleration = _acceleration(statistic, data, plan)
    shifted = bias + ndtri(tails)
    return np.asarray(ndtr(bias + shifted / (1 - acceleration * shifted)), dtype=np.float64)


def _acceleration(statistic: Statistic, data: list[NDArray[Any]], plan: Resampling) -> float:
    left_out: list[list[float]] = [[] for _ in plan.strata]
    for stratum, rows in plan.leave_one_out():
        # The only patient of a stratum carries no information on the spread within it.
        if plan.strata[stratum].size > 1:
            left_out[stratum].append(float(statistic(*(array[rows] for array in data))))
    third = second = 0.0
    for values in left_out:
        n = len(values)
        if n:
            influence = (n - 1) * (np.mean(values) - np.array(values))
            third += float(np.sum(influence**3)) / n**3
            second += float(np.sum(influence**2)) / n**2
    if second == 0:
        raise UndefinedStatisticError("BCa is undefined: leaving out any patient changes nothing")
    return float(third / (6 * second**1.5))
