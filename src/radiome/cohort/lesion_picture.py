"""A small picture of a lesion: its largest slice, with the outline of the region."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, zoom

from radiome.image.mask import Mask
from radiome.image.volume import Volume

#: Edge of the picture in pixels.
SIZE = 144

#: The picture shows the region and so much around it, in region sizes, and this many mm at least.
_FIELD = 1.6
_LEAST_MM = 24.0

#: Colour of the outline: distinct from grey for every kind of colour vision.
OUTLINE = (230, 120, 0)

#: Greys of the picture; few enough for a small file, many enough for a smooth one.
GREYS = 64


@dataclass(frozen=True, slots=True)
class Window:
    """What of an image a picture shows.

    Parameters
    ----------
    slice_number : int
        Axial slice.
    rows, columns : slice
        A square in mm; it may reach over the edges of the image.
    """

    slice_number: int
    rows: slice
    columns: slice

    def pixel_indices(self) -> NDArray[np.float64]:
        """Where the centres of the pixels lie: indices (SIZE, SIZE, 3) of the image, (z, y, x)."""
        along = (np.arange(SIZE) + 0.5) / SIZE
        y, x = (
            span.start + along * (span.stop - span.start) - 0.5
            for span in (self.rows, self.columns)
        )
        rows, columns = np.meshgrid(y, x, indexing="ij")
        return np.stack([np.full_like(rows, self.slice_number), rows, columns], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A picture before it has colours.

    Parameters
    ----------
    window : Window
        What it shows.
    greys : uint8 array (SIZE, SIZE)
        0 to `GREYS` - 1.
    outline : bool array (SIZE, SIZE)
        The inner edge of the region.
    """

    window: Window
    greys: NDArray[np.uint8]
    outline: NDArray[np.bool_]


def lesion_picture(volume: Volume, mask: Mask) -> str:
    """Draw the axial slice in which the region is largest.

    Parameters
    ----------
    volume : Volume
        The image.
    mask : Mask
        The region, on its grid; not empty.

    Returns
    -------
    str
        PNG of `SIZE` by `SIZE` pixels, base64. Grey spans the 1st to the 99th percentile
        of the region in this slice, three quarters of that below it and a quarter above;
        the outline lies on the inner edge of the region.
    """
    drawing = draw(volume, mask)
    return encode(np.where(drawing.outline, GREYS, drawing.greys), [*grey_ramp(), OUTLINE])


def draw(volume: Volume, mask: Mask) -> Drawing:
    """Greys and outline of `lesion_picture`."""
    slice_number = int(mask.voxels.sum(axis=(1, 2)).argmax())
    inside = mask.voxels[slice_number]
    rows, columns = _window(inside, volume.geometry.spacing[1:])
    greys = _cut(volume.voxels[slice_number].astype(np.float64), rows, columns)
    region = _square(_cut(inside.astype(np.float64), rows, columns, outside=0.0), order=0) > 0.5
    shown = volume.voxels[slice_number][inside].astype(np.float64)
    return Drawing(
        Window(slice_number, rows, columns),
        _scaled(_square(greys, order=1), shown),
        region & ~binary_erosion(region),
    )


def grey_ramp() -> list[tuple[int, int, int]]:
    """The greys of the picture, from black to white."""
    return [(grey, grey, grey) for grey in (round(255 * n / (GREYS - 1)) for n in range(GREYS))]


def encode(numbers: NDArray[np.integer], colours: Sequence[tuple[int, int, int]]) -> str:
    """PNG, base64, of a picture whose pixels are numbers of colours (256 at most)."""
    from PIL import Image

    picture = Image.fromarray(numbers.astype(np.uint8), mode="L").convert("P")
    picture.putpalette([part for colour in colours for part in colour])
    held = io.BytesIO()
    picture.save(held, "PNG", optimize=True)
    return base64.b64encode(held.getvalue()).decode("ascii")


def _window(inside: NDArray[np.bool_], spacing: tuple[float, float]) -> tuple[slice, slice]:
    """Rows and columns of a square, in mm, about the region; it may reach over the edges."""
    spans = [np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0)]
    sizes = [(found[-1] - found[0] + 1) * step for found, step in zip(spans, spacing, strict=True)]
    edge = max(_FIELD * max(sizes), _LEAST_MM)
    cuts = []
    for found, step in zip(spans, spacing, strict=True):
        count = max(2, round(edge / step))
        start = int(found[0] + found[-1] + 1 - count) // 2
        cuts.append(slice(start, start + count))
    return cuts[0], cuts[1]


def _cut(
    plane: NDArray[np.float64], rows: slice, columns: slice, *, outside: float | None = None
) -> NDArray[np.float64]:
    """Part of a plane; beyond its edges the least value, or `outside`."""
    fill = float(np.nanmin(plane)) if outside is None else outside
    cut = np.full((rows.stop - rows.start, columns.stop - columns.start), fill)
    top, left = max(rows.start, 0), max(columns.start, 0)
    bottom, right = min(rows.stop, plane.shape[0]), min(columns.stop, plane.shape[1])
    there = (
        slice(top - rows.start, bottom - rows.start),
        slice(left - columns.start, right - columns.start),
    )
    cut[there] = np.nan_to_num(plane[top:bottom, left:right], nan=fill)
    return cut


def _square(plane: NDArray[np.float64], *, order: Literal[0, 1]) -> NDArray[np.float64]:
    factors = (SIZE / plane.shape[0], SIZE / plane.shape[1])
    scaled = np.asarray(zoom(plane, factors, order=order, grid_mode=True, mode="nearest"))
    return scaled[:SIZE, :SIZE]


def _scaled(plane: NDArray[np.float64], shown: NDArray[np.float64]) -> NDArray[np.uint8]:
    least, greatest = np.nanpercentile(shown, (1, 99))
    span = greatest - least
    low, high = least - 0.75 * span, greatest + 0.25 * span
    share = np.clip((plane - low) / (high - low), 0, 1) if span > 0 else np.full(plane.shape, 0.5)
    return np.asarray(np.round(share * (GREYS - 1)), dtype=np.uint8)
