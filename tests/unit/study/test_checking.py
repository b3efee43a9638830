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
