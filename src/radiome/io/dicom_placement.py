"""Place frames on a voxel grid by their own position and orientation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError
from radiome.image.geometry import Geometry
from radiome.io.dicom_frames import Frame
from radiome.io.dicom_grid import orthonormal_axes

#: Share of a voxel by which the corners of a frame may miss the voxel centres of the grid.
PLACEMENT_TOLERANCE = 0.05

#: Grid index (z, y, x) of a frame's first pixel, and the steps per row and per column.
Place = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


def frame_indices(frame: Frame, grid: Geometry, where: str) -> Place:
    """Grid index (z, y, x) of a frame's first pixel, and the steps per row and per column.

    Frames may run along any axes of the grid, forwards or backwards, and cover part of it,
    as long as pixel centres fall on voxel centres.

    Raises
    ------
    GeometryError
        If they do not.
    """
    position, axes, pixel = _plane(frame, where)
    rows, columns = frame.whole_number("Rows"), frame.whole_number("Columns")
    corners = np.array([(0, 0), (rows - 1, 0), (0, columns - 1), (rows - 1, columns - 1)])
    world = position + corners @ (np.asarray(pixel)[:, None] * axes[1:])
    found = grid.world_to_index(world)
    steps = grid.world_to_index(
        grid.index_to_world((0, 0, 0)) + np.asarray(pixel)[:, None] * axes[1:]
    )
    origin = np.round(found[0]).astype(np.intp)
    down, across = (np.round(step).astype(np.intp) for step in steps)
    expected = origin + corners[:, :1] * down + corners[:, 1:] * across
    worst = float(np.abs(found - expected).max())
    if worst > PLACEMENT_TOLERANCE or abs(down).sum() != 1 or abs(across).sum() != 1:
        raise GeometryError(
            "the voxels of the segment are not those of the image",
            where=frame.within(where),
            expected="pixel centres on the image's voxel centres, within "
            f"{PLACEMENT_TOLERANCE:g} voxel",
            got=f"corners up to {worst:.3g} voxels off (pixels {pixel} mm against "
            f"{grid.spacing[1:]} mm, position {tuple(float(p) for p in position)} mm)",
            do="give the image series that it was drawn on, or resample the mask on purpose",
        )
    return origin, down, across


def own_grid(frames: Sequence[Frame], where: str) -> Geometry:
    """The smallest regular grid that holds all frames; slices left out are allowed.

    The slice spacing is Spacing Between Slices or Slice Thickness where the gaps between
    frames are whole multiples of it, else the smallest gap.
    """
    position, axes, pixel = _plane(frames[0], where)
    along = np.array([_plane(frame, where)[0] @ axes[0] for frame in frames])
    levels = np.unique(np.round(along, 3))
    stated = frames[0].number_of("SpacingBetweenSlices") or frames[0].number_of("SliceThickness")
    spacing = float(np.diff(levels).min()) if levels.size > 1 else stated or 0.0
    if stated and abs(spacing / stated - max(round(spacing / stated), 1)) <= PLACEMENT_TOLERANCE:
        spacing = stated
    if not spacing > 0:
        raise GeometryError(
            "the slice spacing of the segmentation is unknown",
            where=where,
            expected="several slices, Spacing Between Slices or Slice Thickness",
            got="one slice without them",
            do="give the image series together with the SEG",
        )
    count = round(float(along.max() - along.min()) / spacing) + 1
    if count > 1:
        # The mean over the whole stack carries less rounding than one gap.
        spacing = float(along.max() - along.min()) / (count - 1)
    origin = position + (along.min() - along[0]) * axes[0]
    directions = tuple(tuple(float(v) + 0.0 for v in axis) for axis in axes)
    return Geometry(
        (count, frames[0].whole_number("Rows"), frames[0].whole_number("Columns")),
        (spacing, *pixel),
        tuple(float(v) for v in origin),  # type: ignore[arg-type]
        directions,  # type: ignore[arg-type]
    )


def _plane(
    frame: Frame, where: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[float, float]]:
    """Position (3,), unit vectors (3, 3) of (z, y, x), and pixel spacing (y, x) of a frame."""
    position = frame.numbers_of("ImagePositionPatient", 3)
    cosines = frame.numbers_of("ImageOrientationPatient", 6)
    pixel = frame.numbers_of("PixelSpacing", 2)
    if position is None or cosines is None or pixel is None:
        raise GeometryError(
            "a frame of the segmentation does not say where it lies",
            where=frame.within(where),
            expected="Image Position, Image Orientation and Pixel Spacing",
            got="one of them is absent",
            do="write the SEG again with its geometry",
        )
    axes = orthonormal_axes(np.asarray(cosines), where)
    return np.asarray(position), axes, (pixel[0], pixel[1])
