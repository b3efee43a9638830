"""Calibration curves: the smooth one with its summary errors, and the grouped one for plots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.model.performance.inputs import Booleans, Floats, outcome_and_probability, two_classes
from radiome.model.performance.intervals import wilson
from radiome.model.performance.loess import loess
from radiome.model.performance.results import Estimate


@dataclass(frozen=True, slots=True)
class CalibrationErrors:
    """Summaries of |smooth(p) − p| over the rows (Austin and Steyerberg 2019, Stat Med 38:4051).

    Parameters
    ----------
    ici : float
        Mean: the integrated calibration index.
    e50, e90 : float
        Median and 90th percentile.
    emax : float
        Largest.
    n : int
        Number of rows.
    method : str
        The smoother.
    """

    ici: float
    e50: float
    e90: float
    emax: float
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class CurveGroup:
    """One group of the grouped curve: mean predicted risk, observed frequency, size."""

    predicted: float
    observed: Estimate


def calibration_errors(
    outcome: ArrayLike, probability: ArrayLike, *, span: float = 0.75, exact: bool = False
) -> CalibrationErrors:
    """Return ICI, E50, E90 and Emax from a loess of the outcome on the predicted risk.

    Parameters
    ----------
    outcome : array of shape (n,)
        1 for the event, 0 for none.
    probability : array of shape (n,)
        Predicted risks.
    span : float
        Share of the rows in each local fit.
    exact : bool
        Fit at every row; the default interpolates between vertices as R's loess does.
    """
    positive, risk = _checked(outcome, probability)
    smooth = loess(risk, positive.astype(np.float64), risk, span=span, exact=exact)
    error = np.abs(smooth - risk)
    e50, e90 = np.quantile(error, [0.5, 0.9])
    method = f"loess, span {span:g}, {'exact' if exact else 'interpolated'}"
    return CalibrationErrors(
        float(error.mean()), float(e50), float(e90), float(error.max()), risk.size, method
    )


def integrated_calibration_index(outcome: ArrayLike, probability: ArrayLike) -> float:
    """Return the ICI alone, for bootstraps by patient."""
    return calibration_errors(outcome, probability).ici


def smooth_curve(
    outcome: ArrayLike, probability: ArrayLike, at: ArrayLike, *, span: float = 0.75
) -> Floats:
    """Return the smooth observed frequency at the predicted risks `at`.

    Parameters
    ----------
    outcome, probability : arrays of shape (n,)
        As in `calibration_errors`.
    at : array of shape (k,)
        Within the range of the predicted risks. The smooth may leave 0 to 1 near its ends.
    span : float
        Share of the rows in each local fit.
    """
    positive, risk = _checked(outcome, probability)
    points = np.asarray(at, dtype=np.float64)
    return loess(risk, positive.astype(np.float64), points, span=span)


def grouped_curve(
    outcome: ArrayLike, probability: ArrayLike, *, bins: int = 10, level: float = 0.95
) -> tuple[CurveGroup, ...]:
    """Return observed frequency against mean predicted risk, in groups of equal size.

    Cuts are quantiles of the predicted risk. Equal risks stay together, so groups may be fewer
    or of unequal size. The intervals are Wilson's. For plots only; no test is made of it.

    Examples
    --------
    >>> groups = grouped_curve([0, 0, 0, 1], [0.1, 0.2, 0.6, 0.8], bins=2)
    >>> [(round(group.predicted, 2), group.observed.value) for group in groups]
    [(0.15, 0.0), (0.7, 0.5)]
    """
    if bins < 1:
        raise UserError("a grouped curve needs groups", expected="at least 1", got=str(bins))
    positive, risk = outcome_and_probability(outcome, probability)
    cuts = np.quantile(risk, np.arange(1, bins) / bins)
    group = np.searchsorted(cuts, risk, side="left")
    return tuple(
        CurveGroup(
            float(risk[group == number].mean()),
            wilson(int(positive[group == number].sum()), int(np.sum(group == number)), level=level),
        )
        for number in np.unique(group)
    )


def _checked(outcome: ArrayLike, probability: ArrayLike) -> tuple[Booleans, Floats]:
    positive, risk = outcome_and_probability(outcome, probability)
    two_classes(positive)
    return positive, risk
