"""Morphology of regions whose shape has known measures, and of regions that have none."""

import math

import numpy as np
import pytest

from naive import enclosing_shapes as naive_shapes
from naive.mesh import greatest_distance, mesh_vertices
from radiome.base.values import NotApplicable
from radiome.features.enclosing_shapes import (
    convex_hull,
    ellipsoid_area,
    enclosing_ellipsoid,
    oriented_box,
)
from radiome.features.mesh_measures import cube_table
from radiome.features.morphology import mask_shape, morphology
from radiome.image import Geometry, Region


def region(mask, spacing=(1.0, 1.0, 1.0), image=None, intensity=None):
    mask = np.asarray(mask, dtype=bool)
    if image is None:
        image = np.random.default_rng(7).normal(10, 3, mask.shape)
    intensity = mask if intensity is None else intensity
    return Region(image.astype(float), mask, intensity, Geometry(mask.shape, spacing))


def box_region(shape, spacing=(1.0, 1.0, 1.0)):
    return region(np.pad(np.ones(shape, dtype=bool), 2), spacing)


def hull_of(mask, spacing=(1.0, 1.0, 1.0)):
    padded = np.pad(np.asarray(mask), 1).astype(np.uint8)
    return convex_hull(mask_shape(padded).corners, spacing)


def ball(radius):
    grid = np.mgrid[-radius : radius + 1, -radius : radius + 1, -radius : radius + 1]
    return (grid**2).sum(axis=0) <= radius**2


def test_cube_table_is_complete():
    table = cube_table()
    assert table.volumes[0] == 0
    assert table.volumes[255] == pytest.approx(1, abs=1e-15)
    assert table.volumes[1] == pytest.approx(1 / 48)
    assert set(table.kinds) == set(range(1, 255))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 5), (1, 3, 4), (2, 3, 6)])
def test_a_box_of_voxels_has_bevelled_edges(shape):
    values = morphology(box_region(shape))
    p, q, r = (n - 1 for n in shape)
    assert values["morph_volume"] == pytest.approx(
        math.prod(shape) - (p + q + r) / 2 - 5 / 6, rel=1e-13
    )
    faces, edges = 2 * (p * q + q * r + r * p), 2 * math.sqrt(2) * (p + q + r)
    assert values["morph_area_mesh"] == pytest.approx(faces + edges + math.sqrt(3), rel=1e-13)
    assert values["morph_vol_dens_conv_hull"] == pytest.approx(1, rel=1e-12)
    assert values["morph_area_dens_conv_hull"] == pytest.approx(1, rel=1e-12)


def test_single_voxel():
    values = morphology(box_region((1, 1, 1), (2.0, 1.0, 3.0)))
    assert values["morph_volume"] == pytest.approx(1.0)
    assert values["morph_vol_approx"] == 6.0
    assert values["morph_diam"] == pytest.approx(3.0)
    assert values["morph_com"] == pytest.approx(0, abs=1e-12)
    reasons = {name: v.reason for name, v in values.items() if isinstance(v, NotApplicable)}
    assert reasons.pop("morph_moran_i") == "the intensity mask has a single voxel"
    assert reasons.pop("morph_geary_c") == "the intensity mask has a single voxel"
    assert len(reasons) == 7
    assert set(reasons.values()) == {"the region has a single voxel"}


def test_a_line_has_lengths_but_no_ellipsoid():
    values = morphology(box_region((1, 1, 5), (1.0, 1.0, 2.0)))
    assert values["morph_pca_maj_axis"] == pytest.approx(4 * 2 * math.sqrt(2.5))
    assert values["morph_pca_min_axis"] == 0
    assert values["morph_pca_elongation"] == 0
    assert isinstance(values["morph_vol_dens_aee"], NotApplicable)
    assert isinstance(values["morph_area_dens_aee"], NotApplicable)


@pytest.mark.parametrize("mask", [np.eye(6)[:, None, :], np.ones((1, 4, 5)), np.ones((3, 1, 4))])
def test_a_flat_mask_has_no_ellipsoid_volume(mask):
    values = morphology(region(np.pad(mask > 0, 1)))
    assert values["morph_pca_flatness"] == 0
    assert isinstance(values["morph_vol_dens_aee"], NotApplicable)
    assert all(
        math.isfinite(value) for value in values.values() if not isinstance(value, NotApplicable)
    )


def test_a_ball_approaches_the_sphere():
    values = morphology(region(np.pad(ball(15), 1)))
    assert values["morph_volume"] == pytest.approx(4 / 3 * math.pi * 15**3, rel=0.01)
    assert values["morph_sphericity"] == pytest.approx(0.93, abs=0.02)
    # The eigenvalues of a ball are r²/5, so that the semi-axes are 2 r / √5.
    assert values["morph_vol_dens_aee"] == pytest.approx((math.sqrt(5) / 2) ** 3, rel=0.01)
    assert values["morph_vol_dens_mvee"] == pytest.approx(0.905, abs=0.01)
    assert values["morph_asphericity"] == pytest.approx(values["morph_sph_dispr"] - 1)


