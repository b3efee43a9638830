import numpy as np
import pytest

from radiome.phantoms.scanner import SIGMA_PER_FWHM, noise, sample, sampling_weights

CELLS = np.arange(-40, 40, 0.5) + 0.25


@pytest.mark.parametrize("sigma", [0.0, 0.05, 0.7, 2.5])
@pytest.mark.parametrize("size", [0.3, 1.0, 5.0])
def test_weights_of_a_voxel_add_up_to_one(sigma: float, size: float) -> None:
    weights = sampling_weights(np.array([-3.1, 0.0, 0.2]), size, CELLS, 0.5, sigma)
    assert (weights > -1e-12).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-9)


def test_without_blur_the_weight_is_the_overlap_of_the_boxes() -> None:
    weights = sampling_weights(np.array([0.1]), 1.0, np.array([-0.5, 0.0, 0.5, 1.0]), 0.5, 0.0)
    # The voxel reaches from -0.4 to 0.6; the cells' borders lie at -0.75, -0.25, ... 1.25.
    np.testing.assert_allclose(weights, [[0.15, 0.5, 0.35, 0.0]], atol=1e-12)


@pytest.mark.parametrize("sigma", [0.4, 1.5])
def test_weights_are_those_of_an_integral_done_by_hand(sigma: float) -> None:
    fine = np.linspace(-30, 30, 60001)
    box = (np.abs(fine - 0.3) <= 1.5) / 3.0
    kernel = np.exp(-0.5 * ((fine[:, None] - CELLS[60:100]) / sigma) ** 2)
    density = kernel.T @ box * (fine[1] - fine[0]) / (sigma * np.sqrt(2 * np.pi))
    weights = sampling_weights(np.array([0.3]), 3.0, CELLS[60:100], 1e-3, sigma)[0] / 1e-3
    # A very small cell sees the density itself; the ends of the box are known to 1e-3 mm.
    np.testing.assert_allclose(weights, density, atol=5e-4)


def test_blur_approaches_the_sharp_limit() -> None:
    sharp = sampling_weights(np.array([0.1]), 1.0, CELLS, 0.5, 0.0)
    blurred = sampling_weights(np.array([0.1]), 1.0, CELLS, 0.5, 1e-4)
    np.testing.assert_allclose(blurred, sharp, atol=1e-3)


def test_full_width_at_half_maximum() -> None:
    sigma = 4.0 * SIGMA_PER_FWHM
    assert np.exp(-0.5 * (2.0 / sigma) ** 2) == pytest.approx(0.5)


def test_sampling_goes_axis_by_axis() -> None:
    rng = np.random.default_rng(1)
    tissue = rng.random((3, 4, 5))
    z, y, x = rng.random((2, 3)), rng.random((6, 4)), rng.random((7, 5))
    expected = np.einsum("ai,bj,ck,ijk->abc", z, y, x, tissue)
    np.testing.assert_allclose(sample(tissue, (z, y, x)), expected)


def test_noise_has_its_sigma_and_follows_the_blur() -> None:
    shape, spacing = (16, 48, 48), (3.0, 1.0, 1.0)
    fine, coarse = (
        noise(shape, spacing, (0.0, blur, blur), 8.0, np.random.default_rng(2))
        for blur in (0.0, 1.0)
    )
    assert fine.std() == pytest.approx(8.0)
    assert coarse.std() == pytest.approx(8.0)
    steps = [np.abs(np.diff(image, axis=2)).mean() for image in (fine, coarse)]
    assert steps[1] < 0.7 * steps[0]
    assert not noise(shape, spacing, (0.0, 0.0, 0.0), 0.0, np.random.default_rng(2)).any()
