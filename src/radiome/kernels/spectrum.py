"""Weighted products of spectra: the sum of Parseval's theorem for three fields at once."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def add_weighted_products(
    weights: NDArray[np.float64], spectra: NDArray[np.float64], sums: NDArray[np.float64]
) -> None:
    """Add weighted products of three real spectra, summed over the rows, to `sums`.

    Sums stay apart by column, so that the additions of a column have a fixed order
    and those of neighbouring columns can go side by side.

    Parameters
    ----------
    weights : float64 array (rows, columns)
        Spectrum of the weights.
    spectra : float64 array (3, rows, columns)
        Spectra of deviations y, squared deviations q and membership m.
    sums : float64 array (3, columns)
        The sums of w y², w q m and w m², added to.
    """
    _, rows, columns = spectra.shape
    for i in range(rows):
        for j in range(columns):
            w = weights[i, j]
            y = spectra[0, i, j]
            m = spectra[2, i, j]
            sums[0, j] += w * y * y
            sums[1, j] += w * spectra[1, i, j] * m
            sums[2, j] += w * m * m
