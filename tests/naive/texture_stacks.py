"""Slow twins of what all texture families share: regions, slices, directions, averages."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np

from radiome.image.levels import Levels

Matrix = Counter[tuple[int, int]]


def region(levels, morphological=None, n_levels=None):
    """Make `Levels` from an array (z, y, x) with 0 outside the region."""
    levels = np.asarray(levels, dtype=np.uint16)
    if morphological is None:
        morphological = levels > 0
    return Levels(
        levels=np.ascontiguousarray(np.pad(levels, 1)),
        morphological=np.ascontiguousarray(np.pad(morphological, 1)),
        n_levels=int(levels.max()) if n_levels is None else n_levels,
        n_voxels=int((levels > 0).sum()),
    )


def voxels(levels):
    """Level of each voxel of the region by its place (z, y, x)."""
    box = levels.levels
    return {tuple(map(int, place)): int(box[tuple(place)]) for place in np.argwhere(box)}


def slices(levels):
    """The voxels of each slice that has any."""
    found = voxels(levels)
    return [
        {place: level for place, level in found.items() if place[0] == z}
        for z in sorted({place[0] for place in found})
    ]


def half_neighbourhood(*, planar):
    """One of each pair of opposite steps (z, y, x) to a neighbour: 4 or 13."""
    steps = product((0,) if planar else (-1, 0, 1), (-1, 0, 1), (-1, 0, 1))
    return [step for step in steps if step > (0, 0, 0)]


def neighbourhood(radius, *, planar):
    """All steps of Chebyshev norm 1..radius."""
    reach = range(-radius, radius + 1)
    return [step for step in product((0,) if planar else reach, reach, reach) if any(step)]


def moved(place, step, times=1):
    return tuple(p + times * s for p, s in zip(place, step, strict=True))


def directed(levels, aggregation, matrix_of):
    """Matrices and voxel counts whose features an aggregation averages.

    `matrix_of(voxels, step)` gives the matrix of one direction.
    """
    planar = aggregation.startswith("2")
    parts = slices(levels) if planar else [voxels(levels)]
    steps = half_neighbourhood(planar=planar)
    single = {
        (k, step): (matrix_of(part, step), len(part))
        for k, part in enumerate(parts)
        for step in steps
    }
    key = {
        "2D_avg": lambda k, step: (k, step),
        "2D_comb": lambda k, step: k,
        "2_5D_avg": lambda k, step: step,
        "2_5D_comb": lambda k, step: 0,
        "3D_avg": lambda k, step: step,
        "3D_comb": lambda k, step: 0,
    }[aggregation]
    return _merged({place: key(*place) for place in single}, single)


def undirected(levels, aggregation, matrix_of):
    """As `directed`, for families without directions; `matrix_of(voxels, planar)`."""
    parts = [voxels(levels)] if aggregation == "3D" else slices(levels)
    single = {k: (matrix_of(part, aggregation != "3D"), len(part)) for k, part in enumerate(parts)}
    return _merged({k: k if aggregation == "2D" else 0 for k in single}, single)


def _merged(groups, single):
    found = {}
    for place, group in groups.items():
        matrix, number = single[place]
        total, n_voxels = found.get(group, (Counter(), 0))
        found[group] = (total + matrix, n_voxels + number)
    return list(found.values())


def average(rows):
    """Mean of each feature over the matrices that define it; None where none does."""
    if not rows:
        return None
    result = {}
    for tag in rows[0]:
        defined = [row[tag] for row in rows if row[tag] is not None]
        result[tag] = sum(defined) / len(defined) if defined else None
    return result
