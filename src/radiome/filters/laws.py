"""Laws kernels, with rotation invariance and energy map.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "Laws kernels" (JTXT).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from radiome.filters.boundary import grown_core, within
from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing
from radiome.filters.energy import box_margins, energy
from radiome.filters.rotations import Pooling, pooled, rotated
from radiome.filters.separable import IDENTITY, Kernel, Taps, in_slabs, odd_taps

#: Level, edge, spot, wave and ripple, before they are given a unit norm.
LAWS = {
    "L3": (1, 2, 1),
    "E3": (-1, 0, 1),
    "S3": (-1, 2, -1),
    "L5": (1, 4, 6, 4, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}


class LawsFilter(BoundedFilter):
    """Product of one Laws kernel per axis, each of unit norm, as a convolution."""

    name: Literal["laws"] = "laws"
    kernels: str = Field(
        description="Kernels along x, y and, in 3D, z: L5E5 or L5E5S5; of L3 E3 S3 L5 E5 S5 W5 R5."
    )
    rotation_invariance: Pooling | None = Field(
        None, description="Average or max over all right-angle rotations; null for none."
    )
    energy_distance: int | None = Field(
        None, ge=1, description="Voxels on either side in the energy map; null for the response."
    )

    @field_validator("kernels")
    @classmethod
    def _known(cls, value: str) -> str:
        parts = re.findall("..", value)
        if "".join(parts) != value or len(parts) not in (2, 3) or not set(parts) <= set(LAWS):
            raise ValueError("two (2D) or three (3D) names out of " + ", ".join(LAWS))
        return value

    @property
    def planar(self) -> bool:
        """Whether the filter stays within the slices."""
        return len(self.kernels) == 4

    def map_names(self) -> tuple[str, ...]:
        """``laws_L5E5E5_max_energy_7``."""
        pooling = f"_{self.rotation_invariance}" if self.rotation_invariance else ""
        mean = f"_energy_{self.energy_distance}" if self.energy_distance else ""
        return (self.named(f"laws_{self.kernels}{pooling}{mean}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """Half the kernel, and the distance of the energy map."""
        taps = [axis for axis in self._kernel() if axis is not IDENTITY]
        largest = max(axis.before for axis in taps)
        more = self.energy_distance or 0
        if self.rotation_invariance:
            each = [largest] * 3
        else:
            each = [axis.before for axis in self._kernel()]
        return Reach(0 if self.planar else each[0] + more, each[1] + more, each[2] + more)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        distance = self.energy_distance
        wide = core
        if distance:
            margins = box_margins(distance, planar=self.planar)
            wide = grown_core(core, image.shape, margins, self.boundary)
        response = in_slabs(lambda slab: [self._respond(image, slab)], wide, threads)[0]
        if distance:
            response = energy(
                response, within(core, wide), distance, self.boundary, planar=self.planar
            )
        yield Response(self.map_names()[0], response)

    def _respond(self, image: Image, core: Core) -> Image:
        kernels = Counter([self._kernel()])
        if self.rotation_invariance:
            kernels = rotated(self._kernel(), planar=self.planar)
        pooling = self.rotation_invariance or "average"
        return pooled(image, core, kernels, self.boundary, pooling)

    def _kernel(self) -> Kernel:
        x, y, *z = (_unit(LAWS[name]) for name in re.findall("..", self.kernels))
        return (z[0] if z else IDENTITY, y, x)


def _unit(values: tuple[int, ...]) -> Taps:
    norm = math.sqrt(sum(v * v for v in values))
    return odd_taps([v / norm for v in values])
