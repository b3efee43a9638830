"""Laws of the intensity families: slow twins, order, offset and scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from naive import intensity as slow
from radiome.base.values import FeatureValue, NotApplicable
from radiome.features.intensity_histogram import intensity_histogram
from radiome.features.intensity_statistics import intensity_statistics
from radiome.features.intensity_volume_histogram import IvhOptions, intensity_volume_histogram
from radiome.image import Geometry, Levels, Region

WHOLE = arrays(np.float64, st.integers(1, 50), elements=st.integers(-300, 300).map(float))
REAL = arrays(
    np.float64, st.integers(1, 50), elements=st.floats(-1000, 1000).map(lambda v: round(v, 3))
)


def region(values: np.ndarray) -> Region:
    line = values[None, None]
    inside = np.ones(line.shape, bool)
    return Region(line, inside, inside, Geometry(line.shape, (1.0, 1.0, 1.0)))


def assert_same(
    found: dict[str, FeatureValue],
    expected: dict[str, float | None],
    prefix: str,
    relative: float = 1e-9,
    absolute: float = 1e-9,
) -> None:
    """Expect each value, and "not applicable" where the slow twin has none."""
    assert {f"{prefix}_{name}" for name in expected} == {*found}
    for name, value in expected.items():
        feature = found[f"{prefix}_{name}"]
        if value is None:
            assert isinstance(feature, NotApplicable), name
        else:
            assert feature == pytest.approx(value, rel=relative, abs=absolute), name


@given(values=REAL)
def test_statistics_equal_the_sums_of_the_standard(values: np.ndarray) -> None:
    values = values + 2000.0  # away from the zeros of two denominators
    expected = slow.statistics(values.tolist())
    expected["energy"] = sum(v * v for v in values)
    expected["rms"] = (expected["energy"] / len(values)) ** 0.5
    # Powers of deviations lose digits where the spread is 1e-6 of the values.
    assert_same(intensity_statistics(values), expected, "stat", relative=1e-6)


@given(values=st.lists(st.integers(1, 12), min_size=1, max_size=60), extra=st.integers(0, 3))
def test_histogram_equals_the_sums_of_the_standard(values: list[int], extra: int) -> None:
    n_levels = max(max(values) + extra, 2)
    padded = np.zeros((3, 3, len(values) + 2), np.uint16)
    padded[1, 1, 1:-1] = values
    found = intensity_histogram(Levels(padded, padded > 0, n_levels, len(values)))
    expected = slow.statistics([float(v) for v in values]) | slow.histogram(values, n_levels)
    assert_same(found, expected, "ih")


@given(values=WHOLE, low=st.integers(0, 5), high=st.integers(0, 5), bound=st.booleans())
def test_ivh_equals_the_table_of_the_standard(
    values: np.ndarray, low: int, high: int, bound: bool
) -> None:
    limits = (values.min() - low, values.max() + high) if bound else None
    first, last = limits or (values.min(), values.max())
    found = intensity_volume_histogram(region(values), IvhOptions(method="none"), limits)
    if first == last:
        assert found["ivh_auc"] == 0
        return
    grid = [float(i) for i in range(int(first), int(last) + 1)]
    assert_same(found, slow.volume_histogram(values.tolist(), grid), "ivh")


@given(values=REAL, width=st.sampled_from([0.5, 7.0]), span=st.integers(2, 300))
def test_ivh_of_bins_equals_the_table_of_the_standard(
    values: np.ndarray, width: float, span: int
) -> None:
    low, high = -1000.0, -1000.0 + span * width
    values = np.clip(values, low, high)
    options = IvhOptions(method="fixed_bin_size", bin_width=width)
    found = intensity_volume_histogram(region(values), options, (low, high))
    centres = low + (np.floor((values - low) / width) + 0.5) * width
    grid = [low + (k + 0.5) * width for k in range(span)]
    assert_same(found, slow.volume_histogram(centres.tolist(), grid), "ivh")


@given(values=REAL, seed=st.integers(0, 99))
def test_the_order_of_voxels_changes_no_bit(values: np.ndarray, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(values)
    assert intensity_statistics(values) == intensity_statistics(shuffled)


@given(values=WHOLE, shift=st.integers(-500, 500), power=st.integers(-2, 5))
def test_statistics_follow_offset_and_scale(values: np.ndarray, shift: int, power: int) -> None:
    scale = 2.0**power
    straight = intensity_statistics(values)
    affine = intensity_statistics(values * scale + shift)
    for tag in ("mean", "median", "min", "p10", "p90", "max"):
        expected = straight[f"stat_{tag}"] * scale + shift  # type: ignore[operator]
        assert affine[f"stat_{tag}"] == pytest.approx(expected, abs=1e-9), tag
    for tag in ("iqr", "range", "mad", "medad"):
        expected = straight[f"stat_{tag}"] * scale  # type: ignore[operator]
        assert affine[f"stat_{tag}"] == pytest.approx(expected, abs=1e-9), tag
    for tag in ("skew", "kurt"):
        assert affine[f"stat_{tag}"] == pytest.approx(straight[f"stat_{tag}"], rel=1e-9, abs=1e-9)


@given(values=WHOLE, power=st.integers(-2, 5), shift=st.integers(-500, 500))
def test_ivh_of_arbitrary_units_ignores_offset_and_scale(
    values: np.ndarray, power: int, shift: int
) -> None:
    straight = intensity_volume_histogram(region(values), IvhOptions())
    assert intensity_volume_histogram(region(values * 2.0**power + shift), IvhOptions()) == straight
