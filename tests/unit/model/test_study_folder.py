"""One run for a folder at a time; what another plan or table gave is kept."""

import json
import subprocess
import sys

import numpy as np
import pytest

from made_study import made_plan, made_table
from radiome.base.errors import UserError
from radiome.model.step_store import StepStore
from radiome.model.study_folder import held, set_aside

HOLD = """
import sys, pathlib
from radiome.model.study_folder import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_refused_until_the_first_has_ended_even_if_killed(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="another run"), held(tmp_path):
            pass
        other.kill()
        other.wait()
    (tmp_path / "steps" / ".y-features.npz.1.part").touch()
    with held(tmp_path):
        assert not list((tmp_path / "steps").glob(".*.part"))


def test_results_of_another_plan_or_table_are_set_aside(tmp_path):
    plan, other = made_plan(), made_plan(seed=7)
    assert set_aside(tmp_path, plan, {"inputs": {"f.csv": "1"}}) is None
    told = {"plan": plan.model_dump(mode="json"), "inputs": {"old/f.csv": "1"}}
    for number, (new, digest) in enumerate([(other, "1"), (plan, "2")], start=1):
        (tmp_path / "results.json").write_text(json.dumps(told))
        (tmp_path / "plots").mkdir()
        assert set_aside(tmp_path, plan, {"inputs": {"f.csv": "1"}}) is None
        kept = set_aside(tmp_path, new, {"inputs": {"f.csv": digest}})
        assert kept == tmp_path / "earlier" / f"{number:04d}"
        assert {path.name for path in kept.iterdir()} == {"results.json", "plots"}
        assert not (tmp_path / "results.json").exists()


def test_a_step_that_cannot_be_read_says_which_file_to_delete(tmp_path):
    store = StepStore(tmp_path)
    path = store.path("y-features", "abc", ".npz")
    np.savez(path, scores=np.zeros(3))
    outcome = made_table(made_plan()).outcomes["y"]
    for data in (path.read_bytes(), b"PK\x03\x04 cut off", b""):
        path.write_bytes(data)
        with pytest.raises(UserError, match="step cannot be read") as caught:
            store.once("y-features", "abc", outcome, lambda: pytest.fail("computed"))
        assert str(path) in caught.value.message
