"""Whether predicted survival comes true at a horizon; censored patients count by pseudo-values.

Sources: Andersen, Klein, Rosthøj, Biometrika 2003; 90:15, for pseudo-values; Gerds, Andersen,
Kattan, Stat Med 2014; 33:3191, for calibration by them; Austin, Harrell, van Klaveren, Stat Med
2020; 39:2714, for the summary errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.values import NotApplicable
from radiome.model.performance.inputs import (
    Floats,
    probabilities,
    same_length,
    survival_outcome,
)
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.loess import loess
from radiome.model.performance.results import Estimate, UndefinedStatisticError, attempt
from radiome.model.survival_curves import SurvivalCurve, kaplan_meier, tally

#: Risks are kept this far from 0 and 1, where their complementary log-log ends.
EDGE = 1e-6

_STEPS = 200


@dataclass(frozen=True, slots=True)
class HorizonErrors:
    """Mean, median, 90th percentile and largest of |smooth(p) − p| over the patients."""

    ici: float
    e50: float
    e90: float
    emax: float


@dataclass(frozen=True, slots=True)
class HorizonCalibration:
    """Calibration of the risk of an event by a horizon.

    Parameters
    ----------
    slope, intercept : Estimate or NotApplicable
        Of log(−log(1 − observed)) on log(−log(1 − predicted)); 1 and 0 are ideal.
    in_the_large : Estimate
        The intercept where the slope is 1; ideal 0.
    observed_over_expected : Estimate
        Risk by Kaplan-Meier over the mean predicted risk; ideal 1.
    errors : HorizonErrors or NotApplicable
        |smooth(p) − p| of a loess of the pseudo-values on the predicted risk.
    horizon : float
        In the unit of the times.
    n : int
        Patients.
    """

    slope: Estimate | NotApplicable
    intercept: Estimate | NotApplicable
    in_the_large: Estimate
    observed_over_expected: Estimate
    errors: HorizonErrors | NotApplicable
    horizon: float
    n: int


def pseudo_values(time: ArrayLike, event: ArrayLike, *, horizon: float) -> Floats:
    """Return what each patient (n,) adds to the risk of an event by the horizon.

    n·F(t) − (n − 1)·F₋ᵢ(t), with F = 1 − Kaplan-Meier. Their mean given predictors is the risk
    given these, where censoring does not depend on them. Without censoring by the horizon they
    are 1 for an event by then, else 0.

    Examples
    --------
    >>> pseudo_values([1, 2, 3, 4], [1, 1, 1, 0], horizon=2).round(12).tolist()
    [1.0, 1.0, 0.0, 0.0]
    """
    times, events = survival_outcome(time, event)
    n = times.size
    whole = kaplan_meier(times, events).at([horizon])[0]
    distinct, at_risk, tallies = tally(times, np.stack([events]))
    early = distinct <= horizon
    # Each row leaves one patient out of those at risk and of the events.
    left = at_risk[early] - (times[:, None] >= distinct[early])
    had = tallies[0][early] - (events[:, None] & (times[:, None] == distinct[early]))
    hazard = np.divide(had, left, out=np.zeros(left.shape), where=left > 0)
    others = np.prod(1 - hazard, axis=1)
    return np.asarray(1 - (n * whole - (n - 1) * others), np.float64)


def horizon_calibration(
    time: ArrayLike,
    event: ArrayLike,
    survival: ArrayLike,
    *,
    horizon: float,
    span: float = 0.75,
    level: float = 0.95,
) -> HorizonCalibration:
    """Return calibration in the large, slope, intercept and calibration errors at a horizon.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    survival : array of shape (n,)
        Predicted probability of being event-free at the horizon, by models that have not seen
        the patient.
    horizon : float
        Within the follow-up. Choose it beforehand.
    span : float
        Share of the patients in each local fit.
    level : float
        Confidence level. Intervals of the intercepts and the slope are from the sandwich
        variance, that of observed over expected from Greenwood's.
    """
    times, events = survival_outcome(time, event)
    risk = 1 - probabilities(survival, "predicted survival")
    same_length(time=times, survival=risk)
    pseudo = pseudo_values(times, events, horizon=horizon)
    inside = np.clip(risk, EDGE, 1 - EDGE)
    linear = np.log(-np.log1p(-inside))
    large = _intercepts(pseudo, np.ones((risk.size, 1)), linear, level)[0]
    line: list[Estimate] | NotApplicable = NotApplicable("all predicted risks are equal")
    if np.ptp(linear) > 0:
        design = np.stack([np.ones_like(linear), linear], axis=1)
        line = attempt(_intercepts, pseudo, design, 0 * linear, level)
    intercept, slope = (line, line) if isinstance(line, NotApplicable) else line
    return HorizonCalibration(
        slope,
        intercept,
        large,
        _observed_over_expected(kaplan_meier(times, events), float(risk.mean()), horizon, level),
        attempt(_errors, pseudo, risk, span),
        horizon,
        risk.size,
    )


def _intercepts(pseudo: Floats, design: Floats, offset: Floats, level: float) -> list[Estimate]:
    """Coefficients of the complementary log-log model of pseudo-values, by least squares."""
    coefficients = np.zeros(design.shape[1])
    if design.shape[1] > 1:
        coefficients[1] = 1.0
    best = _loss(pseudo, offset + design @ coefficients)
    for _ in range(_STEPS):
        fitted, slope = _risk(offset + design @ coefficients)
        rates = design * slope[:, None]
        step, _, rank, _ = np.linalg.lstsq(rates, pseudo - fitted, rcond=1e-10)
        if rank < design.shape[1]:
            raise UndefinedStatisticError("the predicted risks carry no information at the horizon")
        reached = _loss(pseudo, offset + design @ (coefficients + step))
        while reached > best + 1e-12 * best:
            step = step / 2
            reached = _loss(pseudo, offset + design @ (coefficients + step))
        coefficients, best = coefficients + step, reached
        if np.max(np.abs(step)) < 1e-9 * (1 + np.max(np.abs(coefficients))):
            return _with_errors(coefficients, pseudo, design, offset, level)
    raise UndefinedStatisticError("the recalibration at the horizon does not settle")


def _with_errors(
    coefficients: Floats, pseudo: Floats, design: Floats, offset: Floats, level: float
) -> list[Estimate]:
    """The coefficients with their sandwich errors, n / (n − p) for the few patients."""
    n, p = design.shape
    fitted, slope = _risk(offset + design @ coefficients)
    rates = design * slope[:, None]
    bread = np.linalg.inv(rates.T @ rates)
    filling = (rates * ((pseudo - fitted) ** 2)[:, None]).T @ rates
    errors = np.sqrt(np.diag(bread @ filling @ bread) * n / (n - p))
    return [
        normal_interval(float(value), float(error), n, method="pseudo-values", level=level)
        for value, error in zip(coefficients, errors, strict=True)
    ]


def _risk(linear: Floats) -> tuple[Floats, Floats]:
    """Risk 1 − exp(−exp(x)) and its slope in x."""
    hazard = np.exp(np.clip(linear, -30, 5))
    return -np.expm1(-hazard), hazard * np.exp(-hazard)


def _loss(pseudo: Floats, linear: Floats) -> float:
    return float(np.sum((pseudo - _risk(linear)[0]) ** 2))


def _observed_over_expected(
    curve: SurvivalCurve, expected: float, horizon: float, level: float
) -> Estimate:
    """Ratio with Greenwood's variance, on the log scale; the mean prediction is taken as known."""
    known = curve.interval_at(horizon)
    observed = 1 - known.value
    if observed <= 0 or expected <= 0 or known.standard_error is None:
        raise UndefinedStatisticError(
            "the ratio of observed to expected risk is not defined",
            got=f"{observed:g} observed, {expected:g} expected",
        )
    ratio, error = observed / expected, known.standard_error / expected
    return normal_interval(ratio, error, curve.n, method="Greenwood", scale="log", level=level)


def _errors(pseudo: Floats, risk: Floats, span: float) -> HorizonErrors:
    error = np.abs(loess(risk, pseudo, risk, span=span) - risk)
    e50, e90 = np.quantile(error, [0.5, 0.9])
    return HorizonErrors(float(error.mean()), float(e50), float(e90), float(error.max()))
