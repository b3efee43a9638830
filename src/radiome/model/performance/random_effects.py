"""Effects of several centres pooled as draws from a population of centres.

Sources: DerSimonian and Laird, Control Clin Trials 1986; 7:177; REML after Viechtbauer, J Educ
Behav Stat 2005; 30:261; Hartung and Knapp, Stat Med 2001; 20:3875, modified after Röver, Knapp,
Friede, BMC Med Res Methodol 2015; 15:99; Higgins and Thompson, Stat Med 2002; 21:1539, for I²;
Higgins, Thompson, Spiegelhalter, J R Stat Soc A 2009; 172:137, for the prediction interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from radiome.base.errors import UserError
from radiome.model.performance.inputs import Floats, finite, same_length
from radiome.model.performance.results import UndefinedStatisticError

BetweenCentres = Literal["reml", "dersimonian-laird"]

_STEPS = 500


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """Effects of k centres pooled as draws from a normal population.

    Parameters
    ----------
    mean, lower, upper : float
        Mean of the population with its interval after Hartung and Knapp, t with k − 1 degrees
        of freedom.
    standard_error : float
        Of the mean, after Hartung and Knapp.
    tau2 : float
        Variance between centres.
    q, i2 : float
        Cochran's Q, and max(0, (Q − k + 1) / Q): the share of the spread that chance within
        centres does not explain.
    prediction : tuple of float or None
        Limits for the true effect of one more centre, t with k − 2 degrees of freedom; None
        for two centres.
    centres : int
        k.
    """

    mean: float
    lower: float
    upper: float
    standard_error: float
    tau2: float
    q: float
    i2: float
    prediction: tuple[float, float] | None
    centres: int


def random_effects(
    effects: ArrayLike,
    errors: ArrayLike,
    *,
    method: BetweenCentres = "reml",
    level: float = 0.95,
) -> RandomEffects:
    """Pool effects with known standard errors.

    Parameters
    ----------
    effects, errors : arrays of shape (k,)
        Effect and standard error of each centre, on a scale on which they are about normal.
    method : {"reml", "dersimonian-laird"}
        How the variance between centres is estimated.
    level : float
        Confidence level of both intervals.

    Notes
    -----
    The factor of Hartung and Knapp is not let below 1: where effects are alike by chance it
    would make the interval narrower than that of centres without any difference.

    Examples
    --------
    >>> found = random_effects([0.0, 1.0, 2.0], [0.5, 0.5, 0.5], method="dersimonian-laird")
    >>> found.mean, found.q, found.i2, found.tau2
    (1.0, 8.0, 0.75, 0.75)
    """
    y, errors_ = finite(effects, "effect"), finite(errors, "standard error")
    same_length(effect=y, error=errors_)
    if np.any(errors_ <= 0):
        raise UserError("a standard error must be above 0", got=f"{errors_.min():g}")
    k = y.size
    if k < 2:
        raise UndefinedStatisticError("pooling needs at least two centres", got=str(k))
    variances = errors_**2
    q, moment = _moments(y, variances)
    tau2 = moment if method == "dersimonian-laird" else _reml(y, variances, moment)
    weights = 1 / (variances + tau2)
    mean = float(weights @ y / weights.sum())
    factor = max(1.0, float(weights @ (y - mean) ** 2) / (k - 1))
    error = math.sqrt(factor / weights.sum())
    half = float(student.ppf(0.5 + level / 2, k - 1)) * error
    return RandomEffects(
        mean,
        mean - half,
        mean + half,
        error,
        tau2,
        q,
        max(0.0, (q - k + 1) / q) if q > 0 else 0.0,
        _prediction(mean, math.sqrt(tau2 + error**2), k, level),
        k,
    )


def _moments(y: Floats, variances: Floats) -> tuple[float, float]:
    """Cochran's Q and the variance between centres of DerSimonian and Laird."""
    weights = 1 / variances
    q = float(weights @ (y - weights @ y / weights.sum()) ** 2)
    spread = float(weights.sum() - (weights @ weights) / weights.sum())
    return q, max(0.0, (q - y.size + 1) / spread)


def _reml(y: Floats, variances: Floats, start: float) -> float:
    """Variance between centres of the largest restricted likelihood, by Fisher scoring."""
    tau2 = start
    for _ in range(_STEPS):
        weights = 1 / (variances + tau2)
        total = weights.sum()
        residual = y - weights @ y / total
        squares = weights**2
        gradient = squares @ residual**2 - total + squares.sum() / total
        information = squares.sum() - 2 * (weights**3).sum() / total + (squares.sum() / total) ** 2
        step = max(float(gradient / information), -tau2)
        tau2 += step
        if abs(step) <= 1e-12 * (tau2 + float(variances.min())):
            return tau2
    raise UndefinedStatisticError("the variance between centres does not settle")


def _prediction(mean: float, spread: float, k: int, level: float) -> tuple[float, float] | None:
    if k < 3:
        return None
    half = float(student.ppf(0.5 + level / 2, k - 2)) * spread
    return mean - half, mean + half
