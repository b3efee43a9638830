"""Errors carry what, where, expected, got and do, and survive the trip between processes."""

import pickle

from radiome.base.errors import GeometryError, UserError, nearest_name


def test_message_lists_every_known_part_on_its_own_line():
    error = UserError("no such region", where="a.dcm", expected="GTV-1", got="GTV", do="choose")
    assert error.message.splitlines() == [
        "no such region",
        "  where: a.dcm",
        "  expected: GTV-1",
        "  got: GTV",
        "  do: choose",
    ]


def test_unknown_parts_leave_no_empty_line():
    assert str(UserError("broken", do="mend it")) == "broken\n  do: mend it"


def test_pickling_keeps_kind_and_parts():
    error = pickle.loads(pickle.dumps(GeometryError("tilted", where="series 1", do="resample")))
    assert type(error) is GeometryError
    assert (error.what, error.where, error.do) == ("tilted", "series 1", "resample")


def test_nearest_name_finds_a_slip_and_ignores_the_unrelated():
    assert nearest_name("bin_widht", ["bin_width", "bin_count"]) == "bin_width"
    assert nearest_name("zzz", ["bin_width", "bin_count"]) is None
