"""Grey tone difference features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Coarseness where no grey level differs from its surroundings.
FLAT_COARSENESS = 1e6


def compute(counts: NDArray[np.int64]) -> dict[str, float]:
    """Compute all grey tone difference features from `neighbourhoods.count`.

    A voxel without neighbours counts, with a difference of zero: there pyradiomics
    departs from the standard, which leaves it out.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Neighbouring Gray Tone Difference Matrix
    Features".
    """
    by_level = counts[0].sum(axis=1)
    rows = np.flatnonzero(by_level)
    tone = (counts[1][rows, 1:] / np.arange(1, counts.shape[2])).sum(axis=1)
    return describe((rows + 1).astype(np.float64), by_level[rows], tone)


def describe(
    level: NDArray[np.float64], number: NDArray[np.int64], tone: NDArray[np.float64]
) -> dict[str, float]:
    """Features of the levels (m,) that occur, how often, and their sums of differences."""
    voxels = float(number.sum())
    p, s = number / voxels, tone
    total = float(s.sum())
    coarse = float((p * s).sum())
    gap = level[:, None] - level[None]
    sums = p[:, None] + p[None]
    shares = p * s
    spread = float(np.abs((level * p)[:, None] - (level * p)[None]).sum())
    pairs = len(level) * (len(level) - 1)
    contrast = float((p[:, None] * p[None] * gap**2).sum()) * total / voxels
    strength = float((sums * gap**2).sum())
    complexity = np.abs(gap) * (shares[:, None] + shares[None]) / sums
    return {
        "Busyness": coarse / spread if spread != 0 else 0.0,
        "Coarseness": 1 / coarse if coarse != 0 else FLAT_COARSENESS,
        "Complexity": float(complexity.sum()) / voxels,
        "Contrast": contrast / pairs if pairs else 0.0,
        "Strength": strength / total if total != 0 else 0.0,
    }
