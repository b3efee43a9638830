"""The image types of pyradiomics 3.0.1: the original image and what filters make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, SettingsError, nearest_name
from radiome.image.mask import Box, Mask
from radiome.image.volume import Volume

Options = Mapping[str, Any]
Responses = Iterator[tuple[str, Volume]]


def responses(image_type: str, volume: Volume, mask: Mask, options: Options) -> Responses:
    """Yield the derived images of one type, in the order of pyradiomics.

    Parameters
    ----------
    image_type : str
        Key of `IMAGE_TYPES`, such as ``"LoG"``.
    volume : Volume
        The whole image: filters see beyond the region, and scales come from its extremes.
    mask : Mask
        The region, on the grid of `volume`.
    options : mapping
        Settings by their pyradiomics names, those of the image type included.

    Yields
    ------
    (str, Volume)
        Name, such as ``"log-sigma-1-0-mm-3D"``, and an image on the grid of `volume`. Only
        the box of the region is computed; beyond it a derived image holds zeros.

    Raises
    ------
    SettingsError
        For a type or an option that does not exist.
    RegionError
        If the region is empty.
    """
    if image_type not in IMAGE_TYPES:
        near = nearest_name(image_type, IMAGE_TYPES)
        raise SettingsError(
            "this image type does not exist",
            where=image_type,
            expected=", ".join(IMAGE_TYPES),
            do=f"did you mean {near}?" if near else None,
        )
    box = mask.box()
    if box is None:
        raise RegionError("the region has no voxels", where=mask.source or None)
    for name, values in IMAGE_TYPES[image_type](volume, mask, box, options):
        yield name, volume if values is None else _on_grid(volume, box, values)


def _on_grid(volume: Volume, box: Box, values: NDArray[Any]) -> Volume:
    # Untouched zeros take neither time nor memory.
    voxels = np.zeros(volume.voxels.shape, values.dtype)
    voxels[box] = values
    return Volume(voxels, volume.geometry, source=volume.source)


Found = Iterator[tuple[str, NDArray[Any] | None]]


def _original(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
    yield "original", None


def _wavelet(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
    from radiome.compat.pyradiomics.wavelet import sub_bands

    axes = [2, 1, 0]
    if options.get("force2D", False):
        axes.remove(int(options.get("force2Ddimension", 0)))
    bands = sub_bands(
        volume.voxels,
        box,
        wavelet=str(options.get("wavelet", "coif1")),
        level=int(options.get("level", 1)),
        start_level=int(options.get("start_level", 0)),
        axes=tuple(axes),
    )
    for level, name, values in bands:
        yield f"wavelet-{name}" if level == 1 else f"wavelet{level}-{name}", values


def _laplacian(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
    from radiome.compat.pyradiomics.laplacian_of_gaussian import laplacian_of_gaussian

    shape, spacing = volume.voxels.shape, volume.geometry.spacing
    for sigma in options.get("sigma", []):
        # pyradiomics passes over what ITK cannot filter.
        fits = all(n >= np.ceil(sigma / s) + 1 for n, s in zip(shape, spacing, strict=True))
        if min(shape) < 4 or not sigma > 0 or not fits:
            continue
        values = laplacian_of_gaussian(volume.voxels, spacing, float(sigma), box)
        yield f"log-sigma-{str(sigma).replace('.', '-')}-mm-3D", values


def _pointwise(name: str, function: str) -> Callable[[Volume, Mask, Box, Options], Found]:
    def found(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
        from radiome.compat.pyradiomics import pointwise

        # An image of zeros has no scale: its values become NaN, which features refuse.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values = getattr(pointwise, function)(volume.voxels, box)
        yield name, values

    return found


def _gradient(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
    from radiome.compat.pyradiomics.pointwise import gradient_magnitude

    in_mm = options.get("gradientUseSpacing", True)
    spacing = volume.geometry.spacing if in_mm else (1.0, 1.0, 1.0)
    yield "gradient", gradient_magnitude(volume.voxels, spacing, box)


def _binary_patterns_2d(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
    from radiome.compat.pyradiomics.local_binary_patterns import patterns_in_slices

    across = int(options.get("force2Ddimension", 0))
    yield (
        "lbp-2D",
        patterns_in_slices(
            volume.voxels,
            box,
            radius=float(options.get("lbp2DRadius", 1)),
            samples=int(options.get("lbp2DSamples", 8)),
            method=str(options.get("lbp2DMethod", "uniform")),
            across=across,
        ),
    )


def _binary_patterns_3d(volume: Volume, mask: Mask, box: Box, options: Options) -> Found:
    from radiome.compat.pyradiomics.spherical_patterns import patterns_on_spheres

    levels = int(options.get("lbp3DLevels", 2))
    maps = patterns_on_spheres(
        volume.voxels,
        mask.voxels,
        box,
        levels=levels,
        radius=float(options.get("lbp3DIcosphereRadius", 1)),
        subdivisions=int(options.get("lbp3DIcosphereSubdivision", 1)),
    )
    for n, values in enumerate(maps[:-1], start=1):
        yield f"lbp-3D-m{n}", values
    yield "lbp-3D-k", maps[-1]


#: What makes the derived images of each type.
IMAGE_TYPES: dict[str, Callable[[Volume, Mask, Box, Options], Found]] = {
    "Original": _original,
    "Wavelet": _wavelet,
    "LoG": _laplacian,
    "Square": _pointwise("square", "square"),
    "SquareRoot": _pointwise("squareroot", "square_root"),
    "Logarithm": _pointwise("logarithm", "logarithm"),
    "Exponential": _pointwise("exponential", "exponential"),
    "Gradient": _gradient,
    "LBP2D": _binary_patterns_2d,
    "LBP3D": _binary_patterns_3d,
}
