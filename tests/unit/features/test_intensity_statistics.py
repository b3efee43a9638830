"""Statistics on regions at the edge of their definition."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.values import NotApplicable
from radiome.features.intensity_statistics import intensity_statistics


@pytest.mark.parametrize("n", [1, 3, 1000])
@pytest.mark.parametrize("value", [0.1, -7.0])
def test_a_constant_region_is_exactly_constant(n: int, value: float) -> None:
    found = intensity_statistics(np.full(n, value))
    for tag in ("mean", "median", "min", "p10", "p90", "max"):
        assert found[f"stat_{tag}"] == value
    for tag in ("var", "skew", "kurt", "iqr", "range", "mad", "rmad", "medad", "cov", "qcod"):
        assert found[f"stat_{tag}"] == 0
    assert found["stat_rms"] == pytest.approx(abs(value), rel=1e-15)


def test_ratios_to_zero_are_not_applicable() -> None:
    found = intensity_statistics(np.array([-2.0, -1.0, 1.0, 2.0]))
    assert found["stat_cov"] == NotApplicable("the mean intensity is zero")
    assert isinstance(found["stat_qcod"], NotApplicable)
    assert found["stat_var"] == 2.5


def test_input_is_left_alone() -> None:
    values = np.array([3.0, 1.0, 2.0])
    values.setflags(write=False)
    assert intensity_statistics(values)["stat_median"] == 2


def test_a_large_offset_costs_no_digits() -> None:
    values = np.array([0.0, 1.0, 2.0, 4.0])
    near, far = intensity_statistics(values), intensity_statistics(values + 2.0**40)
    assert far["stat_var"] == near["stat_var"]


def test_two_voxels_leave_nothing_between_the_percentiles() -> None:
    found = intensity_statistics(np.array([1.0, 2.0]))
    reason = "no voxel lies between the 10th and the 90th percentile"
    assert found["stat_rmad"] == NotApplicable(reason)
    assert found["stat_p10"] == pytest.approx(1.1)
