"""Ranks of all columns at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Columns ranked at a time, so that what is made on the way stays in the cache.
_BLOCK = 64


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Average ranks of p columns of n rows.

    Parameters
    ----------
    values : array of float, shape (p, n)
        Ranks from 1; equal values share the mean of their ranks. One row per column.
    ties : array of float, shape (p,)
        Sum of t³ - t over the groups of t equal values.
    """

    values: Floats
    ties: Floats


def column_ranks(values: Floats) -> Ranks:
    """Rank each column of values of shape (n, p); no NaN.

    Examples
    --------
    >>> import numpy as np
    >>> column_ranks(np.array([[3.0], [1.0], [3.0]])).values
    array([[2.5, 1. , 2.5]])
    """
    count, columns = values.shape
    ranks, ties = np.empty((columns, count)), np.zeros(columns)
    for start in range(0, columns, _BLOCK):
        block = slice(start, start + _BLOCK)
        ties[block] = _rank_rows(np.ascontiguousarray(values[:, block].T), ranks[block])
    return Ranks(ranks, ties)


def _rank_rows(rows: Floats, ranks: Floats) -> Floats:
    """Write the ranks of each row into `ranks`; return the sum of t³ - t of each."""
    count = rows.shape[1]
    order = rows.argsort(axis=1)
    order += np.arange(0, rows.size, count)[:, None]
    ordered = rows.ravel()[order]
    fresh = ordered[:, 1:] != ordered[:, :-1]
    ordered[:] = np.arange(1.0, count + 1)
    ties = np.zeros(len(rows))
    tied = np.flatnonzero(~fresh.all(axis=1))
    if tied.size:
        ordered[tied], ties[tied] = _shared(fresh[tied], count)
    ranks.ravel()[order] = ordered
    return ties


def _shared(fresh: npt.NDArray[np.bool_], count: int) -> tuple[Floats, Floats]:
    """Mean ranks of groups of equal values in sorted rows, and the sum of t³ - t of each row."""
    first = np.ones((len(fresh), count), dtype=np.bool_)
    first[:, 1:] = fresh
    flat = first.ravel()
    starts = np.flatnonzero(flat)
    sizes = np.diff(starts, append=flat.size)
    ranks: Floats = np.repeat(starts % count + (sizes + 1) / 2, sizes).reshape(first.shape)
    groups = sizes.astype(np.float64)
    cubes: Floats = np.bincount(starts // count, weights=groups**3 - groups).astype(np.float64)
    return ranks, cubes
