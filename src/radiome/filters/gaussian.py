"""Gaussian smoothing, and the Gaussian taps that other filters build on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing, number
from radiome.filters.separable import IDENTITY, Kernel, in_slabs, odd_taps, separable


def radius(sigma_voxels: float, cutoff: float) -> int:
    """Voxels on either side: cutoff times sigma, to the nearest whole number, halves up."""
    return math.floor(cutoff * sigma_voxels + 0.5)


def positions(sigma_voxels: float, cutoff: float) -> NDArray[np.float64]:
    """Distances of the taps from the centre, in voxels."""
    far = radius(sigma_voxels, cutoff)
    return np.arange(-far, far + 1, dtype=np.float64)


class GaussianFilter(BoundedFilter):
    """Gaussian smoothing with taps that add up to one."""

    name: Literal["gaussian"] = "gaussian"
    sigma: float = Field(gt=0, allow_inf_nan=False, description="Standard deviation in mm.")
    cutoff: float = Field(
        4.0, gt=0, allow_inf_nan=False, description="Where the kernel ends, in standard deviations."
    )
    dimension: Literal["2D", "3D"] = Field("3D", description="In space or within the slices.")

    def map_names(self) -> tuple[str, ...]:
        """``gaussian_2mm``, with what differs from the defaults."""
        planar = "_2D" if self.dimension == "2D" else ""
        cut = "" if self.cutoff == 4.0 else f"_c{number(self.cutoff)}"
        return (self.named(f"gaussian_{number(self.sigma)}mm{cut}{planar}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """The cut-off, in voxels of each axis."""
        z, y, x = (radius(self.sigma / mm, self.cutoff) for mm in spacing)
        return Reach(0 if self.dimension == "2D" else z, y, x)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        kernel = self._kernel(spacing)
        maps = in_slabs(
            lambda slab: [next(separable(image, slab, [kernel], self.boundary))[1]], core, threads
        )
        yield Response(self.map_names()[0], maps[0])

    def _kernel(self, spacing: Spacing) -> Kernel:
        taps = []
        for mm in spacing:
            sigma = self.sigma / mm
            weights = np.exp(-0.5 * (positions(sigma, self.cutoff) / sigma) ** 2)
            taps.append(odd_taps(weights / weights.sum()))
        return (IDENTITY if self.dimension == "2D" else taps[0], taps[1], taps[2])
