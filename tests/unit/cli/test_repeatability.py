"""`radiome repeatability` from a table to its file: lesions, readers, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from radiome.cli.main import main
from radiome.robustness.intraclass import IntraclassCorrelations, intraclass


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["repeatability", *map(str, arguments)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Eight patients with two lesions each, drawn by two readers; the second draws larger."""
    rng = np.random.default_rng(4)
    lesions = [(f"p{n}", side) for n in range(8) for side in "lr"]
    true = rng.normal(size=16)
    rows = [
        {"case": f"{p}{side}{reader}", "patient": p, "side": side, "reader": reader,
         "status": "ok", "stat_mean": true[k] + 0.5 * (reader == 2) + 0.1 * rng.normal()}
        for k, (p, side) in enumerate(lesions) for reader in (1, 2)
    ]  # fmt: skip
    rows.append({**rows[0], "case": "lost", "patient": "p99", "status": "failed"})
    pd.DataFrame(rows).to_csv(tmp_path / "features.csv", index=False)
    pd.DataFrame({"tag": ["stat_mean"]}).to_csv(tmp_path / "catalogue.csv", index=False)
    return tmp_path / "features.csv"


def test_readers_of_the_lesions_of_patients(table: Path) -> None:
    told = call(table, "--repeat", "reader", "--lesion", "side", "--kind", "reader")
    assert told.exit_code == 0, told.stderr
    assert "16 lesions, 2 measurements of each" in told.stdout
    with (table.parent / "repeatability.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    frame = pd.read_csv(table)
    expected = intraclass(frame["stat_mean"].to_numpy()[:32].reshape(16, 2))
    assert isinstance(expected, IntraclassCorrelations)
    assert float(row["icc"]) == pytest.approx(expected.agreement.value, rel=1e-12)
    assert float(row["icc_lower"]) == pytest.approx(expected.agreement.lower, rel=1e-12)


def test_a_file_of_choice(table: Path, tmp_path: Path) -> None:
    told = call(table, "--repeat", "reader", "--lesion", "side", "-o", tmp_path / "own.csv")
    assert told.exit_code == 0
    assert (tmp_path / "own.csv").is_file()
    assert not (table.parent / "repeatability.csv").exists()


def test_lesions_that_are_not_told_apart_are_refused(table: Path) -> None:
    told = call(table, "--repeat", "reader")
    assert told.exit_code == 2
    assert "name a column that tells lesions apart" in told.stderr


def test_a_column_that_is_not_there_is_named_with_the_nearest(table: Path) -> None:
    told = call(table, "--repeat", "redaer")
    assert told.exit_code == 2
    assert "did you mean 'reader'" in told.stderr


@pytest.mark.parametrize("options", [("--patient", "case"), ("--patient", "status")])
def test_lesions_of_which_none_was_measured_twice_are_refused(
    table: Path, options: tuple[str, str]
) -> None:
    frame = pd.read_csv(table)
    first = frame[frame["reader"] == 1].iloc[:1] if "status" in options else frame
    first.to_csv(table, index=False)
    told = call(table, "--repeat", "reader", *options)
    assert told.exit_code == 2
    assert "no lesion was measured twice" in told.stderr
    assert not (table.parent / "repeatability.csv").exists()
