"""Morphological features: size, shape and spatial spread of a region.

Source: IBSI reference manual, section 3.1 (HCUG).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.features.enclosing_shapes import (
    Hull,
    convex_hull,
    ellipsoid_area,
    enclosing_ellipsoid,
    greatest_diameter,
    oriented_box,
)
from radiome.features.mesh_measures import surface_measures
from radiome.features.spatial_autocorrelation import spatial_autocorrelation
from radiome.image.region import Region
from radiome.kernels.mesh import mark_outlines, scan_rows

Triple = tuple[float, float, float]

#: An eigenvalue below this share of the greatest is rounding: the mask is flat there.
_FLAT_SHARE = 1e-12
_AXIS_FEATURES = (
    "morph_pca_maj_axis",
    "morph_pca_min_axis",
    "morph_pca_least_axis",
    "morph_pca_elongation",
    "morph_pca_flatness",
    "morph_vol_dens_aee",
    "morph_area_dens_aee",
)
_EMPTY = NotApplicable("the intensity mask is empty")


@dataclass(frozen=True, slots=True, eq=False)
class MaskShape:
    """What one pass over a mask tells.

    Parameters
    ----------
    n_voxels : int
        Number of voxels.
    centre : float64 array (3,)
        Mean index (z, y, x) of the voxels.
    covariance : float64 array (3, 3)
        Covariance of the indices with divisor n − 1, as the reference values have it;
        zero for a single voxel.
    corners : int64 array (n, 3)
        Vertices (z, y, x) of the mesh, among them all that are on its convex hull, in
        half spacings.
    """

    n_voxels: int
    centre: NDArray[np.float64]
    covariance: NDArray[np.float64]
    corners: NDArray[np.int64]


def morphology(region: Region) -> dict[str, FeatureValue]:
    """All 29 morphological features of a region.

    With the mesh volume V and area A, the semi-axes a ≥ b ≥ c of the approximate
    enclosing ellipsoid are 2 √λ of the eigenvalues λ of the voxel centres' covariance;
    they are half the axis lengths. Densities are V and A over the volume and area of
    the enclosing shape. The axis-aligned box is that of the mesh, which is that of
    the voxels with their full extent.

    Parameters
    ----------
    region : Region
        Both masks are used: shape from the morphological mask, intensities from the
        intensity mask.

    Returns
    -------
    dict of str to float or NotApplicable
        Lengths in mm. Not applicable: all that needs a covariance, for a single voxel;
        densities by the approximate enclosing ellipsoid where it is flat; features of
        intensities where the intensity mask is empty; spatial autocorrelation where it
        has a single voxel or all its intensities are equal.
    """
    return shape_and_centre(region) | spatial_spread(region)


def shape_and_centre(region: Region) -> dict[str, FeatureValue]:
    """The 27 features of `morphology` that do not correlate intensities over space."""
    box = _bounding_box(region.morphological)
    mask = region.morphological[box]
    padded = np.zeros(tuple(n + 2 for n in mask.shape), dtype=np.uint8)
    padded[1:-1, 1:-1, 1:-1] = mask
    volume, area = surface_measures(padded, region.spacing)
    shape = mask_shape(padded)
    hull = convex_hull(shape.corners, region.spacing)
    voxel_volume = shape.n_voxels * region.geometry.voxel_volume
    features: dict[str, FeatureValue] = {
        "morph_volume": volume,
        "morph_vol_approx": voxel_volume,
        "morph_area_mesh": area,
        **_compactness(volume, area),
        "morph_diam": greatest_diameter(hull),
        **_axes(volume, area, shape, region.spacing),
        **_densities(volume, area, mask.shape, hull, region.spacing),
    }
    offset = np.array([span.start - 1 for span in box])
    features |= _intensity_features(region, box, volume, shape.centre + offset)
    return features


def spatial_spread(region: Region) -> dict[str, FeatureValue]:
    """The 2 features of `morphology` that correlate intensities over space.

    They take as long as all others together, so they can be computed beside them.
    """
    if not region.intensity.any():
        return dict.fromkeys(("morph_moran_i", "morph_geary_c"), _EMPTY)
    box = _bounding_box(region.intensity)
    moran, geary = spatial_autocorrelation(region.image[box], region.intensity[box], region.spacing)
    return {"morph_moran_i": moran, "morph_geary_c": geary}


def mask_shape(padded: NDArray[np.uint8]) -> MaskShape:
    """Moments and hull candidates of a mask, from whole numbers and hence exact.

    Parameters
    ----------
    padded : uint8 array (z, y, x)
        1 inside and 0 outside, with at least one layer of zeros on every side.
    """
    depth, height, width = padded.shape
    first = np.full((2 * depth + 1, 2 * height + 1), 2 * width + 2, dtype=np.int64)
    last = np.full_like(first, -1)
    sums = np.zeros(10, dtype=np.int64)
    scan_rows(padded, first, last, sums)
    n, z, y, x, zz, yy, xx, zy, zx, yx = (int(value) for value in sums)
    first_moments, second = (z, y, x), ((zz, zy, zx), (zy, yy, yx), (zx, yx, xx))
    # Python's whole numbers do not overflow, so nothing cancels before the division.
    pairs = max(n * (n - 1), 1)
    covariance = [
        [(n * second[i][j] - first_moments[i] * first_moments[j]) / pairs for j in range(3)]
        for i in range(3)
    ]
    centre = np.array([moment / n for moment in first_moments])
    return MaskShape(n, centre, np.array(covariance), _hull_candidates(first, last))


def _hull_candidates(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ends (z, y, x) of rows that are corners of the outlines of their z and their y plane."""
    by_z = np.zeros((*first.shape, 2), dtype=np.uint8)
    by_y = np.zeros((*first.T.shape, 2), dtype=np.uint8)
    mark_outlines(first, last, by_z)
    mark_outlines(np.ascontiguousarray(first.T), np.ascontiguousarray(last.T), by_y)
    z, y, end = np.nonzero(by_z & by_y.swapaxes(0, 1))
    return np.stack([z, y, np.where(end, last[z, y], first[z, y])], axis=1)


