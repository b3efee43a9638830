"""What comes before filters and features: load, normalise, resample, check, re-segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.base.errors import GeometryError
from radiome.compat.pyradiomics import grid
from radiome.compat.pyradiomics.diagnostics import Diagnostics
from radiome.compat.pyradiomics.label_maps import label_map, read_image, region_of
from radiome.image.mask import Mask
from radiome.image.volume import Volume

#: Largest difference of two grids, in mm, that ITK takes for equal.
_TOLERANCE_MM = 1e-6


def load(
    image: Any, mask: Any, settings: Mapping[str, Any], info: Diagnostics | None
) -> tuple[Volume, Mask]:
    """Image and region of the label that the settings name; described in `info`."""
    volume = read_image(image, role="image")
    labels = label_map(mask)
    region = region_of(labels, settings.get("label", 1))
    if info is not None:
        info.add_image(volume)
        info.add_mask(region, labels=labels)
    return volume, region


def normalised(volume: Volume, settings: Mapping[str, Any]) -> Volume:
    """The image, normalised if the settings say so."""
    if not settings.get("normalize"):
        return volume
    scale, outliers = settings.get("normalizeScale", 1), settings.get("removeOutliers")
    return grid.normalize(volume, scale, outliers)


def prepared(
    volume: Volume, mask: Mask, settings: Mapping[str, Any], info: Diagnostics | None
) -> tuple[Volume, Mask]:
    """Normalised, resampled and checked."""
    volume = normalised(volume, settings)
    spacing, how = settings.get("resampledPixelSpacing"), settings.get("interpolator")
    resampled = spacing is not None and how is not None
    if spacing is not None and how is not None:
        volume, mask = grid.resample(volume, mask, spacing, how, settings.get("padDistance", 5))
        if info is not None:
            info.add_image(volume, "interpolated")
            info.add_mask(mask, "interpolated", image=volume)
    mask = on_image(volume, mask, settings, info)
    check(mask, settings)
    if settings.get("preCrop") and not resampled:
        volume, mask = grid.crop(volume, mask, settings.get("padDistance", 5))
    return volume, mask


def on_image(
    volume: Volume, mask: Mask, settings: Mapping[str, Any], info: Diagnostics | None
) -> Mask:
    """The region on the grid of the image: as it is, or resampled with `correctMask`."""
    tolerance = settings.get("geometryTolerance") or _TOLERANCE_MM
    steps = tolerance / min(volume.geometry.spacing)
    difference = volume.geometry.difference(mask.geometry, tolerance=max(steps, 1e-6))
    if difference is None:
        return Mask(mask.voxels, volume.geometry, mask.name, mask.source)
    if not settings.get("correctMask"):
        raise GeometryError(
            "image and mask lie on different grids",
            where=mask.source or "mask",
            expected=f"the same grid within {tolerance:g} mm",
            got=difference,
            do="set correctMask: true to resample the mask, or raise geometryTolerance",
        )
    corrected = grid.on_grid_of(volume, mask)
    if info is not None:
        info.add_mask(corrected, "corrected", image=volume)
    return corrected


def check(mask: Mask, settings: Mapping[str, Any]) -> None:
    """Refuse a region that is smaller than the settings allow."""
    grid.check_mask(mask, settings.get("minimumROIDimensions", 2), settings.get("minimumROISize"))


def resegmented(
    volume: Volume, mask: Mask, settings: Mapping[str, Any], info: Diagnostics | None
) -> Mask:
    """The region without the intensities outside `resegmentRange`."""
    limits = settings.get("resegmentRange")
    if limits is None:
        return mask
    kept = grid.resegment(volume, mask, limits, settings.get("resegmentMode", "absolute"))
    check(kept, settings)
    if info is not None:
        info.add_mask(kept, "resegmented", image=volume)
    return kept
