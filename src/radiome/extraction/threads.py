"""Threads over feature families, with linear algebra kept to one thread each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

T = TypeVar("T")


def run_jobs(jobs: Sequence[Callable[[], T]], *, threads: int) -> list[T]:
    """Run `jobs` on up to `threads` threads; return their results in the order given.

    BLAS gets one thread per job, as in `one_blas_thread`.
    """
    with one_blas_thread():
        if threads <= 1 or len(jobs) <= 1:
            return [job() for job in jobs]
        with ThreadPoolExecutor(max_workers=min(threads, len(jobs))) as pool:
            return list(pool.map(lambda job: job(), jobs))


def one_blas_thread() -> AbstractContextManager[Any]:
    """Hold BLAS to one thread inside a ``with`` block.

    Its own threads would fight with ours over the same cores, and on some processors
    they round sums differently from one number of threads to the next.
    """
    held: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return held


@cache
def _controller() -> ThreadpoolController:
    # Looking up the loaded libraries takes milliseconds, so it is done once.
    return ThreadpoolController()
