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


def test_a_study_without_a_lock_has_no_deviations(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    lock_study(path)
    deviations(path, tmp_path / "run")
    lock_path(path).unlink()
    write_deviations(path, read_protocol(path), tmp_path / "run")
    assert not (tmp_path / "run/deviations.json").exists()
    assert not (tmp_path / "run/lock.json").exists()


def test_a_lock_that_was_damaged_and_a_table_that_is_gone_are_told(tmp_path: Path) -> None:
    path = write_study(tmp_path, 2)
    (tmp_path / "outcomes.csv").rename(tmp_path / "elsewhere.csv")
    with pytest.raises(UserError, match="no outcomes table to lock"):
        lock_study(path)
    lock_path(path).write_text("[]")
    with pytest.raises(UserError, match="lock cannot be read"):
        write_deviations(path, read_protocol(path), tmp_path)