def test_without_intensities_only_shape_is_left():
    mask = np.pad(ball(3), 1)
    values = morphology(region(mask, intensity=np.zeros_like(mask)))
    missing = {name for name, value in values.items() if isinstance(value, NotApplicable)}
    assert missing == {"morph_com", "morph_integ_int", "morph_moran_i", "morph_geary_c"}


def test_intensities_that_cancel_have_no_centre():
    values = morphology(region(np.ones((1, 1, 2)), image=np.array([[[1.0, -1.0]]])))
    assert values["morph_com"] == NotApplicable("the intensities sum to zero")


def test_equal_intensities_have_no_autocorrelation():
    values = morphology(region(ball(2), image=np.full((5, 5, 5), 0.1)))
    assert values["morph_moran_i"] == NotApplicable("all intensities are equal")
    assert values["morph_integ_int"] == pytest.approx(0.1 * values["morph_volume"])


def test_centre_of_mass_shift_uses_both_masks():
    mask = np.ones((1, 1, 4), dtype=bool)
    intensity = np.array([[[True, True, False, False]]])
    image = np.array([[[1.0, 3.0, 100.0, 100.0]]])
    values = morphology(region(mask, (1.0, 1.0, 2.0), image, intensity))
    assert values["morph_com"] == pytest.approx((1.5 - 0.75) * 2)
    assert values["morph_integ_int"] == pytest.approx(2 * values["morph_volume"])


@pytest.mark.parametrize("seed", range(6))
def test_hull_shapes_equal_their_plain_twins(seed):
    from scipy.spatial import ConvexHull

    generator = np.random.default_rng(seed)
    mask = generator.random((4, 3, 5)) > 0.8
    mask[1, 1, 2] = True
    spacing = (1.5, 0.7, 1.0)
    hull, points = hull_of(mask, spacing), mesh_vertices(mask, spacing)
    plain = ConvexHull(points)
    assert hull.volume == pytest.approx(plain.volume, rel=1e-12)
    assert hull.area == pytest.approx(plain.area, rel=1e-12)
    values = morphology(region(mask, spacing))
    assert values["morph_diam"] == pytest.approx(greatest_distance(points), rel=1e-12)
    least = naive_shapes.least_box_volume(points[plain.vertices], plain.equations[:, :3])
    # The twin turns the rectangle to any two corners, which finds no smaller one.
    assert math.prod(oriented_box(hull)) == pytest.approx(least, rel=1e-9)
    ellipsoid = 4 / 3 * math.pi * math.prod(enclosing_ellipsoid(hull))
    twin = naive_shapes.least_ellipsoid_volume(points[plain.vertices])
    # Both are within their tolerance of the least: the twin from below, at 1e-4 of k.
    assert ellipsoid == pytest.approx(twin, rel=3e-4)


@pytest.mark.parametrize("seed", range(20))
def test_the_hull_equals_that_of_qhull(seed):
    from scipy.spatial import ConvexHull

    generator = np.random.default_rng(seed)
    mask = generator.random(generator.integers(1, 20, 3)) > generator.choice([0.2, 0.9, 0.99])
    mask[0, 0, 0] = True
    points = mask_shape(np.pad(mask, 1).astype(np.uint8)).corners
    hull, plain = convex_hull(points, (2.0, 2.0, 2.0)), ConvexHull(points.astype(float))
    assert hull.volume == pytest.approx(plain.volume, rel=1e-12)
    assert hull.area == pytest.approx(plain.area, rel=1e-12)
    corners = {tuple(point) for point in points[plain.vertices]}
    assert corners <= {tuple(point) for point in hull.points.astype(int)}
    # Euler: flat faces and the edges between them leave the corners.
    degree = np.bincount(hull.edges[:, :2].ravel(), minlength=len(hull.points))
    assert np.count_nonzero(degree >= 3) == len(corners)


def test_the_box_turns_with_the_region():
    diagonal = np.zeros((3, 12, 12), dtype=bool)
    for i in range(12):
        diagonal[:, i, i] = True
    sides = sorted(oriented_box(hull_of(diagonal)))
    assert sides[2] == pytest.approx(11 * math.sqrt(2) + math.sqrt(2) / 2)


def test_ellipsoid_area_is_the_series_of_the_standard():
    for axes in ((5.7, 4.65, 4.27), (3.0, 2.9, 0.1), (7.0, 2.0, 1.0)):
        assert ellipsoid_area(*axes) == pytest.approx(naive_shapes.ellipsoid_area(*axes), rel=1e-9)
    assert ellipsoid_area(2.0, 2.0, 2.0) == pytest.approx(16 * math.pi)
    assert math.isfinite(ellipsoid_area(2.0, 2.0, 1.0))
