"""Volumes and masks from objects already in memory: NumPy arrays and SimpleITK images."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import GeometryError, ImageError
from radiome.image.geometry import Geometry, Triple
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.affine import geometry_from_steps
from radiome.io.label_image import select_label


def volume_from_array(
    array: ArrayLike,
    spacing: Triple,
    *,
    origin: Triple | None = None,
    direction: tuple[Triple, Triple, Triple] | None = None,
    modality: str = "",
    unit: str = "",
) -> Volume:
    """Give an array a place in space.

    Parameters
    ----------
    array : array (z, y, x)
        Real grey values of any integer or floating type. Not copied.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x). There is no default: a wrong guess would
        silently change every size.
    origin : (float, float, float), optional
        LPS mm position (x, y, z) of the centre of voxel (0, 0, 0); default (0, 0, 0).
    direction : three (float, float, float), optional
        World unit vector (x, y, z) of each array axis (z, y, x); default axial.
    modality : str
        DICOM modality, for example ``"CT"``.
    unit : str
        Unit of the voxels, for example ``"HU"``.

    Examples
    --------
    >>> import numpy as np
    >>> volume_from_array(np.zeros((4, 5, 6)), (3.0, 1.0, 1.0)).geometry.voxel_volume
    3.0
    """
    voxels = np.asarray(array)
    _check_array(voxels)
    geometry = _array_geometry(voxels, spacing, origin, direction)
    return Volume(voxels, geometry, modality=modality, unit=unit, source="array")


def mask_from_array(
    array: ArrayLike,
    spacing: Triple,
    *,
    origin: Triple | None = None,
    direction: tuple[Triple, Triple, Triple] | None = None,
    label: int | str | None = None,
) -> Mask:
    """Make a mask from a label array (z, y, x); parameters as `volume_from_array`.

    `label` selects one label value; without it the array must hold exactly one value
    other than zero.
    """
    voxels = np.asarray(array)
    _check_array(voxels.view(np.uint8) if voxels.dtype == np.bool_ else voxels)
    geometry = _array_geometry(voxels, spacing, origin, direction)
    inside, name = select_label(voxels, label, where="array")
    return Mask(inside, geometry, name=name, source="array")


def volume_from_simpleitk(image: Any, *, modality: str = "", unit: str = "") -> Volume:
    """Turn a three-dimensional scalar SimpleITK image into a volume.

    SimpleITK itself is not needed to use radiome: the image brings its library along.
    """
    voxels, geometry = _simpleitk_parts(image)
    return Volume(voxels, geometry, modality=modality, unit=unit, source="SimpleITK image")


def mask_from_simpleitk(image: Any, *, label: int | str | None = None) -> Mask:
    """Turn a SimpleITK label image into the mask of one label."""
    voxels, geometry = _simpleitk_parts(image)
    inside, name = select_label(voxels, label, where="SimpleITK image")
    return Mask(inside, geometry, name=name, source="SimpleITK image")


def is_simpleitk(source: object) -> bool:
    """Whether `source` looks like a SimpleITK image."""
    methods = ("GetSpacing", "GetOrigin", "GetDirection", "GetNumberOfComponentsPerPixel")
    return all(hasattr(source, method) for method in methods)


def _check_array(voxels: NDArray[Any]) -> None:
    if voxels.ndim != 3 or voxels.dtype.kind not in "iuf" or voxels.size == 0:
        raise ImageError(
            "the array is not a three-dimensional grey image",
            where="array",
            expected="shape (z, y, x), not empty, of an integer or floating type",
            got=f"shape {voxels.shape}, type {voxels.dtype}",
            do="pass one volume; a single slice as array[np.newaxis]",
        )


def _array_geometry(
    voxels: NDArray[Any],
    spacing: Triple,
    origin: Triple | None,
    direction: tuple[Triple, Triple, Triple] | None,
) -> Geometry:
    lengths = np.asarray(spacing, dtype=np.float64)
    if lengths.shape != (3,) or not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise GeometryError(
            "the spacing of the array is not valid",
            where="array",
            expected="three positive lengths in mm along (z, y, x)",
            got=repr(spacing),
            do="pass spacing=(slice distance, row distance, column distance)",
        )
    axes = np.eye(3)[::-1] if direction is None else np.asarray(direction, dtype=np.float64)
    norms = np.linalg.norm(axes, axis=-1) if axes.shape == (3, 3) else np.zeros(3)
    if not np.allclose(norms, 1.0, atol=1e-3):
        raise GeometryError(
            "the direction of the array is not valid",
            where="array",
            expected="three unit vectors (x, y, z), one per array axis (z, y, x)",
            got=repr(direction),
            do="divide each vector by its length",
        )
    place = np.zeros(3) if origin is None else np.asarray(origin, dtype=np.float64)
    shape = (int(voxels.shape[0]), int(voxels.shape[1]), int(voxels.shape[2]))
    steps = lengths[:, None] * axes / norms[:, None]
    return geometry_from_steps(shape, steps, place, where="array")


def _simpleitk_parts(image: Any) -> tuple[NDArray[Any], Geometry]:
    dimension, channels = len(image.GetSpacing()), image.GetNumberOfComponentsPerPixel()
    library = import_module(type(image).__module__.partition(".")[0])
    voxels = library.GetArrayFromImage(image) if dimension == 3 and channels == 1 else None
    if voxels is None or voxels.dtype.kind not in "iuf":
        raise ImageError(
            "the SimpleITK image is not a three-dimensional grey image",
            where="SimpleITK image",
            expected="3 dimensions, 1 component per voxel, real numbers",
            got=f"{dimension} dimensions, {channels} components, {image.GetPixelIDTypeAsString()}",
            do="extract one volume or channel first",
        )
    # GetDirection is row-major with the axis directions (x, y, z) as columns.
    columns = np.asarray(image.GetDirection()).reshape(3, 3)
    steps = (columns * np.asarray(image.GetSpacing())).T[::-1]
    origin = np.asarray(image.GetOrigin(), dtype=np.float64)
    return voxels, geometry_from_steps(voxels.shape, steps, origin, where="SimpleITK image")
