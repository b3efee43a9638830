"""Cases on a Dask cluster: the same tasks, answers and stored results as on this machine.

Workers measure a case with the function that local workers use, and store its result in
the run folder themselves. What is finished is therefore kept whatever happens to the
scheduler or to this process, and a run goes on under another engine.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from radiome.base.errors import RadiomeError, UserError
from radiome.base.version import __version__
from radiome.cohort.cluster import ClusterOptions, connected
from radiome.cohort.worker import Answer, Task, measure

#: Cases that are submitted ahead for each thread of the cluster: enough to keep it busy,
#: few enough for memory here and at the scheduler to stay flat.
_AHEAD = 4


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
    """

    def __init__(self, options: ClusterOptions, folder: Path, *, crash_retries: int) -> None:
        self._options = options
        self._folder = folder
        self._retries = crash_retries

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
        waiting = iter([(task, 1) for task in tasks])
        held: dict[Any, tuple[Task, int]] = {}
        again: list[tuple[Task, int]] = []
        queue = distributed.as_completed(loop=client.loop)

        def submit(entry: tuple[Task, int]) -> None:
            future = client.submit(measure_here, entry[0], token, __version__, pure=False)
            held[future] = entry
            queue.add(future)

        try:
            while True:
                free = max(8, _AHEAD * _threads(client)) - len(held)
                for entry in islice(waiting, max(0, free)):
                    submit(entry)
                # Only a case that is alone on the cluster is to blame for a worker's death.
                if again and not held:
                    submit(again.pop(0))
                if not held:
                    return
                future = next(queue)
                task, attempt = held.pop(future)
                answer = _answer(future)
                if answer["status"] == "crashed" and attempt <= max(1, self._retries):
                    again.append((task, attempt + 1))
                else:
                    yield task["index"], answer
        finally:
            client.cancel(list(held))


def measure_here(task: Task, token: str, version: str) -> Answer:
    """Measure a case on a worker that is fit for it; runs on the cluster."""
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
    return measure(task)


def _threads(client: Any) -> int:
    return sum(client.nthreads().values())


def _answer(future: Any) -> Answer:
    """The answer of a finished future; a fault that concerns the whole run is raised."""
    from distributed import KilledWorker

    if future.status == "finished":
        answer: Answer = future.result()
        return answer
    if future.cancelled():
        raise RadiomeError("the Dask scheduler gave the run up: it was restarted or has gone")
    error = future.exception()
    if isinstance(error, KilledWorker):
        reason = "its worker died: ended from outside, out of memory, or by a fault of the case"
        return {"status": "crashed", "reason": reason, "resumed": False, "warnings": []}
    raise error
