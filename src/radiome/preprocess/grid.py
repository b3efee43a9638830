"""The interpolation grid: centred on the old grid, with the wanted spacing.

Source: IBSI reference manual (arXiv:1612.07003), section 2.4: grid dimensions (026Q),
align grid centres (3WE3, QCY4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.image.geometry import Geometry
from radiome.preprocess.options import Interpolation

#: Header rounding (float32) in voxels that neither adds a voxel nor causes resampling.
GRID_SLACK_VOXELS = 1e-4


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One axis of the old grid and of the new one.

    Parameters
    ----------
    n_old, n_new : int
        Number of voxels.
    ratio : float
        New spacing over old spacing.
    """

    n_old: int
    n_new: int
    ratio: float

    @property
    def same(self) -> bool:
        """Whether both grids have the same voxel centres along this axis."""
        return self.ratio == 1.0

    def old_positions(self, start: int, stop: int) -> NDArray[np.float64]:
        """Fractional old indices (stop - start,) of the new voxels start..stop-1."""
        new = np.arange(start, stop, dtype=np.float64)
        return 0.5 * (self.n_old - 1) + (new - 0.5 * (self.n_new - 1)) * self.ratio

    def new_range(self, low: float, high: float) -> tuple[int, int]:
        """Return (start, stop) of the new voxels whose centres lie in low..high, old indices."""
        first, last = (
            (old - 0.5 * (self.n_old - 1)) / self.ratio + 0.5 * (self.n_new - 1)
            for old in (low, high)
        )
        start = max(0, math.ceil(first - GRID_SLACK_VOXELS))
        stop = min(self.n_new, math.floor(last + GRID_SLACK_VOXELS) + 1)
        return start, stop


Axes = tuple[GridAxis, GridAxis, GridAxis]


def grid_axes(geometry: Geometry, options: Interpolation) -> Axes:
    """Return the axes (z, y, x) of the interpolation grid of a whole image.

    Along each axis n_new = ceil(n_old s_old / s_new), where an excess of less than
    1e-4 voxels, which is header rounding, does not add a voxel.
    """
    wanted = options.target_spacing(geometry.spacing) or geometry.spacing
    z, y, x = (
        _axis(n, old, new)
        for n, old, new in zip(geometry.shape, geometry.spacing, wanted, strict=True)
    )
    return z, y, x


def _axis(n_old: int, old: float, new: float) -> GridAxis:
    if abs(new / old - 1.0) * n_old <= GRID_SLACK_VOXELS:
        return GridAxis(n_old, n_old, 1.0)
    n_new = max(1, math.ceil(n_old * old / new - GRID_SLACK_VOXELS))
    return GridAxis(n_old, n_new, new / old)


def grid_geometry(geometry: Geometry, axes: Axes) -> Geometry:
    """Return the interpolation grid in world coordinates."""
    first = [float(axis.old_positions(0, 1)[0]) for axis in axes]
    x, y, z = (float(value) for value in geometry.index_to_world(first))
    spacing = tuple(old * axis.ratio for old, axis in zip(geometry.spacing, axes, strict=True))
    shape = tuple(axis.n_new for axis in axes)
    return Geometry(shape, spacing, (x, y, z), geometry.direction)  # type: ignore[arg-type]
