"""Calibration slope by kind of outcome: how much too extreme predictions are; ideal 1.

| outcome | slope of |
|---|---|
| binary | logistic regression on the logit of the probability |
| continuous | linear regression on the prediction |
| count | Poisson regression on the logarithm of the prediction |
| survival | Cox regression on the log relative risk |
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.learners.cox import CoxRegression
from radiome.model.outcomes import Outcome
from radiome.model.performance.calibration import calibration_slope as logistic_slope
from radiome.model.performance.results import UndefinedStatisticError

Floats = NDArray[np.float64]

_STEPS = 100


def calibration_slope(outcome: Outcome, scores: Floats) -> float:
    """Return the calibration slope of the scores (m,) of m patients, who may repeat.

    Raises
    ------
    UndefinedStatisticError
        Where there is none: equal scores, separated classes, several classes, or scores
        that are no probabilities between 0 and 1.
    """
    slopes = {
        "binary": _binary,
        "continuous": _linear,
        "count": _poisson,
        "survival": _cox,
    }
    if outcome.kind not in slopes:
        raise UndefinedStatisticError(f"an outcome of kind {outcome.kind} has no calibration slope")
    if np.ptp(scores) == 0:
        raise UndefinedStatisticError("all scores are equal")
    return slopes[outcome.kind](outcome.values, scores)


def _binary(values: NDArray[Any], scores: Floats) -> float:
    if scores.min() <= 0 or scores.max() >= 1:
        raise UndefinedStatisticError("some scores are not probabilities between 0 and 1")
    return logistic_slope(values, scores)


def _linear(values: NDArray[Any], scores: Floats) -> float:
    centred = scores - scores.mean()
    return float(centred @ (values - values.mean()) / (centred @ centred))


def _poisson(values: NDArray[Any], scores: Floats) -> float:
    """Newton steps from the slope 1."""
    if scores.min() <= 0 or not values.any():
        raise UndefinedStatisticError("expected counts must be positive, and some event seen")
    linear = np.log(scores)
    design = np.stack([np.ones_like(linear), linear - linear.mean()], axis=1)
    coefficients = np.array([np.log(values.mean()), 0.0])
    for _ in range(_STEPS):
        fitted = np.exp(np.clip(design @ coefficients, -50, 50))
        information = design.T @ (design * fitted[:, None])
        step = np.linalg.solve(information, design.T @ (values - fitted))
        coefficients = coefficients + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            return float(coefficients[1])
    raise UndefinedStatisticError("the Poisson recalibration does not settle")


def _cox(values: NDArray[Any], scores: Floats) -> float:
    spread = float(scores.std())
    fit = CoxRegression(strength=0.0).fit(((scores - scores.mean()) / spread)[:, None], values)
    if not fit.converged_:
        raise UndefinedStatisticError("the risks order all events, so the slope is infinite")
    return float(fit.coef_[0] / spread)
