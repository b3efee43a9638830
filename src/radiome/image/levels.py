"""Discretised intensities of a region: what the texture matrices count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.image.volume import read_only


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Grey levels 1..n_levels inside the intensity mask and 0 outside.

    Parameters
    ----------
    levels : uint16 array (z, y, x)
        The tight box of the morphological mask, surrounded by one layer of zeros on
        every side, so that no kernel needs a bounds check. C-contiguous.
    morphological : bool array (z, y, x)
        The morphological mask on the same padded box (GLDZM distances use it).
    n_levels : int
        Highest possible grey level Ng.
    n_voxels : int
        Number of voxels with a level (voxels of the intensity mask).
    """

    levels: NDArray[np.uint16]
    morphological: NDArray[np.bool_]
    n_levels: int
    n_voxels: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", read_only(self.levels))
        object.__setattr__(self, "morphological", read_only(self.morphological))

    def values(self) -> NDArray[np.uint16]:
        """Levels (n_voxels,) of the region, in array order."""
        return self.levels[self.levels > 0]
