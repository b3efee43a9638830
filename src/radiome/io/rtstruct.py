"""Read a region of an RTSTRUCT object as a mask on an image's grid.

Contours are taken to index space first, so oblique images need no special case. Each
contour is filled on the slice nearest to it; see `radiome.io.dicom_contours` for the rule
at the outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, RegionError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.io.dicom_contours import fill_contours
from radiome.io.dicom_files import parsing
from radiome.io.dicom_gaps import close_gaps, nearest_planes
from radiome.io.dicom_structures import (
    check_frame_of_reference,
    chosen_roi,
    closed_contours,
    open_structures,
    roi_names,
)

#: Share of the slice spacing by which the points of one contour may leave their plane.
PLANE_TOLERANCE = 0.1


def list_rois(path: Path) -> list[str]:
    """Names of the regions of an RTSTRUCT, in stored order.

    Raises
    ------
    ImageError
        If the file is not an RTSTRUCT.
    """
    with parsing(Path(path)):
        only = ("Modality", "StructureSetROISequence")
        return [name for _, name in roi_names(open_structures(Path(path), only=only))]


def read_rtstruct(
    path: Path,
    volume_geometry: Geometry,
    *,
    roi: str | None = None,
    frame_of_reference: str | None = None,
    fill_gaps: bool = False,
) -> Mask:
    """Rasterise one region on the grid of an image.

    Parameters
    ----------
    path : Path
        RTSTRUCT file.
    volume_geometry : Geometry
        Grid of the image that the region belongs to.
    roi : str, optional
        Name of the region, or its number where names repeat. Not needed if there is one.
    frame_of_reference : str, optional
        Frame of Reference UID of the image; a region drawn in another one is refused.
    fill_gaps : bool
        Fill slices that lie without a contour between two contours of one structure, by
        shape-based interpolation. By default they are refused.

    Returns
    -------
    Mask

    Raises
    ------
    RegionError
        If the region is unknown, not named although there are several, has no closed
        contour, covers no voxel centre or leaves the image.
    GeometryError
        If it was drawn in another frame of reference, across slices, or skips slices.
    """
    path = Path(path)
    with parsing(Path(path)):
        structures = open_structures(path)
        number, name = chosen_roi(structures, roi, path)
        where = f"{path}: ROI '{name}'"
        check_frame_of_reference(structures, number, frame_of_reference, where)
        contours = closed_contours(structures, number, where)
    voxels = _rasterise(contours, volume_geometry, where, fill_gaps)
    return Mask(voxels, volume_geometry, name, str(path))


def _rasterise(
    contours: Sequence[NDArray[np.float64]], geometry: Geometry, where: str, fill_gaps: bool
) -> NDArray[np.bool_]:
    placed = [geometry.world_to_index(points) for points in contours]
    _check_planar(placed, geometry, where)
    planes = np.array([points[:, 0].mean() for points in placed])
    _check_inside(placed, planes, geometry, where)
    chosen, slices = nearest_planes(planes)
    outlines = [placed[i][:, 1:] for i in chosen]
    # A block around all vertices, also where it leaves the image: what would be cut off shows.
    points = np.concatenate(outlines)
    low = (int(slices.min()), *(int(v) for v in np.floor(points.min(axis=0))))
    high = (int(slices.max()), *(int(v) for v in np.ceil(points.max(axis=0))))
    size = (high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1)
    block = fill_contours(outlines, list(slices), size, (low[0], low[1], low[2]))
    block = close_gaps(block, low[0], where, fill=fill_gaps)
    return _pasted(block, low, geometry, where)


def _check_planar(placed: Sequence[NDArray[np.float64]], geometry: Geometry, where: str) -> None:
    spread = max(float(np.ptp(points[:, 0])) for points in placed)
    if spread > PLANE_TOLERANCE:
        raise GeometryError(
            "the contours do not lie in the slices of the image",
            where=where,
            expected=f"each contour within {PLANE_TOLERANCE:g} slice of one plane",
            got=f"a contour that spans {spread:.2f} slices ({spread * geometry.spacing[0]:.2f} mm)",
            do="give the image series that the region was drawn on",
        )


def _check_inside(
    placed: Sequence[NDArray[np.float64]],
    planes: NDArray[np.float64],
    geometry: Geometry,
    where: str,
) -> None:
    outside = int(np.count_nonzero((planes < -0.5) | (planes >= geometry.shape[0] - 0.5)))
    if outside == 0:
        return
    world = np.concatenate([geometry.index_to_world(points) for points in placed])
    low, high = world.min(axis=0), world.max(axis=0)
    raise RegionError(
        "the region lies outside the image"
        if outside == len(planes)
        else "the region reaches beyond the slices of the image",
        where=where,
        expected=f"contours on slices 0 to {geometry.shape[0] - 1}",
        got=f"{outside} of {len(planes)} contours beyond them (slice {planes.min():.1f} to "
        f"{planes.max():.1f}; x, y, z from {_rounded(low)} to {_rounded(high)} mm)",
        do="give the image series that the region was drawn on",
    )


def _pasted(
    block: NDArray[np.bool_], low: tuple[int, ...], geometry: Geometry, where: str
) -> NDArray[np.bool_]:
    total = int(np.count_nonzero(block))
    voxels = np.zeros(geometry.shape, dtype=np.bool_)
    inside = [
        (max(a, 0), min(a + n, limit))
        for a, n, limit in zip(low, block.shape, geometry.shape, strict=True)
    ]
    if all(start < stop for start, stop in inside):
        target = tuple(slice(start, stop) for start, stop in inside)
        source = tuple(slice(s.start - a, s.stop - a) for s, a in zip(target, low, strict=True))
        voxels[target] = block[source]
    kept = int(np.count_nonzero(voxels))
    if total == 0:
        raise RegionError(
            "the region covers no voxel centre",
            where=where,
            expected="an outline larger than a voxel",
            got=f"contours between voxel centres {geometry.spacing[1:]} mm apart",
            do="use an image with smaller voxels, or choose another region",
        )
    if kept < total:
        raise RegionError(
            "the region lies outside the image" if kept == 0 else "the region leaves the image",
            where=where,
            expected="the whole region within the image",
            got=f"{total - kept} of {total} voxels outside",
            do="give the image series that the region was drawn on, uncropped",
        )
    return voxels


def _rounded(vector: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(v), 1) for v in vector)
