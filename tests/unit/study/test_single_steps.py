"""A step of a study by itself: what it stands on must be finished, what follows is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from made_protocol import write_study
from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.study.protocol import read_protocol
from radiome.study.running import run_study, step_names


def test_the_names_are_those_of_a_whole_run(finished: Path) -> None:
    whole = run_study(finished / "study.yaml", finished / "run", jobs=1)
    assert step_names(read_protocol(finished / "study.yaml")) == list(whole.steps)


def test_steps_one_by_one_leave_what_a_whole_run_leaves(finished: Path, tmp_path: Path) -> None:
    path = write_study(tmp_path)
    names = step_names(read_protocol(path))
    for number, name in enumerate(names):
        run = run_study(path, tmp_path / "run", jobs=1, only=name)
        assert run.unfinished == names[number + 1 :]
        assert run.steps[name].status == "done"
    analysis = Path("analyses/main")
    for table in (analysis / "trust.csv", analysis / "model/predictions.csv"):
        assert (tmp_path / "run" / table).read_bytes() == (finished / "run" / table).read_bytes()
    assert (tmp_path / "run/study.json").is_file()


def test_a_step_whose_ground_is_missing_says_what_to_do_first(tmp_path: Path) -> None:
    path = write_study(tmp_path, 6)
    with pytest.raises(UserError, match="stands on one that is not finished") as caught:
        run_study(path, tmp_path / "run", jobs=1, only="model main")
    assert str(caught.value.do).startswith("do 'inspect' first")
    with pytest.raises(UserError, match="there is no step 'modl main'") as caught:
        run_study(path, tmp_path / "run", jobs=1, only="modl main")
    assert caught.value.do == "did you mean 'model main'?"


def test_a_changed_plan_lets_the_steps_before_it_stand(study: Callable[[], Path]) -> None:
    folder = study()
    path = folder / "study.yaml"
    path.write_text(path.read_text().replace("permutations: 19", "permutations: 29"))
    run = run_study(path, folder / "run", jobs=1, only="model main")
    assert {name: done.status for name, done in run.steps.items()}["model main"] == "done"
    assert run.unfinished == ["trust main"]  # What it makes may turn out as it was.


def test_another_analysis_need_not_be_finished(study: Callable[[], Path]) -> None:
    folder = study()
    path = folder / "study.yaml"
    text = path.read_text()
    second = text[text.index("- plan:") :].replace(
        "- plan:", "- name: more\n  role: exploratory\n  plan:"
    )
    path.write_text(text + second.replace("permutations: 19", "permutations: 29"))
    for name in ("rows more", "atlas more"):
        run = run_study(path, folder / "run", jobs=1, only=name)
        assert run.steps[name].status == "done"
    assert run.unfinished == ["model more", "trust more", "maps more"]


def test_the_command_says_what_is_left(study: Callable[[], Path]) -> None:
    folder = study()
    report = folder / "run/report.html"
    told = CliRunner().invoke(
        main, ["study", "run", str(folder / "study.yaml"), "--step", "atlas main"]
    )
    assert told.exception is None, told.exception
    assert (told.exit_code, told.stdout) == (0, "all steps are finished\n")
    assert not report.exists()
