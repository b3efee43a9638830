"""The parent's side of the workers: start, feed, replace, stop.

A pool from the standard library breaks as a whole when one of its processes is
killed. Here each worker has a thread and two pipes of its own, so that the death
of one is noticed at once and concerns nothing but the case it held.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Generator, Sequence
from typing import Any

from radiome.base.errors import RadiomeError
from radiome.cohort.worker import Answer, Task

#: Threads of linear algebra libraries, read when they are loaded, so set before the worker
#: starts. Always one: they sum in another order with more, and a result must not depend
#: on the number of workers, cores or threads.
_LINEAR_ALGEBRA = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

_BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from radiome.cohort.worker import main; main()"
)

#: Consecutive deaths before the first task that mean a broken installation, not bad luck.
_FAILED_STARTS = 3

#: Seconds that a worker whose pipe is closed has to end by itself.
_LAST_BREATH = 5.0


class WorkerDiedError(Exception):
    """A worker process ended while it held a case; the message says how."""


class Worker:
    """One child process.

    Parameters
    ----------
    threads : int
        Threads it may use.
    """

    def __init__(self, threads: int) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `close`)
        limits = dict.fromkeys(_LINEAR_ALGEBRA, "1") | {"NUMBA_NUM_THREADS": str(threads)}
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", _BOOTSTRAP, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=os.environ | limits,
            encoding="utf-8",
            # Ctrl-C reaches every process of a terminal; it is the parent's to handle.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def wait_until_ready(self) -> None:
        """Return once the worker can take tasks; raise `WorkerDiedError` if it never can."""
        self._receive()

    def send(self, task: Task) -> None:
        """Give the worker a case; raise `WorkerDiedError` if it has died."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise WorkerDiedError(self._cause()) from None

    def receive(self) -> Answer:
        """Wait for the answer to the oldest case sent; raise `WorkerDiedError` on a death."""
        answer: Answer = self._receive()
        return answer

    def _receive(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            raise WorkerDiedError(self._cause())
        return json.loads(line)

    def _cause(self) -> str:
        # Its pipe is closed, so it is about to end by itself; how, only its own end tells.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_LAST_BREATH)
        self.kill()
        status = self._process.wait()
        if status >= 0:
            return f"the worker process ended with exit status {status}{self._last_words()}"
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = "a signal"
        hint = ""
        if name == "SIGKILL":
            hint = ": out of memory, or killed from outside; fewer jobs need less memory"
        return f"the worker process was ended by {name} (signal {-status}){hint}"

    def _last_words(self) -> str:
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 4000))
        text = self._stderr.read().decode(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return f": {lines[-1]}" if lines else ""

    def kill(self) -> None:
        """End the worker at once, if it has not ended."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End the worker and free its pipes."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._stderr):
            if pipe is not None:
                # A dead worker's pipe may still hold unsent text.
                with contextlib.suppress(OSError):
                    pipe.close()


class Supervisor:
    """Workers over a list of tasks.

    Parameters
    ----------
    jobs : int
        Worker processes.
    threads : int
        Threads of each.
    crash_retries : int
        How often a case that took its worker down is tried again, after all others.
    """

    def __init__(self, jobs: int, *, threads: int, crash_retries: int) -> None:
        self._jobs = jobs
        self._threads = threads
        self._retries = crash_retries
        self._todo: queue.SimpleQueue[tuple[Task, int] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, Answer] | BaseException] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._stopping = False

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Answer], None, None]:
        """Yield (task index, answer) as cases end; closing the iterator stops the workers."""
        for task in tasks:
            self._todo.put((task, 1))
        threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self._jobs)]
        for thread in threads:
            thread.start()
        try:
            for _ in tasks:
                outcome = self._next()
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome
        finally:
            self._stop()
            for thread in threads:
                thread.join()

    def _next(self) -> tuple[int, Answer] | BaseException:
        while True:
            # The timeout lets Ctrl-C through on systems where a plain wait would not.
            with contextlib.suppress(queue.Empty):
                return self._done.get(timeout=0.5)

    def _stop(self) -> None:
        with self._lock:
            self._stopping = True
            for worker in self._workers:
                worker.kill()
        for _ in range(self._jobs):
            self._todo.put(None)

    def _serve(self) -> None:
        worker: Worker | None = None
        held: deque[tuple[Task, int]] = deque()
        sent = 0
        try:
            while (held or self._take(held)) and not self._stopping:
                worker = worker or self._start()
                self._take_ahead(held)
                try:
                    while sent < len(held):
                        worker.send(held[sent][0])
                        sent += 1
                    answer = worker.receive()
                except WorkerDiedError as death:
                    self._retire(worker)
                    worker, sent = None, 0
                    # The worker was at the oldest case; the other goes back unharmed.
                    self._report_death(*held.popleft(), str(death))
                    while held:
                        self._todo.put(held.pop())
                else:
                    sent -= 1
                    self._done.put((held.popleft()[0]["index"], answer))
        except BaseException as error:
            self._done.put(error)
        finally:
            if worker is not None:
                self._retire(worker)

    def _take(self, held: deque[tuple[Task, int]]) -> bool:
        entry = self._todo.get()
        if entry is not None:
            held.append(entry)
        return entry is not None

    def _take_ahead(self, held: deque[tuple[Task, int]]) -> None:
        """Hold the next case too, so that the worker never waits for one.

        Not among the last cases, which another worker may be free to take.
        """
        if len(held) > 1 or self._todo.qsize() <= self._jobs:
            return
        with contextlib.suppress(queue.Empty):
            entry = self._todo.get_nowait()
            if entry is not None:
                held.append(entry)

    def _start(self) -> Worker:
        cause = ""
        for _ in range(_FAILED_STARTS):
            with self._lock:
                if self._stopping:
                    break
                worker = Worker(self._threads)
                self._workers.add(worker)
            try:
                worker.wait_until_ready()
                return worker
            except WorkerDiedError as death:
                cause = str(death)
                self._retire(worker)
        raise RadiomeError(f"no worker process could be started: {cause}")

    def _retire(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.close()

    def _report_death(self, task: Task, attempt: int, cause: str) -> None:
        if attempt <= self._retries:
            self._todo.put((task, attempt + 1))
            return
        reason = cause if attempt == 1 else f"{cause} (in each of {attempt} attempts)"
        answer: Answer = {"status": "crashed", "reason": reason, "resumed": False, "warnings": []}
        self._done.put((task["index"], answer))
