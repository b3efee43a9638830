"""Size zone and distance zone matrices from a list of zones."""

from __future__ import annotations

import numpy as np

from radiome.features.matrix_stack import Floats, Integers, MatrixStack, sum_by_key
from radiome.features.texture_counts import filled_slices
from radiome.image.levels import Levels


def zone_stack(zones: Integers, levels: Levels, *, column: int, planar: bool) -> MatrixStack:
    """Count zones by level and by one of their measures.

    Parameters
    ----------
    zones : int64 array (4, n_zones)
        Slice, level, number of voxels, distance, as `TextureCounts.zones` gives.
    levels : Levels
        The region.
    column : int
        Row of `zones` that becomes the matrix column: 2 for size, 3 for distance.
    planar : bool
        One matrix per slice with voxels instead of one in all.
    """
    matrix, voxels = np.zeros_like(zones[0]), np.array([float(levels.n_voxels)])
    if planar:
        slices = filled_slices(levels.levels)
        rank = np.zeros(levels.levels.shape[0], np.int64)
        rank[[z for z, _, _ in slices]] = np.arange(len(slices))
        matrix, voxels = rank[zones[0]], np.array([float(n) for _, _, n in slices])
    row, row_values = _ranked(zones[1])
    place, column_values = _ranked(zones[column])
    keys = (matrix * len(row_values) + row) * len(column_values) + place
    size = len(voxels) * len(row_values) * len(column_values)
    keys, count = sum_by_key(keys, np.ones(len(keys)), size)
    return MatrixStack.from_keys(keys, count, row_values, column_values, voxels)


def _ranked(numbers: Integers) -> tuple[Integers, Floats]:
    """Rank of each number among the distinct ones, and those as floats."""
    if not numbers.size or numbers.max() > 8 * numbers.size + 65536:
        distinct, rank = np.unique(numbers, return_inverse=True)
        return rank, distinct.astype(np.float64)
    distinct = np.flatnonzero(np.bincount(numbers))
    lookup = np.zeros(int(distinct[-1]) + 1, np.int64)
    lookup[distinct] = np.arange(len(distinct))
    return lookup[numbers], distinct.astype(np.float64)
