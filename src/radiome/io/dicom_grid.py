"""From the planes of a series to one regular grid, or a reason why there is none.

Stated bounds on what header rounding may do: every slice lies within
`SPACING_TOLERANCE` of the slice spacing from its place in the regular grid and within
the same share of a pixel sideways; direction cosines differ by at most
`COSINE_TOLERANCE` and pixel spacings by one part in ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import GeometryError
from radiome.image.geometry import Geometry, Triple
from radiome.io.dicom_frames import Frame
from radiome.io.dicom_slices import check_duplicates, check_spacing, check_tilt

#: Share of the slice spacing (and of a pixel, sideways) by which a slice may be off the grid.
SPACING_TOLERANCE = 0.05

#: Largest difference between direction cosines that counts as rounding.
COSINE_TOLERANCE = 5e-4

#: Where the in-plane spacing is looked for, best first (PS3.3 10.7.1.3: the first is at the
#: patient, the others at the detector, which is all a projection image may have).
_PIXEL_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


@dataclass(frozen=True, slots=True)
class Stack:
    """Planes in the order of the grid's first axis.

    Parameters
    ----------
    frames : tuple of Frame
        Sorted by position along the normal of the planes.
    geometry : Geometry
        The grid.
    slice_spacing_from : str
        Where the slice spacing came from, for the record.
    """

    frames: tuple[Frame, ...]
    geometry: Geometry
    slice_spacing_from: str


def stack_frames(
    frames: Sequence[Frame], *, where: str, tolerance: float = SPACING_TOLERANCE
) -> Stack:
    """Sort planes by position and check that they make a regular grid.

    The position of a plane is the projection of Image Position (Patient) on the normal
    of Image Orientation (Patient); names and instance numbers play no part.

    Raises
    ------
    GeometryError
        For planes of different size, orientation or pixel spacing, repeated or missing
        planes, uneven spacing, planes sheared by gantry tilt, or missing attributes.
    """
    rows, columns = _one_size(frames, where)
    if len(frames) == 1 and frames[0].get("ImagePositionPatient") is None:
        return _flat(frames[0], rows, columns, where)
    pixel = _one_pixel_spacing(frames, where)
    axes = _one_orientation(frames, where)
    positions = _vectors(frames, "ImagePositionPatient", 3, where)
    along = positions @ axes[0]
    order = np.argsort(along, kind="stable")
    ordered = tuple(frames[i] for i in order)
    spacing, source = _slice_spacing(ordered, along[order], where)
    if len(ordered) > 1:
        check_duplicates(ordered, along[order], where)
        check_spacing(ordered, along[order], where, tolerance)
        check_tilt(positions[order], axes, where, tolerance * min(pixel))
    geometry = Geometry(
        (len(ordered), rows, columns),
        (spacing, *pixel),
        _triple(positions[order[0]]),
        (_triple(axes[0]), _triple(axes[1]), _triple(axes[2])),
    )
    return Stack(ordered, geometry, source)


def _one_size(frames: Sequence[Frame], where: str) -> tuple[int, int]:
    sizes = Counter((f.whole_number("Rows"), f.whole_number("Columns")) for f in frames)
    if len(sizes) > 1:
        text = ", ".join(f"{r} x {c} ({counted(n, 'slice')})" for (r, c), n in sizes.most_common())
        raise GeometryError(
            "the slices differ in size",
            where=where,
            expected="the same Rows x Columns in every slice",
            got=text,
            do="remove the localiser or screen-capture slices, or export one reconstruction",
        )
    return next(iter(sizes))


def _one_pixel_spacing(frames: Sequence[Frame], where: str) -> tuple[float, float]:
    keyword = "PixelSpacing"
    if len(frames) == 1:
        present = (name for name in _PIXEL_SPACINGS if frames[0].get(name) is not None)
        keyword = next(present, keyword)
    spacings = _vectors(frames, keyword, 2, where)
    if not (spacings > 0).all() or np.ptp(spacings, axis=0).max() > 1e-4 * spacings.min():
        raise GeometryError(
            "the pixel spacing of the slices is not one positive pair",
            where=where,
            expected=f"the same positive {keyword} (mm) in every slice",
            got=", ".join(str(tuple(map(float, s))) for s in np.unique(spacings, axis=0)[:4]),
            do="export one reconstruction of the image",
        )
    return float(spacings[0, 0]), float(spacings[0, 1])


def _one_orientation(frames: Sequence[Frame], where: str) -> NDArray[np.float64]:
    """World unit vectors (3, 3) of the grid's axes (z, y, x)."""
    cosines = _vectors(frames, "ImageOrientationPatient", 6, where)
    apart = np.abs(cosines - cosines[0]).max(axis=1)
    if apart.max() > COSINE_TOLERANCE:
        kinds = np.unique(np.round(cosines, 3), axis=0)
        raise GeometryError(
            "the slices are not parallel",
            where=where,
            expected=f"the same Image Orientation (Patient) within {COSINE_TOLERANCE} everywhere",
            got=f"{len(kinds)} orientations, among them "
            + " and ".join(str(tuple(map(float, k))) for k in kinds[:2]),
            do="remove the localiser slices, or export the planes as separate series",
        )
    return orthonormal_axes(cosines[0], where)


