"""IBSI 1 diagnostics: image and masks before and after each step of the preparation.

They locate the step at which two programs part. Source: IBSI reference manual
(arXiv:1612.07003), chapter 9, "radiomics phantom diagnostic features".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.preprocess.grid import grid_axes, grid_geometry
from radiome.preprocess.interpolate import interpolate
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.prepare import prepare, round_intensities

Features = dict[str, FeatureValue]


def diagnostics(
    volume: Volume, mask: Mask, interpolation: Interpolation, resegmentation: Resegmentation
) -> Features:
    """Describe image and region initially, after interpolation and after re-segmentation.

    Unlike feature extraction this interpolates the whole image.

    Parameters
    ----------
    volume : Volume
        The image.
    mask : Mask
        The region, on the grid of `volume`.
    interpolation, resegmentation : Interpolation, Resegmentation
        The preparation to follow.

    Returns
    -------
    dict
        60 values: 9 for each image (``…_init_img``, ``…_interp_img``), 14 for each region
        (``…_init_roi``, ``…_interp_roi``, ``…_reseg_roi``). Dimensions in voxels, spacing in mm.
    """
    region = prepare(volume, mask, interpolation, resegmentation)
    axes = grid_axes(volume.geometry, interpolation)
    grid = grid_geometry(volume.geometry, axes)
    whole = ((0, grid.shape[0]), (0, grid.shape[1]), (0, grid.shape[2]))
    image = interpolate(volume.voxels, axes, whole, interpolation.image_method)
    found = _image(np.asarray(volume.voxels), volume.geometry, "init_img")
    found |= _image(round_intensities(image, interpolation), grid, "interp_img")
    before = volume.voxels[mask.voxels]
    found |= _region(volume.geometry, mask.voxels, mask.voxels, before, "init_roi")
    inside = region.morphological
    found |= _region(grid, inside, inside, region.image[inside], "interp_roi")
    found |= _region(grid, inside, region.intensity, region.values(), "reseg_roi")
    return found


def _image(voxels: NDArray[np.generic], geometry: Geometry, step: str) -> Features:
    values = {
        **_per_axis("img_dim", geometry.shape),
        **_per_axis("vox_dim", geometry.spacing),
        **_intensities("", voxels),
    }
    return {f"{name}_{step}": value for name, value in values.items()}


def _region(
    grid: Geometry,
    morphological: NDArray[np.bool_],
    intensity: NDArray[np.bool_],
    values: NDArray[np.generic],
    step: str,
) -> Features:
    found = {
        **_per_axis("int_mask_dim", grid.shape),
        **_per_axis("int_mask_bb_dim", _extent(intensity)),
        **_per_axis("morph_mask_bb_dim", _extent(morphological)),
        "int_mask_vox_count": float(np.count_nonzero(intensity)),
        "morph_mask_vox_count": float(np.count_nonzero(morphological)),
        **_intensities("int_mask_", values),
    }
    return {f"{name}_{step}": value for name, value in found.items()}


def _per_axis(name: str, zyx: tuple[float, ...]) -> Features:
    return {f"{name}_{axis}": float(zyx["zyx".index(axis)]) for axis in "xyz"}


def _extent(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    box = Mask(mask, Geometry(mask.shape, (1.0, 1.0, 1.0))).box()
    return (0, 0, 0) if box is None else tuple(span.stop - span.start for span in box)


def _intensities(name: str, values: NDArray[np.generic]) -> Features:
    tags = (f"{name}mean_int", f"{name}min_int", f"{name}max_int")
    if values.size == 0:
        return dict.fromkeys(tags, NotApplicable("no voxel is left in the intensity mask"))
    mean = values.mean(dtype=np.float64)
    numbers = (mean, values.min(), values.max())
    return {tag: float(number) for tag, number in zip(tags, numbers, strict=True)}
