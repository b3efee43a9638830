"""Bring a mask onto the grid of its image, or say why that cannot be done."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, ImageError, RegionError
from radiome.image.geometry import Geometry, Triple
from radiome.image.mask import Mask
from radiome.image.volume import Volume

#: A voxel centre this far outside the outermost centres is still inside the image:
#: half a voxel reaches its border, the rest absorbs rounding.
_BORDER_VOXELS = 0.51


def match_mask(mask: Mask, grid: Geometry, *, resample: bool = False) -> Mask:
    """Return `mask` with its voxels in the order and on the grid of the image.

    The same voxel centres stored in another axis order or direction are re-ordered,
    which loses nothing. Any other grid is refused unless `resample` is set; then each
    image voxel takes the value of the nearest mask voxel.

    Raises
    ------
    GeometryError
        If the grids differ and `resample` is not set.
    RegionError
        If resampling would cut the region off at the image border or leave it empty.
    """
    gap = grid.difference(mask.geometry)
    if gap is None:
        return Mask(mask.voxels, grid, mask.name, mask.source)
    reordered = _reorder(mask, grid)
    if reordered is not None:
        return reordered
    if not resample:
        raise GeometryError(
            "image and mask lie on different grids",
            where=mask.source or "mask",
            expected="the grid of the image",
            got=gap,
            do="check that the mask belongs to this image; to put it on the image grid by "
            "nearest neighbour pass --resample-mask / resample_mask=True",
        )
    return _resample(mask, grid)


def check_pair(volume: Volume, mask: Mask) -> None:
    """Check that the region exists and that the image is usable inside it.

    Raises
    ------
    GeometryError
        If image and mask lie on different grids.
    RegionError
        If the region is empty.
    ImageError
        If the image holds NaN or infinite values inside the region.
    """
    gap = volume.geometry.difference(mask.geometry)
    if gap is not None:
        raise GeometryError(
            "image and mask lie on different grids",
            where=mask.source or "mask",
            expected="the grid of the image",
            got=gap,
            do="pass --resample-mask / resample_mask=True to put the mask on the image grid",
        )
    box = mask.box()
    if box is None:
        raise RegionError(
            "the region of interest is empty",
            where=_named(mask),
            expected="at least one voxel",
            got="none",
            do="check that the mask or contour belongs to this image",
        )
    if volume.voxels.dtype.kind == "f":
        _check_finite(volume, mask, box)


def _check_finite(volume: Volume, mask: Mask, box: tuple[slice, slice, slice]) -> None:
    bad = ~np.isfinite(volume.voxels[box]) & mask.voxels[box]
    count = int(np.count_nonzero(bad))
    if count == 0:
        return
    first = np.argwhere(bad)[0] + [span.start for span in box]
    index = tuple(int(n) for n in first)
    place = ", ".join(f"{value:.1f}" for value in volume.geometry.index_to_world(first))
    raise ImageError(
        "the image has no valid intensity in part of the region",
        where=f"{volume.source or 'image'}, {_named(mask)}",
        expected="finite numbers in every voxel of the region",
        got=f"{count} NaN or infinite voxels, the first, {volume.voxels[index]}, at (z, y, x) "
        f"{index}, world (x, y, z) ({place}) mm",
        do="repair the image, or leave these voxels out of the mask",
    )


def _named(mask: Mask) -> str:
    return " of ".join(part for part in (mask.name, mask.source) if part) or "mask"


def _reorder(mask: Mask, grid: Geometry) -> Mask | None:
    """The mask with axes permuted and flipped so that it lies on `grid`, or None."""
    # Row a: how the mask index (z, y, x) changes along axis a of the image.
    moves = mask.geometry.world_to_index(_steps(grid) + np.asarray(mask.geometry.origin))
    whole = np.rint(moves)
    if np.abs(moves - whole).max() > 0.01 or not (np.abs(whole).sum(axis=1) == 1).all():
        return None
    order = [int(axis) for axis in np.abs(whole).argmax(axis=1)]
    if sorted(order) != [0, 1, 2]:
        return None
    flips = tuple(slice(None, None, -1 if whole[axis, order[axis]] < 0 else 1) for axis in range(3))
    voxels = mask.voxels.transpose(order)[flips]
    start = np.zeros(3)
    for axis in range(3):
        if flips[axis].step < 0:
            start[order[axis]] = mask.geometry.shape[order[axis]] - 1
    turned = Geometry(
        (voxels.shape[0], voxels.shape[1], voxels.shape[2]),
        _triple([mask.geometry.spacing[axis] for axis in order]),
        _triple(mask.geometry.index_to_world(start)),
        _signed_axes(mask.geometry, order, [span.step for span in flips]),
    )
    if grid.difference(turned) is not None:
        return None
    return Mask(np.ascontiguousarray(voxels), grid, mask.name, mask.source)


def _steps(grid: Geometry) -> NDArray[np.float64]:
    """Displacement (x, y, z), mm, of one step along each array axis."""
    steps: NDArray[np.float64] = np.asarray(grid.spacing)[:, None] * np.asarray(grid.direction)
    return steps


def _signed_axes(
    grid: Geometry, order: list[int], signs: list[int]
) -> tuple[Triple, Triple, Triple]:
    rows = [
        _triple([sign * part for part in grid.direction[axis]])
        for axis, sign in zip(order, signs, strict=True)
    ]
    return rows[0], rows[1], rows[2]


def _triple(values: list[float] | NDArray[np.float64]) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])


def _resample(mask: Mask, grid: Geometry) -> Mask:
    box = mask.box()
    if box is None:
        raise RegionError(
            "the region of interest is empty",
            where=_named(mask),
            expected="at least one voxel",
            got="none",
            do="check that the mask belongs to this image",
        )
    _check_inside(mask, grid, box)
    voxels = np.zeros(grid.shape, dtype=np.bool_)
    target = _reach(mask.geometry, box, grid)
    rows, columns = np.indices([span.stop - span.start for span in target[1:]])
    index = np.empty((*rows.shape, 3))
    index[..., 1] = rows + target[1].start
    index[..., 2] = columns + target[2].start
    last = np.asarray(mask.geometry.shape) - 1
    for z in range(target[0].start, target[0].stop):
        index[..., 0] = z
        # Floor of +0.5, unlike rint, decides ties the same way for every voxel.
        source = np.floor(mask.geometry.world_to_index(grid.index_to_world(index)) + 0.5)
        nearest = source.astype(np.intp)
        inside = ((nearest >= 0) & (nearest <= last)).all(axis=-1)
        found = np.clip(nearest, 0, last)
        values = mask.voxels[found[..., 0], found[..., 1], found[..., 2]]
        voxels[z, target[1], target[2]] = values & inside
    if not voxels.any():
        raise RegionError(
            "the region of interest vanishes on the grid of the image",
            where=_named(mask),
            expected="at least one image voxel whose centre lies in the region",
            got=f"none at an image spacing of {grid.spacing} mm (z, y, x)",
            do="use an image of finer resolution; the region is smaller than a voxel",
        )
    return Mask(voxels, grid, mask.name, mask.source)


def _check_inside(mask: Mask, grid: Geometry, box: tuple[slice, slice, slice]) -> None:
    """Refuse a region that the image border would cut: its size and shape would be wrong."""
    voxels = np.argwhere(mask.voxels[box]) + [span.start for span in box]
    place = grid.world_to_index(mask.geometry.index_to_world(voxels))
    limit = np.asarray(grid.shape) - 1 + _BORDER_VOXELS
    outside = int(((place < -_BORDER_VOXELS) | (place > limit)).any(axis=1).sum())
    if outside:
        raise RegionError(
            "the region of interest lies outside the image"
            if outside == len(voxels)
            else "the region of interest reaches beyond the image",
            where=_named(mask),
            expected="every voxel of the region inside the image",
            got=f"{outside} of {len(voxels)} voxels outside",
            do="check that the mask belongs to this image, or use an image that covers it",
        )


def _reach(
    source: Geometry, box: tuple[slice, slice, slice], grid: Geometry
) -> tuple[slice, slice, slice]:
    """The box of `grid` that holds every voxel nearest to the box of `source`."""
    ends = [(span.start - 0.5, span.stop - 0.5) for span in box]
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    place = grid.world_to_index(source.index_to_world(corners))
    low = np.clip(np.floor(place.min(axis=0)), 0, None).astype(int)
    high = np.minimum(np.ceil(place.max(axis=0)).astype(int) + 1, grid.shape)
    spans = [slice(int(a), max(int(a), int(b))) for a, b in zip(low, high, strict=True)]
    return spans[0], spans[1], spans[2]
