"""Cox and Snell's R-squared: its greatest value, and the one that goes with an AUC."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from radiome.base.errors import UserError


def greatest_r2_binary(prevalence: float) -> float:
    """Return the R-squared of a perfect model of a binary outcome.

    ``1 - exp(2 l)``, with ``l = q ln q + (1 - q) ln(1 - q)`` per patient at prevalence q.

    Examples
    --------
    >>> round(greatest_r2_binary(0.174), 3)
    0.603
    """
    share = check_share(prevalence, "prevalence")
    likelihood = share * math.log(share) + (1 - share) * math.log(1 - share)
    return -math.expm1(2 * likelihood)


def greatest_r2_survival(rate: float, mean_follow_up: float) -> float:
    """Return the R-squared of a perfect model of survival times.

    ``1 - exp(2 l)``, with ``l = e ln e - e`` per patient, e being events per patient.

    Examples
    --------
    >>> round(greatest_r2_survival(0.065, 2.07), 3)
    0.555
    """
    events = rate * mean_follow_up
    return -math.expm1(2 * (events * math.log(events) - events))


def r2_of_auc(auc: float, prevalence: float) -> float:
    """Return the R-squared of a calibrated model with a given AUC.

    The linear predictor is taken as normal with the same spread in patients with and
    without the event (Riley et al. 2021). A logistic model of it is then exact, and its
    expected likelihood is an integral; no simulation is needed.

    Examples
    --------
    >>> round(r2_of_auc(0.89, 0.174), 3)
    0.291
    """
    share = check_share(prevalence, "prevalence")
    if not 0.5 < auc < 1:
        raise UserError("an AUC makes no sense", expected="above 0.5 and below 1", got=str(auc))
    apart = math.sqrt(2) * float(stats.norm.ppf(auc))
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / math.sqrt(2 * math.pi)
    start = math.log(share / (1 - share))

    def log_risk(deviates: NDArray[np.float64], shift: float, sign: float) -> float:
        predictor = start + apart * (deviates + shift) - apart**2 / 2
        return float(-(weights * np.logaddexp(0, -sign * predictor)).sum())

    likelihood = share * log_risk(nodes, apart, 1.0) + (1 - share) * log_risk(nodes, 0.0, -1.0)
    empty = share * math.log(share) + (1 - share) * math.log(1 - share)
    return -math.expm1(-2 * (likelihood - empty))


def check_share(value: float, name: str) -> float:
    """Return a number between 0 and 1, or raise `UserError`."""
    if not 0 < value < 1:
        raise UserError(f"'{name}' makes no sense", expected="between 0 and 1", got=str(value))
    return float(value)


def check_positive(value: float, name: str) -> float:
    """Return a finite number above 0, or raise `UserError`."""
    if not 0 < value < math.inf:
        raise UserError(f"'{name}' makes no sense", expected="above 0", got=str(value))
    return float(value)
