"""`radiome controls`: whole runs on images without what is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from made_cohort import write_cohort
from radiome.cli.main import main
from radiome.cohort import control_cases
from radiome.cohort.engine import run_cohort
from radiome.tables.feature_table import FeatureTable


def test_controls_have_the_table_of_the_run_with_other_textures(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", 3, broken=True)
    plain = run_cohort(cohort, tmp_path / "run", settings="basic", jobs=1)
    arguments = ["controls", str(cohort), "-o", str(tmp_path / "out"), "--jobs", "1"]
    arguments += [
        "--settings",
        "basic",
        "--control",
        "shuffled_roi",
        "--control",
        "shuffled_roi_2",
        "--seed",
        "5",
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1, done.output
    assert "shuffled_roi_2: 3 cases: 2 measured, 1 failed" in done.output
    tables = [
        FeatureTable.read(folder)
        for folder in (plain.folder, tmp_path / "out/shuffled_roi", tmp_path / "out/shuffled_roi_2")
    ]
    assert tables[0].features == tables[1].features
    assert list(tables[1].frame["status"]) == ["ok", "ok", "failed"]
    values = [table.values().iloc[:2] for table in tables]
    np.testing.assert_array_equal(values[0]["stat_var"], values[1]["stat_var"])
    texture = [frame["cm_joint_entr_3D_avg"].to_numpy() for frame in values]
    assert (texture[0] != texture[1]).all()
    assert (texture[1] != texture[2]).all()


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", 2)
    options = {"jobs": 1, "settings": "basic"}
    first = control_cases.run_controls(cohort, tmp_path / "out", ["sampled_roi"], **options)
    again = control_cases.run_controls(cohort, tmp_path / "out", ["sampled_roi"], **options)
    other = control_cases.run_controls(cohort, tmp_path / "out", ["sampled_roi"], seed=9, **options)
    assert [result["sampled_roi"].resumed for result in (first, again, other)] == [0, 2, 0]


def test_an_unknown_control_stops_before_anything_is_measured(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", 1)
    done = CliRunner().invoke(
        main,
        ["controls", str(cohort), "-o", str(tmp_path / "out"), "--control", "shuffled_ro"],
    )
    assert done.exit_code == 2
    assert "did you mean 'shuffled_roi'" in done.output
    assert not (tmp_path / "out").exists()
    with pytest.raises(AttributeError):
        _ = control_cases.nothing
