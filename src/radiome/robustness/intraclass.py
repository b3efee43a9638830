"""Intraclass correlation: the share of the variance that is between subjects.

Sources: Shrout and Fleiss 1979; McGraw and Wong 1996 (intervals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as fisher

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable


@dataclass(frozen=True, slots=True)
class Correlation:
    """An intraclass correlation with its 95 % interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class IntraclassCorrelations:
    """The three forms of a single measurement.

    Parameters
    ----------
    one_way : Correlation
        ICC(1,1): measurements whose order means nothing, such as repeated scans.
    agreement : Correlation
        ICC(2,1): readers taken at random, who must agree in value.
    consistency : Correlation
        ICC(3,1): these readers only, who must agree in order.
    """

    one_way: Correlation
    agreement: Correlation
    consistency: Correlation


def intraclass(
    measurements: ArrayLike, *, level: float = 0.95
) -> IntraclassCorrelations | NotApplicable:
    """Intraclass correlations of n subjects measured k times.

    Parameters
    ----------
    measurements : array (n, k)
        One row per subject; n and k at least 2.
    level : float
        Of the intervals.

    Returns
    -------
    IntraclassCorrelations or NotApplicable
        Not applicable if all subjects have the same measurements: nothing varies between
        them that could be shared.

    Raises
    ------
    UserError
        If there are too few measurements, or one is missing.

    Notes
    -----
    With the mean squares between subjects R, between measurements C, of the residual E, and
    within subjects W: ICC(1,1) = (R - W) / (R + (k-1) W);
    ICC(2,1) = (R - E) / (R + (k-1) E + k (C - E) / n); ICC(3,1) = (R - E) / (R + (k-1) E).
    """
    values = np.asarray(measurements, np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.isfinite(values).all():
        raise UserError(
            "an intraclass correlation needs a whole table",
            expected="2 or more subjects, each measured 2 or more times, no value missing",
            got=f"shape {values.shape}, {int((~np.isfinite(values)).sum())} missing",
        )
    if values.min() == values.max():
        return NotApplicable("all measurements are equal")
    if (values == values[0]).all():
        return NotApplicable("all subjects have the same measurements")
    squares = _MeanSquares.of(values)
    tail = (1 - level) / 2
    return IntraclassCorrelations(
        _one_way(squares, tail), _agreement(squares, tail), _consistency(squares, tail)
    )


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    n: int
    k: int
    subjects: float
    measurements: float
    residual: float
    within: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> _MeanSquares:
        n, k = values.shape
        # Deviations, not raw squares: a large common value must not eat the digits.
        rows, columns = values.mean(axis=1), values.mean(axis=0)
        centre = values.mean()
        within = float(np.square(values - rows[:, None]).sum())
        between = n * float(np.square(columns - centre).sum())
        rest = float(np.square(values - rows[:, None] - columns + centre).sum())
        # Equal measurements differ from their mean by its rounding, which is no variance.
        rounding = values.size * (4 * np.finfo(np.float64).eps * float(np.abs(values).max())) ** 2
        within, between, rest = (
            0.0 if sum_of_squares <= rounding else sum_of_squares
            for sum_of_squares in (within, between, rest)
        )
        return cls(
            n,
            k,
            k * float(np.square(rows - centre).sum()) / (n - 1),
            between / (k - 1),
            rest / ((n - 1) * (k - 1)),
            within / (n * (k - 1)),
        )


def _one_way(s: _MeanSquares, tail: float) -> Correlation:
    value = (s.subjects - s.within) / (s.subjects + (s.k - 1) * s.within)
    return _between(value, s.subjects, s.within, (s.n - 1, s.n * (s.k - 1)), s.k, tail)


def _consistency(s: _MeanSquares, tail: float) -> Correlation:
    value = (s.subjects - s.residual) / (s.subjects + (s.k - 1) * s.residual)
    freedom = (s.n - 1, (s.n - 1) * (s.k - 1))
    return _between(value, s.subjects, s.residual, freedom, s.k, tail)


def _between(
    value: float, over: float, under: float, freedom: tuple[int, int], k: int, tail: float
) -> Correlation:
    if under == 0:
        return Correlation(1.0, 1.0, 1.0)
    ratio = over / under
    low = ratio / float(fisher.isf(tail, *freedom))
    high = ratio * float(fisher.isf(tail, *reversed(freedom)))
    return Correlation(value, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def _agreement(s: _MeanSquares, tail: float) -> Correlation:
    n, k, r, c, e = s.n, s.k, s.subjects, s.measurements, s.residual
    value = (r - e) / (r + (k - 1) * e + k * (c - e) / n)
    if e == 0 and c == 0:
        return Correlation(1.0, 1.0, 1.0)
    # Both times n (1 - value), which leaves v as it is, and holds for a value of 1.
    a = k * value
    b = n * (1 - value) + k * value * (n - 1)
    terms = (a * c) ** 2 / (k - 1) + (b * e) ** 2 / ((n - 1) * (k - 1))
    v = (a * c + b * e) ** 2 / terms
    low, high = float(fisher.isf(tail, n - 1, v)), float(fisher.isf(tail, v, n - 1))
    rest = k * c + (k * n - k - n) * e
    return Correlation(
        value,
        n * (r - low * e) / (low * rest + n * r),
        n * (high * r - e) / (rest + n * high * r),
    )
