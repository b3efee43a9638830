"""Options of the preparation: what they accept and what they say about the rest."""

from __future__ import annotations

import math

import pytest

from radiome.base.errors import SettingsError
from radiome.base.options import parse_options
from radiome.preprocess.options import Interpolation, Resegmentation


def test_one_spacing_counts_for_all_axes() -> None:
    assert Interpolation(spacing=2.0).target_spacing((3.0, 1.0, 1.0)) == (2.0, 2.0, 2.0)


def test_planar_interpolation_keeps_the_slice_distance() -> None:
    options = parse_options(Interpolation, {"spacing": [2, 2, 2], "dimension": "2D"})
    assert options.target_spacing((3.0, 1.0, 1.0)) == (3.0, 2.0, 2.0)


def test_no_spacing_means_no_new_grid() -> None:
    assert Interpolation().target_spacing((3.0, 1.0, 1.0)) is None


@pytest.mark.parametrize("spacing", [0.0, -1.0, [1.0, 1.0], [1.0, 0.0, 1.0], float("nan"), "fine"])
def test_a_spacing_that_is_no_length_is_refused(spacing: object) -> None:
    with pytest.raises(SettingsError, match="setting 'spacing"):
        parse_options(Interpolation, {"spacing": spacing})


def test_open_ends_of_the_range_are_infinite() -> None:
    assert Resegmentation(range=(0.0, None)).limits == (0.0, math.inf)
    assert Resegmentation().limits == (-math.inf, math.inf)


@pytest.mark.parametrize(
    "values", [{"range": [2.0, 1.0]}, {"range": [float("nan"), 1.0]}, {"outlier_sigma": 0}]
)
def test_an_empty_interval_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        parse_options(Resegmentation, values)
