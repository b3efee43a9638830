"""The neighbourhood of a voxel as a region of its own.

Grey levels are those of the whole region, discretised once, so that a level means the
same everywhere in the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError
from radiome.image.geometry import Geometry
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

    def whole(self) -> Box:
        """All of the region's block."""
        depth, height, width = self.region.image.shape
        return slice(0, depth), slice(0, height), slice(0, width)

    def slice_near(self, grid: Geometry, place: float) -> Box:
        """The slice of the region's block that is nearest to slice `place` of another grid.

        Raises
        ------
        RegionError
            If the region does not reach so far.
        """
        depth, height, width = self.region.image.shape
        point = grid.index_to_world((place, 0, 0))
        wanted = float(self.region.geometry.world_to_index(point)[0])
        # The new grid may end half a slice before the old one did.
        nearest = min(max(round(wanted), 0), depth - 1)
        if abs(nearest - wanted) > 1:
            raise RegionError(
                "the region is not in the slice",
                expected=f"slices 0 to {depth - 1} of the region's block",
                got=f"slice {wanted:g}",
            )
        return slice(nearest, nearest + 1), slice(0, height), slice(0, width)

    def voxels(self, within: Box) -> NDArray[np.int64]:
        """Indices (n, 3) of the voxels of the intensity mask in a part of the region's block."""
        start = np.array([span.start for span in within], dtype=np.int64)
        return np.argwhere(self.region.intensity[within]) + start

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
