"""Texture matrices of many neighbourhoods: one or several for each voxel, as one stack.

Matrix ``v * n + d`` belongs to voxel v and direction d of n.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radiome.compat.pyradiomics.voxel_kernels import Kernels
from radiome.features.matrix_stack import Floats, Integers, MatrixStack, sum_by_key

Found = tuple[Integers, Integers, Integers]


class Tones(NamedTuple):
    """Grey tone differences by voxel and level.

    Parameters
    ----------
    voxel, level : int64, float64 arrays (n,)
        Each pair occurs once; in order of the voxels.
    number : int64 array (n,)
        Places with that level.
    tone : float64 array (n,)
        Sum of their absolute differences to the mean of their neighbours.
    """

    voxel: Integers
    level: Floats
    number: Integers
    tone: Floats


def pair_stack(kernels: Kernels, steps: Integers, *, symmetrical: bool) -> MatrixStack:
    """Count pairs of levels one step apart, by voxel and step (n, 3)."""
    found: list[Found] = []
    for d, step in enumerate(steps):
        first, second = (kernels.codes[places] for places in kernels.linked(step))
        both = (first > 0) & (second > 0)
        matrix = np.nonzero(both)[1] * len(steps) + d
        one, other = first[both] - 1, second[both] - 1
        found.append((matrix, one, other))
        if symmetrical:
            found.append((matrix, other, one))
    return _stack(kernels, found, len(steps), kernels.levels)


def run_stack(kernels: Kernels, steps: Integers) -> MatrixStack:
    """Count runs by level and length, by voxel and step (n, 3).

    A direction without a line that holds two voxels takes no part: its matrix is empty.
    """
    found = []
    for d, step in enumerate(steps):
        length, ends = _runs(kernels, step)
        place, voxel = np.nonzero(ends & _has_lines(kernels, step))
        sizes, codes = length[place, voxel], kernels.codes[place, voxel]
        found.append((voxel * len(steps) + d, codes - 1, sizes - 1))
    longest = int(kernels.places.max()) * 2 + 1
    return _stack(kernels, found, len(steps), np.arange(1.0, longest + 1))


def _runs(kernels: Kernels, step: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Length of the run up to each place (k, n), and whether the run ends there."""
    codes = kernels.codes
    length = np.ones_like(codes)
    ends = kernels.inside.copy()
    # Places ascend and so do the steps: a run has come to `start` before it comes to `end`.
    for start, end in zip(*kernels.linked(step), strict=True):
        same = codes[start] == codes[end]
        length[end] = np.where(same, length[start] + 1, 1)
        ends[start] &= ~same
    return length, ends


def _has_lines(kernels: Kernels, step: Integers) -> NDArray[np.bool_]:
    """Whether a line along `step` holds two voxels of the region, neighbours or not; (n,)."""
    line = np.arange(len(kernels.places))
    for start, end in zip(*kernels.linked(step), strict=True):
        line[end] = line[start]
    voxels = np.zeros(kernels.codes.shape, np.int64)
    np.add.at(voxels, line, kernels.inside)
    return np.asarray((voxels > 1).any(axis=0))


def zone_stack(kernels: Kernels, steps: Integers) -> MatrixStack:
    """Count zones of one level by level and size, by voxel; linked by `steps` (n, 3)."""
    codes = kernels.codes
    k, n = codes.shape
    zone = np.repeat(np.arange(k)[:, None], n, axis=1)
    links = []
    for step in steps:
        first, second = kernels.linked(step)
        links.append((first, second, (codes[first] == codes[second]) & (codes[first] > 0)))
    before = None
    while before is None or not np.array_equal(before, zone):
        before = zone.copy()
        for first, second, same in links:
            least = np.minimum(zone[first], zone[second])
            zone[first] = np.where(same, least, zone[first])
            zone[second] = np.where(same, np.minimum(least, zone[second]), zone[second])
    place, voxel = np.nonzero(kernels.inside)
    root = zone[place, voxel]
    keys, size = sum_by_key(voxel * k + root, np.ones(len(voxel)), n * k)
    voxel, root = np.divmod(keys, k)
    found = [(voxel, codes[root, voxel] - 1, size.astype(np.int64) - 1)]
    return _stack(kernels, found, 1, np.arange(1.0, k + 1))


def dependence_stack(kernels: Kernels, steps: Integers, limit: int) -> MatrixStack:
    """Count places by level and dependence, by voxel.

    The dependence is one more than the number of neighbours, a step (n, 3) or its opposite
    away, whose level differs by at most `limit`.
    """
    levels = _levels(kernels)
    dependence = np.zeros(kernels.codes.shape, np.int64)
    for step in steps:
        first, second = kernels.linked(step)
        both = kernels.inside[first] & kernels.inside[second]
        close = both & (np.abs(levels[first] - levels[second]) <= limit)
        dependence[first] += close
        dependence[second] += close
    place, voxel = np.nonzero(kernels.inside)
    found = [(voxel, kernels.codes[place, voxel] - 1, dependence[place, voxel])]
    return _stack(kernels, found, 1, np.arange(1.0, 2 * len(steps) + 2))


def tones(kernels: Kernels, steps: Integers) -> Tones:
    """Differences of every place to the mean of its neighbours, by voxel and level."""
    levels = _levels(kernels)
    total, count = np.zeros(levels.shape), np.zeros(levels.shape)
    for step in steps:
        first, second = kernels.linked(step)
        both = kernels.inside[first] & kernels.inside[second]
        total[first] += np.where(both, levels[second], 0.0)
        count[first] += both
        total[second] += np.where(both, levels[first], 0.0)
        count[second] += both
    # A voxel without neighbours counts, with a difference of zero.
    difference = np.where(count > 0, np.abs(levels - total / np.maximum(count, 1)), 0.0)
    place, voxel = np.nonzero(kernels.inside)
    m = len(kernels.levels)
    keys, where = np.unique(
        voxel * m + kernels.codes[place, voxel] - 1,
        return_inverse=True,
    )
    number = np.bincount(where, minlength=len(keys))
    tone = np.bincount(where, difference[place, voxel], len(keys)).astype(np.float64)
    voxel, code = np.divmod(keys, m)
    return Tones(voxel, kernels.levels[code], number, tone)


def _levels(kernels: Kernels) -> Floats:
    """Grey levels (k, n), 0 outside the region."""
    return np.concatenate([[0.0], kernels.levels])[kernels.codes]


def _stack(kernels: Kernels, found: list[Found], n_steps: int, columns: Floats) -> MatrixStack:
    matrix, row, column = (np.concatenate(part) for part in zip(*found, strict=True))
    n = kernels.n_voxels * n_steps
    rows = len(kernels.levels)
    keys = (matrix * rows + row) * len(columns) + column
    keys, count = sum_by_key(keys, np.ones(len(keys)), n * rows * len(columns))
    voxels = np.repeat(kernels.inside.sum(axis=0).astype(np.float64), n_steps)
    return MatrixStack.from_keys(keys, count, kernels.levels, columns, voxels)
