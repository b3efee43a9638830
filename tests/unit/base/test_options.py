"""Options are strict: unknown names are refused with the nearest known one."""

import pytest

from radiome.base.errors import SettingsError
from radiome.base.options import Options, parse_options


class Inner(Options):
    bin_width: float = 25.0


class Outer(Options):
    inner: Inner = Inner()
    count: int = 1


def test_known_values_are_read():
    assert parse_options(Outer, {"inner": {"bin_width": 5}}).inner.bin_width == 5.0


def test_unknown_key_names_its_place_and_the_nearest_known_key():
    with pytest.raises(SettingsError) as caught:
        parse_options(Outer, {"inner": {"bin_widht": 5}}, where="case.yaml")
    error = caught.value
    assert error.what == "unknown setting 'inner.bin_widht'"
    assert error.where == "case.yaml"
    assert error.do == "did you mean 'bin_width'?"


def test_bad_value_says_what_was_expected():
    with pytest.raises(SettingsError, match="setting 'count' is not valid") as caught:
        parse_options(Outer, {"count": "many"})
    assert "integer" in (caught.value.expected or "")


def test_options_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Outer().count = 2


class Tree(Options):
    advice = "'radiome trees' lists all"

    branches: tuple[Outer, ...] = ()
    other: Inner | None = None


@pytest.mark.parametrize(
    ("values", "path", "near"),
    [
        ({"branches": [{}, {"cont": 1}]}, "branches.1.cont", "count"),
        ({"branches": [{"inner": {"bin_widht": 1}}]}, "branches.0.inner.bin_widht", "bin_width"),
        ({"other": {"bin_widht": 1}}, "other.bin_widht", "bin_width"),
    ],
)
def test_an_unknown_key_in_a_list_of_groups_is_compared_with_those_of_its_group(values, path, near):
    with pytest.raises(SettingsError) as caught:
        parse_options(Tree, values)
    assert caught.value.what == f"unknown setting '{path}'"
    assert caught.value.do == f"did you mean '{near}'?"


def test_a_bad_value_in_a_list_of_groups_is_named_and_the_advice_is_that_of_the_tree():
    with pytest.raises(SettingsError) as caught:
        parse_options(Tree, {"branches": [{"inner": {"bin_width": "x" * 1000}}]})
    assert caught.value.what == "setting 'branches.0.inner.bin_width' is not valid"
    assert caught.value.do == "correct the value; 'radiome trees' lists all"
    assert len(caught.value.got) < 250
    with pytest.raises(SettingsError) as caught:
        parse_options(Outer, {"count": "x"})
    assert caught.value.do == "correct the value"


class Chosen(Options):
    spacing: float | tuple[float, float] | None = None


class Deep(Options):
    chosen: Chosen = Chosen()
    counts: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"chosen": {"spacing": "fine"}}, "chosen.spacing"),
        ({"chosen": {"spacing": []}}, "chosen.spacing"),
        ({"chosen": 3}, "chosen"),
        ({"counts": [1, "x"]}, "counts.1"),
    ],
)
def test_a_bad_value_is_named_as_the_user_wrote_it(values, path):
    with pytest.raises(SettingsError) as caught:
        parse_options(Deep, values)
    assert caught.value.what == f"setting '{path}' is not valid"
