"""Marching cubes of a mask by kind, with where they lie.

The surface of some tables is not closed, so that its signed volume depends on the
origin; then the places of the cubes are needed besides their number.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def count_cube_places(mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the cubes of each kind and add up their places.

    Parameters
    ----------
    mask : uint8 array (z, y, x)
        1 inside and 0 outside.

    Returns
    -------
    int64 array (256, 4)
        By kind ``sum(mask[dz, dy, dx] << (4 dz + 2 dy + dx))``: the number of cubes and
        the sums of the z, y and x of their first corners. The kinds 0 and 255, which
        have no surface, are left out.
    """
    depth, height, width = mask.shape
    places = np.zeros((256, 4), np.int64)
    for z in range(depth - 1):
        for y in range(height - 1):
            near = (
                np.int64(mask[z, y, 0])
                | (np.int64(mask[z, y + 1, 0]) << 2)
                | (np.int64(mask[z + 1, y, 0]) << 4)
                | (np.int64(mask[z + 1, y + 1, 0]) << 6)
            )
            for x in range(width - 1):
                far = (
                    np.int64(mask[z, y, x + 1])
                    | (np.int64(mask[z, y + 1, x + 1]) << 2)
                    | (np.int64(mask[z + 1, y, x + 1]) << 4)
                    | (np.int64(mask[z + 1, y + 1, x + 1]) << 6)
                )
                kind = near | (far << 1)
                near = far
                if kind != 0 and kind != 255:
                    places[kind, 0] += 1
                    places[kind, 1] += z
                    places[kind, 2] += y
                    places[kind, 3] += x
    return places
