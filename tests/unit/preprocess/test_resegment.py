"""Re-segmentation by range, by outlier filter, and by both."""

from __future__ import annotations

import numpy as np

from radiome.preprocess.options import Resegmentation
from radiome.preprocess.resegment import resegment

VALUES = np.array([-1000.0, *np.linspace(0, 9, 19), 10.0, 500.0])
IMAGE = np.concatenate([VALUES, [4.0, 1e9]])[None, None]
MASK = np.concatenate([np.ones(VALUES.size, bool), [False, False]])[None, None]


def kept(**options: object) -> np.ndarray:
    return IMAGE[resegment(IMAGE, MASK, Resegmentation.model_validate(options))]


def test_nothing_asked_nothing_done() -> None:
    assert resegment(IMAGE, MASK, Resegmentation()) is MASK


def test_both_ends_of_the_range_stay() -> None:
    assert np.array_equal(kept(range=(0.0, 9.0)), np.linspace(0, 9, 19))
    assert kept(range=(None, 0.0)).tolist() == [-1000.0, 0.0]


def test_outliers_are_judged_by_the_whole_region() -> None:
    mean, sigma = VALUES.mean(), VALUES.std()
    expected = VALUES[np.abs(VALUES - mean) <= 2 * sigma]
    assert np.array_equal(kept(outlier_sigma=2.0), expected)
    assert expected.size < VALUES.size


def test_with_both_the_filter_still_sees_the_voxels_out_of_range() -> None:
    # Judged after the range, 10 would be an outlier at 1.5 sigma; judged before, it stays.
    inner = VALUES[(VALUES >= 0) & (VALUES <= 10)]
    assert inner.mean() + 1.5 * inner.std() < 10
    assert kept(range=(0.0, 10.0), outlier_sigma=1.5).max() == 10


def test_a_constant_region_has_no_outliers() -> None:
    image = np.full((1, 1, 7), 0.1)
    mask = np.ones((1, 1, 7), bool)
    assert resegment(image, mask, Resegmentation(outlier_sigma=3.0)).all()
