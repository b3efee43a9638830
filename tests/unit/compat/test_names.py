"""The table of names holds every feature, each once, by codes that agree."""

from __future__ import annotations

import csv

from click.testing import CliRunner

from radiome.cli.main import main
from radiome.compat.names import COLUMNS, names
from radiome.compat.pyradiomics.feature_catalogue import DEPRECATED, FEATURE_CLASSES
from radiome.features.catalogue import features


def test_every_feature_of_radiome_is_there_with_its_code():
    found = {row["radiome"]: row["ibsi_code"] for row in names() if row["radiome"]}
    assert found == {tag: known.ibsi_code for tag, known in features().items()}


def test_every_feature_of_pyradiomics_is_there_once():
    found = [row["pyradiomics"] for row in names() if row["pyradiomics"]]
    assert len(found) == len(set(found))
    current = {f"{c}_{name}" for c, known in FEATURE_CLASSES.items() for name in known}
    old = {f"{c}_{name}" for c, known in DEPRECATED.items() for name in known}
    assert current <= set(found) <= current | old


def test_names_of_pictologics_end_in_the_code():
    rows = [row for row in names() if row["pictologics"]]
    assert len(rows) == 169
    assert all(row["pictologics"].endswith(f"_{row['ibsi_code']}") for row in rows)


def test_names_of_mirp_are_those_of_the_standard():
    rows = [row for row in names() if row["mirp"]]
    assert len(rows) == 174
    assert all(row["mirp"] == row["radiome"] for row in rows)


def test_the_command_finds_a_feature_by_any_name():
    for pattern in ("JointEntropy", "TU9B", "cm_joint_entr", "tu9b"):
        run = CliRunner().invoke(main, ["names", pattern, "--csv"])
        rows = list(csv.DictReader(run.output.splitlines()))
        assert [row["radiome"] for row in rows] == ["cm_joint_entr"]
        assert tuple(rows[0]) == COLUMNS
    shown = CliRunner().invoke(main, ["names", "Kurtosis"])
    assert "does not subtract 3" in shown.output
    assert CliRunner().invoke(main, ["names", "no such name"]).exit_code == 2
