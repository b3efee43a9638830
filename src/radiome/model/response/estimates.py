"""Coefficients with their errors: least squares, and Cox's model of two columns at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import NotApplicable
from radiome.model.learners.partial_likelihood import PartialLikelihood, RiskSets
from radiome.model.learners.penalised_newton import minimise
from radiome.select.inputs import ROUNDING

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Share of a column's variance that other columns leave, below which they are the same.
_SAME = 1e-10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its error.

    Parameters
    ----------
    value, error : float
        Coefficient and standard error.
    low, high : float
        95 % interval.
    p : float
        Two-sided.
    """

    value: float
    error: float
    low: float
    high: float
    p: float


def least_squares(columns: Floats, y: Floats) -> Estimate | NotApplicable:
    """Ordinary least squares of y on an intercept and columns; the first one's coefficient.

    The column is taken without what the others explain of it (Frisch, Waugh and Lovell).

    Parameters
    ----------
    columns : array of float, shape (rows, columns)
        Without the intercept.
    y : array of float, shape (rows,)
        What is explained.

    Examples
    --------
    >>> found = least_squares(np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1.0, 2, 4, 5]))
    >>> round(found.value, 6), round(found.error, 6)
    (3.0, 0.707107)
    """
    from scipy import stats

    rows = len(y)
    centred = columns - columns.mean(axis=0)
    basis = np.linalg.qr(np.column_stack([np.ones(rows), centred[:, 1:]]))[0]
    own = centred[:, 0]
    left = own - basis @ (basis.T @ own)
    length = float(left @ left)
    if length <= _SAME * (own @ own):
        return NotApplicable("outcome and baseline cannot be told apart")
    value = float(left @ y) / length
    residual = y - basis @ (basis.T @ y) - value * left
    freedom = rows - columns.shape[1] - 1
    error = float(np.sqrt(residual @ residual / freedom / length))
    if error <= ROUNDING * float(np.abs(y).max()) / np.sqrt(length):
        return NotApplicable("the model leaves no error: one value follows from the others")
    reach = float(stats.t.ppf(0.975, freedom)) * error
    p = 2 * float(stats.t.sf(abs(value) / error, freedom))
    return Estimate(value, error, value - reach, value + reach, p)


def cox(columns: Floats, event: Flags, time: Floats) -> Estimate | NotApplicable:
    """Cox's model with Efron's ties; the first column's log hazard ratio per deviation.

    Parameters
    ----------
    columns : array of float, shape (rows, columns)
        Each varies. They are scaled to a standard deviation of 1.
    event, time : array, shape (rows,)
        Outcome. The error is the one of Wald, by the information at the maximum.
    """
    from scipy import stats

    centred = (columns - columns.mean(axis=0)) / columns.std(axis=0, ddof=1)
    if np.linalg.eigvalsh(centred.T @ centred).min() <= _SAME * len(centred):
        return NotApplicable("baseline and follow-up cannot be told apart")
    loss = PartialLikelihood(RiskSets(event, time, ties="efron"), centred, 0.0)
    found = minimise(
        loss,
        np.zeros(centred.shape[1]),
        change=lambda step: float(np.abs(centred @ step).max()),
    )
    if not found.converged:
        return NotApplicable("Cox's model does not converge: the feature orders the events")
    information = loss(found.at)[2] * len(centred)
    value, error = float(found.at[0]), float(np.sqrt(np.linalg.inv(information)[0, 0]))
    reach = float(stats.norm.ppf(0.975)) * error
    p = 2 * float(stats.norm.sf(abs(value) / error))
    return Estimate(value, error, value - reach, value + reach, p)
