"""Threads over feature families, with linear algebra kept to one thread each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

T = TypeVar("T")


def run_jobs(jobs: Sequence[Callable[[], T]], *, threads: int) -> list[T]:
    """Run `jobs` on up to `threads` threads; return their results in the order given.

    BLAS gets one thread per job: its own threads would fight over the same cores, and
    could round sums differently from one number of threads to the next.
    """
    with _controller().limit(limits=1, user_api="blas"):
        if threads <= 1 or len(jobs) <= 1:
            return [job() for job in jobs]
        with ThreadPoolExecutor(max_workers=min(threads, len(jobs))) as pool:
            return list(pool.map(lambda job: job(), jobs))


@cache
def _controller() -> ThreadpoolController:
    # Looking up the loaded libraries takes milliseconds, so it is done once.
    return ThreadpoolController()
