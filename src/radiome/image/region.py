"""The prepared pair: what every feature family is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.image.geometry import Geometry
from radiome.image.volume import read_only


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """An interpolated image block around one lesion, with its two masks.

    The block is the bounding box of the morphological mask plus a margin that
    covers the reach of every feature (the 1 cm³ sphere of the intensity peaks);
    the margin is smaller where the image ends.

    Parameters
    ----------
    image : float64 array (z, y, x)
        Intensities after interpolation and rounding; finite inside both masks.
    morphological : bool array (z, y, x)
        The morphological mask: never re-segmented. Not empty.
    intensity : bool array (z, y, x)
        The intensity mask: a subset of the morphological mask after
        re-segmentation. May be empty.
    geometry : Geometry
        Grid of the block.
    """

    image: NDArray[np.float64]
    morphological: NDArray[np.bool_]
    intensity: NDArray[np.bool_]
    geometry: Geometry

    def __post_init__(self) -> None:
        for name in ("image", "morphological", "intensity"):
            array = getattr(self, name)
            if array.shape != self.geometry.shape:
                raise ValueError(f"{name} of shape {array.shape}, grid {self.geometry.shape}")
            object.__setattr__(self, name, read_only(array))

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel spacing in mm along (z, y, x)."""
        return self.geometry.spacing

    def values(self) -> NDArray[np.float64]:
        """Intensities (n,) inside the intensity mask, in array order."""
        return self.image[self.intensity]
