"""Neighbourhoods of every voxel: grey tone differences and dependences in one pass."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_neighbourhoods(flat, shape, layers, steps, size, alpha):  # type: ignore[no-untyped-def]
    """Count voxels by their number of neighbours and of dependent neighbours.

    Parameters
    ----------
    flat : uint16 array (z * y * x,)
        Levels, 0 outside the region, with a margin of zeros at least as wide as a step.
    shape : (int, int, int)
        Shape (z, y, x) of the box, margin included.
    layers : (int, int)
        First slice, and the one after the last.
    steps : int64 array (n_steps,)
        Distance to each neighbour in `flat`; an even number of them.
    size : int
        Highest level plus one.
    alpha : int
        Neighbours whose level differs by at most `alpha` are dependent.

    Returns
    -------
    int64 array (3, size * (n_steps + 1))
        By level i and number k: voxels with k neighbours in the region; the sum over
        those voxels of abs(k i - sum of the neighbours), an integer, so that no
        rounding enters; voxels with k dependent neighbours. Row 0 holds voxels
        outside the region.
    """
    n_steps = steps.shape[0]
    columns = n_steps + 1
    result = np.zeros((3, size * columns), np.int64)
    total = np.zeros(shape[2], np.uint32)
    number = np.zeros(shape[2], np.uint16)
    dependent = np.zeros(shape[2], np.uint16)
    reach, zero = np.uint16(alpha), np.uint16(0)
    for z in range(layers[0], layers[1]):
        for y in range(1, shape[1] - 1):
            first = (z * shape[1] + y) * shape[2] + 1
            end = first + shape[2] - 2
            while first < end and flat[np.uint64(first)] == 0:
                first += 1
            while end > first and flat[np.uint64(end - 1)] == 0:
                end -= 1
            n = end - first
            for x in range(n):
                total[x] = 0
                number[x] = 0
                dependent[x] = 0
            for k in range(0, n_steps, 2):
                # Two neighbours at a time halve the traffic of the three row buffers.
                p = first + steps[k]
                q = first + steps[k + 1]
                for x in range(n):
                    a = flat[np.uint64(first + x)]
                    b = flat[np.uint64(p + x)]
                    c = flat[np.uint64(q + x)]
                    total[x] += np.uint32(b) + np.uint32(c)
                    b_inside = np.uint16(b != zero)
                    c_inside = np.uint16(c != zero)
                    number[x] += np.uint16(b_inside + c_inside)
                    b_gap = np.uint16(a - b) if a > b else np.uint16(b - a)
                    c_gap = np.uint16(a - c) if a > c else np.uint16(c - a)
                    b_near = b_inside & np.uint16(b_gap <= reach)
                    dependent[x] += np.uint16(b_near + (c_inside & np.uint16(c_gap <= reach)))
            for x in range(n):
                a = np.int64(flat[np.uint64(first + x)])
                inside = np.int64(number[x])
                cell = np.uint64(a * columns + inside)
                result[0, cell] += 1
                result[1, cell] += abs(a * inside - np.int64(total[x]))
                result[2, np.uint64(a * columns + np.int64(dependent[x]))] += 1
    return result
