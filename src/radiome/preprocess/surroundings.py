"""A region together with as much of the image around it as its filters need.

Filters are applied to the interpolated and rounded image, before the region is cut out.
Only the part of the image that can change a response inside the region is prepared: the
crop changes nothing.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "image processing".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.region import Region
from radiome.image.volume import Volume
from radiome.preprocess.interpolate import Range, Ranges
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.prepare import (
    PEAK_RADIUS_MM,
    Prepared,
    as_slices,
    prepare_block,
    with_margin,
)
from radiome.preprocess.resegment import resegment

Box = tuple[slice, slice, slice]


class Need(NamedTuple):
    """Voxels needed beyond the core along (z, y, x), None for the whole axis.

    With `periodic`, an axis that the need would leave is needed whole.
    """

    voxels: tuple[int | None, int | None, int | None]
    periodic: bool = False


Needs = Callable[[tuple[float, float, float]], Sequence[Need]]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """A region and the prepared image around it.

    Parameters
    ----------
    region : Region
        What the features of the unfiltered image are computed from.
    image : float64 array (z, y, x)
        The prepared block: interpolated and rounded; not smaller than that of `region`.
    grid : Geometry
        The whole (interpolated) image's grid.
    block, core : three (start, stop)
        The prepared block and the part where responses are wanted, on `grid`.
    region_start : (int, int, int)
        Where the block of `region` starts on `grid`.
    """

    region: Region
    image: NDArray[np.float64]
    grid: Geometry
    block: Ranges
    core: Ranges
    region_start: tuple[int, int, int]

    def cut(self, need: Need) -> tuple[NDArray[np.float64], Box]:
        """The image that a filter with this need must see, and where the core is in it."""
        ranges = _needed(self.core, self.grid.shape, need)
        image = self.image[as_slices(_relative(ranges, [low for low, _ in self.block]))]
        return image, as_slices(_relative(self.core, [low for low, _ in ranges]))

    def filtered(self, response: NDArray[np.float64]) -> Region:
        """The region with a response map (of the core's shape) in place of its image."""
        box = as_slices(_relative(self.core, self.region_start))
        region = self.region
        return Region(
            response,
            np.ascontiguousarray(region.morphological[box]),
            np.ascontiguousarray(region.intensity[box]),
            region.geometry.crop(box),
        )


def prepare_surroundings(
    volume: Volume,
    mask: Mask,
    interpolation: Interpolation,
    resegmentation: Resegmentation,
    needs: Needs,
    *,
    core_margin_mm: float = 0.0,
) -> Surroundings:
    """Prepare a region as `prepare` does, with the surroundings that filters need.

    Parameters
    ----------
    volume, mask, interpolation, resegmentation
        As for `radiome.preprocess.prepare.prepare`.
    needs : callable
        From the voxel spacing (z, y, x) in mm of the prepared image to the needs of all
        filters.
    core_margin_mm : float
        Width of the margin around the region in which responses are wanted.

    Raises
    ------
    GeometryError, RegionError, ImageError
        As `prepare`; also for intensities that are not finite within reach of a filter.
    """
    wanted: list[Need] = []

    def block_for(tight: Ranges, grid: Geometry) -> Ranges:
        wanted[:] = needs(grid.spacing)
        core = with_margin(tight, grid, core_margin_mm)
        parts = [with_margin(tight, grid, PEAK_RADIUS_MM)]
        parts += [_needed(core, grid.shape, need) for need in wanted]
        return _union(parts)

    block = prepare_block(volume, mask, interpolation, block_for)
    core = with_margin(block.tight, block.grid, core_margin_mm)
    near = with_margin(block.tight, block.grid, PEAK_RADIUS_MM)
    if volume.voxels.dtype.kind == "f":
        _require_finite(block, volume)
    box = as_slices(_relative(near, [low for low, _ in block.block]))
    image, inside = np.ascontiguousarray(block.image[box]), np.ascontiguousarray(block.inside[box])
    kept = resegment(image, inside, resegmentation)
    region = Region(image, inside, kept, block.grid.crop(as_slices(near)))
    start = cast(tuple[int, int, int], tuple(low for low, _ in near))
    return Surroundings(region, block.image, block.grid, block.block, core, start)


def _needed(core: Ranges, shape: tuple[int, int, int], need: Need) -> Ranges:
    return cast(
        Ranges,
        tuple(
            _axis_range(span, n, voxels, periodic=need.periodic)
            for span, n, voxels in zip(core, shape, need.voxels, strict=True)
        ),
    )


def _axis_range(span: Range, n: int, voxels: int | None, *, periodic: bool) -> Range:
    if voxels is None:
        return 0, n
    low, high = span[0] - voxels, span[1] + voxels
    if periodic and (low < 0 or high > n):
        return 0, n
    return max(0, low), min(n, high)


def _union(parts: Sequence[Ranges]) -> Ranges:
    axes = zip(*parts, strict=True)
    return cast(Ranges, tuple((min(lo for lo, _ in a), max(hi for _, hi in a)) for a in axes))


def _relative(ranges: Ranges, start: Sequence[int]) -> Ranges:
    moved = ((low - s, high - s) for (low, high), s in zip(ranges, start, strict=True))
    return cast(Ranges, tuple(moved))


def _require_finite(block: Prepared, volume: Volume) -> None:
    bad = block.image.size - int(np.count_nonzero(np.isfinite(block.image)))
    if bad:
        raise ImageError(
            "the image has voxels without a value within reach of a filter",
            where=volume.source or "image",
            expected="finite numbers: a filter passes every voxel on to its neighbours",
            got=f"{bad} NaN or infinite voxels among {block.image.size}",
            do="fill them with the background value, or leave the filters out",
        )
