"""Discrimination and accuracy at a horizon, weighted for censoring: AUC(t), Brier(t), their kin.

By horizon t a patient is a case (event at T <= t), a control (T > t), or unknown (censored by t).
Cases weigh 1/G(T−), controls 1/G(t), the unknown 0, with G the curve of being uncensored: that of
these rows, or one of training data that is passed as `censoring`. The left limit at T is that of
R's riskRegression; scikit-survival takes G(T), which differs only where a censoring shares its
time with an event.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.performance.concordance import inverse_probability
from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    finite,
    probabilities,
    same_length,
    survival_outcome,
)
from radiome.model.performance.results import UndefinedStatisticError
from radiome.model.survival_curves import SurvivalCurve, censoring_curve, kaplan_meier


def time_dependent_auc(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    horizon: float,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Return the cumulative/dynamic AUC at the horizon (Uno et al. 2007, Hung and Chiang 2010).

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    risk : array of shape (n,)
        Higher means an earlier event.
    horizon : float
        Cases have the event by then, controls are beyond it.
    censoring : SurvivalCurve, optional
        Curve of being uncensored; without it that of these rows.

    Examples
    --------
    >>> time_dependent_auc([1, 2, 3, 4], [1, 1, 1, 0], [4, 1, 2, 3], horizon=2)
    0.5
    """
    times, events = survival_outcome(time, event)
    risks = finite(risk, "risk")
    same_length(time=times, risk=risks)
    cases, controls = _cases_and_controls(times, events, horizon)
    weights = _weights(times, events, horizon, censoring)[cases]
    low = np.sort(risks[controls])
    below = np.searchsorted(low, risks[cases], "left") + np.searchsorted(low, risks[cases], "right")
    return float(np.sum(weights * below) / (2 * low.size * np.sum(weights)))


def brier_at(
    time: ArrayLike,
    event: ArrayLike,
    survival: ArrayLike,
    *,
    horizon: float,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Return the Brier score at the horizon, weighted for censoring (Graf et al. 1999).

    Parameters
    ----------
    time, event : arrays of shape (n,)
        As in `time_dependent_auc`.
    survival : array of shape (n,)
        Predicted probability of being event-free at the horizon.
    horizon : float
        Within the follow-up.
    censoring : SurvivalCurve, optional
        Curve of being uncensored; without it that of these rows.

    Examples
    --------
    >>> brier_at([1, 2, 3, 4], [1, 1, 1, 1], [0.5, 0.5, 0.5, 0.5], horizon=2)
    0.25
    """
    times, events = survival_outcome(time, event)
    staying = probabilities(survival, "predicted survival")
    same_length(time=times, survival=staying)
    weights = _weights(times, events, horizon, censoring)
    return float(np.mean(weights * ((times > horizon) - staying) ** 2))


def brier_null(
    time: ArrayLike,
    event: ArrayLike,
    *,
    horizon: float,
    curve: SurvivalCurve | None = None,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Return the Brier score of predicting the Kaplan-Meier value for everybody.

    `curve` is that of the training data; without it that of these rows, which is the null model
    of R's riskRegression.
    """
    times, events = survival_outcome(time, event)
    known = kaplan_meier(times, events) if curve is None else curve
    same = np.full(times.size, known.at([horizon])[0])
    return brier_at(times, events, same, horizon=horizon, censoring=censoring)


def scaled_brier_at(
    time: ArrayLike,
    event: ArrayLike,
    survival: ArrayLike,
    *,
    horizon: float,
    curve: SurvivalCurve | None = None,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Return 1 − Brier / Brier of the null model (Kattan and Gerds 2018)."""
    null = brier_null(time, event, horizon=horizon, curve=curve, censoring=censoring)
    if null == 0:
        raise UndefinedStatisticError("the null model makes no error at this horizon")
    return 1 - brier_at(time, event, survival, horizon=horizon, censoring=censoring) / null


def integrated_brier(
    time: ArrayLike,
    event: ArrayLike,
    survival: ArrayLike,
    *,
    horizons: ArrayLike,
    censoring: SurvivalCurve | None = None,
) -> float:
    """Return the mean of Brier(t) over the range of the horizons, by the trapezoid rule.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        As in `brier_at`.
    survival : array of shape (n, k)
        Predicted probability of being event-free at each horizon.
    horizons : array of shape (k,)
        At least two, ascending.
    censoring : SurvivalCurve, optional
        Curve of being uncensored; without it that of these rows.
    """
    grid = finite(horizons, "horizons")
    table: NDArray[np.float64] = np.asarray(survival, dtype=np.float64)
    if grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise UserError("the horizons must ascend", expected="at least two", got=str(grid.size))
    if table.ndim != 2 or table.shape[1] != grid.size:
        raise UserError(
            "the predicted survival does not fit the horizons",
            expected=f"one column for each of {grid.size} horizons",
            got=f"an array of shape {table.shape}",
        )
    scores = [
        brier_at(time, event, table[:, number], horizon=float(point), censoring=censoring)
        for number, point in enumerate(grid)
    ]
    return float(np.trapezoid(scores, grid) / (grid[-1] - grid[0]))


def _cases_and_controls(
    times: Floats, events: Booleans, horizon: float
) -> tuple[Booleans, Booleans]:
    cases, controls = events & (times <= horizon), times > horizon
    if not cases.any() or not controls.any():
        raise UndefinedStatisticError(
            "the horizon leaves a class empty",
            expected="events by the horizon, and patients followed beyond it",
            got=f"{counted(int(cases.sum()), 'case')}, "
            f"{counted(int(controls.sum()), 'control')} at {horizon:g}",
        )
    return cases, controls


def _weights(
    times: Floats, events: Booleans, horizon: float, censoring: SurvivalCurve | None
) -> Floats:
    if horizon > times.max():
        raise UndefinedStatisticError(
            "the horizon lies beyond the last follow-up",
            expected=f"up to {times.max():g}",
            got=f"{horizon:g}",
        )
    curve = censoring_curve(times, events) if censoring is None else censoring
    cases, controls = events & (times <= horizon), times > horizon
    weights = np.zeros(times.size)
    weights[cases] = inverse_probability(curve.before(times[cases]))
    if controls.any():
        weights[controls] = inverse_probability(curve.at([horizon]))[0]
    return weights
