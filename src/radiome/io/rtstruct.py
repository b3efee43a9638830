"""Read a region of an RTSTRUCT object as a mask on an image's grid.

Contours are taken to index space first, so oblique images need no special case. Each
contour is filled on the slice nearest to it; see `radiome.io.dicom_contours` for the rule
at the outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, ImageError, RegionError, nearest_name
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.io.dicom_contours import fill_contours
from radiome.io.dicom_files import lenient_headers, open_dicom
from radiome.io.dicom_gaps import close_gaps, nearest_planes

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Share of the slice spacing by which the points of one contour may leave their plane.
PLANE_TOLERANCE = 0.1

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


def list_rois(path: Path) -> list[str]:
    """Names of the regions of an RTSTRUCT, in stored order.

    Raises
    ------
    ImageError
        If the file is not an RTSTRUCT.
    """
    with lenient_headers():
        only = ("Modality", "StructureSetROISequence")
        return [name for _, name in _roi_names(_open_structures(Path(path), only=only))]


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
    with lenient_headers():
        structures = _open_structures(path)
        number, name = _chosen_roi(structures, roi, path)
        where = f"{path}: ROI '{name}'"
        _check_frame_of_reference(structures, number, frame_of_reference, where)
        contours = _closed_contours(structures, number, where)
    voxels = _rasterise(contours, volume_geometry, where, fill_gaps)
    return Mask(voxels, volume_geometry, name, str(path))


def _open_structures(path: Path, *, only: Sequence[str] | None = None) -> Dataset:
    dataset = open_dicom(path, only=only)
    if dataset.get("Modality") == "RTSTRUCT" or "StructureSetROISequence" in dataset:
        return dataset
    raise ImageError(
        "the DICOM object holds no contours",
        where=str(path),
        expected="an RTSTRUCT",
        got=f"modality {dataset.get('Modality', 'unknown')}",
        do="give the RTSTRUCT (or SEG) file as the mask, and the images as the image",
    )


def _roi_names(structures: Dataset) -> list[tuple[str, str]]:
    return [
        (str(item.get("ROINumber")), str(item.get("ROIName") or "").strip())
        for item in structures.get("StructureSetROISequence") or ()
    ]


def _chosen_roi(structures: Dataset, roi: str | None, path: Path) -> tuple[str, str]:
    known = _roi_names(structures)
    names = ", ".join(f"'{name}'" for _, name in known) or "none"
    if roi is None:
        if len(known) == 1:
            return known[0]
        raise RegionError(
            "the RTSTRUCT holds several regions" if known else "the RTSTRUCT holds no region",
            where=str(path),
            expected="the name of one",
            got=names,
            do="name the region to read (roi)",
        )
    matches = [item for item in known if item[1] == roi.strip()]
    matches = matches or [item for item in known if item[0] == roi.strip()]
    if len(matches) == 1:
        return matches[0]
    near = nearest_name(roi, [name for _, name in known])
    numbers = ", ".join(number for number, _ in matches)
    raise RegionError(
        f"several regions are called '{roi}'" if matches else f"there is no region '{roi}'",
        where=str(path),
        expected=f"one of the numbers {numbers}" if matches else f"one of {names}",
        got=f"'{roi}'",
        do="give the ROI number instead of the name"
        if matches
        else (f"did you mean '{near}'?" if near else "give one of the names"),
    )


def _check_frame_of_reference(
    structures: Dataset, number: str, expected: str | None, where: str
) -> None:
    items = structures.get("StructureSetROISequence") or ()
    own = [i.get("ReferencedFrameOfReferenceUID") for i in items if str(i.ROINumber) == number]
    if not expected or not own or not own[0] or str(own[0]) == expected:
        return
    raise GeometryError(
        "the region was drawn in another frame of reference than the image",
        where=where,
        expected=f"Frame of Reference UID {expected}",
        got=str(own[0]),
        do="give the image series that the region was drawn on: positions do not compare",
    )


def _closed_contours(structures: Dataset, number: str, where: str) -> list[NDArray[np.float64]]:
    """World points (n, 3) of each closed contour; exact copies count once."""
    items = structures.get("ROIContourSequence") or ()
    own = [item for item in items if str(item.get("ReferencedROINumber")) == number]
    contours: dict[bytes, NDArray[np.float64]] = {}
    kinds: dict[str, int] = {}
    for contour in (c for item in own for c in item.get("ContourSequence") or ()):
        kind = str(contour.get("ContourGeometricType", ""))
        kinds[kind] = kinds.get(kind, 0) + 1
        points = _points(contour, where)
        if kind in _CLOSED and len(points) >= 3:
            contours[points.tobytes()] = points
    if not contours or "OPEN_PLANAR" in kinds or "OPEN_NONPLANAR" in kinds:
        found = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        raise RegionError(
            "the region has no closed contour" if not contours else "the region has open contours",
            where=where,
            expected="closed planar contours of three points or more",
            got=found or "no contour",
            do="choose a region with an outline, or draw it",
        )
    return list(contours.values())


def _points(contour: Dataset, where: str) -> NDArray[np.float64]:
    data: Any = contour.get("ContourData")
    try:
        values = np.asarray([] if data is None else data, dtype=np.float64).reshape(-1, 3)
    except (ValueError, TypeError) as error:
        raise _bad_points(where, "not triples of numbers") from error
    if not np.isfinite(values).all():
        raise _bad_points(where, "NaN or infinite coordinates")
    return values


def _bad_points(where: str, got: str) -> ImageError:
    return ImageError(
        "the points of a contour are not usable",
        where=where,
        expected="Contour Data as x, y, z triples in mm",
        got=got,
        do="export the RTSTRUCT again from its source",
    )


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
