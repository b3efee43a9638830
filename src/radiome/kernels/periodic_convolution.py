"""Two filters along one axis of a block, over lines that repeat themselves.

Blocks come as (outer, n, inner) with the axis in the middle, so that the innermost
loop runs along memory for every axis but the last, where inner is 1.
"""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def convolve_pair(block, low, high, indices, low_out, high_out):  # type: ignore[no-untyped-def]
    """Write ``out[:, k] = sum over j of filter[j] * block[:, indices[k, j]]`` for two filters.

    Terms are added in the order of j and in the type of the block, so that single
    precision rounds after every term.

    Parameters
    ----------
    block : float32 or float64 array (outer, n, inner)
        The samples.
    low, high : arrays (taps,) of the type of `block`
        The filters.
    indices : int64 array (n_out, taps)
        Where each output reads along the axis.
    low_out, high_out : arrays (outer, n_out, inner) of the type of `block`
        Overwritten.
    """
    outer, n_out, inner = low_out.shape
    taps = low.size
    for o in range(outer):
        for k in range(n_out):
            if inner == 1:
                a = low[0] * block[o, indices[k, 0], 0]
                b = high[0] * block[o, indices[k, 0], 0]
                for j in range(1, taps):
                    value = block[o, indices[k, j], 0]
                    a += low[j] * value
                    b += high[j] * value
                low_out[o, k, 0] = a
                high_out[o, k, 0] = b
                continue
            at = indices[k, 0]
            for i in range(inner):
                value = block[o, at, i]
                low_out[o, k, i] = low[0] * value
                high_out[o, k, i] = high[0] * value
            for j in range(1, taps):
                at = indices[k, j]
                for i in range(inner):
                    value = block[o, at, i]
                    low_out[o, k, i] += low[j] * value
                    high_out[o, k, i] += high[j] * value
