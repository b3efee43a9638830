"""Greatest distance between two corners of the same plane, over many planes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def greatest_square_in_planes(
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    marks: NDArray[np.uint8],
    row_step: float,
    step: float,
) -> float:
    """Greatest squared distance between marked row ends that share a plane.

    Parameters
    ----------
    first, last : int64 array (planes, rows)
        Least and greatest position in each row.
    marks : uint8 array (planes, rows, 2)
        1 where the least, the greatest position of a row takes part.
    row_step, step : float
        Distance between rows and between positions.

    Returns
    -------
    float
        0 if no plane has two marked ends.
    """
    planes, rows = first.shape
    at = np.empty((2 * rows, 2))
    best = 0.0
    for plane in range(planes):
        n = 0
        for row in range(rows):
            for end in range(2):
                if marks[plane, row, end]:
                    at[n, 0] = row * row_step
                    at[n, 1] = (last[plane, row] if end else first[plane, row]) * step
                    n += 1
        for i in range(n):
            for j in range(i + 1, n):
                across = at[i, 0] - at[j, 0]
                along = at[i, 1] - at[j, 1]
                best = max(best, across * across + along * along)
    return best
