"""Dependence features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.compat.pyradiomics.stacks import mean_emphases
from radiome.features.matrix_stack import MatrixStack

#: Features by the words of `stacks.EMPHASES`.
WORDS = {
    "DependenceEntropy": "entropy",
    "DependenceNonUniformity": "size_uniformity",
    "DependenceNonUniformityNormalized": "size_uniformity_normalised",
    "DependenceVariance": "size_variance",
    "GrayLevelNonUniformity": "level_uniformity",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelEmphasis": "high",
    "LargeDependenceEmphasis": "long",
    "LargeDependenceHighGrayLevelEmphasis": "long_high",
    "LargeDependenceLowGrayLevelEmphasis": "long_low",
    "LowGrayLevelEmphasis": "low",
    "SmallDependenceEmphasis": "short",
    "SmallDependenceHighGrayLevelEmphasis": "short_high",
    "SmallDependenceLowGrayLevelEmphasis": "short_low",
}


def compute(counts: NDArray[np.int64]) -> dict[str, float]:
    """Compute all dependence features from `neighbourhoods.count`.

    The dependence of a voxel is one more than the number of its dependent neighbours.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Gray Level Dependence Matrix Features".
    """
    dependences = counts[2]
    flat = dependences.reshape(-1)
    keys = np.flatnonzero(flat)
    levels = np.arange(1.0, dependences.shape[0] + 1)
    sizes = np.arange(1.0, dependences.shape[1] + 1)
    voxels = np.array([float(flat.sum())])
    return mean_emphases(MatrixStack.from_keys(keys, flat[keys], levels, sizes, voxels), WORDS)
