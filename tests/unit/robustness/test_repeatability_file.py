"""The table of repeatability in a file: what is written is read, and nothing else is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from radiome.base.errors import UserError
from radiome.robustness.repeatability import Repeatability
from radiome.robustness.repeatability_file import read_repeatability, write_repeatability

FOUND = [
    Repeatability("stat_mean", 12, 2, 0.9, 0.1 + 0.2, 0.97, 1e-300, 2.77e-300, within_cv=0.01),
    Repeatability("stat, odd", 12, 2, reason='missing in 3 of 12 lesions, "x"'),
    Repeatability("stat_skew", 12, 2, -0.2, -0.5, 0.3, 0.4, 1.1),
]


def test_every_figure_and_every_reason_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "repeatability.csv"
    write_repeatability(path, FOUND)
    assert list(read_repeatability(path).values()) == FOUND
    assert list(read_repeatability(path)) == [item.feature for item in FOUND]


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ("", "no column 'feature'"),
        ("feature,icc\na,0.5\n", "no column 'icc_lower'"),
        ("x" * 10, "no column 'feature'"),
    ],
    ids=["empty", "another", "text"],
)
def test_another_table_is_refused_with_what_is_wrong(
    tmp_path: Path, content: str, got: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(UserError, match="cannot be read") as caught:
        read_repeatability(path)
    assert caught.value.got == got
    assert caught.value.where == str(path)


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "repeatability.csv"
    write_repeatability(path, FOUND)
    path.write_text(path.read_text().replace("0.97", "high"))
    with pytest.raises(UserError, match="'high'"):
        read_repeatability(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_repeatability(tmp_path / "none.csv")
