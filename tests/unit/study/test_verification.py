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
from radiome.cohort.worker import write_result
from radiome.study.analysis_rows import write_table
from radiome.study.running import run_study
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
    write_result(stored.parent, key, told)
    found = verify_run(run, sample=23)
    kinds = {(finding.kind, finding.where) for finding in found.findings}
    assert kinds == {("file", "extraction/features.parquet"), ("recomputed", "case_04")}


def test_a_stored_result_edited_by_hand_is_found_without_measuring(
    study: Callable[[], Path],
) -> None:
    run = study() / "run"
    key = json.loads((run / "extraction/run.json").read_text())["cases"][3]["key"]
    stored = run / "extraction/cases" / f"{key}.json"
    stored.write_text(stored.read_text().replace('"stat_mean": ', '"stat_mean": 1'))
    found = verify_run(run, sample=0)
    assert [(finding.kind, finding.where) for finding in found.findings] == [("value", "case_04")]
    assert "no stored result any more" in found.findings[0].what


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


@pytest.mark.parametrize("name", ["cohort.csv", "analyses/main/model/verdict.txt"])
def test_what_is_said_of_the_cases_and_the_outcome_is_compared_too(
    study: Callable[[], Path], name: str
) -> None:
    run = study() / "run"
    (run / name).write_text((run / name).read_text() + "edited")
    found = verify_run(run, sample=0)
    assert [(finding.kind, finding.where) for finding in found.findings] == [("file", name)]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run of a study"):
        verify_run(tmp_path)


def test_a_row_that_is_gone_and_a_case_that_is_gone_are_found(study: Callable[[], Path]) -> None:
    folder = study()
    path = folder / "run" / "extraction" / "features.parquet"
    table = FeatureTable.read(path)
    write_table(path, FeatureTable(table.frame.drop(index=4), table.features), {})
    cohort = folder / "cohort.csv"
    lines = cohort.read_text().splitlines(keepends=True)
    cohort.write_text("".join(line for line in lines if not line.startswith("case_02,")))
    found = verify_run(folder / "run", sample=23)
    told = [(finding.kind, finding.where, finding.what) for finding in found.findings]
    assert told[1:] == [
        ("value", "case_05", "has 0 rows in the feature table, not one"),
        ("input", "case_02", "is a case of the run, but not in the cohort table any more"),
    ]


@pytest.mark.parametrize(
    "name", ["study.json", "extraction/run.json", "extraction/features.parquet"]
)
def test_a_record_that_cannot_be_read_is_named(study: Callable[[], Path], name: str) -> None:
    run = study() / "run"
    (run / name).write_text("junk")
    done = CliRunner().invoke(main, ["study", "verify", str(run), "--sample", "0"])
    assert done.exit_code == 2
    assert f"where: {run / name}" in done.output


def test_a_run_that_was_moved_is_verified_with_its_protocol(study: Callable[[], Path]) -> None:
    folder = study()
    moved = folder.parent / "elsewhere" / "run"
    moved.parent.mkdir()
    (folder / "run").rename(moved)
    command = ["study", "verify", str(moved), "--sample", "1"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "--protocol" in done.output
    done = CliRunner().invoke(main, [*command, "--protocol", str(folder / "study.yaml")])
    assert (done.exit_code, "all as it was left" in done.output) == (0, True)


def test_a_run_folder_behind_a_link_leads_back_to_its_protocol(study: Callable[[], Path]) -> None:
    folder = study()
    disk = folder.parent / "disk" / "large"
    disk.parent.mkdir()
    (folder / "run").rename(disk)
    (folder / "run").symlink_to(disk)
    run_study(folder / "study.yaml", folder / "run", jobs=1)
    assert verify_run(folder / "run", sample=0).findings == []
    assert verify_run(disk, sample=0).findings == []
