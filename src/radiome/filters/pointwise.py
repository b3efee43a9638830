"""Functions of each intensity alone: square, square root, logarithm, exponential.

They change how texture sees small and large intensities. Each is the plain function with
the sign of the intensity kept where it would be lost; nothing is rescaled by what else is in
the image, so a voxel's response does not depend on voxels far away.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from radiome.filters.contract import Core, Filter, Image, Reach, Response, Spacing, number


class PointwiseFilter(Filter):
    """Base of the filters that look at one voxel at a time."""

    def map_names(self) -> tuple[str, ...]:
        """The name of the filter."""
        return (self.named(self.name),)

    def reach(self, spacing: Spacing) -> Reach:
        """No further than the voxel."""
        return Reach(0, 0, 0)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        yield Response(self.map_names()[0], self.transform(image[core]))

    @abstractmethod
    def transform(self, values: Image) -> Image:
        """The function itself; returns a new array."""


class SquareFilter(PointwiseFilter):
    """f²."""

    name: Literal["square"] = "square"

    def transform(self, values: Image) -> Image:
        """Square."""
        return values * values


class SquareRootFilter(PointwiseFilter):
    """sign(f) sqrt(|f|)."""

    name: Literal["square_root"] = "square_root"

    def transform(self, values: Image) -> Image:
        """Square root of the magnitude, sign kept."""
        return np.copysign(np.sqrt(np.abs(values)), values)


class LogarithmFilter(PointwiseFilter):
    """sign(f) log(|f| + 1), natural."""

    name: Literal["logarithm"] = "logarithm"

    def transform(self, values: Image) -> Image:
        """Logarithm of the magnitude and one, sign kept."""
        return np.copysign(np.log1p(np.abs(values)), values)


class ExponentialFilter(PointwiseFilter):
    """exp(f / scale)."""

    name: Literal["exponential"] = "exponential"
    scale: float = Field(
        gt=0,
        allow_inf_nan=False,
        description="Intensity, in the unit of the image, that raises the response by e.",
    )

    def map_names(self) -> tuple[str, ...]:
        """``exponential_100``."""
        return (self.named(f"exponential_{number(self.scale)}"),)

    def transform(self, values: Image) -> Image:
        """Exponential; too large a result is infinite, and refused by the caller."""
        with np.errstate(over="ignore"):
            return np.exp(values / self.scale)
