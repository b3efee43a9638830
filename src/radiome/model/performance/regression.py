"""Continuous outcomes: errors, explained variance, correlation, concordance, calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata, t

from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.inputs import Floats, finite, same_length
from radiome.model.performance.intervals import normal_quantile
from radiome.model.performance.resampling import Seed
from radiome.model.performance.results import Estimate, UndefinedStatisticError


@dataclass(frozen=True, slots=True)
class LinearCalibration:
    """Least squares of observed on predicted; ideal slope 1 and intercept 0."""

    slope: Estimate
    intercept: Estimate


@dataclass(frozen=True, slots=True)
class RegressionErrors:
    """R², root mean squared and mean absolute error, with bootstrap intervals by patient."""

    r_squared: Estimate
    rmse: Estimate
    mae: Estimate


def r_squared(
    observed: ArrayLike, predicted: ArrayLike, *, training_mean: float | None = None
) -> float:
    """Return 1 − Σ(y − ŷ)² / Σ(y − m)².

    Parameters
    ----------
    observed, predicted : arrays of shape (n,)
        In the unit of the outcome.
    training_mean : float, optional
        m, the mean outcome of the training data: the prediction without a model. Without it, the
        mean of `observed`, which flatters the null model.

    Examples
    --------
    >>> r_squared([1, 2, 3], [1, 2, 4])
    0.5
    """
    y, fitted = _checked(observed, predicted)
    centre = y.mean() if training_mean is None else training_mean
    total = float(np.sum((y - centre) ** 2))
    if total == 0:
        raise UndefinedStatisticError("the observed values do not vary")
    return float(1 - np.sum((y - fitted) ** 2) / total)


def rmse(observed: ArrayLike, predicted: ArrayLike) -> float:
    """Return √mean (y − ŷ)²."""
    y, fitted = _checked(observed, predicted)
    return float(np.sqrt(np.mean((y - fitted) ** 2)))


def mae(observed: ArrayLike, predicted: ArrayLike) -> float:
    """Return mean |y − ŷ|."""
    y, fitted = _checked(observed, predicted)
    return float(np.mean(np.abs(y - fitted)))


def regression_errors(
    observed: ArrayLike,
    predicted: ArrayLike,
    *,
    seed: Seed,
    training_mean: float | None = None,
    groups: ArrayLike | None = None,
    resamples: int = 2000,
    level: float = 0.95,
) -> RegressionErrors:
    """Return R², RMSE and MAE with percentile intervals on the same resamples of patients."""

    def explained(y: Floats, fitted: Floats) -> float:
        return r_squared(y, fitted, training_mean=training_mean)

    first, second, third = (
        bootstrap(
            function,
            observed,
            predicted,
            seed=seed,
            groups=groups,
            resamples=resamples,
            level=level,
        ).estimate
        for function in (explained, rmse, mae)
    )
    return RegressionErrors(first, second, third)


def pearson(observed: ArrayLike, predicted: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return Pearson's r with Fisher's interval: tanh(artanh r ± z/√(n − 3))."""
    y, fitted = _varying(observed, predicted)
    return _fisher(_r(y, fitted), 1.0, y.size, "Fisher z", level)


