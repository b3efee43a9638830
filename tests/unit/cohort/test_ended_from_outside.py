"""A run whose process is ended, by a signal or at once, goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from radiome.cohort.engine import RunResult, run_cohort
from radiome.tables.files import read_features
from unit.cohort.fake_cases import FUNCTION, calls, write_cohort

TESTS = Path(__file__).resolve().parents[2]

# A plain script without a main guard: the workers must not run it again.
PARENT = """
import sys
from radiome.cohort.engine import run_cohort
run_cohort(sys.argv[1], sys.argv[2], jobs=2, case_function=sys.argv[3])
"""

# The command itself, with the case function of these tests; Dask needs the guard.
COMMAND = """
import sys
from functools import partial
import radiome.cli.many_cases as many_cases
from radiome.cli.main import main
if __name__ == "__main__":
    cohort, out, function, *options = sys.argv[1:]
    many_cases.run_cohort = partial(many_cases.run_cohort, case_function=function)
    main(["extract", cohort, "-o", out, *options])
"""


@contextmanager
def running(script: str, cohort: Path, out: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own; what it says goes to ``said.txt`` beside `out`."""
    file = out.parent / "script.py"
    file.write_text(script)
    with (out.parent / "said.txt").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, str(file), str(cohort), str(out), FUNCTION, *options],
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            stdout=said,
            stderr=said,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.02)


def stored(out: Path) -> int:
    return len(list((out / "cases").glob("*.json")))


def run(cohort: Path, out: Path) -> RunResult:
    return run_cohort(cohort, out, jobs=2, case_function=FUNCTION, csv=True)


def test_a_killed_run_loses_nothing_finished(tmp_path: Path) -> None:
    orders = {"a": "value 1", "b": "value 2", "c": "wait 1.4", "d": "wait 1.5", "e": "value 5"}
    cohort = write_cohort(tmp_path / "in", orders)
    with running(PARENT, cohort, tmp_path / "out") as process:
        wait_for(lambda: {"c", "d"} <= set(calls(tmp_path / "in")))
        process.kill()
    assert not (tmp_path / "out" / "features.parquet").exists()
    # The orphaned workers finish the cases in hand, store them and leave.
    wait_for(lambda: stored(tmp_path / "out") == 4)
    result = run(cohort, tmp_path / "out")
    assert result.count("ok") == 5
    assert result.resumed == 4
    assert sorted(calls(tmp_path / "in")) == ["a", "b", "c", "d", "e"]


def test_a_run_that_is_killed_again_and_again_measures_each_case_once(tmp_path: Path) -> None:
    orders = {f"c{i:02d}": f"wait 0.1{i:02d}" for i in range(24)} | {"bad": "fail"}
    cohort = write_cohort(tmp_path / "in", orders)
    out = tmp_path / "out"
    for _ in range(3):
        before = len(calls(tmp_path / "in"))
        with running(PARENT, cohort, out) as process:
            wait_for(lambda before=before: len(calls(tmp_path / "in")) >= before + 3)  # type: ignore[misc]
            process.kill()
        # The orphans store the case in hand, and the one that was sent ahead, and leave.
        wait_for(lambda: stored(out) == len(calls(tmp_path / "in")))
        time.sleep(0.3)
        wait_for(lambda: stored(out) == len(calls(tmp_path / "in")))
    finished = stored(out)
    assert 9 <= finished < 25
    result = run(cohort, out)
    assert (result.count("ok"), result.count("failed"), result.resumed) == (24, 1, finished)
    assert Counter(calls(tmp_path / "in")) == dict.fromkeys(orders, 1)
    run(cohort, tmp_path / "undisturbed")
    for name in ("features.parquet", "features.csv", "catalogue.csv", "nulls.csv"):
        assert (out / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()


def test_ctrl_c_writes_the_partial_table(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "wait 30", "c": "wait 30"})
    with running(PARENT, cohort, tmp_path / "out") as process:
        wait_for(lambda: set(calls(tmp_path / "in")) == {"a", "b", "c"})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    frame = read_features(tmp_path / "out")
    assert list(frame["status"]) == ["ok", "pending", "pending"]
    assert json.loads((tmp_path / "out" / "run.json").read_text())["interrupted"]


@pytest.mark.parametrize("options", [("--jobs", "2"), ("--cluster", "local", "--jobs", "2")])
def test_sigterm_ends_the_command_with_130_and_a_partial_table_and_it_resumes(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    if "--cluster" in options:
        pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    orders = {"a": "value 1", "b": "fail", "c": "wait 4", "d": "wait 4.1", "e": "value 5"}
    cohort = write_cohort(tmp_path / "in", orders)
    out, said = tmp_path / "out", tmp_path / "said.txt"
    with running(COMMAND, cohort, out, *options) as process:
        wait_for(lambda: "2/5 cases" in said.read_text())
        wait_for(lambda: {"c", "d"} <= set(calls(tmp_path / "in")))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 130
    assert "5 cases: 1 measured, 1 failed, 3 not reached" in said.read_text()
    assert "the same command goes on from here" in said.read_text()
    frame = read_features(out)
    assert list(frame["status"]) == ["ok", "failed", "pending", "pending", "pending"]
    assert frame["reason"][2] == "the run was interrupted before this case was measured"
    assert frame["stat_mean"].tolist()[0] == 1.0
    assert frame["stat_mean"].isna().tolist() == [False, True, True, True, True]
    assert json.loads((out / "run.json").read_text())["interrupted"]
    # A worker may have had the time to finish the case in hand.
    begun, finished = calls(tmp_path / "in"), stored(out)
    assert 2 <= finished <= 4
    with running(COMMAND, cohort, out, *options) as process:
        assert process.wait(timeout=30) == 1
    assert f"4 measured, 1 failed, {finished} of them from an earlier run" in said.read_text()
    assert len(calls(tmp_path / "in")) == len(begun) + 5 - finished
    assert Counter(calls(tmp_path / "in")).keys() == orders.keys()
