"""A run that was tampered with is found out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.study.analysis_rows import write_table
from radiome.study.verification import verify_run
from radiome.tables.feature_table import FeatureTable


def test_a_run_that_was_left_alone_is_as_it_was_left(study: Callable[[], Path]) -> None:
    # Moved, too: paths in it count from the run folder.
    found = verify_run(study() / "run", sample=3)
    assert found.findings == []
    assert len(found.recomputed) == 3
    assert found.largest == 0
    assert found.values > 1000
    assert found.inputs == 48


def edit_value(run: Path, case: int, tag: str, factor: float) -> None:
    path = run / "extraction" / "features.parquet"
    table = FeatureTable.read(path)
    table.frame.loc[case, tag] *= factor
    write_table(path, table, {})


def test_a_value_edited_by_hand_in_the_feature_table_is_found(study: Callable[[], Path]) -> None:
    run = study() / "run"
    edit_value(run, 3, "stat_mean", 1 + 1e-12)
    found = verify_run(run, sample=0)
    assert [finding.kind for finding in found.findings] == ["file", "value"]
    assert found.findings[1].where == "case_04"
    assert "stat_mean is" in found.findings[1].what


def test_a_stored_result_edited_alike_is_found_by_measuring_again(
    study: Callable[[], Path],
) -> None:
    run = study() / "run"
    edit_value(run, 3, "stat_mean", 2.0)
    key = json.loads((run / "extraction/run.json").read_text())["cases"][3]["key"]
    stored = run / "extraction/cases" / f"{key}.json"
    told = json.loads(stored.read_text())
    told["values"]["stat_mean"] *= 2.0
    stored.write_text(json.dumps(told))
    found = verify_run(run, sample=23)
    kinds = {(finding.kind, finding.where) for finding in found.findings}
    assert kinds == {("file", "extraction/features.parquet"), ("recomputed", "case_04")}


def test_a_swapped_mask_is_found(study: Callable[[], Path]) -> None:
    folder = study()
    shutil.copy(folder / "case_03_mask.nii.gz", folder / "case_05_mask.nii.gz")
    done = CliRunner().invoke(main, ["study", "verify", str(folder / "run"), "--sample", "0"])
    assert done.exit_code == 1
    assert "input: case_05: the mask is not the one that was measured" in done.output
    assert "1 findings" in done.output


def test_a_mask_that_is_gone_and_an_edited_table_are_found(study: Callable[[], Path]) -> None:
    folder = study()
    (folder / "case_02_mask.nii.gz").unlink()
    predictions = folder / "run/analyses/main/model/predictions.csv"
    predictions.write_text(predictions.read_text().replace("P01", "P99"))
    found = verify_run(folder / "run", sample=0)
    assert {(finding.kind, finding.where) for finding in found.findings} == {
        ("input", "case_02"),
        ("file", "analyses/main/model/predictions.csv"),
    }


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run of a study"):
        verify_run(tmp_path)
