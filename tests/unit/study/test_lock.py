"""The lock tells what was changed after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from made_protocol import write_study
from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.study.lock import lock_path, lock_study, write_deviations
from radiome.study.protocol import read_protocol


def deviations(path: Path, folder: Path) -> list[dict[str, str]]:
    folder.mkdir(exist_ok=True)
    write_deviations(path, read_protocol(path), folder)
    return json.loads((folder / "deviations.json").read_text())


def test_what_was_changed_shows_with_its_difference(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    done = CliRunner().invoke(main, ["study", "lock", str(path)])
    assert done.exit_code == 0, done.output
    assert deviations(path, tmp_path / "run") == []
    path.write_text("# a comment changes nothing\n" + path.read_text())
    assert deviations(path, tmp_path / "run") == []
    path.write_text(path.read_text().replace("permutations: 19", "permutations: 29"))
    (tmp_path / "outcomes.csv").write_text("patient,coarse\nP01,1\n")
    found = deviations(path, tmp_path / "run")
    assert [one["what"] for one in found] == ["the protocol", "the outcome table"]
    assert "-        permutations: 19" in found[0]["diff"]
    assert "+        permutations: 29" in found[0]["diff"]
    assert found[1]["locked"] != found[1]["now"]


def test_a_study_is_locked_once(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    lock_study(path)
    with pytest.raises(UserError, match="locked already"):
        lock_study(path)


def test_a_study_that_was_never_locked_has_no_deviations(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    (tmp_path / "run").mkdir()
    write_deviations(path, read_protocol(path), tmp_path / "run")
    assert not (tmp_path / "run/deviations.json").exists()
    assert not (tmp_path / "run/lock.json").exists()


def test_a_lock_that_is_gone_or_made_again_is_told_and_the_first_one_counts(
    tmp_path: Path,
) -> None:
    path = write_study(tmp_path, 2)
    lock_study(path)
    assert deviations(path, tmp_path / "run") == []
    first = json.loads(lock_path(path).read_text())
    lock_path(path).unlink()
    (gone,) = deviations(path, tmp_path / "run")
    assert (gone["what"], gone["now"]) == ("the lock", "there is none any more")
    (tmp_path / "outcomes.csv").write_text("patient,coarse\nP01,1\n")
    lock_study(path)
    told = json.loads(lock_path(path).read_text()) | {"locked": "2100-01-01T00:00:00+00:00"}
    lock_path(path).write_text(json.dumps(told))
    again, outcomes = deviations(path, tmp_path / "run")
    assert (again["what"], again["locked"]) == ("the lock", first["locked"])
    assert again["now"] == "2100-01-01T00:00:00+00:00"
    assert outcomes["what"] == "the outcome table"
    assert json.loads((tmp_path / "run/lock.json").read_text()) == first


def test_a_lock_edited_to_fit_is_told(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    lock_study(path)
    deviations(path, tmp_path / "run")
    for file in (path, lock_path(path)):
        file.write_text(file.read_text().replace("permutations: 19", "permutations: 29"))
    found = deviations(path, tmp_path / "run")
    assert [(one["what"], one["now"]) for one in found] == [
        ("the lock", "its content was edited"), ("the protocol", None)
    ]  # fmt: skip


def test_a_lock_made_after_results_were_there_says_so_for_good(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    (tmp_path / "run").mkdir()
    record = tmp_path / "run" / "study.json"
    record.write_text('{"created": "2001-01-01T00:00:00+00:00"}')
    lock_study(path)
    for _ in range(2):
        (late,) = deviations(path, tmp_path / "run")
        assert late["what"] == "the time of the lock"
        assert late["now"] == "results were there on 2001-01-01T00:00:00+00:00"
        record.write_text('{"created": "2100-01-01T00:00:00+00:00"}')  # run again
    assert json.loads((tmp_path / "run/lock.json").read_text())["results_before"] < late["locked"]


def test_a_settings_file_changed_after_the_lock_is_told(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    inline = "{families: [morphology, intensity_statistics, glcm]}"
    assert inline in path.read_text()
    path.write_text(path.read_text().replace(inline, "mine.yaml"))
    (tmp_path / "mine.yaml").write_text("families: [morphology]\n")
    lock_study(path)
    assert deviations(path, tmp_path / "run") == []
    (tmp_path / "mine.yaml").write_text("families: [glcm]\n")
    assert [one["what"] for one in deviations(path, tmp_path / "run")] == ["the settings file"]


def test_a_lock_that_was_damaged_and_a_table_that_is_gone_are_told(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    (tmp_path / "outcomes.csv").rename(tmp_path / "elsewhere.csv")
    with pytest.raises(UserError, match="no outcomes table to lock"):
        lock_study(path)
    lock_path(path).write_text("[]")
    with pytest.raises(UserError, match="lock cannot be read"):
        write_deviations(path, read_protocol(path), tmp_path)
