"""Permutation null of any statistic, with sequential stopping, on any number of processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.model.null.evaluation import Evaluator, Statistic
from radiome.model.null.interval import exceedance_interval
from radiome.model.null.plan import Alternative, PermutationPlan
from radiome.model.null.scheme import PermutationScheme, permutation_scheme
from radiome.model.null.store import PermutationStore

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class PermutationResult:
    """What permutations say of an observed statistic.

    Attributes
    ----------
    observed : float
        Statistic of the outcomes as they are.
    null_values : array of float, shape (done,)
        Statistics of permuted outcomes, in the order of the permutations.
    p : float
        ``h / done`` when stopped after `h` exceedances, else ``(1 + exceedances) / (1 + done)``;
        never 0.
    interval : tuple of float
        Exact interval for the p that infinitely many permutations would give.
    confidence : float
        Of the interval.
    exceedances : int
        Permutations at least as extreme as the observed value.
    stopped_early : bool
        Whether enough exceedances were seen before the last permutation.
    alternative : {"greater", "less"}
        Which values are extreme.
    seed : int
        Of the permutations.
    """

    observed: float
    null_values: NDArray[np.float64]
    p: float
    interval: tuple[float, float]
    confidence: float
    exceedances: int
    stopped_early: bool
    alternative: Alternative
    seed: int

    @property
    def done(self) -> int:
        """Permutations that were examined."""
        return int(self.null_values.size)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "observed": self.observed,
            "p": self.p,
            "interval": list(self.interval),
            "confidence": self.confidence,
            "permutations": self.done,
            "exceedances": self.exceedances,
            "stopped_early": self.stopped_early,
            "alternative": self.alternative,
            "seed": self.seed,
            "null_values": self.null_values.tolist(),
        }


def permutation_test(
    statistic: Statistic,
    scheme: PermutationScheme | int,
    plan: PermutationPlan | None = None,
    *,
    workers: int = 1,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> PermutationResult:
    """Compare a statistic with its values under permuted outcomes.

    Parameters
    ----------
    statistic : callable
        ``statistic(order, rng) -> float``. `order` is an array of int, shape (rows,): row i
        gets the outcome of row ``order[i]``, so ``outcome[order]`` for one outcome, and
        ``time[order], event[order]`` for survival. The whole analysis belongs inside: what
        was fitted to the outcome and is left outside makes p too small. Random steps must
        use `rng`, which is the same for a permutation wherever it is evaluated.
    scheme : PermutationScheme or int
        Allowed permutations, or the number of rows when all are allowed.
    plan : PermutationPlan, optional
        Number of permutations, stopping rule, alternative, seed.
    workers : int
        Processes. The result is the same for any number.
    store : path, optional
        File of finished statistics; a run with the same file goes on where it stopped.
    progress : callable, optional
        Called with permutations done and the greatest number to do.

    Returns
    -------
    PermutationResult

    Examples
    --------
    >>> import numpy as np
    >>> feature = np.arange(10.0)
    >>> outcome = np.repeat([0, 1], 5)
    >>> def difference(order, rng):
    ...     labels = outcome[order]
    ...     return feature[labels == 1].mean() - feature[labels == 0].mean()
    >>> result = permutation_test(difference, 10, PermutationPlan(permutations=199, seed=1))
    >>> result.observed, result.p
    (5.0, 0.01)
    """
    chosen = plan or PermutationPlan()
    allowed = permutation_scheme(scheme) if isinstance(scheme, int) else scheme
    if workers < 1:
        raise SettingsError("too few workers", expected="1 or more", got=str(workers))
    evaluator = Evaluator(statistic, allowed, chosen.seed, workers)
    observed = evaluator.observed()
    kept = None
    finished: dict[int, float] = {}
    if store is not None:
        identity = {"seed": chosen.seed, "scheme": allowed.fingerprint(), "observed": observed}
        kept = PermutationStore(Path(store), identity)
        finished = kept.read()
    examination = _Examination(observed, chosen)
    with evaluator:
        while not examination.take(finished):
            wanted = examination.missing(finished, evaluator.wave)
            found = evaluator.evaluate(wanted)
            if kept is not None:
                kept.append(found)
            finished.update(found)
            if progress is not None:
                progress(min(len(finished), chosen.permutations), chosen.permutations)
    return examination.result()


class _Examination:
    """Looks at statistics in the order of the permutations, whatever order they came in."""

    def __init__(self, observed: float, plan: PermutationPlan) -> None:
        self._observed = observed
        self._plan = plan
        self._values: list[float] = []
        self._exceedances = 0

    @property
    def _enough(self) -> bool:
        return self._exceedances == self._plan.stop_after

    def take(self, finished: dict[int, float]) -> bool:
        """Examine what is finished, up to the first gap; return whether to stop."""
        while len(self._values) < self._plan.permutations and not self._enough:
            value = finished.get(len(self._values) + 1)
            if value is None:
                return False
            self._values.append(value)
            self._exceedances += self._is_extreme(value)
        return True

    def missing(self, finished: dict[int, float], number: int) -> list[int]:
        """Return the next indices to evaluate, at most `number`."""
        ahead = range(len(self._values) + 1, self._plan.permutations + 1)
        wanted: list[int] = []
        for index in ahead:
            if len(wanted) == number:
                break
            if index not in finished:
                wanted.append(index)
        return wanted

    def _is_extreme(self, value: float) -> bool:
        # Equal statistics summed in another order differ in the last bits: still ties.
        slack = 1e-12 * abs(self._observed)
        if self._plan.alternative == "greater":
            return value >= self._observed - slack
        return value <= self._observed + slack

    def result(self) -> PermutationResult:
        done, hits = len(self._values), self._exceedances
        values = np.array(self._values, dtype=np.float64)
        values.flags.writeable = False
        stopped = self._enough
        p = hits / done if stopped else (1 + hits) / (1 + done)
        return PermutationResult(
            observed=self._observed,
            null_values=values,
            p=p,
            interval=exceedance_interval(
                hits, done, confidence=self._plan.confidence, stopped=stopped
            ),
            confidence=self._plan.confidence,
            exceedances=hits,
            stopped_early=stopped and done < self._plan.permutations,
            alternative=self._plan.alternative,
            seed=self._plan.seed,
        )
