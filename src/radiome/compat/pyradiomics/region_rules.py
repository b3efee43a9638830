"""Rules of pyradiomics for regions: re-segmentation, and what is too small or outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, SettingsError
from radiome.image.mask import Box, Mask
from radiome.image.volume import Volume

#: pyradiomics refuses a region that reaches further than this beyond the image, in voxels.
_EDGE_TOLERANCE = 1e-3


def resegment(
    volume: Volume,
    mask: Mask,
    range: Sequence[float],  # noqa: A002
    mode: str = "absolute",
) -> Mask:
    """Leave out the voxels of the region whose intensity lies outside a range.

    Parameters
    ----------
    volume, mask : Volume, Mask
        On the same grid.
    range : one or two float
        Lower, and upper limit, both inclusive; the smaller comes first in any order.
    mode : {"absolute", "relative", "sigma"}
        Limits as intensities, as shares of the greatest intensity of the region, or as
        standard deviations (divisor n) from its mean.

    Raises
    ------
    SettingsError
        For another number of limits or another mode.
    RegionError
        If at most one voxel is left.
    """
    if not 1 <= len(range) <= 2:
        raise SettingsError(
            "re-segmentation needs one or two limits", where="resegmentRange", got=str(range)
        )
    box = box_of(mask)
    inside = mask.voxels[box]
    values = volume.voxels[box][inside]
    limits = [float(limit) for limit in sorted(range)]
    if mode == "relative":
        limits = [float(values.max()) * limit for limit in limits]
    elif mode == "sigma":
        mean, deviation = float(np.mean(values)), float(np.std(values))
        limits = [mean + deviation * limit for limit in limits]
    elif mode != "absolute":
        raise SettingsError(
            "this mode of re-segmentation does not exist",
            where="resegmentMode",
            expected="absolute, relative or sigma",
            got=mode,
        )
    kept = values >= limits[0]
    if len(limits) == 2:
        kept &= values <= limits[1]
    if np.count_nonzero(kept) <= 1:
        raise RegionError(
            "re-segmentation leaves too few voxels",
            where=mask.source or None,
            expected="at least two",
            got=str(np.count_nonzero(kept)),
            do="check resegmentRange and the unit of the image",
        )
    voxels = np.zeros_like(mask.voxels)
    part: NDArray[Any] = voxels[box]
    part[inside] = kept
    return Mask(voxels, mask.geometry, mask.name, mask.source)


def check_mask(mask: Mask, minimum_dimensions: int = 2, minimum_size: int | None = None) -> Box:
    """Check that a region is large enough, and return its box.

    Parameters
    ----------
    mask : Mask
        The region.
    minimum_dimensions : int
        `minimumROIDimensions`: axes along which the region must have several voxels, 1 to 3. A
        single voxel is never enough.
    minimum_size : int, optional
        `minimumROISize`: the region must have more voxels than this.

    Raises
    ------
    RegionError
        If the region is empty or too small.
    """
    box = box_of(mask)
    dimensions = sum(b.stop - b.start > 1 for b in box)
    if dimensions == 0:
        raise RegionError("the region is a single voxel", where=mask.source or None)
    if dimensions < minimum_dimensions:
        raise RegionError(
            "the region has too few dimensions",
            where=mask.source or None,
            expected=f"more than one voxel along at least {minimum_dimensions} axes",
            got=f"{dimensions}",
            do="lower minimumROIDimensions or leave the case out",
        )
    if minimum_size is not None:
        size = int(np.count_nonzero(mask.voxels[box]))
        if size <= minimum_size:
            raise RegionError(
                "the region has too few voxels",
                where=mask.source or None,
                expected=f"more than {minimum_size}",
                got=str(size),
                do="lower minimumROISize or leave the case out",
            )
    return box


def check_inside(volume: Volume, mask: Mask) -> Box:
    """Check that the box of the region lies within the image, and return it.

    Raises
    ------
    RegionError
        If the mask is empty or reaches beyond the image.
    """
    box = box_of(mask)
    ends = np.array([[b.start - 0.5 for b in box], [b.stop - 0.5 for b in box]])
    ends = volume.geometry.world_to_index(mask.geometry.index_to_world(ends))
    low, high = ends.min(axis=0), ends.max(axis=0)
    limit = np.array(volume.voxels.shape) - 0.5
    if (low < -0.5 - _EDGE_TOLERANCE).any() or (high > limit + _EDGE_TOLERANCE).any():
        raise RegionError(
            "the region reaches beyond the image",
            where=mask.source or None,
            expected=f"within voxels -0.5 to {limit.tolist()} (z, y, x)",
            got=f"{low.tolist()} to {high.tolist()}",
            do="check that image and mask belong together",
        )
    return box


def box_of(mask: Mask) -> Box:
    """The box of the region.

    Raises
    ------
    RegionError
        If the mask is empty.
    """
    box = mask.box()
    if box is None:
        raise RegionError("the region has no voxels", where=mask.source or None)
    return box
