"""First order features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.compat.pyradiomics.binning import Binned

#: What pyradiomics adds to probabilities before it takes their logarithm.
EPSILON = float(np.spacing(1.0))


def entropy(probability: NDArray[np.float64]) -> float:
    """Entropy in bits; of a certain outcome it is -log2(1 + EPSILON), not quite zero."""
    return -float((probability * np.log2(probability + EPSILON)).sum())


def compute(binned: Binned, settings: Mapping[str, Any]) -> dict[str, float]:
    """Compute all first order features of one region.

    Skewness is 0 and kurtosis 0 where the variance is 0; kurtosis is not the excess.
    `voxelArrayShift` is added to the intensities for Energy, TotalEnergy and
    RootMeanSquared.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Radiomic Features: First Order Features".
    """
    volume = float(np.prod(binned.spacing))
    return describe(binned.values, binned.counts, volume, float(settings.get("voxelArrayShift", 0)))


def describe(
    values: NDArray[np.float64], counts: NDArray[np.int64], voxel_volume: float, shift: float
) -> dict[str, float]:
    """Features of the intensities (n,), with the number of voxels by grey level (m,)."""
    shifted = values + shift
    energy = float(np.dot(shifted, shifted))
    mean = float(values.mean())
    gaps = values - mean
    squares = gaps * gaps
    variance = float(squares.mean())
    divisor = variance if variance != 0 else 1.0
    p10, p25, p75, p90 = (float(p) for p in np.percentile(values, [10, 25, 75, 90]))
    least, greatest = float(values.min()), float(values.max())
    core = values[(values >= p10) & (values <= p90)]
    share = counts / len(values)
    return {
        "10Percentile": p10,
        "90Percentile": p90,
        "Energy": energy,
        "Entropy": entropy(share),
        "InterquartileRange": p75 - p25,
        "Kurtosis": float(np.dot(squares, squares)) / len(values) / divisor**2.0,
        "Maximum": greatest,
        "MeanAbsoluteDeviation": float(np.abs(gaps).mean()),
        "Mean": mean,
        "Median": float(np.median(values)),
        "Minimum": least,
        "Range": greatest - least,
        "RobustMeanAbsoluteDeviation": _mean_absolute_deviation(core),
        "RootMeanSquared": float(np.sqrt(energy / len(values))),
        "Skewness": float(np.dot(squares, gaps)) / len(values) / divisor**1.5,
        "TotalEnergy": energy * voxel_volume,
        "Uniformity": float((share**2).sum()),
        "Variance": float(np.sqrt(variance)) ** 2,
        "StandardDeviation": float(np.sqrt(variance)),
    }


def _mean_absolute_deviation(values: NDArray[np.float64]) -> float:
    if not values.size:
        return float("nan")
    return float(np.abs(values - values.mean()).mean())
