"""Bins of values between given edges."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def assign_bins(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Number of the half-open bin of each value, starting with 1.

    Parameters
    ----------
    values : float64 array (n,)
        Numbers, none of them NaN.
    edges : float64 array (m,), m >= 2
        Ascending edges, as good as evenly spaced: a guess from the first two is
        corrected by comparing with the edges themselves.

    Returns
    -------
    uint16 array (n,)
        k where ``edges[k - 1] <= value < edges[k]``; the first and the last bin also
        take what lies beyond.
    """
    bins = np.empty(values.size, np.uint16)
    last = edges.size - 2
    start = edges[0]
    per_bin = 1.0 / (edges[1] - edges[0])
    for i in range(values.size):
        value = values[i]
        k = np.int64(min(max((value - start) * per_bin, 0.0), np.float64(last)))
        while k > 0 and value < edges[k]:
            k -= 1
        while k < last and value >= edges[k + 1]:
            k += 1
        bins[i] = np.uint16(k + 1)
    return bins
