"""Workers end with the process they work for, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from radiome.base.processes import wait_for_end

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes of this system differ")

# Each writes a file when its two workers are at work, and would then work for a minute.
HEADER = """
import os, sys, time
from pathlib import Path
started = Path(sys.argv[1])

def work(number=0):
    (started / f"{os.getpid()}").touch()
    time.sleep(60)
    return float(number)
"""

SCRIPTS = {
    "cross-validation": """
from radiome.model.parallel import in_parallel
in_parallel(work, [(1,), (2,)], workers=2)
""",
    "permutations": """
from radiome.model.null.evaluation import Evaluator
from radiome.model.null.scheme import permutation_scheme
with Evaluator(lambda order, rng: work(), permutation_scheme(9), 1, 2) as evaluator:
    evaluator.evaluate([1, 2])
""",
    "standard library": """
from radiome.base.processes import process_pool
if __name__ == "__main__":
    # One works, the other waits for work.
    with process_pool(2) as pool:
        pool.submit(work).result()
""",
}


def start(kind: str, folder: Path, workers: int) -> subprocess.Popen[str]:
    """A process of its own with its workers at work; it and they hold the pipe."""
    script = folder / "script.py"
    script.write_text(HEADER + SCRIPTS[kind], encoding="utf-8")
    started = folder / "started"
    started.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(script), str(started)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(list(started.iterdir())) < workers:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "no worker has started"
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("kind", SCRIPTS)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_of_a_process_that_is_ended(
    tmp_path: Path, kind: str, how: signal.Signals
) -> None:
    process = start(kind, tmp_path, 1 if kind == "standard library" else 2)
    try:
        if how == signal.SIGINT:  # as a terminal sends it: to all processes in front
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        # The end of the pipe is the end of all that hold it.
        process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        for worker in (tmp_path / "started").iterdir():
            os.kill(int(worker.name), signal.SIGKILL)
        raise
    finally:
        process.kill()


# A parent that ends while its child waits for that.
PARENT = """
import os, sys, time
from radiome.base import processes
if sys.argv[1] == "looks":
    processes._handle, processes._LOOK_EVERY = lambda process: None, 0.05
parent = os.getpid()
if os.fork() == 0:
    os.write(1, b"waits ")
    processes.wait_for_end(parent)
    os.write(1, b"noticed")
    os._exit(0)
time.sleep(0.3)
"""


@pytest.mark.parametrize("how", ["is told", "looks"])
def test_the_end_of_the_parent_is_noticed_with_and_without_help_of_the_system(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARENT, how], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "waits noticed"


def test_a_parent_that_has_ended_before_is_not_waited_for() -> None:
    wait_for_end(os.getpid())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    wait_for_end(gone.pid)
