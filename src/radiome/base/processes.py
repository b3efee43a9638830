"""Worker processes that do not outlive the process they work for.

A pool tells its workers to end; a process that is killed (out of memory, ``kill -9``, the end of a
batch job) tells nobody anything. Its workers then wait for work for minutes, or for ever, and
keep the files and pipes that they inherited open.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

#: Seconds between looks, where the system cannot tell of the end of a process.
_LOOK_EVERY = 1.0


def process_pool(
    workers: int, first: Callable[..., None] | None = None, given: tuple[Any, ...] = ()
) -> ProcessPoolExecutor:
    """A pool of new processes that end with this one.

    Parameters
    ----------
    workers : int
        Processes.
    first : callable, optional
        Of a module; called in each process before its first task.
    given : tuple
        Arguments of `first`.
    """
    from multiprocessing import get_context

    begin = (os.getpid(), first, given)
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=begin)


def _begin(parent: int, first: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    end_with_parent(parent)
    if first is not None:
        first(*given)


def end_with_parent(parent: int) -> None:
    """End this process at once when its parent has ended, whatever it is doing.

    The first thing that a worker of a pool does. On Linux the system tells of the end of the
    parent; on other systems it is looked for each second, and on Windows not at all.

    Parameters
    ----------
    parent : int
        Number of the process that the worker belongs to, as it told it.
    """
    if os.name == "posix":
        threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: int) -> None:
    wait_for_end(parent)
    # Nothing is tidied up: whoever this work was for is gone, and the thread that does it
    # may be deep in a calculation.
    os._exit(1)


def wait_for_end(parent: int) -> None:
    """Return when the parent of this process has ended; at once if `parent` is not it."""
    handle = _handle(parent)
    if handle is not None:
        # Asked for after the handle: a number is given to another process only after that.
        if os.getppid() == parent:
            select.select([handle], [], [])
        os.close(handle)
        return
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)


def _handle(process: int) -> int | None:
    """What becomes readable when a process ends; None where the system has no such thing."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process)
    except OSError:  # already ended, an old kernel, or one that does not allow it
        return None
