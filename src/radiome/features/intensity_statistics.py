"""Intensity-based statistics: the 18 features of family UHIW.

Source: IBSI reference manual (arXiv:1612.07003), section 3.3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.features.order_statistics import EMPTY_CORE, excess, percentile, quartile_dispersion

Values = NDArray[np.float64]


def intensity_statistics(values: Values) -> dict[str, FeatureValue]:
    """Compute the statistics of the intensities of a region.

    Parameters
    ----------
    values : float64 array (n,)
        Intensities X of the intensity mask, in any order, finite, at least one.

    Returns
    -------
    dict
        18 features ``stat_…``. Moments are about the mean and without bias correction;
        percentiles interpolate linearly between ranks; `stat_rmad` uses the intensities
        from P10 to P90, both included; `stat_medad` is the mean distance from the median.

    Notes
    -----
    Constant region, so also a single voxel: the deviations are 0, and skewness and excess
    kurtosis are 0 by the standard. Not applicable are `stat_cov` for a mean of 0,
    `stat_qcod` for P25 + P75 = 0, and `stat_rmad` where no voxel lies from P10 to P90 (two
    voxels). The order of the values has no influence, not even in the last bit, because
    they are sorted first.

    Examples
    --------
    >>> import numpy as np
    >>> round(intensity_statistics(np.array([1.0, 2.0, 2.0, 7.0]))["stat_mean"], 3)
    3.0
    """
    # Vectorised sorting beats partitioning at ten ranks, and P10..P90 becomes one slice.
    ordered = np.sort(values)
    n = ordered.size
    low, high = float(ordered[0]), float(ordered[-1])
    p10, p25, median, p75, p90 = (
        percentile(n, q, lambda rank: float(ordered[rank])) for q in (10, 25, 50, 75, 90)
    )
    # Relative to the minimum: exact for a constant region, and no cancellation far from 0.
    mean = low + float((ordered - low).mean())
    variance, skewness, kurtosis, deviation = _moments(ordered, mean)
    dispersion = quartile_dispersion(p25, p75)
    energy = float(ordered @ ordered)
    return {
        "stat_mean": mean,
        "stat_var": variance,
        "stat_skew": skewness,
        "stat_kurt": kurtosis,
        "stat_median": median,
        "stat_min": low,
        "stat_p10": p10,
        "stat_p90": p90,
        "stat_max": high,
        "stat_iqr": p75 - p25,
        "stat_range": high - low,
        "stat_mad": deviation,
        "stat_rmad": _robust_deviation(ordered, p10, p90),
        "stat_medad": _mean_distance(ordered, median),
        "stat_cov": math.sqrt(variance) / mean if mean else _ZERO_MEAN,
        "stat_qcod": _ZERO_QUARTILES if dispersion is None else dispersion,
        "stat_energy": energy,
        "stat_rms": math.sqrt(energy / n),
    }


_ZERO_MEAN = NotApplicable("the mean intensity is zero")
_ZERO_QUARTILES = NotApplicable("the 25th and 75th percentiles add up to zero")


def _moments(ordered: Values, mean: float) -> tuple[float, float, float, float]:
    """Variance, skewness, excess kurtosis and mean absolute deviation."""
    n = ordered.size
    centred = ordered - mean
    squares = centred * centred
    second = float(squares.mean())
    third, fourth = float(squares @ centred) / n, float(squares @ squares) / n
    deviation = float(np.abs(centred, out=centred).mean())
    return second, *excess(second, third, fourth), deviation


def _robust_deviation(ordered: Values, p10: float, p90: float) -> FeatureValue:
    first, last = np.searchsorted(ordered, p10, "left"), np.searchsorted(ordered, p90, "right")
    kept = ordered[first:last]
    if kept.size == 0:
        return EMPTY_CORE
    return _mean_distance(kept, float(kept[0]) + float((kept - kept[0]).mean()))


def _mean_distance(values: Values, centre: float) -> float:
    distance = values - centre
    return float(np.abs(distance, out=distance).mean())
