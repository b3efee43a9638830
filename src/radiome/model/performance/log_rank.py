"""Log-rank test of equal hazards in groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from radiome.base.counting import counted
from radiome.model.performance.inputs import Floats, Integers, codes, survival_outcome
from radiome.model.performance.results import UndefinedStatisticError


@dataclass(frozen=True, slots=True)
class LogRank:
    """Result of the test; observed and expected events in ascending order of the groups."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    n: int


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike) -> LogRank:
    """Test that all groups share one hazard (Mantel 1966), with the hypergeometric variance.

    Groups must be fixed without looking at the outcome: a cut-point searched for needs another
    test, and groups from predictions on training data need none.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    group : array of shape (n,)
        Two or more groups.

    Examples
    --------
    >>> result = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1])
    >>> result.observed, [round(value, 3) for value in result.expected]
    ((3, 3), [1.15, 4.85])
    """
    times, events = survival_outcome(time, event)
    member = codes(group, times.size)
    count = int(member.max()) + 1
    if count < 2 or not events.any():
        raise UndefinedStatisticError(
            "a log-rank test needs two groups and an event",
            got=f"{counted(count, 'group')}, {counted(int(events.sum()), 'event')}",
        )
    distinct = np.unique(times[events])
    deaths = _table(np.searchsorted(distinct, times[events]), member[events], distinct.size, count)
    # Column k of the reversed running sum: who of a group is still followed at each event time.
    until = np.searchsorted(distinct, times, "right")
    leaving = _table(until, member, distinct.size + 1, count)
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1][1:]
    everybody, every_death = at_risk.sum(axis=1), deaths.sum(axis=1)
    share = at_risk / everybody[:, None]
    expected = (share * every_death[:, None]).sum(axis=0)
    spread = every_death * (everybody - every_death) / np.maximum(everybody - 1, 1)
    covariance = (
        np.diag((spread[:, None] * share).sum(axis=0)) - (share * spread[:, None]).T @ share
    )
    gap = deaths.sum(axis=0) - expected
    if np.linalg.matrix_rank(covariance, hermitian=True) < count - 1:
        raise UndefinedStatisticError("a group is never at risk together with another")
    statistic = float(gap[1:] @ np.linalg.solve(covariance[1:, 1:], gap[1:]))
    return LogRank(
        statistic,
        count - 1,
        float(chdtrc(count - 1, statistic)),
        tuple(int(value) for value in deaths.sum(axis=0)),
        tuple(float(value) for value in expected),
        times.size,
    )


def _table(row: Integers, column: Integers, rows: int, columns: int) -> Floats:
    flat = np.bincount(row * columns + column, minlength=rows * columns)
    return np.asarray(flat.reshape(rows, columns), dtype=np.float64)
