"""Correlation matrices of features, and confidence limits of one correlation."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from radiome.base.errors import SettingsError
from radiome.select.inputs import SelectionError, varying_columns
from radiome.select.ranks import column_ranks

Floats = npt.NDArray[np.float64]
Method = Literal["spearman", "pearson"]
Missing = Literal["refuse", "pairwise"]

_FEWEST_ROWS = 3


def correlation_matrix(
    values: Floats, *, method: Method = "spearman", missing: Missing = "refuse"
) -> Floats:
    """Correlations between columns, shape (p, p).

    Parameters
    ----------
    values : array of float, shape (n, p)
        One column per feature.
    method : {"spearman", "pearson"}
        Of ranks (equal values share their mean rank) or of the values.
    missing : {"refuse", "pairwise"}
        What NaN means: an error; or each pair is correlated, and ranked, over the rows that
        have both.

    Returns
    -------
    array
        Symmetric, 1 on the diagonal. A correlation is NaN where one of the two columns is
        constant, or fewer than 3 rows have both.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[1.0, 1.0], [2.0, 8.0], [3.0, 27.0]])
    >>> correlation_matrix(values)
    array([[1., 1.],
           [1., 1.]])
    """
    if method not in ("spearman", "pearson") or missing not in ("refuse", "pairwise"):
        raise SettingsError(
            "the correlation is not known",
            expected="spearman or pearson, and refuse or pairwise",
            got=f"{method} and {missing}",
        )
    gaps = np.isnan(values)
    if np.isinf(values).any() or (missing == "refuse" and gaps.any()):
        raise SelectionError(
            "a value is missing or infinite",
            got=f"{int((~np.isfinite(values)).sum())} such values",
            do="leave the features out, fill them, or correlate pairwise",
        )
    matrix = _pairwise(values, gaps, method) if gaps.any() else _complete(values, values, method)
    # The two triangles may round differently.
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, np.where(np.isnan(matrix.diagonal()), np.nan, 1.0))
    return matrix


def spearman_with(values: Floats, reference: Floats) -> Floats:
    """Spearman's ρ of each column with one reference, shape (p,); NaN if either is constant."""
    return _complete(values, reference[:, None], "spearman")[:, 0]


def correlation_limits(
    rho: Floats, rows: int, *, method: Method = "spearman", level: float = 0.95
) -> tuple[Floats, Floats]:
    """Confidence limits by Fisher's z.

    The standard error of z is 1/sqrt(n - 3) for Pearson and sqrt((1 + ρ²/2) / (n - 3)) for
    Spearman (Bonett and Wright, Psychometrika 2000;65:23-28).

    Parameters
    ----------
    rho : array of float
        Correlations.
    rows : int
        Rows behind each; with 3 or fewer the limits are -1 and 1.
    method : {"spearman", "pearson"}
        Of the correlations.
    level : float
        Confidence level.
    """
    known = np.asarray(rho, dtype=np.float64)
    if rows <= _FEWEST_ROWS:
        return np.where(np.isnan(known), np.nan, -1.0), np.where(np.isnan(known), np.nan, 1.0)
    spread = 1 + known**2 / 2 if method == "spearman" else np.ones(known.shape)
    half = ndtri((1 + level) / 2) * np.sqrt(spread / (rows - 3))
    with np.errstate(divide="ignore"):
        z = np.arctanh(known)
    return np.tanh(z - half), np.tanh(z + half)


def _complete(left: Floats, right: Floats, method: Method) -> Floats:
    """Correlations of the columns of two tables without gaps."""
    one = _unit(left, method)
    other = one if right is left else _unit(right, method)
    return np.clip(one @ other.T, -1, 1)


def _unit(values: Floats, method: Method) -> Floats:
    """Columns as rows, centred and of unit length; NaN for constant ones."""
    if len(values) < _FEWEST_ROWS:
        return np.full(values.shape[::-1], np.nan)
    varies = varying_columns(values)
    rows = column_ranks(values).values if method == "spearman" else _scaled(values)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.where(varies, np.linalg.norm(rows, axis=1), np.nan)
    unit: Floats = rows / lengths[:, None]
    return unit


def _scaled(values: Floats) -> Floats:
    """Columns as rows, at most 1 in magnitude, so that squares neither overflow nor vanish."""
    largest = np.abs(values).max(axis=0)
    return np.ascontiguousarray((values / np.where(largest > 0, largest, 1)).T)


def _pairwise(values: Floats, gaps: npt.NDArray[np.bool_], method: Method) -> Floats:
    """Correlations over common rows: columns with gaps in the same rows are taken together."""
    patterns, group = np.unique(gaps, axis=1, return_inverse=True)
    members = [np.flatnonzero(group.ravel() == number) for number in range(patterns.shape[1])]
    matrix = np.full((values.shape[1],) * 2, np.nan)
    for first, own in enumerate(members):
        for second in range(first, len(members)):
            rows = ~(patterns[:, first] | patterns[:, second])
            if rows.sum() < _FEWEST_ROWS:
                continue
            other = members[second]
            block = _complete(values[np.ix_(rows, own)], values[np.ix_(rows, other)], method)
            matrix[np.ix_(own, other)] = block
            matrix[np.ix_(other, own)] = block.T
    return matrix
