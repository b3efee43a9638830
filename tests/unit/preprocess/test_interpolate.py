"""Interpolation against its slow twin, SciPy's splines, and itself on a crop."""

from __future__ import annotations

import numpy as np
import pytest

from naive.interpolate import interpolate as slow
from radiome.base.errors import ImageError
from radiome.image import Geometry
from radiome.preprocess.grid import Axes, grid_axes
from radiome.preprocess.interpolate import Ranges, interpolate
from radiome.preprocess.options import Interpolation

METHODS = ("nearest", "linear", "cubic")


def whole(axes: Axes) -> Ranges:
    return ((0, axes[0].n_new), (0, axes[1].n_new), (0, axes[2].n_new))


def grid(shape: tuple[int, int, int], ratios: tuple[float, float, float]) -> Axes:
    return grid_axes(Geometry(shape, (1.0, 1.0, 1.0)), Interpolation(spacing=ratios))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("shape", "ratios"),
    [
        ((3, 5, 4), (0.6, 0.7, 1.3)),
        ((1, 6, 7), (0.5, 2.4, 1.0)),
        ((2, 2, 9), (1.7, 0.9, 0.4)),
        ((4, 3, 3), (3.1, 5.0, 2.0)),
    ],
)
def test_equals_the_slow_twin(
    method: str, shape: tuple[int, int, int], ratios: tuple[float, float, float]
) -> None:
    image = np.random.default_rng(5).normal(0, 100, shape)
    axes = grid(shape, ratios)
    # 1e-11 is 1000 ULP of the intensities: the twin solves a linear system.
    np.testing.assert_allclose(
        interpolate(image, axes, whole(axes), method), slow(image, ratios, method), atol=1e-11
    )


def test_cubic_equals_scipy_on_a_long_line() -> None:
    from scipy.ndimage import map_coordinates

    line = np.random.default_rng(1).normal(0, 1000, (1, 1, 200))
    axes = grid(line.shape, (1.0, 1.0, 0.73))
    positions = np.clip(axes[2].old_positions(0, axes[2].n_new), 0, 199)
    expected = map_coordinates(line[0, 0], positions[None], order=3, mode="mirror")
    np.testing.assert_allclose(
        interpolate(line, axes, whole(axes), "cubic")[0, 0], expected, atol=1e-10
    )


@pytest.mark.parametrize("method", METHODS)
def test_part_of_the_grid_equals_that_part_of_the_whole_grid(method: str) -> None:
    image = np.random.default_rng(2).normal(0, 1, (80, 90, 70))
    axes = grid(image.shape, (0.8, 1.3, 0.9))
    part = ((40, 50), (28, 41), (35, 36))
    everything = interpolate(image, axes, whole(axes), method)
    crop = interpolate(image, axes, part, method)
    np.testing.assert_allclose(crop, everything[tuple(slice(*span) for span in part)], atol=1e-13)


def test_part_of_the_grid_does_not_read_the_rest() -> None:
    image = np.zeros((100, 100, 100))
    image[99, 99, 99] = np.nan
    axes = grid(image.shape, (0.5, 0.5, 0.5))
    assert not interpolate(image, axes, ((0, 9), (0, 9), (0, 9)), "cubic").any()


@pytest.mark.parametrize("method", METHODS)
def test_the_old_grid_gives_back_the_image(method: str) -> None:
    image = np.random.default_rng(3).integers(-9, 9, (4, 5, 6)).astype(np.int16)
    axes = grid(image.shape, (1.0, 1.0, 1.0))
    assert np.array_equal(interpolate(image, axes, whole(axes), method), image)


@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_a_plane_stays_a_plane_within_the_image(method: str) -> None:
    z, y, x = np.indices((40, 41, 42), dtype=np.float64)
    axes = grid((40, 41, 42), (0.7, 0.8, 1.9))
    found = interpolate(2 * z - y + 3 * x, axes, whole(axes), method)
    at = [axis.old_positions(0, axis.n_new) for axis in axes]
    expected = 2 * at[0][:, None, None] - at[1][:, None] + 3 * at[2]
    # The mirrored ends bend a cubic spline: look where they have faded, |pole|**15 = 3e-9.
    core = tuple(
        slice(*np.searchsorted(p, (15, n - 15))) for p, n in zip(at, (40, 41, 42), strict=True)
    )
    np.testing.assert_allclose(found[core], expected[core], atol=1e-6)
    assert found[core].size > 100


def test_beyond_the_edge_the_edge_value_is_taken() -> None:
    line = np.array([[[3.0, 5.0, 4.0]]])
    axes = grid((1, 1, 3), (1.0, 1.0, 0.25))
    for method in METHODS:
        found = interpolate(line, axes, whole(axes), method)[0, 0]
        assert found[[0, -1]] == pytest.approx([3.0, 4.0], abs=1e-14)


def test_cubic_refuses_missing_values_within_reach() -> None:
    image = np.zeros((5, 5, 5))
    image[0, 0, 0] = np.inf
    axes = grid(image.shape, (0.5, 0.5, 0.5))
    with pytest.raises(ImageError, match="1 NaN or infinite"):
        interpolate(image, axes, whole(axes), "cubic")
