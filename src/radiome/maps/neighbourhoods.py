"""The neighbourhood of a voxel as a region of its own.

Grey levels are those of the whole region, discretised once, so that a level means the
same everywhere in the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from radiome.image.levels import Levels
from radiome.image.mask import Box, Mask
from radiome.image.region import Region
from radiome.maps.options import MapOptions


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhoods:
    """Cuts neighbourhoods out of a region.

    Parameters
    ----------
    region : Region
        The prepared pair.
    levels : Levels or None
        The discretised region, or None if no feature needs levels.
    options : MapOptions
        Their size.
    """

    region: Region
    levels: Levels | None
    options: MapOptions

    def voxels(self) -> NDArray[np.int64]:
        """Indices (n, 3) of the voxels of the intensity mask in the region's block."""
        return np.argwhere(self.region.intensity)

    def box(self, voxel: NDArray[np.int64]) -> Box:
        """The neighbourhood's box in the region's block."""
        radius = self.options.radius
        reach = (0 if self.options.dimension == "2D" else radius, radius, radius)
        spans = (
            slice(max(0, int(v) - r), min(n, int(v) + r + 1))
            for v, r, n in zip(voxel, reach, self.region.image.shape, strict=True)
        )
        return cast(Box, tuple(spans))

    def region_around(self, box: Box) -> Region:
        """The voxels of the intensity mask in `box`, as a region."""
        inside = np.ascontiguousarray(self.region.intensity[box])
        image = np.ascontiguousarray(self.region.image[box])
        return Region(image, inside, inside, self.region.geometry.crop(box))

    def levels_in(self, box: Box) -> Levels | None:
        """The levels in `box`, padded as kernels expect."""
        if self.levels is None:
            return None
        inside = np.pad(self.region.intensity[box], 1)
        levels = np.zeros(inside.shape, dtype=np.uint16)
        core = (slice(1, -1),) * 3
        levels[core] = self._levels_of_block(box)
        return Levels(levels, inside, self.levels.n_levels, int(np.count_nonzero(levels)))

    def _levels_of_block(self, box: Box) -> NDArray[np.uint16]:
        """Levels are stored on the tight box of the region with one layer around."""
        tight = Mask(self.region.morphological, self.region.geometry).box()
        assert tight is not None
        assert self.levels is not None
        found = np.zeros([span.stop - span.start for span in box], dtype=np.uint16)
        source, target = [], []
        for span, own in zip(box, tight, strict=True):
            low, high = max(span.start, own.start), min(span.stop, own.stop)
            source.append(slice(low - own.start + 1, high - own.start + 1))
            target.append(slice(low - span.start, high - span.start))
        found[tuple(target)] = self.levels.levels[tuple(source)]
        return found
