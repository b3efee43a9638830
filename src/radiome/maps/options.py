"""How the neighbourhood of a voxel is cut out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from radiome.base.options import Options


class MapOptions(Options):
    """Options of a voxel-wise map.

    The neighbourhood of a voxel is the cube (in 2D the square of its slice) of `radius` voxels
    on every side, cut at the border of the image, and of this the voxels of the region.
    """

    radius: int = Field(1, ge=1, le=20, description="Voxels on every side of the central one.")
    dimension: Literal["2D", "3D"] = Field("3D", description="Cube in space or square in a slice.")
    outside: float = Field(float("nan"), description="Value outside the region.")