def _compactness(volume: float, area: float) -> dict[str, FeatureValue]:
    """Features of V and A alone; sphericity is that of the formulas in the standard."""
    sphericity = (36 * math.pi * volume**2) ** (1 / 3) / area
    return {
        "morph_av": area / volume,
        "morph_comp_1": volume / (math.sqrt(math.pi) * area**1.5),
        "morph_comp_2": 36 * math.pi * volume**2 / area**3,
        "morph_sph_dispr": 1 / sphericity,
        "morph_sphericity": sphericity,
        "morph_asphericity": 1 / sphericity - 1,
    }


def _axes(volume: float, area: float, shape: MaskShape, spacing: Triple) -> dict[str, FeatureValue]:
    """Lengths along the principal axes, and the ellipsoid they make."""
    if shape.n_voxels == 1:
        return dict.fromkeys(_AXIS_FEATURES, NotApplicable("the region has a single voxel"))
    eigenvalues = np.linalg.eigvalsh(shape.covariance * np.outer(spacing, spacing))[::-1]
    eigenvalues[eigenvalues < _FLAT_SHARE * max(eigenvalues[0], 0.0)] = 0.0
    a, b, c = (2 * math.sqrt(max(value, 0.0)) for value in eigenvalues)
    features: dict[str, FeatureValue] = {
        "morph_pca_maj_axis": 2 * a,
        "morph_pca_min_axis": 2 * b,
        "morph_pca_least_axis": 2 * c,
        "morph_pca_elongation": b / a,
        "morph_pca_flatness": c / a,
    }
    ellipsoid_volume = 4 / 3 * math.pi * a * b * c
    no_volume = NotApplicable("the approximate enclosing ellipsoid has no volume")
    features["morph_vol_dens_aee"] = volume / ellipsoid_volume if c > 0 else no_volume
    no_area = NotApplicable("the approximate enclosing ellipsoid has no area")
    features["morph_area_dens_aee"] = area / ellipsoid_area(a, b, c) if b > 0 else no_area
    return features


def _densities(
    volume: float, area: float, size: tuple[int, ...], hull: Hull, spacing: Triple
) -> dict[str, FeatureValue]:
    """Volume and area over those of the boxes, the least ellipsoid and the convex hull."""
    aligned = tuple(n * step for n, step in zip(size, spacing, strict=True))
    a, b, c = enclosing_ellipsoid(hull)
    enclosing = {
        "aabb": (math.prod(aligned), _box_area(*aligned)),
        "ombb": (math.prod(sides := oriented_box(hull)), _box_area(*sides)),
        "mvee": (4 / 3 * math.pi * a * b * c, ellipsoid_area(a, b, c)),
        "conv_hull": (hull.volume, hull.area),
    }
    features: dict[str, FeatureValue] = {}
    for name, (outer_volume, outer_area) in enclosing.items():
        features[f"morph_vol_dens_{name}"] = volume / outer_volume
        features[f"morph_area_dens_{name}"] = area / outer_area
    return features


def _box_area(a: float, b: float, c: float) -> float:
    return 2 * (a * b + b * c + c * a)


def _intensity_features(
    region: Region, around: tuple[slice, slice, slice], volume: float, centre: NDArray[np.float64]
) -> dict[str, FeatureValue]:
    """Features that need intensities: `centre` is that of the morphological mask, as an index."""
    if not region.intensity[around].any():
        return dict.fromkeys(("morph_com", "morph_integ_int"), _EMPTY)
    box = _bounding_box(region.intensity)
    block, mask = region.image[box], region.intensity[box]
    weights = np.where(mask, block, 0.0)
    start = np.array([span.start for span in box])
    shift = _centre_shift(weights, start - centre, region.spacing)
    mean = weights.sum() / np.count_nonzero(mask)
    return {"morph_com": shift, "morph_integ_int": float(mean * volume)}


def _centre_shift(
    weights: NDArray[np.float64], start: NDArray[np.float64], spacing: Triple
) -> FeatureValue:
    """Distance in mm from the origin to the centre of `weights`, whose block begins at `start`."""
    in_plane = weights.sum(axis=0)
    lines = (weights.sum(axis=(1, 2)), in_plane.sum(axis=1), in_plane.sum(axis=0))
    total = float(lines[0].sum())
    if total == 0:
        return NotApplicable("the intensities sum to zero")
    moved = [
        (float((line * np.arange(line.size)).sum()) / total + at) * step
        for line, at, step in zip(lines, start, spacing, strict=True)
    ]
    return math.hypot(*moved)


def _bounding_box(mask: NDArray[np.bool_]) -> tuple[slice, slice, slice]:
    """The smallest box (z, y, x) that holds a mask that is not empty."""
    planes = np.flatnonzero(mask.any(axis=(1, 2)))
    block = np.asarray(mask[planes[0] : planes[-1] + 1].any(axis=0))
    rows, columns = np.flatnonzero(block.any(axis=1)), np.flatnonzero(block.any(axis=0))
    spans = [slice(int(found[0]), int(found[-1]) + 1) for found in (planes, rows, columns)]
    return spans[0], spans[1], spans[2]
