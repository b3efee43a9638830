"""Which cases travel to a cluster together.

A task of Dask costs some milliseconds, as much as a small case. Cases that are quick
therefore go in groups, each about as long as `GROUP_SECONDS`; slow ones go one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from radiome.cohort.worker import Task

#: How long a group shall take: long against the cost of a task, short against a run.
GROUP_SECONDS = 0.7

#: Cases of a group at most: each may bring the fingerprints of a folder of DICOM files.
_LARGEST = 100

#: Groups at the end that the cases left are shared out to, for each thread.
_SHARES = 2

#: Latest groups whose median tells how long a case takes: enough that the first case of
#: each worker, which loads everything, does not count for long.
_REMEMBERED = 9


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that one worker takes one after the other.

    Parameters
    ----------
    tasks : tuple of Task
        The cases; at least one.
    attempt : int
        How often a case that is a group of its own is tried, this time included.
    """

    tasks: tuple[Task, ...]
    attempt: int = 1


class Line:
    """Cases that wait for the cluster.

    Parameters
    ----------
    tasks : sequence of Task
        All cases of the run, in the order in which to take them.
    retries : int
        How often a case that was by itself when its worker died is tried again.
    """

    def __init__(self, tasks: Sequence[Task], *, retries: int) -> None:
        self._waiting = deque(tasks)
        self._apart: deque[Group] = deque()
        self._suspects: deque[Group] = deque()
        self._retries = retries
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)

    def take(self, threads: int, *, idle: bool) -> Group | None:
        """Take the next group, or None if there is none now.

        Parameters
        ----------
        threads : int
            Threads of the cluster: towards the end each shall get its share.
        idle : bool
            Whether nothing else is at the cluster. Only then is a suspect tried again:
            a worker takes the cases beside the guilty one with it.
        """
        if self._apart:
            return self._apart.popleft()
        if self._waiting:
            size = min(self._size(threads), len(self._waiting))
            return Group(tuple(self._waiting.popleft() for _ in range(size)))
        if self._suspects and idle:
            return self._suspects.popleft()
        return None

    def _size(self, threads: int) -> int:
        if not self._seconds:
            return 1
        share = len(self._waiting) // (_SHARES * max(1, threads))
        seconds = median(self._seconds)
        quick = int(min(_LARGEST, GROUP_SECONDS / seconds)) if seconds > 0 else _LARGEST
        return max(1, min(quick, share))

    def learn(self, group: Group, *, done: int, seconds: float) -> None:
        """Note how long a group took; cases it did not come to go back to the front."""
        self._seconds.append(seconds / done)
        self._waiting.extendleft(reversed(group.tasks[done:]))

    def lose(self, group: Group) -> bool:
        """Note that a group's worker died; return whether its cases will be tried again.

        Several cases are taken apart, so that the guilty one is by itself next time; what
        was stored of them is not measured again. A case that was by itself is suspect.
        """
        if len(group.tasks) > 1:
            self._apart.extend(Group((task,)) for task in group.tasks)
            return True
        if group.attempt <= self._retries:
            self._suspects.append(Group(group.tasks, group.attempt + 1))
            return True
        return False
