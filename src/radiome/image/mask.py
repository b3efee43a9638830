"""A region of interest drawn on a grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.image.geometry import Geometry
from radiome.image.volume import read_only

Box = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Membership of each voxel in one region of interest.

    Parameters
    ----------
    voxels : bool array (z, y, x)
        True inside the region.
    geometry : Geometry
        The grid; its shape must be that of `voxels`.
    name : str
        Name of the region, as in the RTSTRUCT or SEG object, or the label value.
    source : str
        Where the mask came from.
    """

    voxels: NDArray[np.bool_]
    geometry: Geometry
    name: str = ""
    source: str = ""
    _boxes: list[Box | None] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.voxels.shape != self.geometry.shape:
            raise ValueError(
                f"voxels of shape {self.voxels.shape} on a grid of shape {self.geometry.shape}"
            )
        if self.voxels.dtype != np.bool_:
            raise ValueError(f"mask voxels must be bool, got {self.voxels.dtype}")
        object.__setattr__(self, "voxels", read_only(self.voxels))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Mask, (np.asarray(self.voxels), self.geometry, self.name, self.source))

    def box(self) -> Box | None:
        """The smallest box (z, y, x) that holds the region, or None if it is empty."""
        # Several steps ask for it, and finding it reads the whole mask.
        if not self._boxes:
            self._boxes.append(self._find_box())
        return self._boxes[0]

    def _find_box(self) -> Box | None:
        # One axis at a time on an ever smaller block: far cheaper than np.nonzero.
        spans: list[slice] = []
        block = self.voxels
        for axis in range(3):
            others = tuple(a for a in range(3) if a != axis)
            filled = np.flatnonzero(block.any(axis=others))
            if filled.size == 0:
                return None
            span = slice(int(filled[0]), int(filled[-1]) + 1)
            spans.append(span)
            index: list[slice] = [slice(None)] * 3
            index[axis] = span
            block = block[tuple(index)]
        return spans[0], spans[1], spans[2]
