import numpy as np
import pytest

from radiome.phantoms.random_field import gaussian_field, standardise_inside, texture_field


@pytest.mark.parametrize("length", [2.0, 4.0])
@pytest.mark.parametrize("step", [0.5, 1.0])
def test_texture_has_the_correlation_length_asked_for(length: float, step: float) -> None:
    field = texture_field((96, 96, 96), step, length, np.random.default_rng(3))
    field = field - field.mean()
    for distance in (length / 2, length, 2 * length):
        lag = round(distance / step)
        found = [
            float((np.delete(f, range(-lag, 0), 0) * f[lag:]).mean() / field.var())
            for f in (np.moveaxis(field, axis, 0) for axis in range(3))
        ]
        expected = np.exp(-((lag * step) ** 2) / (2 * length**2))
        # 96³ voxels hold at least (48 / 4)³ / 5 independent patches: 0.08 is 3 sigma.
        assert np.mean(found) == pytest.approx(expected, abs=0.08)


def test_ends_of_the_texture_are_not_correlated() -> None:
    rng = np.random.default_rng(4)
    ends = [(f[0], f[-1]) for f in (texture_field((24, 64, 64), 1.0, 3.0, rng) for _ in range(8))]
    first, last = (np.concatenate([pair[i].ravel() for pair in ends]) for i in (0, 1))
    assert abs(np.corrcoef(first, last)[0, 1]) < 0.1


def test_no_smoothing_leaves_white_noise() -> None:
    shape = (4, 6, 8)
    field = gaussian_field(shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), np.random.default_rng(5))
    np.testing.assert_allclose(field, np.random.default_rng(5).standard_normal(shape), atol=1e-12)


def test_smoothing_of_odd_and_even_sizes_keeps_the_mean() -> None:
    for shape in ((5, 6, 7), (6, 5, 8)):
        rough = np.random.default_rng(6).standard_normal(shape)
        smooth = gaussian_field(shape, (3.0, 1.0, 1.0), (2.0, 1.0, 0.5), np.random.default_rng(6))
        assert smooth.shape == shape
        assert smooth.mean() == pytest.approx(rough.mean())
        assert smooth.std() < rough.std()


def test_standardised_inside_only() -> None:
    field = np.random.default_rng(7).standard_normal((6, 6, 6)) * 3 + 5
    inside = np.zeros(field.shape, dtype=bool)
    inside[1:5, 2:5, 1:4] = True
    made = standardise_inside(field, inside)
    assert made[inside].mean() == pytest.approx(0, abs=1e-12)
    assert made[inside].std() == pytest.approx(1)
    assert not standardise_inside(np.ones((3, 3, 3)), np.ones((3, 3, 3), bool)).any()
