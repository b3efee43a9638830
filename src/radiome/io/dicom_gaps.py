"""Slices and contour planes that do not match one to one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError
from radiome.io.dicom_contours import fill_between

#: Contours closer than this share of a slice lie in one plane.
SAME_PLANE = 0.02

#: A gap of up to this many slices inside one structure counts as skipped, not as a real gap.
LARGEST_SKIP = 2


def nearest_planes(
    planes: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give every slice the contour plane nearest to its centre.

    Where contours are finer than slices, several planes fall on one slice. The nearest is
    taken and the others are left out: their union would be larger than any section of the
    region. Of two planes equally near the lower is taken.

    Parameters
    ----------
    planes : float array (contours,)
        Fractional slice index of each contour.

    Returns
    -------
    chosen, slices : int array (n,)
        Indices of the contours to use, and the slice of each.
    """
    slices = np.floor(planes + 0.5).astype(np.intp)
    chosen: list[int] = []
    for number in np.unique(slices):
        members = np.flatnonzero(slices == number)
        offsets = planes[members] - number
        nearest = offsets[np.lexsort((offsets, np.round(np.abs(offsets), 6)))[0]]
        chosen += list(members[np.abs(offsets - nearest) <= SAME_PLANE])
    index = np.asarray(chosen, dtype=np.intp)
    return index, slices[index]


def close_gaps(
    block: NDArray[np.bool_], first_slice: int, where: str, *, fill: bool
) -> NDArray[np.bool_]:
    """Refuse or fill the slices that a structure skips.

    Slices without a contour between two contours are skipped when both outlines overlap
    and the gap is no wider than the usual step between contours, or `LARGEST_SKIP` slices.
    Other gaps lie between separate parts of the region and stay as they are.

    Parameters
    ----------
    block : bool array (z, y, x)
        Filled contours.
    first_slice : int
        Slice index of the block in the image, for the message.
    where : str
        The region, for the message.
    fill : bool
        Fill skipped slices by shape-based interpolation instead of refusing.
    """
    filled = np.flatnonzero(block.any(axis=(1, 2)))
    steps = np.diff(filled)
    if steps.size == 0 or steps.max() == 1:
        return block
    widest = max(LARGEST_SKIP + 1, int(np.median(steps)))
    gaps = [
        (int(a), int(b))
        for a, b in pairwise(filled)
        if 1 < b - a <= widest and (block[a] & block[b]).any()
    ]
    if gaps and not fill:
        raise _skipped(gaps, first_slice, int(np.median(steps)), where)
    result = block.copy()
    for a, b in gaps:
        for number in range(a + 1, b):
            result[number] = fill_between(block[a], block[b], (number - a) / (b - a))
    return result


def _skipped(gaps: list[tuple[int, int]], first: int, usual: int, where: str) -> GeometryError:
    numbers = [first + n for a, b in gaps for n in range(a + 1, b)]
    shown = ", ".join(str(n) for n in numbers[:12]) + (", ..." if len(numbers) > 12 else "")
    return GeometryError(
        "the region skips slices of the image",
        where=where,
        expected="a contour on every slice between the first and the last of a structure",
        got=f"none on slice {shown} (contours every {usual} slices)",
        do="draw the missing contours, or pass --fill-gaps / fill_gaps=True, "
        "which interpolates them",
    )
