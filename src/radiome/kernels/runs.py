"""Grey level runs: run lengths along several directions in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_lengths(flat, shape, layers, directions, size, stride):  # type: ignore[no-untyped-def]
    """Count voxels by direction, level and length of the run up to the voxel.

    The length at a voxel is one more than at its predecessor of the same level, and
    one where there is none. A run of length n passes through the lengths 1..n, so
    the number of runs of exactly n is the count at n less the count at n + 1.

    Parameters
    ----------
    flat : uint16 array (z * y * x,)
        Levels, 0 outside the region, with one layer of zeros all round.
    shape : (int, int, int)
        Shape (z, y, x) of the box, margin included.
    layers : (int, int)
        First slice, and the one after the last.
    directions : int64 array (n_directions, 3)
        Steps (z, y, x) from the predecessor to the voxel, each later in array order
        and at most one voxel along each axis.
    size, stride : int
        Highest level plus one; longest possible run plus two.

    Returns
    -------
    uint32 array (n_directions * size * stride,)
        Counts; level 0 and length 0 hold voxels outside the region.
    """
    width = shape[2]
    plane = shape[1] * width
    table = size * stride
    n_directions = directions.shape[0]
    # Lengths of this slice and of the one before, for each direction.
    lengths = np.zeros(n_directions * 2 * plane, np.uint16)
    reached = np.zeros(n_directions * table, np.uint32)
    one, zero, more = np.uint16(1), np.uint16(0), np.uint32(1)
    for z in range(layers[0], layers[1]):
        for y in range(1, shape[1] - 1):
            first = (z * shape[1] + y) * width + 1
            end = first + width - 2
            while first < end and flat[np.uint64(first)] == 0:
                first += 1
            while end > first and flat[np.uint64(end - 1)] == 0:
                end -= 1
            n = end - first
            here = first - z * plane
            for d in range(n_directions):
                back = directions[d, 1] * width + directions[d, 2]
                before = first - directions[d, 0] * plane - back
                now = (2 * d + (z & 1)) * plane + here
                then = (2 * d + ((z - directions[d, 0]) & 1)) * plane + here - back
                for x in range(n):
                    a = flat[np.uint64(first + x)]
                    length = np.uint16(lengths[np.uint64(then + x)] + one)
                    length = length if a == flat[np.uint64(before + x)] else one
                    lengths[np.uint64(now + x)] = length if a != zero else zero
            d = 0
            # Four tables at a time: writes to one address would wait for each other.
            while d + 4 <= n_directions:
                l0 = (2 * d + (z & 1)) * plane + here
                l1, l2, l3 = l0 + 2 * plane, l0 + 4 * plane, l0 + 6 * plane
                t0 = d * table
                t1, t2, t3 = t0 + table, t0 + 2 * table, t0 + 3 * table
                for x in range(n):
                    row = np.int64(flat[np.uint64(first + x)]) * stride
                    reached[np.uint64(t0 + row + np.int64(lengths[np.uint64(l0 + x)]))] += more
                    reached[np.uint64(t1 + row + np.int64(lengths[np.uint64(l1 + x)]))] += more
                    reached[np.uint64(t2 + row + np.int64(lengths[np.uint64(l2 + x)]))] += more
                    reached[np.uint64(t3 + row + np.int64(lengths[np.uint64(l3 + x)]))] += more
                d += 4
            while d < n_directions:
                l0 = (2 * d + (z & 1)) * plane + here
                t0 = d * table
                for x in range(n):
                    row = np.int64(flat[np.uint64(first + x)]) * stride
                    reached[np.uint64(t0 + row + np.int64(lengths[np.uint64(l0 + x)]))] += more
                d += 1
    return reached
