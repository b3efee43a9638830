"""Simoncelli's non-separable wavelet: band-pass maps without direction.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "non-separable wavelets" (PRT7);
Portilla & Simoncelli 2000, Int. J. Comput. Vis. 40:49.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from radiome.filters.contract import Core, Filter, Image, Reach, Response, Spacing
from radiome.filters.fourier import centred_coordinates, multiplied


class SimoncelliFilter(Filter):
    """Band-pass map B of a level; level 1 holds the finest detail.

    The gain is cos(pi/2 log2(2 r / r_max)) for r_max/4 < r <= r_max, with r the distance
    from the origin of the Fourier domain, 1 at its faces, and r_max = 2^(1 - level). The
    whole image is transformed, so the filter sees all of it, and it is periodic.
    """

    name: Literal["simoncelli"] = "simoncelli"
    level: int = Field(1, ge=1, le=8, description="Level of the decomposition; 1 is the finest.")
    dimension: Literal["2D", "3D"] = Field("3D", description="In space or within the slices.")

    def map_names(self) -> tuple[str, ...]:
        """``simoncelli_1``."""
        planar = "_2D" if self.dimension == "2D" else ""
        return (self.named(f"simoncelli_{self.level}{planar}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """Whole axes."""
        return Reach(0 if self.dimension == "2D" else None, None, None)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        axes = (1, 2) if self.dimension == "2D" else (0, 1, 2)
        if self.dimension == "2D":
            image, core = image[core[0]], (slice(0, core[0].stop - core[0].start), *core[1:])
        response = multiplied(image, axes, lambda: self.gain(image.shape, axes))
        yield Response(self.map_names()[0], np.ascontiguousarray(response[core]))

    def gain(self, shape: tuple[int, ...], axes: tuple[int, ...]) -> Image:
        """The multiplier of the Fourier transform along `axes`."""
        distance = np.sqrt(sum(c * c for c in centred_coordinates(shape, axes)))
        largest = 2.0 ** (1 - self.level)
        band = (distance > largest / 4) & (distance <= largest)
        gain = np.zeros(distance.shape)
        gain[band] = np.cos(0.5 * np.pi * np.log2(2.0 * distance[band] / largest))
        return gain
