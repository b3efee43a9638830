"""How many patients a prediction model needs: the criteria of Riley and others (2019, 2020)."""

from __future__ import annotations

import math
from bisect import bisect_left

from scipy import optimize, stats

from radiome.base.errors import UserError
from radiome.model.discovery.explained_variation import (
    check_positive,
    check_share,
    greatest_r2_binary,
    greatest_r2_survival,
)
from radiome.model.discovery.patients_needed import Criterion, OutcomeKind, SampleSize

#: Accepted difference between apparent and adjusted R-squared, and in the overall risk.
_MARGIN = 0.05
#: Two-sided normal deviate of a 95 % interval, as printed in the papers.
_DEVIATE = 1.96


def binary_sample_size(
    parameters: int, *, prevalence: float, r2: float, shrinkage: float = 0.9
) -> SampleSize:
    """Return the patients needed for a binary outcome.

    Parameters
    ----------
    parameters : int
        Candidate parameters.
    prevalence : float
        Share of patients with the event.
    r2 : float
        Anticipated Cox-Snell R-squared; `r2_of_auc` gives it from an AUC.
    shrinkage : float
        Least factor by which overfitting may shrink predictor effects.

    Examples
    --------
    >>> binary_sample_size(24, prevalence=0.174, r2=0.288).patients
    662
    """
    share = check_share(prevalence, "prevalence")
    greatest = greatest_r2_binary(share)
    _check(parameters, r2, greatest, shrinkage)
    criteria = (
        Criterion("shrinkage", _for_shrinkage(parameters, r2, shrinkage)),
        Criterion("optimism", _for_optimism(parameters, r2, greatest)),
        Criterion("overall risk", _up((_DEVIATE / _MARGIN) ** 2 * share * (1 - share))),
    )
    return _result("binary", parameters, r2, greatest, criteria, share)


def survival_sample_size(
    parameters: int,
    *,
    rate: float,
    horizon: float,
    mean_follow_up: float,
    r2: float,
    shrinkage: float = 0.9,
) -> SampleSize:
    """Return the patients needed for survival.

    Parameters
    ----------
    parameters : int
        Candidate parameters.
    rate : float
        Events per unit of time of a patient.
    horizon : float
        Time at which risk is predicted.
    mean_follow_up : float
        Mean follow-up, in the same unit.
    r2 : float
        Anticipated Cox-Snell R-squared.
    shrinkage : float
        Least factor by which overfitting may shrink predictor effects.

    Examples
    --------
    >>> survival_sample_size(30, rate=0.065, horizon=2, mean_follow_up=2.07, r2=0.051).patients
    5143
    """
    for name, value in (("rate", rate), ("horizon", horizon), ("mean_follow_up", mean_follow_up)):
        check_positive(value, name)
    greatest = greatest_r2_survival(rate, mean_follow_up)
    _check(parameters, r2, greatest, shrinkage)
    # The risk 1 - exp(-rate t) is less than 0.05 off if the rate is less than `off` too low;
    # a rate that is too high by as much changes the risk less.
    off = math.log1p(_MARGIN * math.exp(rate * horizon)) / horizon
    criteria = (
        Criterion("shrinkage", _for_shrinkage(parameters, r2, shrinkage)),
        Criterion("optimism", _for_optimism(parameters, r2, greatest)),
        Criterion("overall risk", _up(rate * (_DEVIATE / off) ** 2 / mean_follow_up)),
    )
    return _result("survival", parameters, r2, greatest, criteria, rate * mean_follow_up)


