"""Numbers and sentences as the report shows them."""

import pytest

from radiome.report.words import (
    bounded,
    family_words,
    listed,
    seconds_words,
    sensible,
    typeset,
    with_unit,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.05, "−0.05"),
        (1234.6, "1235"),
        (0.00123456, "0.00123"),
        (1.5e-7, "1.5·10⁻⁷"),
        (2.5e9, "2.5·10⁹"),
        (100.0, "100"),
        (635302, "635\u202f302"),
        (99.96, "100"),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_numbers_have_three_digits_that_count(value, text):
    assert sensible(value) == text


def test_units_of_the_image_and_of_levels_are_not_shown():
    assert [with_unit(2.0, unit) for unit in ("mm", "1", "I", "level", "")] == [
        "2 mm", "2", "2", "2", "2",
    ]  # fmt: skip


def test_minus_signs_and_quotes_are_set_but_hyphens_stay():
    assert (
        typeset("'a-b': -0.1 to 3-4, T1-weighted, don't")
        == "“a-b”: −0.1 to 3-4, T1-weighted, don't"
    )


def test_an_estimate_without_interval_is_none():
    assert bounded({"reason": "few"}) is None
    assert bounded({"value": 0.5, "lower": None, "upper": None}) is None
    assert bounded({"value": 0.5, "lower": 0.4, "upper": 0.6}).upper == 0.6


def test_words():
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert [seconds_words(each) for each in (0.41, 75, 7260)] == [
        "0.4 s",
        "1 min 15 s",
        "2 h 1 min",
    ]
    assert family_words("home_made") == "Home made"
