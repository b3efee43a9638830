"""Many calls of one function, in this process or in several."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from radiome.base.processes import end_with_parent

ResultT = TypeVar("ResultT")


def in_parallel(
    function: Callable[..., ResultT],
    calls: Sequence[tuple[Any, ...]],
    *,
    workers: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[ResultT]:
    """Results of a function, one thread each.

    Parameters
    ----------
    function : callable
        Of a module: processes know it by its name.
    calls : sequence of tuples
        Its arguments. Large arrays among them are shared by the processes, not copied.
    workers : int
        Processes; 1 for this one. The results do not depend on it.
    progress : callable, optional
        Called with calls done and all calls.

    Returns
    -------
    list
        In the order of the calls.
    """
    found = []
    if workers == 1:
        with threadpool_limits(1):
            for done, call in enumerate(calls, start=1):
                found.append(function(*call))
                if progress:
                    progress(done, len(calls))
        return found
    pool = Parallel(
        n_jobs=workers,
        backend="loky",
        return_as="generator",
        inner_max_num_threads=1,
        initializer=end_with_parent,
        initargs=(os.getpid(),),
    )
    for done, result in enumerate(pool(delayed(function)(*call) for call in calls), start=1):
        found.append(result)
        if progress:
            progress(done, len(calls))
    return found
