"""From an image and a mask to the region that features are computed from.

Order: crop, interpolate image and mask, round, re-segment. Only the voxels that have a
part in the result are touched; the crop changes nothing.

Source: IBSI reference manual (arXiv:1612.07003), chapter 2, figure "image processing".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, ImageError, RegionError, SettingsError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.region import Region
from radiome.image.volume import Volume
from radiome.preprocess.grid import Axes, grid_axes, grid_geometry
from radiome.preprocess.interpolate import Range, Ranges, interpolate, reach
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.resegment import resegment

#: Radius in mm of the sphere of 1 cm³ of the intensity peaks, (3000 / 4 pi)^(1/3), rounded up.
PEAK_RADIUS_MM = 6.2036

#: More new voxels than this around one region (8 GB as numbers) are a mistake in the spacing.
MOST_VOXELS = 10**9

# A share of exactly the threshold may be computed a little below it.
_SHARE_ROUNDING = 1e-9


class Prepared(NamedTuple):
    """A block of the new grid, where it starts there, and the region's tight box on that grid."""

    image: NDArray[np.float64]
    inside: NDArray[np.bool_]
    grid: Geometry
    block: Ranges
    tight: Ranges


def prepare(
    volume: Volume,
    mask: Mask,
    interpolation: Interpolation,
    resegmentation: Resegmentation,
    *,
    margin_mm: float = PEAK_RADIUS_MM,
) -> Region:
    """Interpolate, round and re-segment the part of an image around one region.

    Parameters
    ----------
    volume : Volume
        The image.
    mask : Mask
        The region, on the grid of `volume`.
    interpolation : Interpolation
        New grid and methods; by default the grid stays.
    resegmentation : Resegmentation
        Intensities that stay in the intensity mask.
    margin_mm : float
        Width in mm of the margin around the region, as far as the image goes.

    Returns
    -------
    Region
        The intensity mask may be empty; the morphological mask is not.

    Raises
    ------
    GeometryError
        If image and mask have different grids.
    RegionError
        If the mask is empty, before or after interpolation.
    ImageError
        If an intensity of the region is NaN or infinite.
    """
    block = prepare_block(
        volume, mask, interpolation, lambda tight, grid: with_margin(tight, grid, margin_mm)
    )
    kept = resegment(block.image, block.inside, resegmentation)
    return Region(block.image, block.inside, kept, block.grid.crop(as_slices(block.block)))


#: The block wanted around the tight box of a region on the new grid.
Wanted = Callable[[Ranges, Geometry], Ranges]


def prepare_block(
    volume: Volume, mask: Mask, interpolation: Interpolation, wanted: Wanted
) -> Prepared:
    """Interpolate and round the block that `wanted` asks for; check the region's intensities."""
    _require_same_grid(volume, mask)
    box = mask.box()
    if box is None:
        raise RegionError(
            "the region is empty",
            where=mask.name or mask.source or None,
            expected="at least one voxel inside the region",
            got="a mask without any voxel set",
            do="check the label or region name, and that the contours lie inside the image",
        )
    axes = grid_axes(volume.geometry, interpolation)
    if all(axis.same for axis in axes):
        block = _cropped(volume, mask, box, wanted)
    else:
        block = _interpolated(volume, mask, box, axes, interpolation, wanted)
    round_intensities(block.image, interpolation)
    _require_finite(block.image, block.inside, volume, mask)
    return block


def round_intensities(image: NDArray[np.float64], options: Interpolation) -> NDArray[np.float64]:
    """Round `image` in place as `options` say; halves go up, within 1e-9 of them too.

    The last bits of an interpolated value depend on the order of its sums; the small
    allowance keeps a half a half on every machine, in every crop and in a mirrored image.
    """
    if options.rounding == "nearest_integer":
        image += 0.5 + 1e-9
        np.floor(image, out=image)
    return image


def _cropped(
    volume: Volume, mask: Mask, box: tuple[slice, slice, slice], wanted: Wanted
) -> Prepared:
    tight = cast(Ranges, tuple((span.start, span.stop) for span in box))
    block = wanted(tight, volume.geometry)
    image = np.array(volume.voxels[as_slices(block)], dtype=np.float64, order="C")
    inside = np.array(mask.voxels[as_slices(block)], order="C")
    return Prepared(image, inside, volume.geometry, block, tight)


