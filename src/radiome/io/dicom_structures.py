"""The regions of an RTSTRUCT object as named sets of contours (PS3.3 A.19, C.8.8.5, C.8.8.6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, ImageError, RegionError, nearest_name
from radiome.io.dicom_files import open_dicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


def open_structures(path: Path, *, only: Sequence[str] | None = None) -> Dataset:
    """Parse a file, or some of its attributes, and make sure that it is an RTSTRUCT."""
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


def roi_names(structures: Dataset) -> list[tuple[str, str]]:
    """Number and name of each region, in stored order."""
    return [
        (str(item.get("ROINumber")), str(item.get("ROIName") or "").strip())
        for item in structures.get("StructureSetROISequence") or ()
    ]


def chosen_roi(structures: Dataset, roi: str | None, path: Path) -> tuple[str, str]:
    """Number and name of the region that `roi` names, or of the only one."""
    known = roi_names(structures)
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


def check_frame_of_reference(
    structures: Dataset, number: str, expected: str | None, where: str
) -> None:
    """Refuse a region that states another frame of reference than `expected`."""
    items = structures.get("StructureSetROISequence") or ()
    own = [
        i.get("ReferencedFrameOfReferenceUID") for i in items if str(i.get("ROINumber")) == number
    ]
    if not expected or not own or not own[0] or str(own[0]) == expected:
        return
    raise GeometryError(
        "the region was drawn in another frame of reference than the image",
        where=where,
        expected=f"Frame of Reference UID {expected}",
        got=str(own[0]),
        do="give the image series that the region was drawn on: positions do not compare",
    )


def closed_contours(structures: Dataset, number: str, where: str) -> list[NDArray[np.float64]]:
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
