"""Sums of an image over a sphere around each voxel of a mask."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sphere_sums(
    values: NDArray[np.float64],
    mask: NDArray[np.uint8],
    chords: NDArray[np.int64],
    prefix: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Sum `values` over the sphere around each voxel of `mask`.

    The sphere is a bundle of chords along x. With running sums along each row, a
    chord costs two look-ups, and the same chord of neighbouring voxels lies in
    neighbouring places, so that a whole row of centres is served at a time.

    Parameters
    ----------
    values : float64 array (z, y, x)
        What to sum; voxels outside the array count as zero.
    mask : uint8 array (z, y, x)
        1 at the centres.
    chords : int64 array (n, 3)
        Steps (z, y) from the centre to each chord and half its length, in voxels.
    prefix : float64 array (z, y, x + 2 · reach + 1)
        Scratch space; reach is the greatest half length.
    sums : float64 array (number of centres,)
        Filled in array order of the centres.
    """
    depth, height, width = values.shape
    reach = (prefix.shape[2] - width - 1) // 2
    for z in range(depth):
        for y in range(height):
            total = 0.0
            for x in range(reach + 1):
                prefix[z, y, x] = 0.0
            for x in range(width):
                total += values[z, y, x]
                prefix[z, y, x + reach + 1] = total
            for x in range(width + reach + 1, width + 2 * reach + 1):
                prefix[z, y, x] = total
    line = np.empty(width, dtype=np.float64)
    n = 0
    for z in range(depth):
        for y in range(height):
            low = 0
            while low < width and mask[z, y, low] == 0:
                low += 1
            if low == width:
                continue
            high = width - 1
            while mask[z, y, high] == 0:
                high -= 1
            for i in range(high - low + 1):
                line[i] = 0.0
            for chord in range(chords.shape[0]):
                at_z = z + chords[chord, 0]
                at_y = y + chords[chord, 1]
                if at_z < 0 or at_z >= depth or at_y < 0 or at_y >= height:
                    continue
                # Equal-length views that start at 0 spare the loop every index check.
                half = chords[chord, 2]
                before = prefix[at_z, at_y, low + reach - half :]
                after = prefix[at_z, at_y, low + reach + half + 1 :]
                for i in range(high - low + 1):
                    line[i] += after[i] - before[i]
            for x in range(low, high + 1):
                if mask[z, y, x] != 0:
                    sums[n] = line[x - low]
                    n += 1
