"""Local binary patterns: the shape of the brightness around a voxel, as a number.

Source: Ojala, Pietikäinen & Mäenpää 2002, IEEE Trans. Pattern Anal. 24:971 (riu2).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radiome.filters.boundary import Margins, surround
from radiome.filters.contract import (
    BoundedFilter,
    Core,
    Image,
    Reach,
    Response,
    Spacing,
    number,
)
from radiome.filters.separable import in_slabs


class LocalBinaryPattern(BoundedFilter):
    """Uniform, rotation-invariant patterns.

    In 2D, P samples on a circle in the slice (bilinear between voxels) are compared with
    the voxel: the pattern is the number of samples that are not darker, 0 to P, if they
    hang together, else P + 1. In 3D the samples are the 26 neighbours at `radius` steps
    along the axes, and both the brighter and the darker ones must hang together; the
    pattern is 0 to 26, or 27. Both are counted in voxels, so an even spacing is advised.
    """

    name: Literal["local_binary_pattern"] = "local_binary_pattern"
    dimension: Literal["2D", "3D"] = Field("2D", description="In the slices or in space.")
    radius: float = Field(
        1.0, gt=0, le=50, description="Distance of the samples in voxels; in 3D a whole number."
    )
    samples: int | None = Field(
        None, ge=4, le=60, description="2D only: samples on the circle; null for 8."
    )

    @model_validator(mode="after")
    def _consistent(self) -> LocalBinaryPattern:
        if self.dimension == "3D" and self.samples is not None:
            raise ValueError("samples has no effect in 3D: remove it")
        if self.dimension == "3D" and self.radius != int(self.radius):
            raise ValueError("the radius must be a whole number of voxels in 3D")
        return self

    def map_names(self) -> tuple[str, ...]:
        """``lbp_2D_r1_p8`` or ``lbp_3D_r1``."""
        points = f"_p{self.samples or 8}" if self.dimension == "2D" else ""
        return (self.named(f"lbp_{self.dimension}_r{number(self.radius)}{points}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """The radius, to the voxel beyond."""
        far = math.ceil(self.radius)
        return Reach(0 if self.dimension == "2D" else far, far, far)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        maps = in_slabs(lambda slab: [self._patterns(image, slab)], core, threads)
        yield Response(self.map_names()[0], maps[0])

    def _patterns(self, image: Image, core: Core) -> Image:
        from radiome.kernels.local_binary_patterns import circle_patterns, cube_patterns

        far = math.ceil(self.radius)
        along_z = 0 if self.dimension == "2D" else far
        margins: Margins = ((along_z, along_z), (far, far), (far, far))
        padded = surround(image, core, margins, self.boundary)
        out = np.empty([span.stop - span.start for span in core])
        if self.dimension == "2D":
            circle_patterns(padded, far, *circle(self.samples or 8, self.radius), out)
        else:
            steps, linked = cube()
            cube_patterns(padded, far, steps * far, linked, out)
        return out


def circle(samples: int, radius: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps (samples, 4, 2) to the voxels around each sample and bilinear weights (samples, 4)."""
    angles = 2.0 * np.pi * np.arange(samples) / samples
    # Rounding keeps samples on the axes on voxels.
    exact = np.round(radius * np.stack([-np.sin(angles), np.cos(angles)], axis=1), 9)
    low = np.floor(exact)
    share = exact - low
    corners = np.array(list(product((0, 1), repeat=2)))
    weights = np.stack([np.abs(1 - c - share).prod(axis=1) for c in corners], axis=1)
    steps = low[:, None, :] + corners
    # A voxel without weight may lie beyond the margin: look at the centre instead.
    steps[weights == 0.0] = 0.0
    return steps.astype(np.int64), weights


def cube() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The 26 steps (26, 3) around a voxel, and for each the bits of those next to it."""
    steps = np.array([s for s in product((-1, 0, 1), repeat=3) if any(s)], dtype=np.int64)
    apart = np.abs(steps[:, None] - steps[None]).sum(axis=2)
    linked = ((apart == 1).astype(np.int64) << np.arange(26)).sum(axis=1)
    return steps, linked
