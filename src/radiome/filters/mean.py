"""Mean filter.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "mean filter" (S60F).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing
from radiome.filters.energy import box_kernel
from radiome.filters.separable import in_slabs, separable


class MeanFilter(BoundedFilter):
    """Mean over a box (or, in 2D, a square) of voxels."""

    name: Literal["mean"] = "mean"
    support: int = Field(3, ge=1, description="Width of the box in voxels, an odd number.")
    dimension: Literal["2D", "3D"] = Field("3D", description="Box in space or square in the slice.")

    @field_validator("support")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("the support must be odd, so that it has a central voxel")
        return value

    def map_names(self) -> tuple[str, ...]:
        """``mean_5_3D``."""
        return (self.named(f"mean_{self.support}_{self.dimension}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """Half the support."""
        half = self.support // 2
        return Reach(0 if self.dimension == "2D" else half, half, half)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        kernel = box_kernel(self.support // 2, planar=self.dimension == "2D")
        maps = in_slabs(
            lambda slab: [next(separable(image, slab, [kernel], self.boundary))[1]], core, threads
        )
        yield Response(self.map_names()[0], maps[0])
