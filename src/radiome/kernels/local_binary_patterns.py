"""Local binary patterns: which neighbours are not darker than the voxel."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def circle_patterns(padded, margin, corners, weights, out):  # type: ignore[no-untyped-def]
    """Uniform rotation-invariant patterns in slices.

    Parameters
    ----------
    padded : float64 array (z, ny + 2 margin, nx + 2 margin)
    margin : int
    corners : int64 array (samples, 4, 2)
        Steps (y, x) of the four voxels around each sample.
    weights : float64 array (samples, 4)
        Their bilinear weights.
    out : float64 array (z, ny, nx)
        Number of samples not darker than the voxel if at most two neighbouring samples
        differ around the circle, else samples + 1.
    """
    samples = corners.shape[0]
    for z in range(out.shape[0]):
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                centre = padded[z, y + margin, x + margin]
                ones = 0
                changes = 0
                first = False
                previous = False
                for s in range(samples):
                    difference = 0.0
                    for c in range(4):
                        value = padded[
                            z, y + margin + corners[s, c, 0], x + margin + corners[s, c, 1]
                        ]
                        difference += weights[s, c] * (value - centre)
                    bright = difference >= 0.0
                    ones += bright
                    if s == 0:
                        first = bright
                    elif bright != previous:
                        changes += 1
                    previous = bright
                if previous != first:
                    changes += 1
                out[z, y, x] = ones if changes <= 2 else samples + 1


@njit(cache=True, nogil=True)
def cube_patterns(padded, margin, steps, linked, out):  # type: ignore[no-untyped-def]
    """Uniform rotation-invariant patterns in space, on 26 neighbours.

    Parameters
    ----------
    padded : float64 array (nz + 2 margin, ny + 2 margin, nx + 2 margin)
    margin : int
    steps : int64 array (26, 3)
        Steps (z, y, x) to the neighbours.
    linked : int64 array (26,)
        For each neighbour, the bits of the neighbours next to it.
    out : float64 array (nz, ny, nx)
        Number of neighbours not darker than the voxel if these hang together and so do the
        darker ones, else 27.
    """
    samples = steps.shape[0]
    everything = (1 << samples) - 1
    for z in range(out.shape[0]):
        for y in range(out.shape[1]):
            for x in range(out.shape[2]):
                centre = padded[z + margin, y + margin, x + margin]
                bits = 0
                ones = 0
                for s in range(samples):
                    value = padded[
                        z + margin + steps[s, 0], y + margin + steps[s, 1], x + margin + steps[s, 2]
                    ]
                    if value >= centre:
                        bits |= 1 << s
                        ones += 1
                whole = _hangs_together(bits, linked, samples)
                whole = whole and _hangs_together(everything ^ bits, linked, samples)
                out[z, y, x] = ones if whole else samples + 1


@njit(cache=True, nogil=True)
def _hangs_together(bits, linked, samples):  # type: ignore[no-untyped-def]
    if bits == 0:
        return True
    reached = bits & -bits
    while True:
        grown = reached
        for s in range(samples):
            if reached >> s & 1:
                grown |= linked[s] & bits
        if grown == reached:
            return reached == bits
        reached = grown