def _interpolated(
    volume: Volume,
    mask: Mask,
    box: tuple[slice, slice, slice],
    axes: Axes,
    options: Interpolation,
    wanted: Wanted,
) -> Prepared:
    geometry = grid_geometry(volume.geometry, axes)
    inside, start = _interpolated_mask(mask, box, axes, options)
    tight = cast(Ranges, tuple((low, low + n) for low, n in zip(start, inside.shape, strict=True)))
    block = wanted(tight, geometry)
    _require_feasible(block, geometry)
    image = interpolate(
        volume.voxels, axes, block, options.image_method, where=volume.source or "image"
    )
    padding = [
        (first - low, high - last) for (first, last), (low, high) in zip(tight, block, strict=True)
    ]
    return Prepared(image, np.pad(inside, padding), geometry, block, tight)


def as_slices(ranges: Ranges) -> tuple[slice, slice, slice]:
    """Slices of three (start, stop)."""
    return cast(tuple[slice, slice, slice], tuple(slice(*span) for span in ranges))


def _interpolated_mask(
    mask: Mask, box: tuple[slice, slice, slice], axes: Axes, options: Interpolation
) -> tuple[NDArray[np.bool_], list[int]]:
    """Return the tight block of the new mask and where it starts on the new grid."""
    width = reach(options.mask_method)
    ranges = cast(
        Ranges,
        tuple(
            (span.start, span.stop)
            if axis.same
            else axis.new_range(span.start - width, span.stop - 1 + width)
            for axis, span in zip(axes, box, strict=True)
        ),
    )
    if all(stop > start for start, stop in ranges):
        _require_feasible(ranges, grid_geometry(mask.geometry, axes))
        share = interpolate(mask.voxels, axes, ranges, options.mask_method)
        inside = share >= options.mask_threshold - _SHARE_ROUNDING
        tight = Mask(inside, Geometry(inside.shape, (1.0, 1.0, 1.0))).box()
        if tight is not None:
            start = [low + span.start for (low, _), span in zip(ranges, tight, strict=True)]
            return inside[tight], start
    raise RegionError(
        "the region is lost by interpolation: no new voxel is inside it",
        where=" of ".join(part for part in (mask.name, mask.source) if part) or None,
        expected=f"a new voxel with at least {options.mask_threshold:g} of it in the region",
        got=f"{int(mask.voxels[box].sum())} voxels of {mask.geometry.spacing} mm (z, y, x) "
        f"on a grid of {options.target_spacing(mask.geometry.spacing)} mm",
        do="take a finer spacing or a lower mask_threshold, or leave this region out",
    )


def _require_feasible(ranges: Ranges, geometry: Geometry) -> None:
    shape = [stop - start for start, stop in ranges]
    if math.prod(shape) <= MOST_VOXELS:
        return
    raise SettingsError(
        "the interpolation spacing is too fine for this region",
        where="interpolation.spacing",
        expected=f"at most {MOST_VOXELS:.0e} new voxels around the region",
        got=f"{' x '.join(str(n) for n in shape)} voxels of "
        f"{' x '.join(f'{s:g}' for s in geometry.spacing)} mm (z, y, x)",
        do="take a coarser spacing; it is in mm",
    )


def with_margin(tight: Ranges, grid: Geometry, margin_mm: float) -> Ranges:
    """The tight box and `margin_mm` around it, as far as the grid goes."""
    return cast(
        Ranges,
        tuple(
            _grow(span, n, math.ceil(margin_mm / spacing))
            for span, n, spacing in zip(tight, grid.shape, grid.spacing, strict=True)
        ),
    )


def _grow(span: Range, n: int, more: int) -> Range:
    return max(0, span[0] - more), min(n, span[1] + more)


def _require_same_grid(volume: Volume, mask: Mask) -> None:
    if mask.geometry == volume.geometry:
        return
    difference = volume.geometry.difference(mask.geometry)
    if difference is not None:
        raise GeometryError(
            "image and mask lie on different grids",
            where=mask.source or mask.name or None,
            expected=f"the grid of the image {volume.source}".rstrip(),
            got=difference,
            do="use the mask drawn on this image, or resample the mask onto it explicitly",
        )


def _require_finite(
    image: NDArray[np.float64], inside: NDArray[np.bool_], volume: Volume, mask: Mask
) -> None:
    if volume.voxels.dtype.kind != "f":
        return
    bad = int(np.count_nonzero(~np.isfinite(image[inside])))
    if bad:
        raise ImageError(
            "the region has voxels without an intensity",
            where=mask.name or volume.source or None,
            expected="finite intensities in the whole region",
            got=f"{bad} NaN or infinite voxels among {int(np.count_nonzero(inside))}",
            do="correct the mask to leave them out, or repair the image",
        )
