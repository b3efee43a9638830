"""Brier score over a span of time beside that of one curve for everybody.

Source: Graf, Schmoor, Sauerbrei, Schumacher, Stat Med 1999; 18:2529; for the scaled score Kattan
and Gerds, Diagn Progn Res 2018; 2:7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import UserError
from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.concordance import inverse_probability
from radiome.model.performance.inputs import Booleans, Floats, finite, survival_outcome
from radiome.model.performance.resampling import Seed
from radiome.model.performance.results import Estimate, UndefinedStatisticError
from radiome.model.survival_curves import SurvivalCurve, censoring_curve


@dataclass(frozen=True, slots=True)
class IntegratedBrier:
    """Brier score over a span of time, beside that of the curve of all training patients.

    Parameters
    ----------
    model, without_model : float
        Mean of Brier(t) from `start` to `end`.
    scaled : Estimate
        1 − model / without_model: above 0 the predictions are of use.
    start, end : float
        In the unit of the times.
    """

    model: float
    without_model: float
    scaled: Estimate
    start: float
    end: float


def brier_over_time(
    time: ArrayLike,
    event: ArrayLike,
    survival: ArrayLike,
    without_model: ArrayLike,
    *,
    horizons: ArrayLike,
    seed: Seed,
    censoring: SurvivalCurve | None = None,
    resamples: int = 2000,
) -> IntegratedBrier:
    """Return the integrated Brier score of a model, without it, and scaled by the latter.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    survival, without_model : arrays of shape (n, k)
        Predicted probability of being event-free at each horizon, and that of the Kaplan-Meier
        curve of patients that do not include this one.
    horizons : array of shape (k,)
        At least two, ascending, within the follow-up; the trapezoid rule joins them.
    seed : int or SeedSequence
        Of the bootstrap by patient, in which the weights are taken as known.
    censoring : SurvivalCurve, optional
        Curve of being uncensored; without it that of these rows.
    resamples : int
        Of the bootstrap.
    """
    times, events = survival_outcome(time, event)
    grid = finite(horizons, "horizons")
    if grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise UserError("the horizons must ascend", expected="at least two", got=str(grid.size))
    curve = censoring_curve(times, events) if censoring is None else censoring
    weights = _weights(times, events, grid, curve)
    own, common = (
        _losses(times, grid, weights, _table(values, times.size, grid.size))
        for values in (survival, without_model)
    )
    scaled = bootstrap(_scaled, own, common, seed=seed, resamples=resamples).estimate
    start, end = float(grid[0]), float(grid[-1])
    return IntegratedBrier(float(own.mean()), float(common.mean()), scaled, start, end)


def _scaled(own: Floats, common: Floats) -> float:
    total = float(common.sum())
    if total == 0:
        raise UndefinedStatisticError("the curve of everybody makes no error in this span")
    return 1 - float(own.sum()) / total


def _table(values: ArrayLike, n: int, k: int) -> NDArray[np.float64]:
    table = np.asarray(values, dtype=np.float64)
    if table.shape != (n, k) or not np.isfinite(table).all():
        raise UserError(
            "the predicted survival does not fit the patients and horizons",
            expected=f"finite values of shape ({n}, {k})",
            got=f"an array of shape {table.shape}",
        )
    if table.min() < 0 or table.max() > 1:
        raise UserError("the predicted survival lies outside 0 to 1", got=f"{table.min():g}")
    return table


def _weights(times: Floats, events: Booleans, grid: Floats, curve: SurvivalCurve) -> Floats:
    """Weight of each patient at each horizon (n, k): 1/G(T−) after its event, 1/G(t) before."""
    if grid[-1] > times.max():
        raise UndefinedStatisticError(
            "a horizon lies beyond the last follow-up",
            expected=f"up to {times.max():g}",
            got=f"{grid[-1]:g}",
        )
    weights = np.zeros((times.size, grid.size))
    had = events & (times <= grid[-1])
    after = times[had, None] <= grid
    weights[had] = after * inverse_probability(curve.before(times[had]))[:, None]
    beyond = times[:, None] > grid
    used = beyond.any(axis=0)
    weights[:, used] += beyond[:, used] * inverse_probability(curve.at(grid[used]))
    return weights


def _losses(times: Floats, grid: Floats, weights: Floats, survival: Floats) -> Floats:
    """Weighted squared error of each patient, mean over the span (n,)."""
    squares = weights * ((times[:, None] > grid) - survival) ** 2
    return np.asarray(np.trapezoid(squares, grid, axis=1) / (grid[-1] - grid[0]), np.float64)