def spearman(observed: ArrayLike, predicted: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return Spearman's ρ on midranks, with the interval of Bonett and Wright 2000.

    tanh(artanh ρ ± z · √((1 + ρ²/2)/(n − 3))).
    """
    y, fitted = _varying(observed, predicted)
    rho = _r(rankdata(y), rankdata(fitted))
    return _fisher(rho, 1 + rho**2 / 2, y.size, "Fisher z, Bonett-Wright", level)


def concordance_correlation(
    observed: ArrayLike, predicted: ArrayLike, *, level: float = 0.95
) -> Estimate:
    """Return 2 s_xy / (s_x² + s_y² + (x̄ − ȳ)²) with moments over n (Lin 1989).

    The interval is Lin's on the Fisher scale, with the correction of 2000.

    Examples
    --------
    >>> round(concordance_correlation([1, 2, 3, 4], [1.1, 2.1, 2.9, 4.2]).value, 4)
    0.9931
    """
    y, fitted = _varying(observed, predicted)
    gap = float(y.mean() - fitted.mean())
    spreads = float(y.std() * fitted.std())
    r = _r(y, fitted)
    value = 2 * r * spreads / float(y.var() + fitted.var() + gap**2)
    method = "Lin, Fisher scale"
    if y.size < 3 or r == 0 or abs(value) >= 1 - 1e-15:
        note = "Lin's variance is not defined for a correlation of 0 or 1, or two patients"
        return Estimate(value, None, None, method, y.size, level, None, note)
    shift, rest = gap**2 / spreads, 1 - value**2
    variance = (
        (1 - r**2) * value**2 / (rest * r**2)
        + 2 * value**3 * (1 - value) * shift / (r * rest**2)
        - value**4 * shift**2 / (2 * r**2 * rest**2)
    ) / (y.size - 2)
    half = normal_quantile(level) * math.sqrt(variance)
    centre = math.atanh(value)
    error = math.sqrt(variance) * rest
    return Estimate(
        value, math.tanh(centre - half), math.tanh(centre + half), method, y.size, level, error
    )


def linear_calibration(
    observed: ArrayLike, predicted: ArrayLike, *, level: float = 0.95
) -> LinearCalibration:
    """Return slope and intercept of observed on predicted, with Student's t intervals."""
    y, fitted = _checked(observed, predicted)
    n = y.size
    spread = float(np.sum((fitted - fitted.mean()) ** 2))
    if n < 3 or spread == 0:
        raise UndefinedStatisticError("a line needs three patients and predictions that vary")
    slope = float(np.sum((fitted - fitted.mean()) * (y - y.mean()))) / spread
    intercept = float(y.mean() - slope * fitted.mean())
    residual = float(np.sum((y - intercept - slope * fitted) ** 2)) / (n - 2)
    normal_quantile(level)
    reach = float(t.ppf(0.5 + level / 2, n - 2))
    errors = (
        math.sqrt(residual / spread),
        math.sqrt(residual * (1 / n + float(fitted.mean()) ** 2 / spread)),
    )
    parts = (
        Estimate(v, v - reach * e, v + reach * e, "least squares, t", n, level, e)
        for v, e in zip((slope, intercept), errors, strict=True)
    )
    return LinearCalibration(*parts)


def _fisher(r: float, inflation: float, n: int, method: str, level: float) -> Estimate:
    if n < 4 or abs(r) >= 1 - 1e-15:
        note = "the Fisher interval needs four patients and a correlation inside -1 to 1"
        return Estimate(r, None, None, method, n, level, None, note)
    half = normal_quantile(level) * math.sqrt(inflation / (n - 3))
    centre = math.atanh(r)
    return Estimate(r, math.tanh(centre - half), math.tanh(centre + half), method, n, level)


def _r(y: Floats, fitted: Floats) -> float:
    first, second = y - y.mean(), fitted - fitted.mean()
    value = float(first @ second) / math.sqrt(float(first @ first) * float(second @ second))
    # Rounding may carry a perfect correlation past 1.
    return min(max(value, -1.0), 1.0)


def _checked(observed: ArrayLike, predicted: ArrayLike) -> tuple[Floats, Floats]:
    y, fitted = finite(observed, "observed values"), finite(predicted, "predicted values")
    same_length(observed=y, predicted=fitted)
    return y, fitted


def _varying(observed: ArrayLike, predicted: ArrayLike) -> tuple[Floats, Floats]:
    y, fitted = _checked(observed, predicted)
    if np.ptp(y) == 0 or np.ptp(fitted) == 0:
        raise UndefinedStatisticError("a correlation is undefined: one side does not vary")
    return y, fitted
