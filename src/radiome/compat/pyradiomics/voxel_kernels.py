"""The neighbourhoods of many voxels side by side, as pyradiomics cuts them for maps.

A neighbourhood holds the voxels within a Chebyshev distance of its centre, with `force2D` of
the same slice. Grey levels are those of the whole region.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radiome.compat.pyradiomics.binning import Binned
from radiome.features.matrix_stack import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """Neighbourhoods of n voxels with k places each.

    Parameters
    ----------
    places : int64 array (k, 3)
        Steps from the centre, in ascending order.
    values : float64 array (k, n)
        Intensities.
    codes : int64 array (k, n)
        Grey levels as 1..m, or 0 outside the region.
    levels : float64 array (m,)
        The grey levels of the whole region, ascending.
    spacing : (float, float, float)
        Voxel spacing in mm along the axes of `places`.
    planar : bool
        Whether neighbours are sought within slices only.
    """

    places: Integers
    values: Floats
    codes: Integers
    levels: Floats
    spacing: tuple[float, float, float]
    planar: bool

    @property
    def n_voxels(self) -> int:
        """Number of neighbourhoods."""
        return int(self.codes.shape[1])

    @property
    def n_levels(self) -> int:
        """Highest grey level of the whole region."""
        return int(self.levels[-1])

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which places (k, n) belong to the region."""
        return self.codes > 0

    def linked(self, step: Integers) -> tuple[Integers, Integers]:
        """Places from which `step` leads to another place, and those it leads to."""
        index = {tuple(place): i for i, place in enumerate(self.places.tolist())}
        ends = [index.get(tuple(place)) for place in (self.places + step).tolist()]
        pairs = [(i, end) for i, end in enumerate(ends) if end is not None]
        found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]


class KernelSource:
    """Cuts neighbourhoods out of a region.

    Parameters
    ----------
    binned : Binned
        Intensities and grey levels of the voxels that count.
    radius : int
        Chebyshev radius of a neighbourhood in voxels.
    across : int
        Axis across the slices of `force2D`, which comes first in `binned`.
    """

    def __init__(self, binned: Binned, radius: int, across: int = 0) -> None:
        box = binned.levels.levels
        lookup = np.zeros(binned.levels.n_levels + 1, np.int64)
        lookup[binned.present] = np.arange(1, len(binned.present) + 1)
        # The levels have one layer of zeros around them already.
        self._codes = np.pad(lookup[box], radius - 1)
        # Intensities come in the order of the axes before the one across was moved.
        turned = np.moveaxis(self._codes, 0, across)
        values = np.zeros(turned.shape)
        values[turned > 0] = binned.values
        self._values = np.moveaxis(values, across, 0)
        self._radius = radius
        span = np.arange(-radius, radius + 1)
        grid = np.meshgrid([0] if binned.planar else span, span, span, indexing="ij")
        places = np.stack(grid, axis=-1).reshape(-1, 3).astype(np.int64)
        empty = np.zeros((len(places), 0))
        self._kernels = Kernels(
            places,
            empty,
            empty.astype(np.int64),
            binned.present.astype(np.float64),
            binned.spacing,
            binned.planar,
        )

    @property
    def n_places(self) -> int:
        """Number of places of a neighbourhood."""
        return len(self._kernels.places)

    def around(self, voxels: Integers) -> Kernels:
        """Neighbourhoods of voxels (n, 3), given as indices in the box of the region."""
        where = self._kernels.places[:, None] + voxels[None] + self._radius
        taken = tuple(np.moveaxis(where, -1, 0))
        return replace(self._kernels, values=self._values[taken], codes=self._codes[taken])
