"""Neighbourhood grey tone difference matrix (NGTDM) features."""

from __future__ import annotations

import numpy as np

from radiome.base.values import FeatureValue
from radiome.features.aggregation import averaged
from radiome.features.matrix_stack import Floats, Integers, sum_by_key
from radiome.features.texture_counts import TextureCounts
from radiome.features.texture_options import TextureOptions
from radiome.image.levels import Levels

_TAGS = ("ngt_coarseness", "ngt_contrast", "ngt_busyness", "ngt_complexity", "ngt_strength")

_Matrix = tuple[Integers, Integers, Floats]  # levels that occur, n_i, s_i

#: Value the standard gives to a coarseness of 1 / 0, and its maximum.
_COARSENESS_LIMIT = 1e6

#: Pairs of grey levels handled at a time, to bound memory with thousands of levels.
_PAIRS_AT_A_TIME = 1 << 18


def ngtdm(
    levels: Levels, options: TextureOptions, counts: TextureCounts | None = None
) -> dict[str, FeatureValue]:
    """Compute the 5 NGTDM features for every asked aggregation.

    For each level i, n_i counts the voxels with at least one neighbour in the intensity
    mask (within Chebyshev radius `ngtdm_distance`), and s_i sums the absolute
    differences between i and the mean level of the neighbours; p_i = n_i / N_vc with
    N_vc the sum of the n_i. With one level, contrast and busyness are 0 and coarseness
    is 10⁶, as the standard says. Busyness is not defined when all products i p_i of
    several levels are equal.

    Parameters
    ----------
    levels : Levels
        The discretised region.
    options : TextureOptions
        Uses `aggregations` and `ngtdm_distance`.
    counts : TextureCounts, optional
        Neighbourhoods shared with `ngldm`.

    Returns
    -------
    dict
        Values by tag, e.g. ``ngt_contrast_3D``.

    Notes
    -----
    Source: IBSI reference manual (arXiv:1612.07003), section 3.10, IPET.
    """
    shared = counts or TextureCounts(levels)
    rows: list[tuple[float, ...]] = []
    present: list[bool] = []
    spans: dict[str, slice] = {}
    # The alpha of the NGLDM has no say here, but asking for it shares its counts.
    alpha = options.ngldm_alpha if options.ngldm_distance == options.ngtdm_distance else 0
    for name in options.undirected:
        found = shared.neighbourhoods(
            planar=name != "3D", distance=options.ngtdm_distance, alpha=alpha
        )
        matrices = [(part.level, part.number, part.tone) for part in found]
        if name == "2_5D":
            matrices = [_merged(matrices)]
        spans[name] = slice(len(rows), len(rows) + len(matrices))
        rows += [_features(*matrix) for matrix in matrices]
        present += [matrix[0].size > 0 for matrix in matrices]
    return averaged(
        dict(zip(_TAGS, np.array(rows).T, strict=True)),
        spans,
        np.array(present),
        absent="no voxel of the region has a neighbour in the region",
        undefined={"ngt_busyness": "the products of grey level and its probability are all equal"},
    )


def _merged(matrices: list[_Matrix]) -> _Matrix:
    levels, numbers, tones = (np.concatenate(part) for part in zip(*matrices, strict=True))
    size = int(levels.max(initial=0)) + 1
    level, number = sum_by_key(levels, numbers, size)
    # Weights of zero would drop a level: the sums of tones are looked up by level.
    tone = np.asarray(np.bincount(levels, tones, size), np.float64)[level]
    return level, number.astype(np.int64), tone


def _features(level: Integers, n: Integers, s: Floats) -> tuple[float, ...]:
    """Features of one matrix in the order of the tags; NaN where not defined."""
    if not level.size:
        return (float("nan"),) * len(_TAGS)
    n_voxels, n_present = int(n.sum()), len(n)
    p = n / n_voxels
    weighted, total = float((p * s).sum()), float(s.sum())
    coarseness = min(1 / weighted, _COARSENESS_LIMIT) if weighted > 0 else _COARSENESS_LIMIT
    if n_present == 1:
        return coarseness, 0.0, 0.0, 0.0, 0.0
    imbalance, complexity, strength = _pair_sums(n, s, level)
    # The sum of p1 p2 (i1 - i2)² over all pairs is twice the variance of the levels.
    variance = float((p * (level - (p * level).sum()) ** 2).sum())
    contrast = 2 * variance / (n_present * (n_present - 1)) * total / n_voxels
    return (
        coarseness,
        contrast,
        weighted * n_voxels / imbalance if imbalance > 0 else float("nan"),
        complexity / n_voxels,
        strength / n_voxels / total if total > 0 else 0.0,
    )


def _pair_sums(n: Integers, s: Floats, level: Integers) -> tuple[int, float, float]:
    """Sums over all pairs of levels that occur, with counts n in place of probabilities.

    Returns
    -------
    (int, float, float)
        abs(i1 n1 - i2 n2); abs(i1 - i2) (n1 s1 + n2 s2) / (n1 + n2); (n1 + n2) (i1 - i2)².
        The first is a whole number, so that zero is exact.
    """
    imbalance, complexity, strength = 0, 0.0, 0.0
    rows = max(1, _PAIRS_AT_A_TIME // len(n))
    for start in range(0, len(n), rows):
        part = slice(start, start + rows)
        gap = np.abs(level[part, None] - level).astype(np.float64)
        both = n[part, None] + n
        imbalance += int(np.abs((level * n)[part, None] - level * n).sum())
        complexity += float((gap * ((n * s)[part, None] + n * s) / both).sum())
        strength += float((both * gap**2).sum())
    return imbalance, complexity, strength
