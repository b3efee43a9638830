"""Gradient, pointwise functions and local binary patterns beside their plain definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from radiome.base.errors import SettingsError
from radiome.filters.catalogue import parse_filter
from radiome.filters.local_binary_pattern import cube

EVERYTHING = (slice(0, 5), slice(0, 7), slice(0, 8))
IMAGE = np.random.default_rng(2).integers(-5, 6, (5, 7, 8)).astype(float)
SPACING = (3.0, 1.0, 0.5)


def respond(image: np.ndarray = IMAGE, **values: object) -> np.ndarray:
    return next(parse_filter(values).responses(image, SPACING, EVERYTHING)).values


def test_gradient_of_a_ramp_is_its_slope_per_mm() -> None:
    z, y, x = np.meshgrid(*(np.arange(n) * s for n, s in zip((5, 7, 8), SPACING, strict=True)))
    ramp = np.swapaxes(2.0 * z - 3.0 * y + 6.0 * x, 0, 1)
    inner = (slice(1, -1),) * 3
    np.testing.assert_allclose(respond(ramp, name="gradient")[inner], 7.0)
    planar = respond(ramp, name="gradient", dimension="2D")[:, 1:-1, 1:-1]
    np.testing.assert_allclose(planar, math.sqrt(45.0))


def test_gradient_agrees_with_numpy_inside() -> None:
    parts = np.gradient(IMAGE, *SPACING)
    expected = np.sqrt(sum(part**2 for part in parts))
    inner = (slice(1, -1),) * 3
    np.testing.assert_allclose(respond(name="gradient")[inner], expected[inner])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "square"}, lambda v: v * v),
        ({"name": "square_root"}, lambda v: math.copysign(math.sqrt(abs(v)), v)),
        ({"name": "logarithm"}, lambda v: math.copysign(math.log(abs(v) + 1), v)),
        ({"name": "exponential", "scale": 4.0}, lambda v: math.exp(v / 4.0)),
    ],
)
def test_pointwise(values, expected) -> None:  # type: ignore[no-untyped-def]
    found = respond(**values)
    for place in np.ndindex(*IMAGE.shape):
        assert found[place] == pytest.approx(expected(IMAGE[place]), rel=1e-14)


def naive_circle(image: np.ndarray, radius: float, samples: int) -> np.ndarray:
    far = math.ceil(radius) + 1
    padded = np.pad(image, ((0, 0), (far, far), (far, far)), mode="symmetric")
    out = np.empty(image.shape)
    for z, y, x in np.ndindex(*image.shape):
        bright = []
        for s in range(samples):
            angle = 2 * math.pi * s / samples
            v = y + far - round(radius * math.sin(angle), 9)
            u = x + far + round(radius * math.cos(angle), 9)
            v0, u0 = math.floor(v), math.floor(u)
            value = 0.0
            for dv in (0, 1):
                for du in (0, 1):
                    weight = abs(1 - dv - (v - v0)) * abs(1 - du - (u - u0))
                    value += weight * (padded[z, v0 + dv, u0 + du] - image[z, y, x])
            bright.append(value >= -1e-12)
        changes = sum(bright[s] != bright[s - 1] for s in range(samples))
        out[z, y, x] = sum(bright) if changes <= 2 else samples + 1
    return out


@pytest.mark.parametrize(("radius", "samples"), [(1.0, 8), (2.0, 16), (1.5, 5)])
def test_patterns_on_a_circle(radius: float, samples: int) -> None:
    # Halves of odd numbers cannot tie with their bilinear means by accident of rounding.
    image = IMAGE * math.pi + np.random.default_rng(3).normal(size=IMAGE.shape)
    found = respond(image, name="local_binary_pattern", radius=radius, samples=samples)
    np.testing.assert_array_equal(found, naive_circle(image, radius, samples))
    assert set(np.unique(found)) <= set(range(samples + 2))


def naive_cube(image: np.ndarray) -> np.ndarray:
    padded = np.pad(image, 1, mode="symmetric")
    steps, _ = cube()
    places = [tuple(step) for step in steps.tolist()]

    def parts(chosen: set[tuple[int, ...]]) -> int:
        left, count = set(chosen), 0
        while left:
            count += 1
            todo = [left.pop()]
            while todo:
                here = todo.pop()
                near = {p for p in left if sum(abs(a - b) for a, b in zip(p, here)) == 1}  # noqa: B905
                left -= near
                todo += near
        return count

    out = np.empty(image.shape)
    for z, y, x in np.ndindex(*image.shape):
        bright = {
            p for p in places if padded[z + 1 + p[0], y + 1 + p[1], x + 1 + p[2]] >= image[z, y, x]
        }
        uniform = parts(bright) <= 1 and parts(set(places) - bright) <= 1
        out[z, y, x] = len(bright) if uniform else 27
    return out


def test_patterns_on_a_cube() -> None:
    smooth = np.cumsum(IMAGE, axis=2)
    for image in (IMAGE, smooth):
        found = respond(image, name="local_binary_pattern", dimension="3D")
        np.testing.assert_array_equal(found, naive_cube(image))
    assert (found < 27).any()
    assert (found == 27).any()


def test_a_flat_image_has_the_full_pattern() -> None:
    flat = np.full(IMAGE.shape, 0.1)
    assert (respond(flat, name="local_binary_pattern", radius=1.7, samples=11) == 11).all()
    assert (respond(flat, name="local_binary_pattern", dimension="3D") == 26).all()


def test_patterns_do_not_depend_on_the_scale_of_brightness() -> None:
    for dimension in ("2D", "3D"):
        plain = respond(name="local_binary_pattern", dimension=dimension)
        scaled = respond(4.0 * IMAGE + 64.0, name="local_binary_pattern", dimension=dimension)
        np.testing.assert_array_equal(plain, scaled)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dimension": "3D", "samples": 8}, "no effect in 3D"),
        ({"dimension": "3D", "radius": 1.5}, "whole number"),
        ({"radius": 0}, "greater than 0"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_filter({"name": "local_binary_pattern", **values})
    with pytest.raises(SettingsError, match="scale"):
        parse_filter({"name": "exponential"})
