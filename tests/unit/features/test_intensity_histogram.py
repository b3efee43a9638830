"""Histogram features: ties, empty bins, one bin."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.values import NotApplicable
from radiome.features.intensity_histogram import intensity_histogram
from radiome.image import Levels


def levels(values: list[int], n_levels: int | None = None) -> Levels:
    padded = np.zeros((3, 3, len(values) + 2), np.uint16)
    padded[1, 1, 1:-1] = values
    return Levels(padded, padded > 0, n_levels or max(values), len(values))


@pytest.mark.parametrize(
    ("values", "mode"),
    [([1, 1, 5, 5, 6], 5), ([1, 1, 2, 2, 9], 2), ([1, 1, 3, 3], 1), ([4], 4)],
)
def test_of_several_modes_the_one_next_to_the_mean_counts(values: list[int], mode: int) -> None:
    assert intensity_histogram(levels(values))["ih_mode"] == mode


def test_empty_bins_are_part_of_the_histogram() -> None:
    found = intensity_histogram(levels([1, 1, 1, 4], n_levels=6))
    # Counts 3 0 0 1 0 0, gradient -3 -1.5 0.5 0 -0.5 0.
    assert (found["ih_max_grad"], found["ih_max_grad_g"]) == (0.5, 3)
    assert (found["ih_min_grad"], found["ih_min_grad_g"]) == (-3, 1)
    assert found["ih_max"] == 4


@pytest.mark.parametrize("n", [1, 7])
def test_one_level(n: int) -> None:
    found = intensity_histogram(levels([1] * n))
    for tag in ("var", "skew", "kurt", "entropy", "iqr", "range", "mad", "rmad", "medad", "qcod"):
        assert found[f"ih_{tag}"] == 0
    assert found["ih_uniformity"] == 1
    assert found["ih_max_grad"] == NotApplicable("the histogram has a single bin")


def test_one_high_level_has_no_variance_of_rounding() -> None:
    found = intensity_histogram(levels([41] * 49))
    assert (found["ih_var"], found["ih_skew"], found["ih_cov"]) == (0, 0, 0)
