"""What is bound to fail is refused before anything is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from made_protocol import write_study
from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.study.occupied import occupied
from radiome.study.running import run_study
from radiome.study.starting import start_study


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        run_study(path, path.parent / "run", jobs=1)
    assert not (path.parent / "run").exists(), "nothing was begun"
    return caught.value


@pytest.mark.parametrize(
    ("change", "what", "where", "do"),
    [
        (("    validation", "    select: [{name: univariat}]\n    validation"),
         "unknown selector 'univariat'", "analyses.0.plan, select", "did you mean 'univariate'?"),
        (("    validation", "    select: [{name: mrmr, options: {tp: 5}}]\n    validation"),
         "unknown setting 'tp'", "analyses.0.plan, selector 'mrmr'", "did you mean 'top'?"),
        (("    validation", "    learner: {name: logistic, options: {strenth: 1}}\n    validation"),
         "unknown setting 'strenth'", "learner 'logistic'", "did you mean 'strength'?"),
        (("families:", "familes:"),
         "unknown setting 'familes'", "extraction.settings", "did you mean 'families'?"),
        (("name: coarse", "name: coarce"),
         "the table has no column 'coarce'", "outcomes.csv", "did you mean 'coarse'?"),
    ],
)  # fmt: skip
def test_a_protocol_that_cannot_work_is_refused_with_the_place(
    tmp_path: Path, change: tuple[str, str], what: str, where: str, do: str
) -> None:
    path = write_study(tmp_path, 2)
    path.write_text(path.read_text().replace(*change))
    error = refused(path)
    assert error.what.startswith(what)
    assert where in (error.where or "")
    assert error.do == do


def test_outcomes_that_are_not_there_or_of_others_are_refused(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    table = tmp_path / "outcomes.csv"
    table.write_text(table.read_text().replace("P0", "Q0"))
    error = refused(path)
    assert (error.what, error.got) == ("no patient is in both tables", "'P01' and 'Q01'")
    table.unlink()
    assert "no outcome table" in refused(path).what


def test_an_outcome_may_be_a_column_of_the_cohort_or_a_fact_of_the_images(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    path.write_text(path.read_text().replace("name: coarse", "name: y, column: KVP"))
    with pytest.raises(UserError, match="no analysis could be made"):
        run_study(path, tmp_path / "run", jobs=1)


def test_a_study_of_which_nothing_can_be_made_has_a_report_that_says_why(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    for mask in tmp_path.glob("*_mask.nii.gz"):
        mask.unlink()
    done = CliRunner().invoke(main, ["study", "run", str(path), "--jobs", "1"])
    assert done.exit_code == 2
    assert "no case was measured" in done.output
    assert "o case was measured" in (tmp_path / "run/report.html").read_text()


SURVIVAL = ("{name: coarse, kind: binary}", "{name: s, kind: survival, time: t, event: e}")


@pytest.mark.parametrize(
    ("change", "table", "what", "got"),
    [
        (("", ""), "patient,coarse\nP01,1\nP02,1\n", "outcome 'coarse' does not vary", "one value"),
        (("", ""), "patient,coarse\nP01,1\nP02,0\nP01,0\n", "a patient is in the outcome",
         "P01"),
        (SURVIVAL, "patient,t,e\nP01,-3,1\nP02,7,0\n", "the time of outcome 's' must be positive",
         "-3 in 1 patient"),
        (SURVIVAL, "patient;t;e\nP01;3,5;1\nP02;7;0\n", "the time of outcome 's' has cells",
         "'3,5' of patient 'P01'"),
        (SURVIVAL, "patient,t,e\nP01,3,1\nP02,7,2\n", "it is not clear which patients",
         "1 and 2 alone"),
        (("    validation", "    columns: {acquisition: [Kernel]}\n    validation"), None,
         "the table has no column 'Kernel'", None),
        (("- plan", "- where: {modalty: CT}\n  plan"), None, "there is no column 'modalty'",
         "modalty"),
        (("- plan", "- where: {patient: P09}\n  plan"), None, "no case of the cohort table", "P09"),
    ],
)  # fmt: skip
def test_tables_that_cannot_do_are_refused(
    tmp_path: Path, change: tuple[str, str], table: str | None, what: str, got: str | None
) -> None:
    path = write_study(tmp_path, 2)
    path.write_text(path.read_text().replace(*change) if change[0] else path.read_text())
    if table is not None:
        (tmp_path / "outcomes.csv").write_text(table)
    error = refused(path)
    assert error.what.startswith(what)
    assert error.got == got


def test_an_event_that_new_could_not_tell_has_to_be_stated(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    path.unlink()
    (tmp_path / "outcomes.csv").write_text("patient,time,status\nP01,3,1\nP02,7,2\n")
    started = start_study(tmp_path, jobs=1)
    with pytest.raises(UserError, match="no patient has the event") as caught:
        run_study(started.path, tmp_path / "run", jobs=1)
    assert (caught.value.expected, caught.value.got) == ("'?' in column 'status'", "1, 2")
    text = started.path.read_text()
    started.path.write_text(text.replace('event_of_interest: "?"', 'event_of_interest: "2"'))
    with pytest.raises(UserError, match="no analysis could be made"):  # two patients
        run_study(started.path, tmp_path / "run", jobs=1)


def test_other_patients_and_other_cases_may_have_what_they_like(tmp_path: Path) -> None:
    path = write_study(tmp_path, 3)
    path.write_text(path.read_text().replace("- plan", "- where: {patient: [P01, P02]}\n  plan"))
    (tmp_path / "outcomes.csv").write_text("patient,coarse\nP01,1\nP02,0\nP03,2\nP77,5\n")
    with pytest.raises(UserError, match="no analysis could be made"):  # two patients
        run_study(path, tmp_path / "run", jobs=1)
    path.write_text(path.read_text().replace("{patient: [P01, P02]}", "{modality: MR}"))
    with pytest.raises(UserError, match="no analysis could be made"):  # which only images tell
        run_study(path, tmp_path / "run", jobs=1)


def test_columns_that_the_run_gives_another_meaning_are_refused(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    cohort = tmp_path / "cohort.csv"
    cohort.write_text(cohort.read_text().replace("modality,patient", "modality,code"))
    assert "column 'code'" in refused(path).what


def test_a_run_does_not_write_over_the_data(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(UserError, match="would write over") as caught:
        run_study(path, tmp_path, jobs=1)
    assert caught.value.got == "a folder with study.yaml and cohort.csv"
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    (tmp_path / "study.json").write_text("{}")  # the record of a run
    with occupied(tmp_path):
        pass


HOLD = """
import sys
from pathlib import Path
from radiome.study.occupied import occupied
with occupied(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such locks")
def test_a_folder_that_another_run_is_at_work_in_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=-1, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="another run") as caught, occupied(tmp_path):
            pass
        assert caught.value.got == f"process {other.pid}"
        other.kill()  # the lock goes with it
        other.wait()
    with occupied(tmp_path):
        pass
