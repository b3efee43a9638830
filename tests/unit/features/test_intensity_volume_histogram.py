"""IVH: the standard's example, the range G, and regions without an answer."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import SettingsError
from radiome.base.values import NotApplicable
from radiome.features.catalogue import entry
from radiome.features.intensity_volume_histogram import IvhOptions, intensity_volume_histogram
from radiome.image import Geometry, Region

WHOLE = IvhOptions(method="none")


def region(values: object) -> Region:
    line = np.asarray(values, dtype=np.float64).reshape(1, 1, -1)
    inside = np.ones(line.shape, bool)
    return Region(line, inside, inside, Geometry(line.shape, (1.0, 1.0, 1.0)))


def test_example_of_the_standard() -> None:
    found = intensity_volume_histogram(region([1] * 50 + [3] + [4] * 16 + [6] * 7), WHOLE)
    assert found["ivh_v10"] == 24 / 74
    assert found["ivh_v90"] == 7 / 74
    assert (found["ivh_i10"], found["ivh_i90"]) == (5, 2)
    # The area of the table of the standard: steps of 0.2 between 1, .324, .324, .311, .095, .095.
    expected = 0.2 * (0.5 + (24 + 24 + 23 + 7 + 3.5) / 74)
    assert found["ivh_auc"] == pytest.approx(expected, rel=1e-15)


def test_the_range_is_that_of_the_resegmentation() -> None:
    values = [0] * 5 + [50] * 5
    free = intensity_volume_histogram(region(values), WHOLE)
    bound = intensity_volume_histogram(region(values), WHOLE, (-900.0, 100.0))
    half = intensity_volume_histogram(region(values), WHOLE, (-900.0, None))
    assert (free["ivh_v10"], bound["ivh_v10"], bound["ivh_v90"]) == (0.5, 1, 1)
    assert (bound["ivh_i10"], bound["ivh_i90"]) == (51, 1)
    assert half["ivh_i10"] == NotApplicable(
        "every intensity is found in more than 10 % of the volume"
    )
    assert isinstance(half["ivh_diff_i10_i90"], NotApplicable)


def test_bin_size_reports_bin_centres() -> None:
    options = IvhOptions(method="fixed_bin_size", bin_width=0.5)
    found = intensity_volume_histogram(region([0.1, 0.6, 0.7, 1.9]), options, (0.0, 5.0))
    assert (found["ivh_i10"], found["ivh_i90"]) == (2.25, 0.75)


def test_values_follow_their_unit_when_intensities_get_another() -> None:
    values = np.array([0.1, 0.6, 0.7, 1.9, 2.2, 3.1])
    small = IvhOptions(method="fixed_bin_size", bin_width=0.25)
    great = IvhOptions(method="fixed_bin_size", bin_width=2.0)
    before = intensity_volume_histogram(region(values), small, (0.0, 5.0))
    after = intensity_volume_histogram(region(8 * values), great, (0.0, 40.0))
    for tag, value in before.items():
        factor = {"1": 1, "I": 8}[entry(tag).unit]
        assert after[tag] == pytest.approx(factor * value, rel=1e-12), tag


def test_a_single_intensity_has_no_fractions() -> None:
    found = intensity_volume_histogram(region([3.0, 3.0]), IvhOptions())
    assert found["ivh_auc"] == 0
    assert all(isinstance(v, NotApplicable) for tag, v in found.items() if tag != "ivh_auc")


def test_no_voxel_left() -> None:
    empty = Region(
        np.zeros((1, 1, 2)),
        np.ones((1, 1, 2), bool),
        np.zeros((1, 1, 2), bool),
        Geometry((1, 1, 2), (1.0, 1.0, 1.0)),
    )
    found = intensity_volume_histogram(empty, WHOLE)
    assert len(found) == 7
    assert set(found.values()) == {NotApplicable("no voxel is left in the intensity mask")}


def test_fractions_of_a_unit_are_refused_without_bins() -> None:
    with pytest.raises(SettingsError, match="not whole numbers"):
        intensity_volume_histogram(region([1.0, 1.5]), WHOLE)
