"""Maps back on the grid of the image they were made of."""

from __future__ import annotations

import numpy as np

from radiome.image.geometry import Geometry
from radiome.image.volume import Volume


def on_grid_of(image: Volume, found: Volume, *, outside: float = float("nan")) -> Volume:
    """Put a map of a block into the whole grid of the image.

    A map on another spacing, after interpolation, stays as it is: it has its place in space
    all the same.
    """
    if not _same_steps(image.geometry, found.geometry):
        return found
    start = np.rint(image.geometry.world_to_index(found.geometry.origin)).astype(int)
    voxels = np.full(image.geometry.shape, outside)
    spans = zip(start.tolist(), found.voxels.shape, strict=True)
    voxels[tuple(slice(low, low + n) for low, n in spans)] = found.voxels
    return Volume(voxels, image.geometry, image.modality, source=image.source)


def _same_steps(one: Geometry, other: Geometry) -> bool:
    return one.spacing == other.spacing and one.direction == other.direction
