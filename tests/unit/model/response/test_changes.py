"""Formulas of change, their reasons, and time points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radiome.base.errors import UserError
from radiome.model.response.changes import REASONS, changes
from radiome.model.response.options import PREFIXES
from radiome.model.response.time_points import read_time_points

numbers = st.floats(-1e300, 1e300) | st.sampled_from([0.0, -0.0, 1e-320, -1e-320, math.nan])


def one(kind, before, after, interval=1.0):
    found = changes(kind, np.array([[before]]), np.array([[after]]), np.array([interval]))
    return found.values[0, 0], REASONS[found.codes[0, 0]]


@pytest.mark.parametrize(
    "kind, before, after, expected",
    [
        ("absolute", 2.0, -1.0, -3.0),
        ("relative", 4.0, 3.0, -0.25),
        ("relative", -4.0, -3.0, 0.25),
        ("relative", -4.0, -5.0, -0.25),
        ("relative", 4.0, 0.0, -1.0),
        ("relative", 1e-200, 2e-200, 1.0),
        ("rate", 4.0, 9.0, 0.5),
        ("log_ratio", 2.0, 4.0, math.log(2)),
        ("log_ratio", 1e-300, 1e300, 600 * math.log(10)),
    ],
)
def test_formulas(kind, before, after, expected):
    value, reason = one(kind, before, after, 10.0)
    assert value == pytest.approx(expected, rel=1e-12)
    assert reason == ""


@pytest.mark.parametrize(
    "kind, before, after, reason",
    [
        ("relative", 0.0, 1.0, "the value at baseline is 0"),
        ("relative", 0.0, 0.0, "the value at baseline is 0"),
        ("relative", -1.0, 2.0, "changes its sign"),
        ("relative", 1e-200, -1e-200, "changes its sign"),
        ("log_ratio", 0.0, 1.0, "no logarithm"),
        ("log_ratio", 1.0, -1.0, "no logarithm"),
        ("absolute", math.nan, 1.0, "no value at baseline"),
        ("relative", 1.0, math.nan, "no value at follow-up"),
        ("absolute", -1e308, 1e308, "beyond the range"),
        ("relative", 1e-310, 1e10, "beyond the range"),
    ],
)
def test_undefined_changes_say_why(kind, before, after, reason):
    value, told = one(kind, before, after)
    assert math.isnan(value)
    assert reason in told


@given(st.sampled_from(list(PREFIXES)), numbers, numbers, st.floats(1e-3, 1e4))
def test_there_is_a_number_or_a_reason_never_both(kind, before, after, interval):
    value, reason = one(kind, before, after, interval)
    assert math.isfinite(value) == (reason == "")


@given(st.floats(1e-100, 1e100), st.floats(1e-100, 1e100))
def test_a_log_ratio_reverses_and_a_relative_change_does_not_mind_the_unit(before, after):
    there, back = one("log_ratio", before, after)[0], one("log_ratio", after, before)[0]
    assert there == pytest.approx(-back, abs=1e-12)
    relative = one("relative", before, after)[0]
    assert one("relative", 8 * before, 8 * after)[0] == relative
    # Mirrored values fall where the others grow.
    assert one("relative", -before, -after)[0] == -relative


@pytest.mark.parametrize(
    "cells, days",
    [
        (["2024-02-28", "2024-03-01"], 2.0),
        (["20240228", "20240301"], 2.0),
        (["2024-02-28", "20240301"], 2.0),
        (["2024-02-28T12:00", "2024-02-29"], 0.5),
        (["2024-02-28T12:00+02:00", "2024-02-28T12:00Z"], 2 / 24),
    ],
)
def test_dates_are_days_apart(cells, days):
    points = read_time_points(cells, "date", where="t")
    assert points.dates
    assert points.unit == "day"
    assert np.diff(points.values) == pytest.approx([days])


def test_numbers_stay_numbers():
    points = read_time_points(["-3", "0", "1.5", "2024"], "visit", where="t")
    assert points.values.tolist() == [-3, 0, 1.5, 2024]
    assert not points.dates
    assert "visit" in points.unit


@pytest.mark.parametrize(
    "cells, message",
    [
        (["0", "week 6"], "'week 6' cannot be read"),
        (["0", "31.01.2024"], "cannot be read"),
        (["0", "2024-02-30"], "cannot be read"),
        (["0", "nan"], "cannot be read"),
        (["0", "1_000"], "cannot be read"),
        (["0", "2024-02-28"], "mixed"),
        (["0", "20240228"], "mixed"),
        (["2024-02-28T12:00Z", "2024-02-28T12:00"], "time zone"),
    ],
)
def test_time_points_that_cannot_be_placed_are_refused(cells, message):
    with pytest.raises(UserError, match=message) as caught:
        read_time_points(cells, "day", where="scans.csv")
    assert "column 'day'" in caught.value.message


def test_a_named_time_point_is_read_as_the_column_is():
    dates = read_time_points(["2024-01-01", "2024-01-31"], "date", where="t")
    assert dates.value_of("20240131", what="the baseline") == dates.values[1]
    with pytest.raises(UserError, match="not a time point"):
        dates.value_of("30", what="the baseline")
