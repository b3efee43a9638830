"""Separable filters beside the plain sum over the whole kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
import pywt
from scipy import ndimage

from naive import filters as naive
from radiome.base.errors import SettingsError
from radiome.filters import separable
from radiome.filters.catalogue import parse_filter
from radiome.filters.laws import LAWS
from radiome.filters.rotations import rotated
from radiome.filters.separable import IDENTITY, Taps
from radiome.kernels.convolve import correlate_planes, correlate_rows

RNG = np.random.default_rng(11)
IMAGE = RNG.normal(50.0, 20.0, (7, 8, 9))
EVERYTHING = (slice(0, 7), slice(0, 8), slice(0, 9))
SPACING = (2.0, 1.0, 1.0)
BOUNDARIES = ["mirror", "zero", "nearest", "periodic"]


def respond(**values: object) -> np.ndarray:
    return next(parse_filter(values).responses(IMAGE, SPACING, EVERYTHING)).values


def product_kernel(z: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.einsum("i,j,k->ijk", np.asarray(z), np.asarray(y), np.asarray(x))


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
def test_kernels_are_plain_sums(size: int) -> None:
    taps = RNG.normal(size=size)
    block = RNG.normal(size=(3, 12, 5))
    expected = np.zeros((3, 4, 5))
    for i in range(4):
        for k in range(size):
            expected[:, i] += taps[k] * block[:, 1 + i + k]
    out = np.empty((3, 4, 5))
    correlate_planes(block, taps, 1, out)
    np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-13)
    rows = np.ascontiguousarray(np.swapaxes(block, 1, 2).reshape(15, 12))
    found = np.empty((15, 4))
    correlate_rows(rows, taps, 1, found)
    np.testing.assert_array_equal(np.swapaxes(found.reshape(3, 5, 4), 1, 2), out)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_mean(boundary: str) -> None:
    expected = naive.convolve(IMAGE, np.full((5, 5, 5), 1 / 125), boundary)
    np.testing.assert_allclose(respond(name="mean", support=5, boundary=boundary), expected)


def test_gaussian_agrees_with_scipy() -> None:
    expected = ndimage.gaussian_filter(IMAGE, (0.75, 1.5, 1.5), mode="reflect", truncate=4.0)
    np.testing.assert_allclose(respond(name="gaussian", sigma=1.5), expected, rtol=1e-12)


@pytest.mark.parametrize("zero_sum", [True, False])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_laplacian_of_gaussian(boundary: str, zero_sum: bool) -> None:
    widths = [1.0 / spacing for spacing in SPACING]
    axes = [np.arange(-round(4 * s), round(4 * s) + 1) for s in widths]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    kernel = np.zeros(z.shape)
    for position, s in zip((z, y, x), widths, strict=True):
        kernel += (position**2 / s**2 - 1) / s**2
    for position, s in zip((z, y, x), widths, strict=True):
        kernel *= np.exp(-(position**2) / (2 * s**2)) / (math.sqrt(2 * math.pi) * s)
    if zero_sum:
        kernel -= kernel.mean()
    expected = naive.convolve(IMAGE, kernel, boundary)
    found = respond(name="laplacian_of_gaussian", sigma=1.0, boundary=boundary, zero_sum=zero_sum)
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_laws_along_x_y_z(boundary: str) -> None:
    x, y, z = (np.array(LAWS[n]) / np.linalg.norm(LAWS[n]) for n in ("E5", "S3", "R5"))
    expected = naive.convolve(IMAGE, product_kernel(z, y, x), boundary)
    np.testing.assert_allclose(
        respond(name="laws", kernels="E5S3R5", boundary=boundary), expected, atol=1e-10
    )


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize(("pooling", "pool"), [("average", np.mean), ("max", np.max)])
@pytest.mark.parametrize(
    "values",
    [
        {"name": "laws", "kernels": "E5L5S5"},
        {"name": "laws", "kernels": "L5S5"},
        {"name": "wavelet", "wavelet": "db2", "bands": ["LHL"]},
        {"name": "wavelet", "wavelet": "haar", "bands": ["LLH"], "level": 2},
        {"name": "wavelet", "wavelet": "db2", "bands": ["LH"], "dimension": "2D"},
    ],
    ids=lambda v: "-".join(str(part) for part in v.values()),
)
def test_pooling_is_over_the_image_turned_and_turned_back(values, pooling, pool, boundary) -> None:  # type: ignore[no-untyped-def]
    plain = parse_filter({**values, "boundary": boundary})
    planar = values.get("dimension") == "2D" or values.get("kernels") == "L5S5"

    def once(turned: np.ndarray) -> np.ndarray:
        z, y, x = (slice(0, n) for n in turned.shape)
        turned = np.ascontiguousarray(turned)
        return next(plain.responses(turned, (1.0, 1.0, 1.0), (z, y, x))).values

    expected = pool(naive.rotated_responses(IMAGE, once, planar=planar), axis=0)
    found = respond(**values, boundary=boundary, rotation_invariance=pooling)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_there_are_24_rotations_in_space_and_4_in_a_slice() -> None:
    lopsided = [Taps((1.0, 2.0, 4.0 + i), 1) for i in range(3)]
    z, y, x = lopsided
    assert len(rotated((z, y, x), planar=False)) == rotated((z, y, x), planar=False).total() == 24
    assert len(rotated((IDENTITY, y, x), planar=True)) == 4


def test_energy_is_the_local_mean_of_the_magnitude() -> None:
    response = respond(name="laws", kernels="E3S3L3")
    expected = naive.mean_of_magnitude(response, 2, "mirror")
    found = respond(name="laws", kernels="E3S3L3", energy_distance=2)
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("wavelet", ["haar", "db3", "coif1", "sym4", "bior2.2"])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_first_level_bands(wavelet: str, boundary: str) -> None:
    known = pywt.Wavelet(wavelet)
    pair = {"L": np.array(known.dec_lo), "H": np.array(known.dec_hi)}
    chosen = parse_filter({"name": "wavelet", "wavelet": wavelet, "boundary": boundary})
    for response in chosen.responses(IMAGE, SPACING, EVERYTHING):
        x, y, z = (pair[letter] for letter in response.name.rsplit("_", 1)[1])
        expected = naive.convolve(IMAGE, product_kernel(z, y, x), boundary)
        np.testing.assert_allclose(response.values, expected, atol=1e-9)


def test_second_level_inserts_zeros_and_filters_the_low_pass_band() -> None:
    low, high = (np.array(c) for c in (pywt.Wavelet("db2").dec_lo, pywt.Wavelet("db2").dec_hi))
    first = naive.convolve(IMAGE, product_kernel(low, low, low), "mirror")
    wide_low, wide_high = (np.stack([taps, 0 * taps], axis=1).ravel() for taps in (low, high))
    kernel = product_kernel(wide_high, wide_low, wide_low)
    expected = naive.convolve(first, kernel, "mirror")
    found = respond(name="wavelet", wavelet="db2", bands=["LLH"], level=2)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_long_kernels_by_fourier_transform_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = respond(name="laplacian_of_gaussian", sigma=2.0)
    monkeypatch.setattr(separable, "FOURIER_TAPS", 2)
    np.testing.assert_allclose(respond(name="laplacian_of_gaussian", sigma=2.0), direct, atol=1e-10)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "mean", "support": 4}, "odd"),
        ({"name": "laws", "kernels": "L5X5"}, "two .2D. or three"),
        ({"name": "laws", "kernels": "L5"}, "two .2D. or three"),
        ({"name": "wavelet", "wavelet": "coiff1"}, "did you mean coif1"),
        ({"name": "wavelet", "bands": ["LH"]}, "bands in 3D are LLL"),
        ({"name": "wavelet", "bands": []}, "bands in 3D are LLL"),
        ({"name": "laplacian_of_gaussian"}, "sigma"),
        ({"name": "laplacian_of_gaussian", "sigma": -1}, "greater than 0"),
        ({"name": "mean", "boundary": "reflect"}, "mirror"),
        ({"name": "gaussian", "sigma": 1, "label": "a b"}, "label"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_filter(values)
