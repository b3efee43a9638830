"""Gabor, Simoncelli and Riesz filters: what their definitions promise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from radiome.base.errors import SettingsError
from radiome.filters.catalogue import parse_filter
from radiome.filters.fourier import centred_coordinates
from radiome.filters.riesz import component, orders_of

RNG = np.random.default_rng(4)
SPACING = (1.5, 1.0, 2.0)


def respond(image: np.ndarray, spacing=(1.0, 1.0, 1.0), **values: object) -> np.ndarray:  # type: ignore[no-untyped-def]
    z, y, x = (slice(0, n) for n in image.shape)
    return next(parse_filter(values).responses(image, spacing, (z, y, x))).values


def naive_gabor(image: np.ndarray, theta: float, *, sigma: float, wave: float) -> np.ndarray:
    """Modulus in the axial plane, by the sum over a generous window with zeros outside."""
    out = np.zeros(image.shape)
    for y, x in np.ndindex(*image.shape[1:]):
        total = np.zeros(image.shape[0], dtype=complex)
        for j, i in np.ndindex(*image.shape[1:]):
            v, u = (y - j) * SPACING[1], (x - i) * SPACING[2]
            a = u * math.cos(theta) + v * math.sin(theta)
            b = -u * math.sin(theta) + v * math.cos(theta)
            envelope = math.exp(-(a * a + (0.7 * b) ** 2) / (2 * sigma**2))
            total += image[:, j, i] * envelope * np.exp(2j * math.pi * a / wave)
        out[:, y, x] = np.abs(total)
    return out


def test_gabor_is_the_modulus_of_a_plain_sum() -> None:
    image = RNG.normal(size=(2, 9, 8))
    options = {"name": "gabor", "sigma": 1.2, "wavelength": 3.0, "gamma": 0.7, "boundary": "zero"}
    one = respond(image, SPACING, **options, theta=30.0)
    np.testing.assert_allclose(
        one, naive_gabor(image, math.radians(30), sigma=1.2, wave=3.0), atol=1e-6
    )
    # Odd count of directions: no opposite pairs to skip.
    for step in (90.0, 72.0):
        turns = [
            naive_gabor(image, math.radians(k * step), sigma=1.2, wave=3.0)
            for k in range(round(360 / step))
        ]
        average = respond(image, SPACING, **options, theta_step=step)
        np.testing.assert_allclose(average, np.mean(turns, axis=0), atol=1e-6)
        largest = respond(image, SPACING, **options, theta_step=step, pooling="max")
        np.testing.assert_allclose(largest, np.max(turns, axis=0), atol=1e-6)


def test_gabor_over_three_planes_is_the_average_of_the_turned_image() -> None:
    image = RNG.normal(size=(9, 10, 11))
    options = {"name": "gabor", "sigma": 1.0, "wavelength": 2.5, "theta": 20.0}
    axial = respond(image, SPACING, **options)
    # (x, z): z takes the place of y. (y, z): y takes the place of x, z that of y.
    xz = respond(image.transpose(1, 0, 2), (SPACING[1], SPACING[0], SPACING[2]), **options)
    yz = respond(image.transpose(2, 0, 1), (SPACING[2], SPACING[0], SPACING[1]), **options)
    expected = (axial + xz.transpose(1, 0, 2) + yz.transpose(1, 2, 0)) / 3
    found = respond(image, SPACING, **options, orthogonal_planes=True)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_simoncelli_levels_and_the_rest_keep_all_energy() -> None:
    shape = (33, 33, 33)
    chosen = [parse_filter({"name": "simoncelli", "level": level}) for level in (1, 2, 3)]
    gains = [f.gain(shape, (0, 1, 2)) for f in chosen]  # type: ignore[attr-defined]
    distance = np.sqrt(sum(c * c for c in centred_coordinates(shape, (0, 1, 2))))
    shared = (distance > 1 / 8) & (distance <= 1 / 2)
    # Where two neighbouring levels overlap, their squared gains add up to one.
    np.testing.assert_allclose(sum(g**2 for g in gains)[shared], 1.0, atol=1e-12)


def test_simoncelli_in_2d_treats_slices_alone() -> None:
    image = RNG.normal(size=(3, 16, 15))
    whole = respond(image, name="simoncelli", dimension="2D")
    for z in range(3):
        alone = respond(image[z : z + 1], name="simoncelli", dimension="2D")
        np.testing.assert_allclose(whole[z : z + 1], alone, atol=1e-13)


@pytest.mark.parametrize("total", [1, 2, 3])
def test_riesz_components_of_one_order_share_the_energy(total: int) -> None:
    # Odd lengths have no sample that is its own mirror image.
    image = RNG.normal(size=(13, 15, 11))
    image -= image.mean()
    spectrum = np.fft.fftn(image)
    energy = sum((component(spectrum, order) ** 2).sum() for order in orders_of(total))
    assert energy == pytest.approx((image**2).sum(), rel=1e-12)


LOG = {"name": "laplacian_of_gaussian", "sigma": 1.5, "boundary": "periodic"}


def test_riesz_along_another_axis_is_that_of_the_turned_image() -> None:
    image = RNG.normal(size=(11, 11, 11))
    along_x = respond(image, name="riesz", of=LOG, order=[1, 0, 1])
    turned = respond(np.swapaxes(image, 0, 1), name="riesz", of=LOG, order=[1, 1, 0])
    np.testing.assert_allclose(np.swapaxes(turned, 0, 1), along_x, atol=1e-12)


@pytest.mark.parametrize("order", [[1, 0, 0], [2, 0, 0], [0, 2, 0], [1, 1, 0]])
def test_a_steered_response_turns_with_the_image(order: list[int]) -> None:
    image = RNG.normal(size=(11, 11, 11))
    options = {"name": "riesz", "of": LOG, "order": order, "steering_sigma": 1.0}
    plain = respond(image, **options)
    turned = respond(np.ascontiguousarray(np.transpose(image, (2, 0, 1))), **options)
    np.testing.assert_allclose(turned, np.transpose(plain, (2, 0, 1)), atol=1e-9)
    unsteered = respond(image, name="riesz", of=LOG, order=order)
    assert not np.allclose(unsteered, plain)


def test_steering_finds_the_direction_of_a_slanted_wave() -> None:
    z, y, x = np.meshgrid(*[np.arange(31)] * 3, indexing="ij")
    wave = np.sin(2 * np.pi * (3 * x + 2 * y + z) / 31)
    options = {"name": "riesz", "of": {"name": "simoncelli", "level": 2}, "steering_sigma": 1.0}
    along = respond(wave, **options, order=[2, 0, 0])
    across = respond(wave, **options, order=[0, 2, 0])
    assert np.abs(across).max() < 1e-6 * np.abs(along).max()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "gabor", "sigma": 1, "wavelength": 1, "theta_step": 50}, "divide 360"),
        ({"name": "gabor", "sigma": 1, "wavelength": 1, "pooling": "max"}, "without theta_step"),
        ({"name": "riesz", "of": {"name": "mean"}, "order": [1, 0, 0]}, "laplacian_of_gaussian or"),
        ({"name": "riesz", "of": {**LOG, "dimension": "2D"}, "order": [1, 0, 0]}, "in 3D"),
        ({"name": "riesz", "of": LOG, "order": [0, 0, 0]}, "add up to 1"),
        ({"name": "riesz", "of": LOG, "order": [1, 0]}, "order"),
        ({"name": "simoncelli", "level": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_filter(values)
