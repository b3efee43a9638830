"""What every filter is: strict options, names for its maps, how far it looks, how it responds.

Source: IBSI 2 reference manual (arXiv:2006.05470).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from radiome.base.options import Options

Image = NDArray[np.float64]
Spacing = tuple[float, float, float]
Core = tuple[slice, slice, slice]
Boundary = Literal["mirror", "zero", "nearest", "periodic"]


class Reach(NamedTuple):
    """How many voxels away, along (z, y, x), an intensity can change a response.

    None stands for the whole axis: a filter of the Fourier domain sees all of it.
    """

    z: int | None
    y: int | None
    x: int | None


class Response(NamedTuple):
    """One response map: its name, which becomes the prefix of its columns, and its values."""

    name: str
    values: Image


class Filter(Options):
    """Base of all filters.

    A filter is a frozen set of options that can be applied to an image block. The
    block is a part of the (interpolated) image that is larger than the part the caller
    wants, the core, by at least the reach of the filter on every side, or ends where the
    image ends. The boundary rule is applied at the faces of the block, so it acts where
    the image ends and nowhere else.
    """

    name: str
    label: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Prefix of the feature columns; by default made of the options.",
    )

    @abstractmethod
    def map_names(self) -> tuple[str, ...]:
        """Names of the response maps, in the order of `responses`."""

    @abstractmethod
    def reach(self, spacing: Spacing) -> Reach:
        """How far the filter looks on a grid of `spacing` mm along (z, y, x)."""

    @abstractmethod
    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the response maps on `core`.

        Parameters
        ----------
        image : float64 array (z, y, x)
            The block; finite; not to be changed.
        spacing : (float, float, float)
            Voxel spacing in mm along (z, y, x).
        core : (slice, slice, slice)
            The wanted part of the block.
        threads : int
            Threads that may be used; the result does not depend on it.

        Yields
        ------
        Response
            Float64 maps with the shape of `core`, one for each of `map_names`.
        """

    def named(self, default: str) -> str:
        """The label, or `default` without one."""
        return self.label or default


class BoundedFilter(Filter):
    """A filter with a rule for what lies beyond the ends of the image."""

    boundary: Boundary = Field(
        "mirror",
        description="Beyond the image: mirror (the edge voxel repeated), zero, nearest, periodic.",
    )


def number(value: float) -> str:
    """A number for the name of a map: ``3``, ``1.5``."""
    return f"{value:g}"
