"""Magnitude of the gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from radiome.filters.boundary import Margins, surround
from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing


class GradientFilter(BoundedFilter):
    """Length of the vector of central differences, intensity per mm."""

    name: Literal["gradient"] = "gradient"
    dimension: Literal["2D", "3D"] = Field("3D", description="In space or within the slices.")

    def map_names(self) -> tuple[str, ...]:
        """``gradient``."""
        return (self.named("gradient" if self.dimension == "3D" else "gradient_2D"),)

    def reach(self, spacing: Spacing) -> Reach:
        """The next voxel."""
        return Reach(0 if self.dimension == "2D" else 1, 1, 1)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        z, y, x = (n or 0 for n in self.reach(spacing))
        margins: Margins = ((z, z), (y, y), (x, x))
        padded = surround(image, core, margins, self.boundary)
        squares: Image = np.zeros([span.stop - span.start for span in core])
        for axis in (1, 2) if self.dimension == "2D" else (0, 1, 2):
            after, before = (_inner(padded, (z, y, x), axis, step) for step in (1, -1))
            squares += ((after - before) / (2.0 * spacing[axis])) ** 2
        yield Response(self.map_names()[0], np.sqrt(squares))


def _inner(padded: Image, margins: tuple[int, int, int], axis: int, step: int) -> Image:
    """The core, moved by `step` voxels along `axis`."""
    moved = [step if a == axis else 0 for a in range(3)]
    return padded[
        tuple(slice(m + s, n - m + s) for m, s, n in zip(margins, moved, padded.shape, strict=True))
    ]
