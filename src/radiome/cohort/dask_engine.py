"""Cases on a Dask cluster: the same tasks, answers and stored results as on this machine.

Workers measure a case with the function that local workers use, and store its result in
the run folder themselves. What is finished is therefore kept whatever happens to the
scheduler or to this process, and a run goes on under another engine. Quick cases go in
groups, see `radiome.cohort.grouping`; each is stored as it is finished all the same.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.cohort.cluster import ClusterOptions, connected
from radiome.cohort.grouping import GROUP_SECONDS, Group, Line
from radiome.cohort.worker import Answer, Task, measure

#: Groups that are submitted ahead for each thread of the cluster: enough to keep it busy,
#: few enough for memory here and at the scheduler to stay flat.
_AHEAD = 4

#: Seconds between looks whether there are workers, while nothing is finished.
_LOOK_EVERY = 1.0

#: Seconds between looks whether something is finished; more is under way meanwhile.
_POLL_EVERY = 0.02

_DEATH = "its worker died: ended from outside, out of memory, or by a fault of the case"


class DaskEngine:
    """Tasks on the workers of a cluster; takes the place of the local supervisor.

    Parameters
    ----------
    options : ClusterOptions
        The cluster.
    folder : Path
        The run folder; workers must see it under the same path.
    crash_retries : int
        How often a case whose worker died is given to the cluster again, alone; at least
        once, because a worker takes the cases beside the guilty one with it.
    tell : callable
        Told when the cluster has been without workers for a while, and when that is over.
    """

    def __init__(
        self,
        options: ClusterOptions,
        folder: Path,
        *,
        crash_retries: int,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._options = options
        self._folder = folder
        self._retries = crash_retries
        self._tell = tell

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Answer], None, None]:
        """Yield (task index, answer) as cases end; closing the iterator cancels the others."""
        token = self._folder / f".visible-{uuid.uuid4().hex}"
        token.touch()
        try:
            with connected(self._options) as client:
                yield from self._serve(client, tasks, str(token))
        finally:
            token.unlink(missing_ok=True)

    def _serve(
        self, client: Any, tasks: Sequence[Task], token: str
    ) -> Generator[tuple[int, Answer], None, None]:
        distributed: Any = import_module("distributed")
        line = Line(tasks, retries=max(1, self._retries))
        held: dict[Any, Group] = {}
        queue = distributed.as_completed(loop=client.loop)
        absence = _Absence(client, self._tell, self._options.tell_after)
        try:
            while True:
                threads = _threads(client)
                while len(held) < max(8, _AHEAD * threads):
                    group = line.take(threads, idle=not held)
                    if group is None:
                        break
                    future = _submit(client, group, token)
                    held[future] = group
                    queue.add(future)
                if not held:
                    return
                while not queue.has_ready():
                    absence.look()
                    time.sleep(_POLL_EVERY)
                future = next(queue)
                absence.over()
                yield from _settle(line, held.pop(future), _measured(future, absence))
        finally:
            client.cancel(list(held))


class _Absence:
    """Says once that the cluster has been without workers for a while, and once that it has some.

    Parameters
    ----------
    client : distributed.Client
        Of the cluster.
    tell : callable
        Told in words.
    tell_after : float
        Seconds without any worker before it is told.
    """

    def __init__(self, client: Any, tell: Callable[[str], None], tell_after: float) -> None:
        self._client, self._tell, self._tell_after = client, tell, tell_after
        self._looked = self._seen = time.monotonic()
        self._told = False

    def look(self) -> None:
        """Look whether there are workers, if the last look was a while ago."""
        now = time.monotonic()
        # A scheduler that cannot be reached is noticed by the client, which then gives up.
        if now - self._looked < _LOOK_EVERY or self._client.status != "running":
            return
        self._looked = now
        if _threads(self._client):
            self.over()
        elif not self._told and now - self._seen >= self._tell_after:
            self._told = True
            self._tell(
                f"the cluster has had no worker for {now - self._seen:.0f} s; the run waits "
                "for one (Ctrl-C ends it and keeps what is finished)"
            )

    def over(self) -> None:
        """Note that there are workers: they have been seen, or have finished something."""
        self._seen = time.monotonic()
        if self._told:
            self._told = False
            self._tell("the cluster has workers again")


def _threads(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except OSError as error:
        raise _gone(str(error)) from None


def _gone(how: str) -> UserError:
    return UserError(
        "the Dask scheduler gave the run up: it was restarted or has gone",
        got=how,
        do="give the same command again when it is back: what is finished is kept",
    )


def _submit(client: Any, group: Group, token: str) -> Any:
    # As one object, which Dask does not search for futures, and pickle stores what the
    # cases share, their settings above all, once.
    call = partial(measure_here, group.tasks, token, __version__)
    return client.submit(call, pure=False)


def _settle(
    line: Line, group: Group, measured: tuple[list[Answer], float] | None
) -> Generator[tuple[int, Answer], None, None]:
    """Yield the answers of a finished group; put back into the line what must go again."""
    if measured is not None:
        answers, seconds = measured
        line.learn(group, done=len(answers), seconds=seconds)
        for task, answer in zip(group.tasks, answers, strict=False):
            yield task["index"], answer
    elif not line.lose(group):
        for task in group.tasks:
            yield (
                task["index"],
                {"status": "crashed", "reason": _DEATH, "resumed": False, "warnings": []},
            )


def measure_here(tasks: Sequence[Task], token: str, version: str) -> tuple[list[Answer], float]:
    """Measure cases on a worker that is fit for it; runs on the cluster.

    Returns
    -------
    answers : list of Answer
        Of the first cases, as many as there was time for: a group that takes twice the
        time it should have ends early, so that another worker can take the others.
    seconds : float
        How long they took.
    """
    if version != __version__:
        raise UserError(
            "a worker has another version of radiome",
            expected=version,
            got=__version__,
            do="install the same version on all workers",
        )
    if not Path(token).exists():
        raise UserError(
            "a worker does not see the run folder",
            where=str(Path(token).parent),
            expected="a folder on a file system that all workers share",
            do="choose such a folder with -o",
        )
    start = time.perf_counter()
    answers: list[Answer] = []
    seconds = 0.0
    for task in tasks:
        answers.append(measure(task))
        seconds = time.perf_counter() - start
        if seconds > 2 * GROUP_SECONDS:
            break
    return answers, seconds


def _measured(future: Any, absence: _Absence) -> tuple[list[Answer], float] | None:
    """What a group gave, None if its worker died; a fault of the whole run is raised."""
    from distributed import CancelledError, KilledWorker

    while True:
        try:
            measured: tuple[list[Answer], float] = future.result(timeout=_LOOK_EVERY)
        except KilledWorker:
            return None
        except CancelledError as error:
            raise _gone(str(error)) from None
        except TimeoutError:
            if future.status == "error":  # the error of a file system, not of this wait
                raise
            # The worker that held the finished answers was lost before they left it.
            absence.look()
        else:
            return measured
