"""Intensity histogram: the 23 features of family ZVCW, from the counts of grey levels.

Source: IBSI reference manual (arXiv:1612.07003), section 3.4.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.features.order_statistics import EMPTY_CORE, excess, percentile, quartile_dispersion
from radiome.image.levels import Levels

Array = NDArray[np.float64]


def intensity_histogram(levels: Levels) -> dict[str, FeatureValue]:
    """Compute the features of the histogram of grey levels.

    Parameters
    ----------
    levels : Levels
        The discretised region, at least one voxel.

    Returns
    -------
    dict
        23 features ``ih_…`` of the counts n_i, i = 1..Ng, empty bins included.

    Notes
    -----
    The mode is, of several bins with the highest count, the one closest to the mean, of
    two as close the lower. The gradient is (n_(i+1) - n_(i-1)) / 2, one-sided at the ends;
    where several bins share the extreme gradient, the lowest is reported. Constant
    region, so also a single voxel: skewness and excess kurtosis are 0 by the standard. With
    a single bin, Ng = 1, the gradient features are not applicable, and without a voxel
    from P10 to P90 (two voxels) `ih_rmad` is not.
    """
    counts = np.bincount(levels.values(), minlength=levels.n_levels + 1)[1:]
    grey = np.arange(1.0, counts.size + 1.0)
    share = counts / levels.n_voxels
    mean = float(share @ grey)
    variance, skewness, kurtosis = _moments(grey, share, mean)
    features: dict[str, FeatureValue] = {"ih_mean": mean, "ih_var": variance}
    features |= {"ih_skew": skewness, "ih_kurt": kurtosis}
    features |= _ranks(counts, grey)
    features["ih_mode"] = _mode(counts, grey, mean)
    features["ih_mad"] = float(share @ np.abs(grey - mean))
    features["ih_cov"] = math.sqrt(variance) / mean
    present = share[share > 0]
    features["ih_entropy"] = abs(float(present @ np.log2(present)))
    features["ih_uniformity"] = float(share @ share)
    features |= _gradients(counts)
    return {f"ih_{name}": features[f"ih_{name}"] for name in _ORDER}


_ORDER = (
    *("mean", "var", "skew", "kurt", "median", "min", "p10", "p90", "max", "mode", "iqr"),
    *("range", "mad", "rmad", "medad", "cov", "qcod", "entropy", "uniformity"),
    *("max_grad", "max_grad_g", "min_grad", "min_grad_g"),
)


def _moments(grey: Array, share: Array, mean: float) -> tuple[float, float, float]:
    centred = grey - mean
    weighted = share * centred * centred
    second = float(weighted.sum())
    # A single level can leave a variance of rounding alone.
    if np.count_nonzero(share) == 1:
        second = 0.0
    third, fourth = float(weighted @ centred), float(weighted @ (centred * centred))
    return second, *excess(second, third, fourth)


def _ranks(counts: NDArray[np.int64], grey: Array) -> dict[str, FeatureValue]:
    upto = np.cumsum(counts)
    n = int(upto[-1])

    def at(rank: int) -> float:
        return float(np.searchsorted(upto, rank, "right") + 1)

    p10, p25, median, p75, p90 = (percentile(n, q, at) for q in (10, 25, 50, 75, 90))
    low, high = at(0), at(n - 1)
    kept = np.where((grey >= p10) & (grey <= p90), counts, 0)
    return {
        "ih_median": median,
        "ih_min": low,
        "ih_p10": p10,
        "ih_p90": p90,
        "ih_max": high,
        "ih_iqr": p75 - p25,
        "ih_range": high - low,
        "ih_rmad": _mean_deviation(kept, grey),
        "ih_medad": float(counts @ np.abs(grey - median)) / n,
        # Levels start at 1, so the sum of the quartiles cannot be zero.
        "ih_qcod": quartile_dispersion(p25, p75) or 0.0,
    }


def _mean_deviation(counts: NDArray[np.int64], grey: Array) -> FeatureValue:
    n = int(counts.sum())
    if n == 0:
        return EMPTY_CORE
    mean = float(counts @ grey) / n
    return float(counts @ np.abs(grey - mean)) / n


def _mode(counts: NDArray[np.int64], grey: Array, mean: float) -> float:
    tallest = grey[counts == counts.max()]
    return float(tallest[np.argmin(np.abs(tallest - mean))])


def _gradients(counts: NDArray[np.int64]) -> dict[str, FeatureValue]:
    if counts.size < 2:
        reason = NotApplicable("the histogram has a single bin")
        return dict.fromkeys(
            ("ih_max_grad", "ih_max_grad_g", "ih_min_grad", "ih_min_grad_g"), reason
        )
    gradient = np.gradient(counts.astype(np.float64))
    steepest, falling = int(np.argmax(gradient)), int(np.argmin(gradient))
    return {
        "ih_max_grad": float(gradient[steepest]),
        "ih_max_grad_g": float(steepest + 1),
        "ih_min_grad": float(gradient[falling]),
        "ih_min_grad_g": float(falling + 1),
    }
