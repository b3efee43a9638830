"""Counts are said as people say them, wherever the command line says them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from radiome.base.counting import counted
from radiome.cli.main import main


@pytest.mark.parametrize(
    ("count", "words", "told"),
    [
        (1, ("pair",), "1 pair"),
        (0, ("pair",), "0 pairs"),
        (2, ("class", "classes"), "2 classes"),
        (1, ("row has", "rows have"), "1 row has"),
    ],
)
def test_a_count_goes_with_its_noun(count: int, words: tuple[str, ...], told: str) -> None:
    assert counted(count, *words) == told


def test_what_one_pair_of_one_patient_says(tmp_path: Path) -> None:
    table = tmp_path / "features.csv"
    table.write_text("patient,day,f\nA,0,1\nA,9,2\nB,0,3\n")
    done = CliRunner().invoke(
        main, ["delta", str(table), "-o", str(tmp_path / "delta.csv"), "--time", "day"]
    )
    assert done.exit_code == 0, done.output
    assert "1 pair of scans of 1 patient (of 2), 1 feature" in done.stdout
