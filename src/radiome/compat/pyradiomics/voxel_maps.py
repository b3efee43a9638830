"""Maps: the features of every voxel's neighbourhood, as pyradiomics makes them.

Grey levels are those of the whole region, binned once; with `maskedKernel` False those of its
box, `kernelRadius` wider, in which all voxels count. Shape has no map.

Source: pyradiomics 3.0.1 documentation, "Voxel-based extraction".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.compat.pyradiomics import grid
from radiome.compat.pyradiomics.binning import bin_region
from radiome.compat.pyradiomics.feature_classes import FEATURE_CLASSES, check_features
from radiome.compat.pyradiomics.voxel_features import compute
from radiome.compat.pyradiomics.voxel_kernels import KernelSource
from radiome.features.matrix_stack import Integers
from radiome.image.mask import Mask
from radiome.image.volume import Volume

DEFAULT_RADIUS = 1

#: Pairs of places counted at a time: the arrays of a batch stay around 100 MB.
_PAIRS = 1 << 21

Classes = Mapping[str, Sequence[str] | None]


def radius_of(settings: Mapping[str, Any]) -> int:
    """The setting `kernelRadius`."""
    return int(settings.get("kernelRadius", DEFAULT_RADIUS))


def seen_by(image_type: str, mask: Mask, settings: Mapping[str, Any]) -> Mask:
    """The voxels whose derived intensities matter: the region, or its wider box unmasked.

    3D patterns are found in the region alone, whatever the kernel.
    """
    if settings.get("maskedKernel", True) or image_type == "LBP3D":
        return mask
    box = mask.box()
    if box is None:
        return mask
    radius = radius_of(settings)
    inside = np.zeros_like(mask.voxels)
    inside[tuple(slice(max(0, span.start - radius), span.stop + radius) for span in box)] = True
    return Mask(inside, mask.geometry, mask.name, mask.source)


def feature_maps(
    classes: Classes, volume: Volume, mask: Mask, settings: Mapping[str, Any]
) -> dict[str, Volume]:
    """Compute maps of features.

    Parameters
    ----------
    classes : mapping
        Feature class to features; none stands for all that are not deprecated.
    volume, mask : Volume, Mask
        On the same grid.
    settings : mapping
        Settings by their pyradiomics names: `kernelRadius`, `maskedKernel`, `initValue`,
        `voxelBatch` and those of the classes.

    Returns
    -------
    dict of str to Volume
        By ``class_feature``, float64, on the box of the region, `kernelRadius` wider as far as
        the image goes; `initValue` outside the region.

    Raises
    ------
    SettingsError
        For a class or feature that does not exist.
    RegionError
        If the region is empty, or intensities are not finite.
    """
    wanted = _wanted(classes)
    if not wanted:
        return {}
    radius = radius_of(settings)
    volume, mask = grid.crop(volume, mask, radius)
    counted = mask
    if not settings.get("maskedKernel", True):
        counted = Mask(np.ones_like(mask.voxels), mask.geometry, mask.name, mask.source)
    start = float(settings.get("initValue", 0))
    maps = {
        f"{feature_class}_{name}": np.full(mask.voxels.shape, start)
        for feature_class, names in wanted.items()
        for name in names
    }
    voxels = np.argwhere(mask.voxels)
    for part, values in _computed(wanted, volume, counted, voxels, settings):
        for name, found in values.items():
            maps[name][tuple(part.T)] = found
    geometry = mask.geometry
    return {name: Volume(found, geometry, source=volume.source) for name, found in maps.items()}


def _wanted(classes: Classes) -> dict[str, tuple[str, ...]]:
    found = {}
    for feature_class, names in classes.items():
        if feature_class.startswith("shape"):
            continue
        chosen = tuple(names or ()) or FEATURE_CLASSES.get(feature_class, ())
        check_features(feature_class, chosen)
        found[feature_class] = chosen
    return found


def _computed(
    wanted: Mapping[str, tuple[str, ...]],
    volume: Volume,
    counted: Mask,
    voxels: Integers,
    settings: Mapping[str, Any],
) -> Iterator[tuple[Integers, dict[str, NDArray[np.float64]]]]:
    """Values by batch of voxels; the batches do not change them."""
    across = int(settings.get("force2Ddimension", 0)) if settings.get("force2D") else 0
    source = KernelSource(bin_region(volume, counted, settings), radius_of(settings), across)
    box = counted.box()
    assert box is not None
    local = voxels - np.array([span.start for span in box])
    local = np.concatenate([local[:, [across]], np.delete(local, across, axis=1)], axis=1)
    size = _batch(source.n_places, int(settings.get("voxelBatch", -1)))
    for start in range(0, len(voxels), size):
        kernels = source.around(local[start : start + size])
        values: dict[str, NDArray[np.float64]] = {}
        for feature_class, names in wanted.items():
            found = compute(feature_class, kernels, settings, with_mcc="MCC" in names)
            values |= {f"{feature_class}_{name}": found[name] for name in names}
        yield voxels[start : start + size], values


def _batch(places: int, asked: int) -> int:
    most = max(1, _PAIRS // places**2)
    return most if asked < 1 else min(asked, most)
