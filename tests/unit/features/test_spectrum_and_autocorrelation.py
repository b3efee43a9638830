"""Fourier spectrum and autocorrelation function: textures with a known grain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage

from radiome.base.values import NotApplicable
from radiome.extraction.case import extract_case
from radiome.extraction.settings import Settings
from radiome.features.autocorrelation_function import autocorrelation_function
from radiome.features.fourier_spectrum import fourier_spectrum
from radiome.image import Geometry, Mask, Region, Volume


def region(
    image: np.ndarray,
    spacing=(1.0, 1.0, 1.0),
    inside: np.ndarray | None = None,  # type: ignore[no-untyped-def]
) -> Region:
    mask = np.ones(image.shape, dtype=bool) if inside is None else inside
    return Region(image.astype(float), mask, mask, Geometry(image.shape, spacing))  # type: ignore[arg-type]


def noise(shape: tuple[int, ...] = (40, 44, 48), seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def naive_correlation(image: np.ndarray, inside: np.ndarray, lag: tuple[int, int, int]) -> float:
    """Mean product over pairs at the lag and at the lags with its parts' signs changed."""
    mean, total, pairs = image[inside].mean(), 0.0, 0
    for signs in np.ndindex(2, 2, 2):
        step = [(-1) ** s * n for s, n in zip(signs, lag, strict=True)]
        for place in np.argwhere(inside):
            other = place + step
            if (other >= 0).all() and (other < image.shape).all() and inside[tuple(other)]:
                total += (image[tuple(place)] - mean) * (image[tuple(other)] - mean)
                pairs += 1
    return total / pairs / image[inside].var()


def test_correlation_along_an_axis_is_the_plain_sum_over_pairs() -> None:
    image = ndimage.gaussian_filter(noise((6, 7, 24)), 1.0)
    inside = noise((6, 7, 24), 2) > -1.0
    found = autocorrelation_function(region(image, (3.0, 2.0, 0.5), inside))["acf_length_x"]
    line = [naive_correlation(image, inside, (0, 0, n)) for n in range(6)]
    after = next(n for n, c in enumerate(line) if c <= math.exp(-1))
    share = (line[after - 1] - math.exp(-1)) / (line[after - 1] - line[after])
    assert found == pytest.approx(0.5 * (after - 1 + share), rel=1e-9)


@pytest.mark.parametrize("sigma", [1.5, 2.5])
def test_smoothed_noise_has_twice_the_width_of_its_smoothing(sigma: float) -> None:
    # The correlation of noise smoothed by sigma is exp(-h²/4 sigma²): 1/e at 2 sigma.
    image = ndimage.gaussian_filter(noise((64, 64, 64)), sigma, mode="wrap")
    found = autocorrelation_function(region(image))
    assert found["acf_length"] == pytest.approx(2 * sigma, rel=0.1)
    assert found["acf_anisotropy"] > 0.85  # type: ignore[operator]


def test_long_grains_are_anisotropic_along_their_axis() -> None:
    image = ndimage.gaussian_filter(noise((64, 64, 64)), (1.0, 1.0, 4.0), mode="wrap")
    found = autocorrelation_function(region(image))
    assert found["acf_length_x"] > 2.5 * found["acf_length_z"]  # type: ignore[operator]
    assert found["acf_anisotropy"] < 0.4  # type: ignore[operator]
    assert fourier_spectrum(region(image))["fft_anisotropy"] > 0.5  # type: ignore[operator]


def test_white_noise_has_a_flat_spectrum() -> None:
    found = fourier_spectrum(region(noise()))
    assert abs(found["fft_slope"]) < 0.1  # type: ignore[arg-type]
    assert found["fft_entropy"] > 0.94  # type: ignore[operator]
    assert found["fft_anisotropy"] < 0.1  # type: ignore[operator]
    bands = [found[f"fft_power_{n}"] for n in (1, 2, 3, 4)]
    assert math.fsum(bands) == pytest.approx(1.0)  # type: ignore[arg-type]
    # Power goes as the volumes of shells: 1, 7, 19, 37 of 64.
    np.testing.assert_allclose(np.array(bands) * 64, [1, 7, 19, 37], rtol=0.15)  # type: ignore[arg-type]


@pytest.mark.parametrize("slope", [-1.0, -2.0, -3.0])
def test_a_power_law_is_found_again(slope: float) -> None:
    shape = (48, 48, 48)
    waves = np.meshgrid(*[np.fft.fftfreq(n) for n in shape], indexing="ij")
    frequency = np.sqrt(sum(w * w for w in waves))
    frequency[0, 0, 0] = np.inf
    image = np.fft.ifftn(np.fft.fftn(noise(shape)) * frequency ** (slope / 2)).real
    found = fourier_spectrum(region(image))["fft_slope"]
    assert found == pytest.approx(slope, abs=0.25)


def test_a_single_wave_has_its_frequency() -> None:
    x = np.arange(40)
    image = np.broadcast_to(np.sin(2 * np.pi * 4 * x / 40), (10, 20, 40))
    found = fourier_spectrum(region(image, (1.0, 1.0, 0.5)))
    assert found["fft_centroid"] == pytest.approx(4 / 20, rel=1e-9)
    assert found["fft_anisotropy"] == pytest.approx(1.0)
    assert found["fft_power_2"] == pytest.approx(1.0)


@pytest.mark.parametrize("family", [fourier_spectrum, autocorrelation_function])
def test_laws(family) -> None:  # type: ignore[no-untyped-def]
    image = ndimage.gaussian_filter(noise((12, 15, 18)), 1.0)
    inside = noise((12, 15, 18), 5) > -1.2
    plain = family(region(image, (2.0, 1.0, 1.5), inside))

    def same(other: dict, names=lambda n: n) -> None:  # type: ignore[type-arg,no-untyped-def]
        for name, value in plain.items():
            assert other[names(name)] == pytest.approx(value, rel=1e-7), name

    same(family(region(7.0 * image + 100.0, (2.0, 1.0, 1.5), inside)))
    same(family(region(image[::-1, :, ::-1], (2.0, 1.0, 1.5), inside[::-1, :, ::-1])))
    pads = ((2, 3), (0, 4), (1, 1))
    same(family(region(np.pad(image, pads), (2.0, 1.0, 1.5), np.pad(inside, pads))))
    turned = family(region(image.transpose(2, 1, 0), (1.5, 1.0, 2.0), inside.transpose(2, 1, 0)))
    same(turned, lambda n: n[:-1] + {"z": "x", "x": "z"}.get(n[-1], n[-1]))


@pytest.mark.parametrize("family", [fourier_spectrum, autocorrelation_function])
@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 4, 4), (1, 1, 2), (1, 9, 9), (1, 1, 9)])
def test_small_and_flat_regions_have_reasons_and_no_nan(family, shape) -> None:  # type: ignore[no-untyped-def]
    for image in (np.full(shape, 3.0), noise(shape)):
        for value in family(region(image)).values():
            assert isinstance(value, NotApplicable) or math.isfinite(value)


def test_they_are_asked_for_by_name() -> None:
    shape = (12, 12, 12)
    volume = Volume(noise(shape), Geometry(shape, (1.0, 1.0, 1.0)))
    mask = Mask(np.ones(shape, dtype=bool), volume.geometry)
    assert not any(
        tag.startswith(("fft_", "acf_")) for tag in extract_case(volume, mask, Settings())
    )
    chosen = Settings(families=("fourier_spectrum", "autocorrelation_function"))
    assert len(extract_case(volume, mask, chosen)) == 13
