"""Shape features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError
from radiome.compat.pyradiomics.marching_cubes import surface_and_volume
from radiome.features.morphology import MaskShape, mask_shape
from radiome.image.mask import Mask
from radiome.kernels.enclosing_shapes import greatest_square
from radiome.kernels.mesh import mark_outlines, scan_rows
from radiome.kernels.plane_diameters import greatest_square_in_planes

Triple = tuple[float, float, float]


def compute(mask: Mask) -> dict[str, float]:
    """Compute all shape features of a region.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Radiomic Features: Shape Features (3D)".
    """
    padded = padded_region(mask)
    spacing = mask.geometry.spacing
    area, volume = surface_and_volume(padded, spacing)
    shape = mask_shape(padded)
    least, minor, major = axis_variances(shape, spacing)
    ball = (36 * math.pi * volume**2) ** (1 / 3)
    return {
        "Elongation": math.sqrt(minor / major) if major else math.nan,
        "Flatness": math.sqrt(least / major) if major else math.nan,
        "LeastAxisLength": 4 * math.sqrt(least),
        "MajorAxisLength": 4 * math.sqrt(major),
        "Maximum2DDiameterColumn": plane_diameter(padded, spacing, axis=1),
        "Maximum2DDiameterRow": plane_diameter(padded, spacing, axis=2),
        "Maximum2DDiameterSlice": plane_diameter(padded, spacing, axis=0),
        "Maximum3DDiameter": _diameter(shape, spacing),
        "MeshVolume": volume,
        "MinorAxisLength": 4 * math.sqrt(minor),
        "Sphericity": ball / area,
        "SurfaceArea": area,
        "SurfaceVolumeRatio": area / volume,
        "VoxelVolume": shape.n_voxels * math.prod(spacing),
        "Compactness1": volume / (area**1.5 * math.sqrt(math.pi)),
        "Compactness2": 36 * math.pi * volume**2 / area**3,
        "SphericalDisproportion": area / ball,
    }


def padded_region(mask: Mask) -> NDArray[np.uint8]:
    """The box of the region as 0 and 1 with a layer of zeros all round.

    Raises
    ------
    RegionError
        If the mask is empty.
    """
    box = mask.box()
    if box is None:
        raise RegionError("the region has no voxels", where=mask.source or None)
    return np.pad(mask.voxels[box], 1).astype(np.uint8)


def axis_variances(shape: MaskShape, spacing: Triple) -> tuple[float, float, float]:
    """Ascending variances in mm² along the principal axes, with divisor n."""
    n = shape.n_voxels
    steps = np.asarray(spacing)
    covariance = shape.covariance * ((n - 1) / n) * steps[:, None] * steps
    least, minor, major = np.maximum(np.linalg.eigvalsh(covariance), 0.0)
    return float(least), float(minor), float(major)


def plane_diameter(padded: NDArray[np.uint8], spacing: Triple, *, axis: int) -> float:
    """Greatest distance in mm of two mesh vertices with the same position along `axis`.

    Only the ends of rows need a look, and those that are corners of the convex outline of
    their plane. Between two slices, some of the ends are no vertices; a plane through the
    slice they belong to then holds two vertices that lie further apart.
    """
    turned = np.ascontiguousarray(np.moveaxis(padded, axis, 0))
    depth, height, width = turned.shape
    first = np.full((2 * depth + 1, 2 * height + 1), 2 * width + 2, dtype=np.int64)
    last = np.full_like(first, -1)
    scan_rows(turned, first, last, np.zeros(10, dtype=np.int64))
    marks = np.zeros((*first.shape, 2), dtype=np.uint8)
    mark_outlines(first, last, marks)
    row_step, step = (spacing[a] / 2 for a in range(3) if a != axis)
    return math.sqrt(greatest_square_in_planes(first, last, marks, row_step, step))


def _diameter(shape: MaskShape, spacing: Triple) -> float:
    points = shape.corners * (np.asarray(spacing) / 2)
    points -= points.mean(axis=0)
    radii = np.sqrt(np.square(points).sum(axis=1))
    order = np.argsort(-radii)
    return math.sqrt(greatest_square(points[order], radii[order]))
