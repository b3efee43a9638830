"""One-dimensional correlation along an axis of a block: the inner loop of separable filters."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def correlate_rows(source, taps, first, out):  # type: ignore[no-untyped-def]
    """Along the last axis: out[r, i] = sum_k taps[k] source[r, first + i + k].

    Parameters
    ----------
    source : float64 array (rows, n)
    taps : float64 array (k,)
    first : int
        Where the window of the first output starts.
    out : float64 array (rows, m)
        Overwritten. Sums run over k in order, for every output alone.
    """
    rows, m = out.shape
    for r in range(rows):
        line = source[r]
        sums = out[r]
        for i in range(m):
            sums[i] = taps[0] * line[first + i]
        k = 1
        while k + 1 < taps.size:
            a, b = taps[k], taps[k + 1]
            for i in range(m):
                sums[i] = (sums[i] + a * line[first + i + k]) + b * line[first + i + k + 1]
            k += 2
        if k < taps.size:
            for i in range(m):
                sums[i] += taps[k] * line[first + i + k]


@njit(cache=True, nogil=True)
def correlate_planes(source, taps, first, out):  # type: ignore[no-untyped-def]
    """Along the middle axis: out[o, i, :] = sum_k taps[k] source[o, first + i + k, :].

    Parameters
    ----------
    source : float64 array (outer, n, inner)
    taps : float64 array (k,)
    first : int
        Where the window of the first output starts.
    out : float64 array (outer, m, inner)
        Overwritten. Sums run over k in order, for every output alone.
    """
    outer, m, inner = out.shape
    for o in range(outer):
        for i in range(m):
            sums = out[o, i]
            line = source[o, first + i]
            for x in range(inner):
                sums[x] = taps[0] * line[x]
            k = 1
            while k + 1 < taps.size:
                a, b = taps[k], taps[k + 1]
                near, far = source[o, first + i + k], source[o, first + i + k + 1]
                for x in range(inner):
                    sums[x] = (sums[x] + a * near[x]) + b * far[x]
                k += 2
            if k < taps.size:
                line = source[o, first + i + k]
                for x in range(inner):
                    sums[x] += taps[k] * line[x]
