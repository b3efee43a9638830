"""Grey level co-occurrence: pairs of levels along several directions in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_pairs(flat, shape, layers, steps, size):  # type: ignore[no-untyped-def]
    """Count pairs (level of a voxel, level of the voxel one step further).

    Parameters
    ----------
    flat : uint16 array (z * y * x,)
        Levels, 0 outside the region, with a margin of zeros at least as wide as a step.
    shape : (int, int, int)
        Shape (z, y, x) of the box, margin included.
    layers : (int, int)
        First slice, and the one after the last.
    steps : int64 array (n_directions,)
        Distance to the other voxel of the pair in `flat`.
    size : int
        Highest level plus one.

    Returns
    -------
    uint32 array (n_directions * size * size,)
        Counts by direction, level of the voxel and level of the other. Row and column
        0 hold pairs with a voxel outside the region: counting them is cheaper than a branch.
    """
    table = size * size
    counts = np.zeros(steps.shape[0] * table, np.uint32)
    one = np.uint32(1)
    for z in range(layers[0], layers[1]):
        for y in range(1, shape[1] - 1):
            first = (z * shape[1] + y) * shape[2] + 1
            end = first + shape[2] - 2
            while first < end and flat[np.uint64(first)] == 0:
                first += 1
            while end > first and flat[np.uint64(end - 1)] == 0:
                end -= 1
            d = 0
            # Four tables at a time: writes to one address would wait for each other.
            while d + 4 <= steps.shape[0]:
                s0, s1, s2, s3 = steps[d], steps[d + 1], steps[d + 2], steps[d + 3]
                t0 = d * table
                t1, t2, t3 = t0 + table, t0 + 2 * table, t0 + 3 * table
                for v in range(first, end):
                    row = np.int64(flat[np.uint64(v)]) * size
                    counts[np.uint64(t0 + row + np.int64(flat[np.uint64(v + s0)]))] += one
                    counts[np.uint64(t1 + row + np.int64(flat[np.uint64(v + s1)]))] += one
                    counts[np.uint64(t2 + row + np.int64(flat[np.uint64(v + s2)]))] += one
                    counts[np.uint64(t3 + row + np.int64(flat[np.uint64(v + s3)]))] += one
                d += 4
            while d < steps.shape[0]:
                s0 = steps[d]
                t0 = d * table
                for v in range(first, end):
                    row = np.int64(flat[np.uint64(v)]) * size
                    counts[np.uint64(t0 + row + np.int64(flat[np.uint64(v + s0)]))] += one
                d += 1
    return counts
