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
from radiome.study.running import Telling, run_study
from radiome.study.stamps import file_hash
from radiome.study.verification import verify_run
from radiome.tables.feature_table import FeatureTable


def test_a_run_that_was_left_alone_is_as_it_was_left(study: Callable[[], Path]) -> None:
    # Moved, too: paths in it count from the run folder.
    found = verify_run(study() / "run", sample=3)
    assert found.findings == []
    assert len(found.recomputed) == 3
    assert found.largest == 0
    assert found.values > 2000, "those of the control too"
    assert found.inputs == 48
    assert found.files > 15


def edit_value(
    run: Path, case: int, tag: str, factor: float, name: str = "extraction/features.parquet"
) -> None:
    path = run / name
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
    assert "1 finding\n" in done.output


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


def left_over(run: Path) -> list[tuple[str, str]]:
    return [(finding.kind, finding.where) for finding in verify_run(run, sample=0).findings]


@pytest.mark.parametrize(
    "name",
    ["study.json", "extraction/run.json", "extraction/nulls.csv", "extraction/catalogue.csv",
     "controls/shuffled_roi/run.json", "analyses/main/model/models/index.json"],
)  # fmt: skip
def test_files_that_no_step_answers_for_are_compared_too(
    study: Callable[[], Path], name: str
) -> None:
    run = study() / "run"
    (run / name).write_text((run / name).read_text() + " ")
    assert left_over(run) == [("file", name)]


def stamp_again(run: Path, step: str, name: str) -> None:
    """What a forger does: the stamp of the step says what the edited file is."""
    stamp = run / "state" / f"{step}.json"
    told = json.loads(stamp.read_text())
    told["outputs"][name] = file_hash(run / name)
    stamp.write_text(json.dumps(told))


def test_a_table_edited_with_its_stamps_is_found_by_the_steps_after_it(
    study: Callable[[], Path],
) -> None:
    run = study() / "run"
    name = "analyses/main/features.parquet"
    edit_value(run, 3, "stat_mean", 2.0, name)
    for step in ("rows-main", "record"):
        stamp_again(run, step, name)
    (finding,) = verify_run(run, sample=0).findings
    assert (finding.kind, finding.where) == ("file", name)
    assert finding.what == "is not the file that step 'atlas main' was made from"


def test_a_control_edited_with_all_its_stamps_is_found_in_its_stored_results(
    study: Callable[[], Path],
) -> None:
    run = study() / "run"
    name = "controls/shuffled_roi/features.parquet"
    edit_value(run, 3, "stat_mean", 2.0, name)
    for step in ("controls", "record"):
        stamp_again(run, step, name)
    assert ("value", "case_04, shuffled_roi") in left_over(run)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda stamp: stamp.write_text("junk")])
def test_a_stamp_that_is_gone_does_not_hide_its_step(
    study: Callable[[], Path], spoil: Callable[[Path], object]
) -> None:
    run = study() / "run"
    spoil(run / "state" / "model-main.json")
    (finding,) = verify_run(run, sample=0).findings
    assert "the stamp of step 'model main' is not there" in finding.what


def test_a_protocol_and_an_outcome_table_that_were_changed_since_are_found(
    study: Callable[[], Path],
) -> None:
    folder = study()
    for name, old, new in (("study.yaml", "permutations: 19", "permutations: 29"),
                           ("outcomes.csv", "P01,0", "P01,1")):  # fmt: skip
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    told = [
        (one.kind, one.where, one.what) for one in verify_run(folder / "run", sample=0).findings
    ]
    assert told == [
        ("input", "outcomes.csv", "is not the outcome table that step 'cohort' was made from"),
        ("protocol", "study.yaml", "is not the one that was run: analyses differ"),
    ]
    (folder / "outcomes.csv").unlink()
    (folder / "run" / "study.yaml").write_text("junk: [")
    told = [(one.kind, one.what) for one in verify_run(folder / "run", sample=0).findings]
    assert told == [
        ("file", "is not the file that its step left"),
        ("input", "is not there any more"),
        ("protocol", "the copy of the run cannot be read: the protocol cannot be read"),
    ]


def test_a_run_that_was_interrupted_and_one_made_again_have_no_findings(
    study: Callable[[], Path],
) -> None:
    folder = study()
    models = folder / "run/analyses/main/model/models/index.json"
    models.unlink()
    protocol = folder / "study.yaml"
    protocol.write_text(protocol.read_text().replace("Coarse or fine", "Another"))

    def stop(name: str, done: object) -> None:
        if name == "atlas main":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(protocol, folder / "run", jobs=1, telling=Telling(step=stop))
    assert ("file", "study.yaml") not in left_over(folder / "run")
    run_study(protocol, folder / "run", jobs=1)
    assert left_over(folder / "run") == []


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
    assert told[1] == (
        "input", "cohort.csv", "is not the cohort table that step 'inspect' was made from"
    )  # fmt: skip
    assert told[2:] == [
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


def test_a_report_edited_by_hand_is_found_until_it_is_made_again(study: Callable[[], Path]) -> None:
    run = study() / "run"
    made = CliRunner().invoke(main, ["report", str(run)])
    assert (made.exit_code, made.stderr) == (0, "")
    page = run / "report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("evidence", "proof"), encoding="utf-8")
    (found,) = verify_run(run, sample=0).findings
    assert (found.kind, found.where) == ("file", "report.html")
    CliRunner().invoke(main, ["report", str(run)])
    assert verify_run(run, sample=0).findings == []


def test_a_report_of_edited_tables_says_so(study: Callable[[], Path]) -> None:
    run = study() / "run"
    trust = run / "analyses/main/trust.csv"
    trust.write_text(trust.read_text().replace("Mean", "Median"))
    made = CliRunner().invoke(main, ["report", str(run)])
    assert made.exit_code == 0
    assert "analyses/main/trust.csv is not the file that its step left" in made.stderr


def test_a_folder_stands_for_its_protocol(study: Callable[[], Path]) -> None:
    folder = study()
    locked = CliRunner().invoke(main, ["study", "lock", str(folder)])
    assert locked.exit_code == 0, locked.stderr
    assert (folder / "study.lock.json").is_file()
