"""Percentiles from ranks, the same for sorted intensities and for histograms.

The percentile of q % is the order statistic at the fractional rank (n - 1) q / 100,
linearly interpolated between its neighbours: the default of NumPy, R (type 7) and
most teams of the IBSI, whose manual leaves the choice open.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from radiome.base.values import NotApplicable

#: Percentiles between ranks can leave no voxel between them: two voxels are enough.
EMPTY_CORE = NotApplicable("no voxel lies between the 10th and the 90th percentile")


def percentile(n: int, q: int, at: Callable[[int], float]) -> float:
    """Return the percentile `q` of `n` values.

    Parameters
    ----------
    n : int
        Number of values, at least 1.
    q : int
        Percentage, 0 to 100.
    at : callable
        Gives the value of a rank 0..n-1 in ascending order.
    """
    # Whole-number arithmetic: (n - 1) * 0.1 would miss exact ranks.
    rank, rest = divmod((n - 1) * q, 100)
    low = at(rank)
    if rest == 0:
        return low
    high = at(rank + 1)
    return low + (high - low) * (rest / 100)


def quartile_dispersion(p25: float, p75: float) -> float | None:
    """Return (P75 - P25) / (P75 + P25), or None where the sum is zero."""
    total = p75 + p25
    return (p75 - p25) / total if total != 0 else None


def excess(moment_2: float, moment_3: float, moment_4: float) -> tuple[float, float]:
    """Skewness and excess kurtosis from central moments; both 0 where the variance is 0."""
    if moment_2 == 0:
        return 0.0, 0.0
    return moment_3 / math.pow(moment_2, 1.5), moment_4 / moment_2**2 - 3.0
