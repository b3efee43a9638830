"""Laplacian of Gaussian.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "Laplacian-of-Gaussian" (L6PA).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing, number
from radiome.filters.gaussian import positions, radius
from radiome.filters.separable import IDENTITY, Kernel, Taps, in_slabs, odd_taps, separable


class LaplacianOfGaussian(BoundedFilter):
    """Second derivative of a Gaussian, summed over the axes, in voxel units.

    With s = sigma / spacing along each of D axes the kernel is
    prod g(x) sum (x²/s² - 1) / s², g the normal density, on the box |x| <= cutoff s. It is a
    sum of D separable kernels. Cut off and sampled, its sum is not quite 0; `zero_sum`
    subtracts the mean of the kernel over the box, so that a constant image gives 0.
    """

    name: Literal["laplacian_of_gaussian"] = "laplacian_of_gaussian"
    sigma: float = Field(
        gt=0, allow_inf_nan=False, description="Standard deviation of the Gaussian in mm."
    )
    cutoff: float = Field(
        4.0, gt=0, allow_inf_nan=False, description="Where the kernel ends, in standard deviations."
    )
    dimension: Literal["2D", "3D"] = Field("3D", description="In space or within the slices.")
    zero_sum: bool = Field(
        True, description="Correct the sampled kernel so that a constant image gives 0."
    )

    def map_names(self) -> tuple[str, ...]:
        """``log_3mm``, with what differs from the defaults."""
        planar = "_2D" if self.dimension == "2D" else ""
        cut = "" if self.cutoff == 4.0 else f"_c{number(self.cutoff)}"
        raw = "" if self.zero_sum else "_raw"
        return (self.named(f"log_{number(self.sigma)}mm{cut}{planar}{raw}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """The cut-off, in voxels of each axis."""
        z, y, x = (radius(self.sigma / mm, self.cutoff) for mm in spacing)
        return Reach(0 if self.dimension == "2D" else z, y, x)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        kernels = self.kernels(spacing)

        def compute(slab: Core) -> list[Image]:
            parts = (part for _, part in separable(image, slab, kernels, self.boundary))
            total = next(parts)
            for part in parts:
                total += part
            return [total]

        yield Response(self.map_names()[0], in_slabs(compute, core, threads)[0])

    def kernels(self, spacing: Spacing) -> list[Kernel]:
        """Separable kernels (z, y, x) whose sum is the filter's kernel."""
        planar = self.dimension == "2D"
        axes = [1, 2] if planar else [0, 1, 2]
        smooth, curved = [IDENTITY] * 3, [IDENTITY] * 3
        for axis in axes:
            sigma = self.sigma / spacing[axis]
            x = positions(sigma, self.cutoff)
            density = np.exp(-0.5 * (x / sigma) ** 2) / (math.sqrt(2.0 * math.pi) * sigma)
            smooth[axis] = odd_taps(density)
            curved[axis] = odd_taps(density * ((x / sigma) ** 2 - 1.0) / sigma**2)
        found = [_kernel(smooth, curved, axis) for axis in axes]
        if self.zero_sum:
            found.append(_correction(found, axes))
        return found


def _kernel(smooth: list[Taps], curved: list[Taps], axis: int) -> Kernel:
    z, y, x = (curved[a] if a == axis else smooth[a] for a in range(3))
    return z, y, x


def _correction(kernels: list[Kernel], axes: list[int]) -> Kernel:
    """The constant box that makes the sum of all kernels zero."""
    total = sum(math.prod(math.fsum(taps.values) for taps in kernel) for kernel in kernels)
    lengths = [len(taps.values) for taps in kernels[0]]
    height = -total / math.prod(lengths)
    flat = [Taps((1.0,) * n, n // 2) for n in lengths]
    last = axes[-1]
    flat[last] = Taps((height,) * lengths[last], lengths[last] // 2)
    z, y, x = flat
    return z, y, x
