"""Recursive approximation of a Gaussian and its second derivative along one axis."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def filter_lines(block, n, d, m, out):  # type: ignore[no-untyped-def]
    """Sum of a causal and an anticausal fourth-order recursion along axis 1.

    With samples x, ``c[i] = sum n[k] x[i - k] - sum d[k] c[i - 1 - k]`` and
    ``a[i] = sum m[k] x[i + 1 + k] - sum d[k] a[i + 1 + k]``, the result is c + a. A line
    goes on at either end with its outermost sample for ever, and the recursions start
    from what they settle at there. Lines are computed in double precision.

    Parameters
    ----------
    block : float32 or float64 array (outer, length, inner)
        Samples.
    n, d, m : float64 arrays (4,)
        Coefficients.
    out : float32 or float64 array (outer, length, inner)
        Overwritten.
    """
    outer, length, inner = block.shape
    total = 1.0 + d[0] + d[1] + d[2] + d[3]
    settled = (n[0] + n[1] + n[2] + n[3]) / total
    settled_back = (m[0] + m[1] + m[2] + m[3]) / total
    n0, n1, n2, n3 = n
    d0, d1, d2, d3 = d
    m0, m1, m2, m3 = m
    # Some lines side by side: their recursions do not wait for each other.
    lanes = 16
    x = np.empty((length, lanes))
    c = np.empty((length + 4, lanes))
    lines = outer * inner
    for start in range(0, lines, lanes):
        used = min(lanes, lines - start)
        for lane in range(lanes):
            line = min(start + lane, lines - 1)
            o, i = line // inner, line % inner
            for k in range(length):
                x[k, lane] = block[o, k, i]
            edge = x[0, lane] * settled
            for k in range(4):
                c[k, lane] = edge
        for k in range(length):
            k1, k2, k3 = max(k - 1, 0), max(k - 2, 0), max(k - 3, 0)
            for lane in range(lanes):
                ahead = x[k, lane] * n0 + x[k1, lane] * n1 + x[k2, lane] * n2 + x[k3, lane] * n3
                behind = (
                    c[k + 3, lane] * d0
                    + c[k + 2, lane] * d1
                    + c[k + 1, lane] * d2
                    + c[k, lane] * d3
                )
                c[k + 4, lane] = ahead - behind
        a = np.empty((4, lanes))
        for lane in range(lanes):
            for k in range(4):
                a[k, lane] = x[length - 1, lane] * settled_back
        last = length - 1
        for k in range(last, -1, -1):
            k1, k2, k3, k4 = min(k + 1, last), min(k + 2, last), min(k + 3, last), min(k + 4, last)
            for lane in range(lanes):
                ahead = x[k1, lane] * m0 + x[k2, lane] * m1 + x[k3, lane] * m2 + x[k4, lane] * m3
                behind = a[0, lane] * d0 + a[1, lane] * d1 + a[2, lane] * d2 + a[3, lane] * d3
                value = ahead - behind
                a[3, lane] = a[2, lane]
                a[2, lane] = a[1, lane]
                a[1, lane] = a[0, lane]
                a[0, lane] = value
                c[k + 4, lane] += value
        for lane in range(used):
            line = start + lane
            o, i = line // inner, line % inner
            for k in range(length):
                out[o, k, i] = c[k + 4, lane]
