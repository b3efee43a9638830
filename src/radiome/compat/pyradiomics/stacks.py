"""Texture matrices over one region, counted along the directions pyradiomics uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.compat.pyradiomics.binning import Binned
from radiome.features.emphases import emphases
from radiome.features.matrix_stack import Floats, Integers, MatrixStack, sum_by_key

#: Order of the features that `emphases` gives, as (size, level) words of their names.
EMPHASES = (
    "short",
    "long",
    "low",
    "high",
    "short_low",
    "short_high",
    "long_low",
    "long_high",
    "level_uniformity",
    "level_uniformity_normalised",
    "size_uniformity",
    "size_uniformity_normalised",
    "percentage",
    "level_variance",
    "size_variance",
    "entropy",
)


def neighbour_steps(binned: Binned, distances: Sequence[int]) -> Integers:
    """Steps (n, 3) to one of each pair of opposite neighbours at Chebyshev `distances`.

    The first non-zero part of a step is positive. Steps longer than the box of the region
    are left out.
    """
    reach = max(distances)
    span = np.arange(-reach, reach + 1)
    grid = np.meshgrid([0] if binned.planar else span, span, span, indexing="ij")
    steps = np.stack(grid, axis=-1).reshape(-1, 3)
    steps = steps[len(steps) // 2 + 1 :]
    sizes = np.array(binned.levels.levels.shape) - 2
    wanted = np.isin(np.abs(steps).max(axis=1), list(distances))
    return np.asarray(steps[wanted & (np.abs(steps) < sizes).all(axis=1)])


def distances_of(settings: Mapping[str, Any]) -> list[int]:
    """Check and return the setting `distances`."""
    found = settings.get("distances", [1])
    distances = [int(d) for d in found]
    if not distances or any(d < 1 for d in distances) or distances != list(found):
        raise SettingsError(
            "distances are whole numbers of voxels from 1", where="distances", got=str(found)
        )
    return distances


def lengths_mm(steps: Integers, spacing: Sequence[float], norm: str) -> Floats:
    """Lengths (n,) of steps in mm by the norm 'infinity', 'euclidean' or 'manhattan'."""
    parts = np.abs(steps) * np.asarray(spacing)
    if norm == "infinity":
        return np.asarray(parts.max(axis=1))
    if norm == "euclidean":
        return np.asarray(np.sqrt((parts**2).sum(axis=1)), np.float64)
    return np.asarray(parts.sum(axis=1), np.float64)


def is_weighted(norm: str | None) -> bool:
    """Whether `weightingNorm` gives directions weights other than 1."""
    return norm in ("infinity", "euclidean", "manhattan")


def summed(stack: MatrixStack, weights: Floats) -> MatrixStack:
    """Weighted sum of the matrices of a stack, as a stack of one."""
    rows, columns = len(stack.row_values), len(stack.column_values)
    keys, count = sum_by_key(
        stack.row * columns + stack.column, stack.count * weights[stack.matrix], rows * columns
    )
    voxels = np.array([float((stack.voxels * weights).sum())])
    return MatrixStack.from_keys(keys, count, stack.row_values, stack.column_values, voxels)


def without_empty(stack: MatrixStack) -> MatrixStack:
    """Leave out the matrices without any element."""
    kept = np.flatnonzero(stack.totals)
    number = np.zeros(stack.n_matrices, np.int64)
    number[kept] = np.arange(len(kept))
    return MatrixStack(
        matrix=number[stack.matrix],
        row=stack.row,
        column=stack.column,
        count=stack.count,
        row_values=stack.row_values,
        column_values=stack.column_values,
        voxels=stack.voxels[kept],
        totals=stack.totals[kept],
    )


def mean_over(values: NDArray[np.float64]) -> float:
    """Mean of what is not NaN; NaN where nothing is left."""
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if kept.size else float("nan")


def mean_emphases(stack: MatrixStack, names: Mapping[str, str]) -> dict[str, float]:
    """Means over the matrices of a stack of the features that `names` maps to, by name."""
    values = emphases(stack, EMPHASES)
    return {name: mean_over(values[word]) for name, word in names.items()}
