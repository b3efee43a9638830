"""Interpolation along one axis of a block: B-spline coefficients and weighted sums.

Blocks come as (outer, n, middle, inner) with the axis in second place, so that the
innermost loop runs along memory for every axis but the last, where inner is 1.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Block = NDArray[np.float64]


@njit(cache=True, nogil=True)
def spline_coefficients(block: Block, initial: NDArray[np.float64], pole: float) -> None:
    """Replace samples by cubic B-spline coefficients along axis 1, in place.

    Parameters
    ----------
    block : float64 array (outer, n, middle, inner)
        Samples in, coefficients out; n must be at least 2.
    initial : float64 array (m,), m <= n
        Weights of the first m samples in the first causal coefficient.
    pole : float
        Pole of the recursive filter, sqrt(3) - 2.
    """
    outer, n, middle, inner = block.shape
    gain = (1.0 - pole) * (1.0 - 1.0 / pole)
    last = pole / (pole * pole - 1.0)
    first = np.empty(inner)
    for o in range(outer):
        for m in range(middle):
            if inner == 1:
                value = 0.0
                for k in range(initial.size):
                    value += initial[k] * block[o, k, m, 0]
                value *= gain
                block[o, 0, m, 0] = value
                for k in range(1, n):
                    value = gain * block[o, k, m, 0] + pole * value
                    block[o, k, m, 0] = value
                value = last * (value + pole * block[o, n - 2, m, 0])
                block[o, n - 1, m, 0] = value
                for k in range(n - 2, -1, -1):
                    value = pole * (value - block[o, k, m, 0])
                    block[o, k, m, 0] = value
                continue
            for i in range(inner):
                first[i] = 0.0
            for k in range(initial.size):
                for i in range(inner):
                    first[i] += initial[k] * block[o, k, m, i]
            for i in range(inner):
                block[o, 0, m, i] = gain * first[i]
            for k in range(1, n):
                for i in range(inner):
                    block[o, k, m, i] = gain * block[o, k, m, i] + pole * block[o, k - 1, m, i]
            for i in range(inner):
                ahead = block[o, n - 1, m, i] + pole * block[o, n - 2, m, i]
                block[o, n - 1, m, i] = last * ahead
            for k in range(n - 2, -1, -1):
                for i in range(inner):
                    block[o, k, m, i] = pole * (block[o, k + 1, m, i] - block[o, k, m, i])


@njit(cache=True, nogil=True)
def weighted_sum(
    block: Block, indices: NDArray[np.int64], weights: NDArray[np.float64], out: Block
) -> None:
    """Write ``out[:, j] = sum over t of weights[j, t] * block[:, indices[j, t]]``.

    Parameters
    ----------
    block : float64 array (outer, n_in, middle, inner)
        The samples or coefficients.
    indices : int64 array (n_out, taps)
        Where each output reads along axis 1.
    weights : float64 array (n_out, taps)
        How much of it.
    out : float64 array (outer, n_out, middle, inner)
        Overwritten.
    """
    outer, n_out, middle, inner = out.shape
    taps = indices.shape[1]
    for o in range(outer):
        for j in range(n_out):
            for m in range(middle):
                if inner == 1:
                    value = 0.0
                    for t in range(taps):
                        value += weights[j, t] * block[o, indices[j, t], m, 0]
                    out[o, j, m, 0] = value
                    continue
                for i in range(inner):
                    out[o, j, m, i] = weights[j, 0] * block[o, indices[j, 0], m, i]
                for t in range(1, taps):
                    weight = weights[j, t]
                    k = indices[j, t]
                    for i in range(inner):
                        out[o, j, m, i] += weight * block[o, k, m, i]
