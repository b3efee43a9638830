"""Counting for the texture families: regions in, stacks of matrices out.

`TextureCounts` keeps what two families share: GLSZM and GLDZM come from the same
zones, NGTDM and NGLDM from the same neighbourhoods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.features.matrix_stack import Floats, Integers
from radiome.image.levels import Levels
from radiome.image.volume import read_only
from radiome.kernels.neighbourhood import count_neighbourhoods
from radiome.kernels.zones import border_distance, list_zones


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhoods:
    """What occurs around the voxels of one slice or region.

    Parameters
    ----------
    level : int64 array (n,)
        Levels of voxels that have a neighbour, ascending.
    number : int64 array (n,)
        Number of those voxels by level.
    tone : float64 array (n,)
        Sum by level of the absolute differences to the mean of the neighbours.
    cell, count : int64 arrays (m,)
        Voxels by ``(level - 1) * n_columns + number of dependent neighbours``.
    n_columns : int
        Size of the neighbourhood plus one.
    """

    level: Integers
    number: Integers
    tone: Floats
    cell: Integers
    count: Integers
    n_columns: int


class TextureCounts:
    """Counts of one region, made on first use and shared by the families.

    Safe to share between threads: a count is made once, others wait for it.

    Parameters
    ----------
    levels : Levels
        The discretised region.
    """

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        self._lock = Lock()
        self._locks: dict[tuple[Any, ...], Lock] = {}
        self._made: dict[tuple[Any, ...], Any] = {}

    def zones(self, *, planar: bool) -> Integers:
        """List the zones of linked voxels of one level; see `find_zones`."""
        zones: Integers = self._once(
            ("zones", planar), lambda: find_zones(self.levels, planar=planar)
        )
        return zones

    def neighbourhoods(self, *, planar: bool, distance: int, alpha: int) -> list[Neighbourhoods]:
        """Count neighbours and dependent neighbours; see `find_neighbourhoods`."""
        found: list[Neighbourhoods] = self._once(
            ("neighbourhoods", planar, distance, alpha),
            lambda: find_neighbourhoods(self.levels, planar, distance=distance, alpha=alpha),
        )
        return found

    def _once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]


def directions(*, planar: bool) -> Integers:
    """Unit steps (n, 3) as (z, y, x): one of each opposite pair, later in array order.

    4 in a slice, 13 in space. The order puts steps with many neighbours among the
    others first, which `find_zones` profits from.
    """
    steps = [(0, 1, 0), (0, 0, 1), (0, 1, 1), (0, 1, -1)]
    if not planar:
        solid = [(1, y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        steps = sorted([*steps, *solid], key=lambda s: (sum(map(abs, s)), -s[0], -s[1], -s[2]))
    return np.array(steps, dtype=np.int64)


def flat_steps(steps: Integers, shape: tuple[int, ...]) -> Integers:
    """Distances (n,) in a flattened array of `shape` of steps (n, 3)."""
    return steps @ np.array([shape[1] * shape[2], shape[2], 1], dtype=np.int64)


def with_margin(box: NDArray[Any], margin: int) -> NDArray[Any]:
    """Widen the margin of one voxel to `margin` voxels; read-only and contiguous."""
    if margin > 1:
        box = np.pad(box, margin - 1)
    # One memory layout for all: any other would compile the kernels a second time.
    return read_only(np.ascontiguousarray(box))


def filled_slices(levels: NDArray[np.uint16]) -> list[tuple[int, int, int]]:
    """First slice, slice after it, and number of voxels, of each slice with voxels."""
    voxels = np.count_nonzero(levels.reshape(levels.shape[0], -1), axis=1)
    return [(z, z + 1, int(n)) for z, n in enumerate(voxels.tolist()) if n]


def find_zones(levels: Levels, *, planar: bool) -> Integers:
    """List zones: linked (26 or, planar, 8 neighbours) voxels of the same level.

    Returns
    -------
    int64 array (4, n_zones)
        Slice of the padded box (of the first voxel), level, number of voxels, smallest
        city-block distance to the border of the morphological mask.
    """
    shape = levels.levels.shape
    steps = directions(planar=planar)
    linked = np.abs(steps[:, None] - steps[None]).max(axis=2) <= 1
    nearer = (np.tril(linked, -1) << np.arange(len(steps))).sum(axis=1).astype(np.uint16)
    inside = with_margin(levels.morphological, 1).reshape(-1)
    distance = border_distance(inside, shape, planar)
    flat = with_margin(levels.levels, 1).reshape(-1)
    zones: Integers = list_zones(flat, distance, shape, steps, nearer, levels.n_voxels)
    return zones


def find_neighbourhoods(
    levels: Levels, planar: bool, *, distance: int, alpha: int
) -> list[Neighbourhoods]:
    """Count neighbourhoods of Chebyshev radius `distance`, by slice with voxels if planar."""
    box = with_margin(levels.levels, distance)
    reach = np.arange(-distance, distance + 1)
    grid = np.meshgrid([0] if planar else reach, reach, reach, indexing="ij")
    steps = np.stack(grid, axis=-1).reshape(-1, 3)
    steps = flat_steps(steps[(steps != 0).any(axis=1)], box.shape)
    size = levels.n_levels + 1
    flat = box.reshape(-1)
    layers = [(distance, box.shape[0] - distance)]
    if planar:
        layers = [(first, end) for first, end, _ in filled_slices(box)]
    return [
        _condensed(count_neighbourhoods(flat, box.shape, part, steps, size, alpha), size)
        for part in layers
    ]


def _condensed(counts: Integers, size: int) -> Neighbourhoods:
    number, gaps, dependences = counts.reshape(3, size, -1)[:, 1:]
    n_neighbours = number.shape[1] - 1
    by_level = number[:, 1:].sum(axis=1)
    row = np.flatnonzero(by_level)
    tone = (gaps[row, 1:] / np.arange(1, n_neighbours + 1)).sum(axis=1)
    cell = np.flatnonzero(dependences)
    count = dependences.reshape(-1)[cell]
    return Neighbourhoods(row + 1, by_level[row], tone, cell, count, n_neighbours + 1)
