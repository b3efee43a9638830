"""A cube of image around one lesion, for networks.

Image and mask are interpolated to cubic voxels on the grid of `radiome.extract`. The cube is
centred on the middle of the lesion's box. Intensities are clipped and scaled, see `CropOptions`;
what lies beyond the image gets the lowest value. Axes stay those of the file: nothing is turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from radiome.base.options import Options
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.preprocess.interpolate import Range, Ranges
from radiome.preprocess.options import Interpolation, Millimetres
from radiome.preprocess.prepare import prepare_block

#: Quantiles of the cube that intensities are clipped to where no window is given.
CLIPPED = (0.005, 0.995)


class CropOptions(Options):
    """What a crop is."""

    size: int = Field(default=32, ge=4, le=128, multiple_of=2, description="Voxels of a side.")
    spacing: Millimetres = Field(default=2.0, description="Side of a voxel in mm.")
    window: tuple[float, float] | None = Field(
        default=None,
        description="Lowest and highest intensity, in the unit of the image: clipped to, then "
        "scaled to -1 to 1. By default each cube is clipped to its quantiles 0.005 and 0.995, "
        "then brought to mean 0 and standard deviation 1.",
    )
    mask: bool = Field(default=True, description="Put the mask into a second channel.")

    @field_validator("window")
    @classmethod
    def _rising(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not (np.isfinite(value).all() and value[0] < value[1]):
            raise ValueError("the window must rise from its first number to its second")
        return value

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return ("image", "mask") if self.mask else ("image",)


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One cube.

    Parameters
    ----------
    values : float32 array (channels, z, y, x)
        Scaled intensities, and the mask as 0 and 1.
    inside : float
        Share of the lesion's voxels that lie in the cube.
    """

    values: NDArray[np.float32]
    inside: float


def crop_case(volume: Volume, mask: Mask, options: CropOptions) -> Crop:
    """Cut the cube around one lesion.

    Parameters
    ----------
    volume : Volume
        The image.
    mask : Mask
        The lesion, on the grid of `volume`.
    options : CropOptions
        Size, spacing, scaling.

    Raises
    ------
    GeometryError, RegionError, ImageError
        As for features: another grid, an empty region, intensities that are not finite.
    """
    interpolation = Interpolation(spacing=options.spacing)
    found = prepare_block(
        volume, mask, interpolation, lambda tight, grid: _around(tight, grid, options.size)
    )
    cube = tuple(_cube(span, options.size) for span in found.tight)
    image, given = _cut(found.image, found.block, cube)
    lesion, _ = _cut(found.inside, found.block, cube)
    scaled = _scaled(image, given & np.isfinite(image), options)
    channels = [scaled, lesion] if options.mask else [scaled]
    share = float(lesion.sum() / found.inside.sum())
    return Crop(np.stack(channels).astype(np.float32), share)


def _cube(span: Range, size: int) -> Range:
    """The cube's side around the middle of a span; of two middles the upper."""
    start = (span[0] + span[1]) // 2 - size // 2
    return start, start + size


def _around(tight: Ranges, grid: Geometry, size: int) -> Ranges:
    """What is needed of the image: the cube as far as the image goes, and the whole lesion."""
    found = []
    for span, n in zip(tight, grid.shape, strict=True):
        low, high = _cube(span, size)
        found.append((max(0, min(low, span[0])), min(n, max(high, span[1]))))
    return cast(Ranges, tuple(found))


def _cut(
    values: NDArray[np.float64] | NDArray[np.bool_], block: Ranges, cube: tuple[Range, ...]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The cube out of a block, 0 where the block has nothing, and where it has something."""
    sides = [stop - start for start, stop in cube]
    cut, given = np.zeros(sides), np.zeros(sides, np.bool_)
    source, target = [], []
    for (low, high), (start, stop) in zip(block, cube, strict=True):
        first, last = max(low, start), min(high, stop)
        source.append(slice(first - low, last - low))
        target.append(slice(first - start, last - start))
    cut[tuple(target)] = values[tuple(source)]
    given[tuple(target)] = True
    return cut, given


def _scaled(
    image: NDArray[np.float64], given: NDArray[np.bool_], options: CropOptions
) -> NDArray[np.float64]:
    """Clip and scale; voxels without a value get the lowest."""
    inner = image[given]
    low, high = options.window or np.quantile(inner, CLIPPED)
    clipped = np.where(given, np.clip(image, low, high), low)
    if options.window is not None:
        return 2.0 * (clipped - low) / (high - low) - 1.0
    within = np.clip(inner, low, high)
    spread = float(within.std())
    # A cube of one intensity says nothing: 0 throughout.
    return (clipped - within.mean()) / spread if spread > 0 else np.zeros_like(clipped)
