"""The least AUC that a study can tell from chance, and the power to tell a given one."""

from __future__ import annotations

import math
from typing import Literal

from scipy import optimize, stats

from radiome.base.errors import SettingsError, UserError
from radiome.model.discovery.cutpoint_corrections import check_probability

Variance = Literal["hanley-mcneil", "obuchowski"]


def auc_variance(
    auc: float, events: float, non_events: float, *, variance: Variance = "hanley-mcneil"
) -> float:
    """Return the sampling variance of an AUC.

    Parameters
    ----------
    auc : float
        Between 0 and 1.
    events, non_events : float
        Patients with and without the event.
    variance : {"hanley-mcneil", "obuchowski"}
        Hanley and McNeil (1982): negative exponential ratings, ``Q1 = A/(2-A)``,
        ``Q2 = 2A^2/(1+A)``, ``[A(1-A) + (n1-1)(Q1-A^2) + (n0-1)(Q2-A^2)] / (n1 n0)``.
        Obuchowski (1994): normal ratings of equal variance, ``a = 1.414 probit(A)``,
        ``0.0099 exp(-a^2/2) [(5a^2+8) + (a^2+8) n1/n0] / n1``.
    """
    if not 0 < auc < 1:
        raise UserError("an AUC makes no sense", expected="between 0 and 1", got=str(auc))
    if events <= 0 or non_events <= 0:
        raise UserError(
            "an AUC needs patients with and without the event",
            expected="more than 0 of each",
            got=f"{events:g} and {non_events:g}",
        )
    if variance == "hanley-mcneil":
        first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
        return (
            auc * (1 - auc) + (events - 1) * (first - auc**2) + (non_events - 1) * (second - auc**2)
        ) / (events * non_events)
    if variance == "obuchowski":
        squared = (1.414 * float(stats.norm.ppf(auc))) ** 2
        bracket = (5 * squared + 8) + (squared + 8) * events / non_events
        return 0.0099 * math.exp(-squared / 2) * bracket / events
    raise SettingsError(
        "unknown variance of an AUC", expected="hanley-mcneil or obuchowski", got=str(variance)
    )


def auc_power(
    auc: float,
    events: float,
    non_events: float,
    *,
    alpha: float = 0.05,
    variance: Variance = "hanley-mcneil",
) -> float:
    """Return the power to tell `auc` from 0.5 in a two-sided test at level `alpha`.

    ``power = Phi[(|A - 0.5| - z sqrt(V(0.5))) / sqrt(V(A))]``

    Examples
    --------
    >>> round(auc_power(0.7, 30, 50), 3)
    0.864
    """
    limit = float(stats.norm.isf(check_probability(alpha, "alpha") / 2))
    at_chance = math.sqrt(auc_variance(0.5, events, non_events, variance=variance))
    at_auc = math.sqrt(auc_variance(auc, events, non_events, variance=variance))
    return float(stats.norm.cdf((abs(auc - 0.5) - limit * at_chance) / at_auc))


def detectable_auc(
    events: float,
    non_events: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    variance: Variance = "hanley-mcneil",
) -> float | None:
    """Return the least AUC above 0.5 that is found with the given power, or None if none is.

    Parameters
    ----------
    events, non_events : float
        Patients with and without the event.
    alpha : float
        Two-sided level; for a search over m features, `alpha` / m.
    power : float
        Above `alpha`, below 1.
    variance : {"hanley-mcneil", "obuchowski"}
        See `auc_variance`.

    Examples
    --------
    >>> round(detectable_auc(30, 50), 3), round(detectable_auc(30, 50, alpha=0.05 / 1200), 3)
    (0.685, 0.819)
    """
    if not check_probability(alpha, "alpha") < power < 1:
        raise UserError(
            "the power makes no sense", expected="above alpha and below 1", got=str(power)
        )

    def lacking(auc: float) -> float:
        found = auc_power(auc, events, non_events, alpha=alpha, variance=variance)
        return found - power

    low, high = 0.5 + 1e-9, 1 - 1e-6
    if lacking(high) < 0:
        return None
    return float(optimize.brentq(lacking, low, high, xtol=1e-10))