def continuous_sample_size(
    parameters: int,
    *,
    r2: float,
    intercept: float | None = None,
    deviation: float | None = None,
    shrinkage: float = 0.9,
) -> SampleSize:
    """Return the patients needed for a continuous outcome.

    Parameters
    ----------
    parameters : int
        Candidate parameters.
    r2 : float
        Anticipated adjusted R-squared.
    intercept, deviation : float, optional
        Mean and standard deviation of the outcome, for the precision of the intercept;
        both or none.
    shrinkage : float
        Least factor by which overfitting may shrink predictor effects.

    Examples
    --------
    >>> continuous_sample_size(25, r2=0.2, intercept=1.9, deviation=0.6).patients
    918
    """
    _check(parameters, r2, 1.0, shrinkage)
    criteria = [
        Criterion("shrinkage", _for_linear_shrinkage(parameters, r2, shrinkage)),
        Criterion("optimism", _up(1 + parameters * (1 - r2) / _MARGIN)),
        Criterion("residual deviation", _degrees_for_deviation() + parameters + 1),
    ]
    if (intercept is None) != (deviation is None):
        raise UserError(
            "half of what the intercept needs is missing",
            expected="intercept and deviation, or none of them",
        )
    if intercept is not None and deviation is not None:
        variance = check_positive(deviation, "deviation") ** 2 * (1 - r2)
        margin = 0.1 * check_positive(abs(intercept), "intercept")
        least = _up((_DEVIATE / margin) ** 2 * variance)
        criteria.append(Criterion("intercept", max(least, parameters + 2)))
    return _result("continuous", parameters, r2, None, tuple(criteria), None)


def _for_shrinkage(parameters: int, r2: float, shrinkage: float) -> int:
    """``P / ((S - 1) ln(1 - R2 / S))``: criterion 1, and with another S criterion 2."""
    return _up(parameters / ((shrinkage - 1) * math.log(1 - r2 / shrinkage)))


def _for_optimism(parameters: int, r2: float, greatest: float) -> int:
    return _for_shrinkage(parameters, r2, r2 / (r2 + _MARGIN * greatest))


def _for_linear_shrinkage(parameters: int, r2: float, shrinkage: float) -> int:
    """Least n with ``1 + (P - 2) / (n ln(1 - R2_apparent)) >= S`` (Riley 2019, part I)."""

    def expected(patients: int) -> float:
        apparent = (r2 * (patients - parameters - 1) + parameters) / (patients - 1)
        return 1 + (parameters - 2) / (patients * math.log(1 - apparent))

    low, high = parameters + 1, parameters + 2
    while expected(high) < shrinkage:
        low, high = high, 2 * high
    return bisect_left(range(high), True, lo=low + 1, key=lambda n: expected(n) >= shrinkage)


def _degrees_for_deviation() -> int:
    """Degrees of freedom that give the residual deviation to 10 %, with 95 % confidence."""

    def factor(degrees: float) -> float:
        low = float(stats.chi2.ppf(0.025, degrees))
        high = float(stats.chi2.ppf(0.975, degrees))
        return math.sqrt(max(high / degrees, degrees / low))

    return math.ceil(optimize.brentq(lambda degrees: factor(degrees) - 1.1, 10, 1000))


def _result(
    outcome: OutcomeKind,
    parameters: int,
    r2: float,
    greatest: float | None,
    criteria: tuple[Criterion, ...],
    events_per_patient: float | None,
) -> SampleSize:
    patients = max(item.patients for item in criteria)
    events = None if events_per_patient is None else events_per_patient * patients
    return SampleSize(
        outcome=outcome,
        parameters=parameters,
        r2=r2,
        r2_greatest=greatest,
        criteria=criteria,
        patients=patients,
        events=None if events is None else _up(events),
        events_per_parameter=None if events is None else events / parameters,
    )


def _check(parameters: int, r2: float, greatest: float, shrinkage: float) -> None:
    if not isinstance(parameters, int) or parameters < 1:
        raise UserError(
            "the number of candidate parameters makes no sense",
            expected="a whole number, 1 or more",
            got=str(parameters),
        )
    check_share(shrinkage, "shrinkage")
    limit = min(greatest, shrinkage)
    if not 0 < r2 < limit:
        raise UserError(
            "the anticipated R-squared makes no sense",
            expected=f"above 0 and below {limit:.3f}",
            got=str(r2),
            do="without a figure from earlier studies use 15 % of the greatest value",
        )


def _up(value: float) -> int:
    """Round up, not letting the last bits of a whole number add a patient."""
    return math.ceil(value - 1e-9)