def orthonormal_axes(cosines: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    """Unit vectors (3, 3) of the array axes (z, y, x) from the six direction cosines.

    Rows grow along the second triple, columns along the first, and slices along their
    vector product. The second is made exactly perpendicular to the first.
    """
    across, down = cosines[:3], cosines[3:]
    lengths = np.linalg.norm(across), np.linalg.norm(down)
    if max(abs(n - 1.0) for n in lengths) > 2e-3 or abs(float(across @ down)) > 2e-3:
        raise GeometryError(
            "Image Orientation (Patient) is not two perpendicular unit vectors",
            where=where,
            expected="lengths of 1 and a right angle, within 0.002",
            got=str(tuple(float(c) for c in cosines)),
            do="export the series again from its source",
        )
    across = across / lengths[0]
    down = down - (down @ across) * across
    down = down / np.linalg.norm(down)
    return np.stack([np.cross(across, down), down, across])


def _slice_spacing(
    frames: Sequence[Frame], along: NDArray[np.float64], where: str
) -> tuple[float, str]:
    if len(frames) > 1:
        # Equal positions are reported as duplicates right after this.
        span = float(along[-1] - along[0]) / (len(frames) - 1)
        return span if span > 0 else 1.0, "ImagePositionPatient"
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        value = frames[0].number_of(keyword)
        if value is not None and value > 0:
            return value, keyword
    raise GeometryError(
        "the depth of a single slice is unknown",
        where=where,
        expected="Slice Thickness, or more than one slice",
        got="one slice without Slice Thickness",
        do="give the folder that holds the whole series",
    )


def _flat(frame: Frame, rows: int, columns: int, where: str) -> Stack:
    """A projection or planar image as a volume of one slice, 1 mm deep."""
    for keyword in _PIXEL_SPACINGS:
        pixel = frame.numbers_of(keyword, 2)
        if pixel is not None and min(pixel) > 0:
            thickness = frame.number_of("SliceThickness")
            source = "SliceThickness" if thickness else "assumed 1 mm"
            spacing = (thickness or 1.0, pixel[0], pixel[1])
            return Stack((frame,), Geometry((1, rows, columns), spacing), source)
    raise GeometryError(
        "the image has neither a position in the patient nor a pixel size",
        where=where,
        expected="Image Position (Patient), or one of " + ", ".join(_PIXEL_SPACINGS),
        got=f"{frame.get('Modality') or 'image'} without any of them",
        do="features with lengths would be meaningless: export the image with its calibration",
    )


def _vectors(frames: Sequence[Frame], keyword: str, count: int, where: str) -> NDArray[np.float64]:
    values: list[Any] = []
    for frame in frames:
        value = frame.numbers_of(keyword, count)
        if value is None:
            raise GeometryError(
                f"a slice has no {keyword}",
                where=frame.within(where),
                expected=f"{keyword} in every slice",
                got="absent or empty",
                do="export the series again with its geometry; it cannot be guessed",
            )
        values.append(value)
    return np.asarray(values, dtype=np.float64).reshape(len(frames), count)


def _triple(vector: NDArray[np.float64]) -> Triple:
    # Adding zero turns -0.0 into 0.0, which reads better in records.
    x, y, z = (float(v) + 0.0 for v in vector)
    return x, y, z
