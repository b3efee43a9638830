"""How sure a p-value from permutations is."""

from __future__ import annotations

from scipy import stats


def exceedance_interval(
    hits: int, done: int, *, confidence: float = 0.95, stopped: bool = False
) -> tuple[float, float]:
    """Return the exact interval of the chance that a permutation is as extreme as observed.

    Parameters
    ----------
    hits, done : int
        Extreme permutations, and permutations done.
    confidence : float
        Between 0 and 1.
    stopped : bool
        False if `done` was fixed: Clopper and Pearson's binomial interval. True if drawing
        stopped at the last of the hits: the same idea for the negative binomial number of
        draws.

    Examples
    --------
    >>> low, high = exceedance_interval(0, 999)
    >>> round(low, 4), round(high, 4)
    (0.0, 0.0037)
    """
    tail = (1 - confidence) / 2
    misses = done - hits
    low = float(stats.beta.ppf(tail, hits, misses + 1)) if hits else 0.0
    # The draw at which sampling stopped is a hit by rule, so it tells nothing of the misses.
    successes = hits if stopped else hits + 1
    high = float(stats.beta.ppf(1 - tail, successes, misses)) if misses else 1.0
    return low, high
