"""Confidence intervals in closed form: proportions, and the normal interval on three scales."""

from __future__ import annotations

import math
from typing import Literal

from scipy.special import betaincinv, expit, logit, ndtri

from radiome.base.errors import UserError
from radiome.model.performance.results import Estimate, UndefinedStatisticError

Scale = Literal["plain", "logit", "log", "fisher"]


def normal_quantile(level: float) -> float:
    """Return z of the two-sided interval of this confidence level."""
    if not 0 < level < 1:
        raise UserError("the confidence level lies outside 0 to 1", got=f"{level:g}")
    return float(ndtri(0.5 + level / 2))


def wilson(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Return a proportion with Wilson's score interval (Wilson 1927), without correction.

    Rows must be independent; for several rows per patient use `bootstrap.bootstrap`.

    Examples
    --------
    >>> share = wilson(8, 10)
    >>> round(share.lower, 4), round(share.upper, 4)
    (0.4902, 0.9433)
    """
    share = _proportion(successes, n)
    z = normal_quantile(level)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At the ends the limit is 0 or 1 exactly; rounding would leave 1e-17 beside it.
    lower = 0.0 if successes == 0 else centre - half
    upper = 1.0 if successes == n else centre + half
    return Estimate(share, lower, upper, "Wilson", n, level)


def exact_binomial(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Return a proportion with the exact interval of Clopper and Pearson (1934)."""
    share = _proportion(successes, n)
    normal_quantile(level)
    tail = (1 - level) / 2
    lower = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, tail))
    upper = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1 - tail))
    return Estimate(share, lower, upper, "Clopper-Pearson", n, level)


def normal_interval(
    value: float,
    standard_error: float,
    n: int,
    *,
    method: str,
    scale: Scale = "plain",
    level: float = 0.95,
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """Return value ± z · standard error, on the plain, logit, log or Fisher scale.

    Parameters
    ----------
    value, standard_error : float
        Both on the plain scale; the delta method carries the error to the other scale.
    n : int
        Number of rows.
    method : str
        Name of the variance.
    scale : {"plain", "logit", "log", "fisher"}
        Scale on which the interval is symmetric.
    level : float
        Confidence level.
    limits : tuple of float
        Range of the statistic; a plain interval is cut there.

    Notes
    -----
    A standard error of 0 says that the sample shows no variation, not that the value is certain:
    no interval is given then, and `note` says so.
    """
    z = normal_quantile(level)
    name = method if scale == "plain" else f"{method}, {scale} scale"
    if not standard_error > 0:
        note = "the estimated variance is 0, so this method gives no interval"
        return Estimate(value, None, None, name, n, level, standard_error, note)
    if scale == "plain":
        lower, upper = value - z * standard_error, value + z * standard_error
        lower, upper = max(lower, limits[0]), min(upper, limits[1])
    else:
        lower, upper = _transformed(value, z * standard_error, scale)
    return Estimate(value, lower, upper, name, n, level, standard_error)


def _transformed(value: float, half: float, scale: Scale) -> tuple[float, float]:
    if scale == "logit":
        half /= value * (1 - value)
        return float(expit(logit(value) - half)), float(expit(logit(value) + half))
    if scale == "log":
        half /= value
        return value * math.exp(-half), value * math.exp(half)
    half /= 1 - value**2
    return math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)


def _proportion(successes: int, n: int) -> float:
    if n == 0:
        raise UndefinedStatisticError("a proportion of no rows is not defined")
    if not 0 <= successes <= n:
        raise UserError("more successes than rows", expected=f"0 to {n}", got=str(successes))
    return successes / n
