"""What pyradiomics does to an image and a mask before filters and features."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError, SettingsError
from radiome.compat.pyradiomics.region_rules import box_of, check_inside, check_mask, resegment
from radiome.compat.pyradiomics.resampling import interpolator_name, resample_voxels
from radiome.image.geometry import Geometry
from radiome.image.mask import Box, Mask
from radiome.image.volume import Volume

__all__ = [
    "check_inside",
    "check_mask",
    "crop",
    "normalize",
    "on_grid_of",
    "resample",
    "resegment",
]


def resample(
    volume: Volume,
    mask: Mask,
    spacing_xyz: Sequence[float],
    interpolator: str | int = "sitkBSpline",
    pad_distance: int = 5,
) -> tuple[Volume, Mask]:
    """Resample image and mask to a new spacing, on a grid round the region.

    The corner of the first voxel of the new grid lies on a corner of the grid that would
    fill the whole mask image from its own first corner. The mask takes the nearest voxel.

    Parameters
    ----------
    volume, mask : Volume, Mask
        The mask may lie on another grid with the same directions.
    spacing_xyz : three float
        New spacing in mm along (x, y, z). Zero keeps that of the mask, as does an axis along
        which the region has a single voxel.
    interpolator : str or int
        SimpleITK name or number; see `resampling.INTERPOLATORS`.
    pad_distance : int
        New voxels kept round the region, up to the edge of the mask image.

    Returns
    -------
    (Volume, Mask)
        On one grid. Where the new spacing is that of the image, its voxels are kept and
        both are cropped to the region with `pad_distance`.

    Raises
    ------
    SettingsError
        For a spacing or an interpolator that cannot be used.
    RegionError
        If the mask is empty or reaches beyond the image.
    """
    method = interpolator_name(interpolator)
    box = check_inside(volume, mask)
    old = np.asarray(mask.geometry.spacing)
    new = _new_spacing(spacing_xyz, mask, box)
    if np.allclose(volume.geometry.spacing, new):
        return crop(volume, on_grid_of(volume, mask), pad_distance)
    ratio = old / new
    first = np.array([b.start for b in box])
    stop = np.array([b.stop for b in box])
    low = np.maximum(np.floor((first - 0.5) * ratio - pad_distance), 0)
    limit = np.ceil(np.array(mask.voxels.shape) * ratio) - 1
    high = np.minimum(np.ceil((stop - 0.5) * ratio + pad_distance), limit)
    shape = tuple(int(n) for n in high - low + 1)
    start = 0.5 * (new - old) / old + low / ratio
    origin = mask.geometry.index_to_world(start)
    geometry = Geometry(
        (shape[0], shape[1], shape[2]),
        (float(new[0]), float(new[1]), float(new[2])),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        mask.geometry.direction,
    )
    voxels = resample_voxels(volume.voxels, _positions(geometry, volume.geometry), method)
    inside = resample_voxels(
        mask.voxels, _positions(geometry, mask.geometry), "sitkNearestNeighbor"
    )
    return (
        dataclasses.replace(volume, voxels=voxels, geometry=geometry),
        Mask(inside.astype(np.bool_), geometry, mask.name, mask.source),
    )


def on_grid_of(volume: Volume, mask: Mask) -> Mask:
    """The mask on the grid of an image, by the nearest voxel; the mask itself if it fits."""
    if mask.geometry == volume.geometry:
        return mask
    positions = _positions(volume.geometry, mask.geometry)
    inside = resample_voxels(mask.voxels, positions, "sitkNearestNeighbor").astype(np.bool_)
    return Mask(inside, volume.geometry, mask.name, mask.source)


def normalize(volume: Volume, scale: float = 1.0, remove_outliers: float | None = None) -> Volume:
    """Subtract the mean of the whole image and divide by its standard deviation.

    Parameters
    ----------
    volume : Volume
        The image; the result is float64.
    scale : float
        Factor at the end.
    remove_outliers : float, optional
        Values beyond this many standard deviations are set to it, before the scaling.

    Raises
    ------
    ImageError
        If all voxels are equal, or one is not finite.
    """
    voxels = volume.voxels.astype(np.float64)
    if voxels.size < 2 or not np.ptp(voxels) > 0:
        raise ImageError(
            "an image of one intensity cannot be normalised",
            where=volume.source or None,
            do="leave out 'normalize' or check the image",
        )
    # Deviation with divisor n - 1.
    voxels = (voxels - voxels.mean()) * (1.0 / voxels.std(ddof=1))
    if remove_outliers is not None:
        voxels = np.clip(voxels, -remove_outliers, remove_outliers)
    return dataclasses.replace(volume, voxels=voxels * scale, unit="")


def crop(volume: Volume, mask: Mask, pad: int = 0) -> tuple[Volume, Mask]:
    """Crop both to the box of the region with `pad` voxels on every side, where there are any.

    Raises
    ------
    RegionError
        If the mask is empty.
    """
    box = box_of(mask)
    wider = (
        slice(max(0, box[0].start - pad), min(mask.voxels.shape[0], box[0].stop + pad)),
        slice(max(0, box[1].start - pad), min(mask.voxels.shape[1], box[1].stop + pad)),
        slice(max(0, box[2].start - pad), min(mask.voxels.shape[2], box[2].stop + pad)),
    )
    geometry = volume.geometry.crop(wider)
    return (
        dataclasses.replace(volume, voxels=volume.voxels[wider], geometry=geometry),
        Mask(mask.voxels[wider], geometry, mask.name, mask.source),
    )


def _new_spacing(spacing_xyz: Sequence[float], mask: Mask, box: Box) -> NDArray[np.float64]:
    new = np.asarray(spacing_xyz, dtype=np.float64)[::-1]
    if new.shape != (3,) or not np.isfinite(new).all() or (new < 0).any():
        raise SettingsError(
            "the new spacing must be three lengths in mm",
            where="resampledPixelSpacing",
            expected="(x, y, z), each 0 or positive",
            got=str(list(spacing_xyz)),
        )
    old = np.asarray(mask.geometry.spacing)
    single = np.array([b.stop - b.start == 1 for b in box])
    return np.where((new == 0) | single, old, new)


def _positions(
    grid: Geometry, other: Geometry
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Positions of the voxels of a grid along the axes of another with the same directions."""
    if not np.allclose(grid.direction, other.direction, atol=1e-4):
        raise ImageError(
            "image and mask are turned against each other",
            expected="the same directions of their axes",
            do="resample the mask to the grid of the image first",
        )
    # Where a position falls half-way between two voxels, its last bit decides: these are the
    # steps of ITK, which goes through world points, and along x interpolates between the ends.
    axes = [
        _through_world(grid, other, a, np.arange(n, dtype=np.float64))
        for a, n in enumerate(grid.shape)
    ]
    n = grid.shape[2]
    first, stop = _through_world(grid, other, 2, np.array([0.0, n]))
    axes[2] = first + (stop - first) * (np.arange(n) / n)
    return axes[0], axes[1], axes[2]


def _through_world(
    grid: Geometry, other: Geometry, axis: int, index: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Positions along `axis` of `other` of the voxels `index` along it and 0 along the rest."""
    step = np.asarray(grid.direction)[axis] * grid.spacing[axis]
    points = index[:, None] * step + np.asarray(grid.origin)
    back = np.asarray(other.direction)[axis] * (1.0 / other.spacing[axis])
    return np.asarray(((points - np.asarray(other.origin)) * back).sum(axis=1))
