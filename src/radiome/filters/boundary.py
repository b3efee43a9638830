"""What a filter sees around a core: the block where there is one, the boundary rule beyond.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "boundary conditions".
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from radiome.filters.contract import Boundary, Core, Image

#: Voxels before and after, along (z, y, x).
Margins = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


def surround(image: Image, core: Core, margins: Margins, boundary: Boundary) -> Image:
    """Return the core with `margins` around it, the boundary rule applied beyond the block.

    Parameters
    ----------
    image : float64 array (z, y, x)
        The block.
    core : (slice, slice, slice)
        The wanted part of it.
    margins : three (before, after)
        Voxels wanted around the core.
    boundary : str
        ``mirror`` repeats the edge voxel (d c b a | a b c d), ``nearest`` takes the edge
        voxel everywhere, ``periodic`` goes on at the other end, ``zero`` sees zeros.

    Returns
    -------
    float64 array, C-contiguous
    """
    out = image
    for axis, (span, (before, after)) in enumerate(zip(core, margins, strict=True)):
        index = np.arange(span.start - before, span.stop + after)
        n = image.shape[axis]
        if index[0] >= 0 and index[-1] < n:
            out = out[(slice(None),) * axis + (slice(int(index[0]), int(index[-1]) + 1),)]
        elif boundary == "zero":
            out = _with_zeros(out, axis, index, n)
        else:
            out = np.take(out, _mapped(index, n, boundary), axis=axis)
    return np.ascontiguousarray(out)


def grown_core(core: Core, shape: tuple[int, ...], margins: Margins, boundary: Boundary) -> Core:
    """The part of the block on which a first stage must respond for a second stage on `core`.

    It ends where the block ends: what lies beyond is made by the boundary rule from the
    response of the first stage.
    """
    spans = []
    for span, n, (before, after) in zip(core, shape, margins, strict=True):
        low, high = span.start - before, span.stop + after
        inside = low >= 0 and high <= n
        whole = boundary == "periodic" and not inside
        spans.append(slice(0, n) if whole else slice(max(0, low), min(n, high)))
    return cast(Core, tuple(spans))


def within(core: Core, grown: Core) -> Core:
    """Where `core` lies in the array of `grown`."""
    return cast(
        Core,
        tuple(slice(c.start - g.start, c.stop - g.start) for c, g in zip(core, grown, strict=True)),
    )


def _mapped(index: NDArray[np.int64], n: int, boundary: Boundary) -> NDArray[np.int64]:
    if boundary == "nearest":
        return np.clip(index, 0, n - 1)
    if boundary == "periodic":
        return index % n
    folded = index % (2 * n)
    return np.minimum(folded, 2 * n - 1 - folded)


def _with_zeros(image: Image, axis: int, index: NDArray[np.int64], n: int) -> Image:
    low, high = max(0, int(index[0])), min(n, int(index[-1]) + 1)
    padding = [(0, 0)] * 3
    padding[axis] = (low - int(index[0]), int(index[-1]) + 1 - high)
    return np.pad(image[(slice(None),) * axis + (slice(low, high),)], padding)
