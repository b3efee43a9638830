"""Fill planar contours on a voxel grid by the even-odd rule.

A voxel belongs to a region when a ray from its centre crosses the contours of its slice
an odd number of times; holes, nested contours and keyholes need no special case. Edges
that pass through voxel centres follow the half-open rule: a centre on the left or upper
side of an outline is inside, one on the right or lower side outside, so that regions
sharing an outline share no voxel and leave none out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Vertices are rounded to this many decimals of a voxel, so that the rounding of headers
#: does not decide on which side of an outline a voxel centre lies that it passes through.
VERTEX_DECIMALS = 6


def fill_contours(
    contours: Sequence[NDArray[np.float64]],
    slices: Sequence[int],
    shape: tuple[int, int, int],
    corner: tuple[int, int, int] = (0, 0, 0),
) -> NDArray[np.bool_]:
    """Rasterise closed polygons on the slices of a grid.

    Parameters
    ----------
    contours : sequence of float array (points, 2)
        Vertices as fractional indices (y, x); the last is joined to the first.
    slices : sequence of int
        Slice index (z) of each contour.
    shape : (int, int, int)
        Size of the result.
    corner : (int, int, int)
        Grid index (z, y, x) of the result's first voxel. What lies outside is cut off.

    Returns
    -------
    bool array (z, y, x)
    """
    flips = np.zeros(shape, dtype=np.uint8)
    starts, ends, planes = _edges(contours, slices)
    low, high = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
    first = np.maximum(np.ceil(low).astype(np.int64), corner[1])
    last = np.minimum(np.ceil(high).astype(np.int64), corner[1] + shape[1])
    # Rows whose centre lies in [low, high) meet the edge: a level edge meets none.
    counts = np.maximum(last - first, 0)
    edge = np.repeat(np.arange(counts.size), counts)
    step = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts)
    row = first[edge] + step
    rise = np.where(counts > 0, ends[:, 0] - starts[:, 0], 1.0)
    slope = (ends[:, 1] - starts[:, 1]) / rise
    crossing = starts[edge, 1] + (row - starts[edge, 0]) * slope[edge]
    column = np.ceil(np.round(crossing, VERTEX_DECIMALS)).astype(np.int64) - corner[2]
    plane = planes[edge] - corner[0]
    seen = (column < shape[2]) & (plane >= 0) & (plane < shape[0])
    place = (plane[seen], row[seen] - corner[1], np.maximum(column[seen], 0))
    np.bitwise_xor.at(flips, place, np.uint8(1))
    return np.bitwise_xor.accumulate(flips, axis=2).view(np.bool_)


def _edges(
    contours: Sequence[NDArray[np.float64]], slices: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Start and end (edges, 2) as (y, x), and the slice (edges,), of all edges."""
    rounded = [np.round(points, VERTEX_DECIMALS) for points in contours]
    starts = np.concatenate([*rounded, np.empty((0, 2))])
    ends = np.concatenate([*(np.roll(points, -1, axis=0) for points in rounded), np.empty((0, 2))])
    planes = np.repeat(np.asarray(slices, dtype=np.int64), [len(points) for points in rounded])
    return starts, ends, planes


def fill_between(
    lower: NDArray[np.bool_], upper: NDArray[np.bool_], share: float
) -> NDArray[np.bool_]:
    """Outline between two outlines: the average of their signed distances (shape-based).

    Parameters
    ----------
    lower, upper : bool array (y, x)
        Filled contours on both sides of a gap.
    share : float
        Where in the gap: 0 at `lower`, 1 at `upper`.
    """
    from scipy.ndimage import distance_transform_edt

    def signed(inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        padded = np.pad(inside, 1)
        inner, outer = distance_transform_edt(padded), distance_transform_edt(~padded)
        return np.asarray(inner - outer)[1:-1, 1:-1]

    return np.asarray((1.0 - share) * signed(lower) + share * signed(upper) > 0)
