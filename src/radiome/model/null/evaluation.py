"""Statistics of permuted outcomes, evaluated in this process or in several."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from radiome.base.errors import UserError
from radiome.base.processes import end_with_parent
from radiome.model.null.scheme import PermutationScheme, permutation_rng

Statistic = Callable[[NDArray[np.intp], np.random.Generator], float]

#: Seconds of work between looks at the stopping rule and writes to the store.
_WAVE_SECONDS = 2.0


class Evaluator:
    """Evaluates permutations in waves that grow until one takes about two seconds.

    Each permutation has a generator of its own, made from the seed and its index, and
    linear algebra has one thread; so a value does not depend on waves or workers.
    Processes come from joblib's loky, which takes closures and functions of a notebook.

    Parameters
    ----------
    statistic : callable
        ``statistic(order, rng) -> float``.
    scheme : PermutationScheme
        Allowed permutations.
    seed, workers : int
        Seed of all permutations; number of processes.
    """

    def __init__(
        self, statistic: Statistic, scheme: PermutationScheme, seed: int, workers: int
    ) -> None:
        self._statistic = statistic
        self._scheme = scheme
        self._seed = seed
        self._workers = workers
        self._pool = Parallel(
            n_jobs=workers,
            backend="loky",
            mmap_mode="c",
            initializer=end_with_parent,
            initargs=(os.getpid(),),
        )
        self.wave = workers

    def __enter__(self) -> Evaluator:
        if self._workers > 1:
            self._pool.__enter__()
        return self

    def __exit__(self, *what: Any) -> None:
        if self._workers > 1:
            self._pool.__exit__(*what)

    def observed(self) -> float:
        """Return the statistic of the outcomes as they are."""
        return _evaluate(self._statistic, self._scheme, self._seed, [0])[0]

    def evaluate(self, indices: Sequence[int]) -> dict[int, float]:
        """Return the statistics of permutations `indices`, counted from 1."""
        started = time.perf_counter()
        arguments = (self._statistic, self._scheme, self._seed)
        shares = [list(indices[start :: self._workers]) for start in range(self._workers)]
        shares = [share for share in shares if share]
        if len(shares) == 1:
            results = [_evaluate(*arguments, shares[0])]
        else:
            results = self._pool(delayed(_evaluate)(*arguments, share) for share in shares)
        elapsed = time.perf_counter() - started
        if elapsed < _WAVE_SECONDS / 2:
            self.wave *= 2 if elapsed > _WAVE_SECONDS / 16 else 8
        found = {index: value for result in results for index, value in result.items()}
        return {index: found[index] for index in indices}


def _evaluate(
    statistic: Statistic, scheme: PermutationScheme, seed: int, indices: Sequence[int]
) -> dict[int, float]:
    values: dict[int, float] = {}
    with threadpool_limits(limits=1):
        for index in indices:
            rng = permutation_rng(seed, index)
            order = scheme.draw(rng) if index else scheme.unpermuted()
            values[index] = _finite(statistic(order, rng), index)
    return values


def _finite(value: float, index: int) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise UserError(
            "the statistic is not a finite number",
            where="the outcomes as they are" if index == 0 else f"permutation {index}",
            expected="a finite number for every permutation",
            got=str(number),
            do="give the statistic a defined value, such as an AUC of 0.5, where it has none",
        )
    return number
