"""Options of the texture families."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from radiome.base.options import Options

Aggregation = Literal["2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb"]


class TextureOptions(Options):
    """How texture matrices are counted and combined."""

    aggregations: tuple[Aggregation, ...] = Field(
        ("3D_avg", "3D_comb"),
        min_length=1,
        description=(
            "How matrices of directions and slices become one value, for GLCM and GLRLM: "
            "2D_avg (mean over slices and directions), 2D_comb (directions merged in each slice, "
            "mean over slices), 2_5D_avg (slices merged for each direction, mean over directions), "
            "2_5D_comb (all merged), 3D_avg (mean over the 13 directions), 3D_comb (13 directions "
            "merged). The other families have no directions and use 2D, 2_5D and 3D accordingly."
        ),
    )
    glcm_distance: int = Field(
        1,
        ge=1,
        le=100,
        description=(
            "Chebyshev distance in voxels between the two voxels of a GLCM pair; above 1 the "
            "13 unit directions (4 in a slice) are multiplied by it."
        ),
    )
    ngtdm_distance: int = Field(
        1,
        ge=1,
        le=5,
        description="Chebyshev radius in voxels of the NGTDM neighbourhood.",
    )
    ngldm_distance: int = Field(
        1,
        ge=1,
        le=5,
        description="Chebyshev radius in voxels of the NGLDM neighbourhood.",
    )
    ngldm_alpha: int = Field(
        0,
        ge=0,
        le=65535,
        description=(
            "NGLDM coarseness: neighbours whose level differs by at most this are dependent."
        ),
    )

    @field_validator("aggregations")
    @classmethod
    def _no_repeats(cls, names: tuple[Aggregation, ...]) -> tuple[Aggregation, ...]:
        if len(set(names)) != len(names):
            raise ValueError("each aggregation may be named once")
        return names

    @property
    def undirected(self) -> tuple[str, ...]:
        """Aggregations (``2D``, ``2_5D``, ``3D``) of families without directions."""
        return tuple(dict.fromkeys(name.rsplit("_", 1)[0] for name in self.aggregations))
