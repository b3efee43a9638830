"""Shape features of a single slice as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, SettingsError
from radiome.compat.pyradiomics.shape import axis_variances, padded_region, plane_diameter
from radiome.features.morphology import mask_shape
from radiome.image.mask import Mask


def compute(mask: Mask, settings: Mapping[str, Any]) -> dict[str, float]:
    """Compute all shape features of a region that fills one slice.

    Raises
    ------
    SettingsError
        Without `force2D`.
    RegionError
        If the region has several slices along `force2Ddimension`.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Radiomic Features: Shape Features (2D)".
    """
    if not settings.get("force2D", False):
        raise SettingsError("shape2D needs force2D", where="force2D", do="set force2D to true")
    across = int(settings.get("force2Ddimension", 0))
    padded = np.ascontiguousarray(np.moveaxis(padded_region(mask), across, 0))
    if padded.shape[0] != 3:
        raise RegionError(
            "shape2D needs a region of one slice",
            where=mask.source or None,
            got=f"{padded.shape[0] - 2} slices along axis {across} of (z, y, x)",
        )
    step_y, step_x = (mask.geometry.spacing[a] for a in range(3) if a != across)
    spacing = (1.0, step_y, step_x)
    perimeter, surface = _outline(padded[1], step_y, step_x)
    shape = mask_shape(padded)
    _, minor, major = axis_variances(shape, spacing)
    roundness = 2 * math.sqrt(math.pi * surface)
    return {
        "Elongation": math.sqrt(minor / major) if major else math.nan,
        "MajorAxisLength": 4 * math.sqrt(major),
        "MaximumDiameter": plane_diameter(padded, spacing, axis=0),
        "MeshSurface": surface,
        "MinorAxisLength": 4 * math.sqrt(minor),
        "Perimeter": perimeter,
        "PerimeterSurfaceRatio": perimeter / surface,
        "PixelSurface": shape.n_voxels * step_y * step_x,
        "Sphericity": roundness / perimeter,
        "SphericalDisproportion": perimeter / roundness,
    }


def _outline(pixels: NDArray[np.uint8], step_y: float, step_x: float) -> tuple[float, float]:
    """Length and enclosed surface of the outline through the midpoints between pixels."""
    low, high = pixels[:-1], pixels[1:]
    kinds = low[:, :-1] | low[:, 1:] << 1 | high[:, :-1] << 2 | high[:, 1:] << 3
    counts = np.bincount(kinds.reshape(-1), minlength=16)
    # One corner cut off, or all but one; two across a diagonal cut off apart; a straight line.
    corner = math.hypot(step_y / 2, step_x / 2)
    cuts = counts[[1, 2, 4, 8, 7, 11, 13, 14]].sum() + 2 * counts[[6, 9]].sum()
    along_x, along_y = counts[[3, 12]].sum(), counts[[5, 10]].sum()
    eighths = (
        counts[[1, 2, 4, 8]].sum()
        + 2 * counts[[6, 9]].sum()
        + 4 * (along_x + along_y)
        + 7 * counts[[7, 11, 13, 14]].sum()
        + 8 * counts[15]
    )
    length = cuts * corner + along_x * step_x + along_y * step_y
    return float(length), float(eighths) / 8 * step_y * step_x
