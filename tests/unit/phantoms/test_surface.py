"""The measures of an outline against closed forms, counting and triangles."""

import math

import numpy as np
import pytest
from scipy.special import elliprg

from radiome.phantoms.surface import Surface, make_surface

SHAPES = [("ellipsoid", 0.0), ("lobulated", 0.5), ("spiculated", 0.8)]


def surface(kind: str, irregularity: float, seed: int = 1) -> Surface:
    rng = np.random.default_rng(seed)
    return make_surface(kind, 12000.0, (1.3, 1.0, 0.8), irregularity, rng)


def test_sphere_has_its_closed_forms() -> None:
    ball = make_surface("ellipsoid", 10000.0, (1, 1, 1), 0.0, np.random.default_rng(0))
    radius = (3 * 10000 / (4 * math.pi)) ** (1 / 3)
    # The quadrature is exact for a sphere: what is left is rounding.
    assert ball.volume_mm3 == pytest.approx(10000, rel=1e-12)
    assert ball.area_mm2 == pytest.approx(4 * math.pi * radius**2, rel=1e-12)
    assert ball.sphericity == pytest.approx(1.0, rel=1e-12)
    assert ball.max_diameter_mm == pytest.approx(2 * radius, rel=1e-12)


def test_ellipsoid_has_its_closed_forms() -> None:
    body = surface("ellipsoid", 0.0)
    a, b, c = body.semi_axes
    assert 4 / 3 * math.pi * a * b * c == pytest.approx(12000, rel=1e-12)
    # Area of an ellipsoid as a symmetric elliptic integral, DLMF 19.33.1.
    area = 4 * math.pi * elliprg((a * b) ** 2, (a * c) ** 2, (b * c) ** 2)
    assert body.area_mm2 == pytest.approx(area, rel=1e-10)
    assert body.max_diameter_mm == pytest.approx(2 * a, rel=1e-12)


@pytest.mark.parametrize(("kind", "irregularity"), SHAPES)
def test_volume_is_what_counting_points_gives(kind: str, irregularity: float) -> None:
    body = surface(kind, irregularity)
    axes = [np.arange(-reach, reach, 0.4) + 0.2 for reach in body.reach_mm]
    counted = body.contains(*axes).sum() * 0.4**3
    assert counted == pytest.approx(12000, rel=2e-3)


@pytest.mark.parametrize(("kind", "irregularity"), SHAPES)
def test_area_and_diameter_are_those_of_a_fine_triangulation(
    kind: str, irregularity: float
) -> None:
    body = surface(kind, irregularity)
    points = lattice(body, 200)
    low, right = points[:-1], np.roll(points, -1, axis=1)
    first = np.cross(right[:-1] - low, points[1:] - low)
    second = np.cross(right[:-1] - right[1:], points[1:] - right[1:])
    area = (np.linalg.norm(first, axis=2) + np.linalg.norm(second, axis=2)).sum() / 2
    assert body.area_mm2 == pytest.approx(area, rel=2e-3)
    coarse = points[::4, ::4].reshape(-1, 3)
    gap = max(np.linalg.norm(coarse - point, axis=1).max() for point in coarse)
    assert body.max_diameter_mm == pytest.approx(gap, rel=5e-3)
    assert (np.abs(points).reshape(-1, 3).max(axis=0) <= body.reach_mm).all()


def lattice(body: Surface, count: int) -> np.ndarray:
    """Points (count + 1, 2 count, 3) of the outline by polar angle and azimuth."""
    polar = np.linspace(0, np.pi, count + 1)[:, None]
    around = np.arange(2 * count) * np.pi / count
    directions = np.stack(
        np.broadcast_arrays(
            np.cos(polar), np.sin(polar) * np.sin(around), np.sin(polar) * np.cos(around)
        ),
        axis=-1,
    )
    radii = body.radius(directions.reshape(-1, 3)).reshape(directions.shape[:2])
    return radii[..., None] * directions * body.semi_axes


def test_irregular_shapes_are_less_spherical_and_differ_by_seed() -> None:
    smooth, lobes, spikes = (surface(kind, height).sphericity for kind, height in SHAPES)
    assert smooth > lobes > spikes
    assert surface("lobulated", 0.5, seed=2).area_mm2 != surface("lobulated", 0.5).area_mm2


def test_points_beside_the_outline_are_told_apart() -> None:
    body = surface("spiculated", 0.8)
    for direction in body.centres:
        tip = body.radius(direction[None])[0] * direction * body.semi_axes
        just_in, just_out = ([np.array([p]) for p in tip * share] for share in (0.999, 1.001))
        assert body.contains(*just_in).all()
        assert not body.contains(*just_out).any()
