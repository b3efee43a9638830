"""Agreement of predicted risks with observed frequencies: recalibration, ratio, Brier score.

The hierarchy is that of Van Calster et al. 2016, J Clin Epidemiol 74:167. The smooth and the
grouped curve are in `calibration_curve`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    outcome_and_probability,
    two_classes,
)
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.results import Estimate, UndefinedStatisticError

_STEPS = 50


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Logistic recalibration of predicted risks.

    Parameters
    ----------
    slope, intercept : Estimate or NotApplicable
        b and a of logit P(y = 1) = a + b · logit(p), fitted together; ideal 1 and 0.
    in_the_large : Estimate
        a with b held at 1; ideal 0.
    """

    slope: Estimate | NotApplicable
    intercept: Estimate | NotApplicable
    in_the_large: Estimate


def recalibration(
    outcome: ArrayLike, probability: ArrayLike, *, level: float = 0.95
) -> Recalibration:
    """Return calibration slope, intercept and calibration-in-the-large with Wald intervals.

    Cox 1958, Biometrika 45:562. Risks must lie strictly between 0 and 1.

    Examples
    --------
    >>> risk = [0.1, 0.3, 0.3, 0.6, 0.7, 0.9]
    >>> result = recalibration([0, 0, 1, 0, 1, 1], risk)
    >>> round(result.slope.value, 3)
    1.096
    """
    positive, predicted = _logits(outcome, probability)
    one = np.ones_like(predicted)
    size = positive.size

    def estimate(value: float, error: float) -> Estimate:
        return normal_interval(value, error, size, method="Wald, logistic", level=level)

    large, errors = _logistic(one[:, None], positive, predicted)
    in_the_large = estimate(float(large[0]), float(errors[0]))
    if np.ptp(predicted) == 0:
        reason = NotApplicable("all predicted risks are equal")
        return Recalibration(reason, reason, in_the_large)
    if _separated(positive, predicted):
        reason = NotApplicable("the risks separate the classes, so the slope is infinite")
        return Recalibration(reason, reason, in_the_large)
    joint, errors = _logistic(np.stack([one, predicted], axis=1), positive, 0 * predicted)
    intercept, slope = (
        estimate(float(value), float(error)) for value, error in zip(joint, errors, strict=True)
    )
    return Recalibration(slope, intercept, in_the_large)


def calibration_slope(outcome: ArrayLike, probability: ArrayLike) -> float:
    """Return the calibration slope alone, for bootstraps by patient."""
    slope = recalibration(outcome, probability).slope
    if isinstance(slope, NotApplicable):
        raise UndefinedStatisticError(slope.reason)
    return slope.value


def calibration_in_the_large(outcome: ArrayLike, probability: ArrayLike) -> float:
    """Return the calibration-in-the-large alone, for bootstraps by patient."""
    return recalibration(outcome, probability).in_the_large.value


def observed_over_expected(
    outcome: ArrayLike, probability: ArrayLike, *, level: float = 0.95
) -> Estimate:
    """Return events observed over events expected; ideal 1.

    The interval is symmetric on the log scale with variance (1 − O/n)/O
    (Debray et al. 2017, BMJ 356:i6460).
    """
    positive, risk = outcome_and_probability(outcome, probability)
    observed, expected = int(positive.sum()), float(risk.sum())
    if observed == 0 or expected == 0:
        raise UndefinedStatisticError(
            "the ratio of observed to expected events is not defined",
            got=f"{counted(observed, 'event')} observed, {expected:g} expected",
        )
    ratio = observed / expected
    error = ratio * math.sqrt((1 - observed / positive.size) / observed)
    return normal_interval(
        ratio, error, positive.size, method="binomial variance", scale="log", level=level
    )


def brier(outcome: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean of (p − y)² (Brier 1950).

    Examples
    --------
    >>> round(brier([0, 1], [0.2, 0.6]), 12)
    0.1
    """
    positive, risk = outcome_and_probability(outcome, probability)
    return float(np.mean((risk - positive) ** 2))


def brier_interval(outcome: ArrayLike, probability: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the Brier score with the normal interval of a mean."""
    positive, risk = outcome_and_probability(outcome, probability)
    if positive.size < 2:
        raise UndefinedStatisticError("an interval needs at least two patients", got="1")
    losses = (risk - positive) ** 2
    error = float(np.std(losses, ddof=1)) / math.sqrt(losses.size)
    return normal_interval(
        float(losses.mean()), error, losses.size, method="normal", level=level, limits=(0.0, 1.0)
    )


def scaled_brier(outcome: ArrayLike, probability: ArrayLike) -> float:
    """Return 1 − Brier / (prevalence · (1 − prevalence)).

    1 is perfect, 0 is no better than the prevalence for everybody, below 0 is worse
    (Steyerberg et al. 2010, Epidemiology 21:128).
    """
    prevalence = two_classes(outcome).mean()
    return float(1 - brier(outcome, probability) / (prevalence * (1 - prevalence)))


def _logits(outcome: ArrayLike, probability: ArrayLike) -> tuple[Booleans, Floats]:
    positive, risk = outcome_and_probability(outcome, probability)
    two_classes(positive)
    certain = int(np.sum((risk <= 0) | (risk >= 1)))
    if certain:
        raise UserError(
            "a predicted risk of 0 or 1 has no logit",
            got=f"{certain} of {risk.size}",
            do="bound the risks away from 0 and 1, and say so in the report",
        )
    return positive, np.asarray(logit(risk), dtype=np.float64)


def _separated(positive: Booleans, predicted: Floats) -> bool:
    events, others = predicted[positive], predicted[~positive]
    return bool(events.min() >= others.max() or events.max() <= others.min())


def _logistic(design: Floats, positive: Booleans, offset: Floats) -> tuple[Floats, Floats]:
    """Maximum likelihood by Newton steps, halved while they lose: coefficients, standard errors."""
    coefficients = np.zeros(design.shape[1])
    best = _log_likelihood(offset, positive)
    for _ in range(_STEPS):
        fitted = expit(offset + design @ coefficients)
        information = design.T @ (design * (fitted * (1 - fitted))[:, None])
        step = _solve(information, design.T @ (positive - fitted))
        reached = _log_likelihood(offset + design @ (coefficients + step), positive)
        while reached < best - 1e-9 * abs(best):
            step = step / 2
            reached = _log_likelihood(offset + design @ (coefficients + step), positive)
        coefficients, best = coefficients + step, reached
        if np.max(np.abs(step)) < 1e-11 * (1 + np.max(np.abs(coefficients))):
            return coefficients, np.sqrt(np.diag(np.linalg.inv(information)))
    raise UndefinedStatisticError("the logistic recalibration does not settle")


def _solve(information: Floats, gradient: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise UndefinedStatisticError(
            "the logistic recalibration has no information: the risks are all next to 0 or 1"
        ) from error


def _log_likelihood(linear: Floats, positive: Booleans) -> float:
    return float(-np.sum(np.logaddexp(0, np.where(positive, -linear, linear))))
