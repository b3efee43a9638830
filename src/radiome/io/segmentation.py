"""Read a segment of a DICOM SEG object as a mask.

Frames are placed by their own Image Position (Patient), never by their order: a SEG may
hold empty slices or leave them out, cover part of the image, or list it backwards.
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
from radiome.io.dicom_files import open_dicom, parsing
from radiome.io.dicom_frames import Frame, frames_of
from radiome.io.dicom_placement import Place, frame_indices, own_grid

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def list_segments(path: Path) -> list[str]:
    """Labels of the segments of a SEG object, in the order of their numbers."""
    with parsing(Path(path)):
        only = ("Modality", "SegmentationType", "SegmentSequence")
        return [label for _, label in _segments(_open_segmentation(Path(path), only=only))]


def read_segmentation(
    path: Path,
    geometry: Geometry | None = None,
    *,
    segment: str | None = None,
    threshold: float = 0.5,
    frame_of_reference: str | None = None,
) -> Mask:
    """Read one segment.

    Parameters
    ----------
    path : Path
        SEG file: binary, fractional or label map.
    geometry : Geometry, optional
        Grid of the image. Without it the mask gets the grid of the SEG itself, which is
        what to resample from when the two differ.
    segment : str, optional
        Label or number of the segment. Not needed if there is one.
    threshold : float
        A voxel of a fractional segment is inside when its fraction is at least this.
    frame_of_reference : str, optional
        Frame of Reference UID of the image; a segment in another one is refused.

    Raises
    ------
    RegionError
        If the segment is unknown, not named although there are several, empty, or leaves
        the image.
    GeometryError
        If its voxels are not those of the image, or lie in another frame of reference.
    """
    path = Path(path)
    with parsing(Path(path)):
        dataset = _open_segmentation(path)
        number, label = _chosen_segment(dataset, segment, path)
        where = f"{path}: segment {number} '{label}'"
        _check_frame_of_reference(dataset, frame_of_reference, where)
        every = frames_of(dataset, path)
        frames = _frames_of_segment(dataset, every, number, where)
        grid = geometry if geometry is not None else own_grid(every, where)
        places = _places(frames, grid, where)
        planes = _planes(dataset, frames, number, threshold, where)
        voxels = _placed(places, planes, grid, where)
    return Mask(voxels, grid, label, str(path))


def _open_segmentation(path: Path, *, only: Sequence[str] | None = None) -> Dataset:
    dataset = open_dicom(path, only=only)
    if "SegmentSequence" not in dataset or "SegmentationType" not in dataset:
        raise ImageError(
            "the DICOM object holds no segments",
            where=str(path),
            expected="a DICOM SEG",
            got=f"modality {dataset.get('Modality', 'unknown')}",
            do="give the SEG (or RTSTRUCT) file as the mask, and the images as the image",
        )
    return dataset


def _segments(dataset: Dataset) -> list[tuple[int, str]]:
    found = [
        (int(item.get("SegmentNumber") or 0), str(item.get("SegmentLabel") or "").strip())
        for item in dataset.SegmentSequence
    ]
    # A label map may list its background, which is no region.
    return sorted(item for item in found if item[0] > 0)


def _chosen_segment(dataset: Dataset, segment: str | None, path: Path) -> tuple[int, str]:
    known = _segments(dataset)
    names = ", ".join(f"{number} '{label}'" for number, label in known)
    if segment is None:
        if len(known) == 1:
            return known[0]
        raise RegionError(
            "the SEG holds several segments" if known else "the SEG holds no segment",
            where=str(path),
            expected="the label or number of one",
            got=names or "none",
            do="name the segment to read (roi)",
        )
    text = str(segment).strip()
    matches = [item for item in known if item[1] == text]
    matches = matches or [item for item in known if str(item[0]) == text]
    if len(matches) == 1:
        return matches[0]
    near = nearest_name(text, [label for _, label in known])
    raise RegionError(
        f"several segments are called '{text}'" if matches else f"there is no segment '{text}'",
        where=str(path),
        expected=f"one of {names}",
        got=f"'{text}'",
        do="give the segment number"
        if matches
        else (f"did you mean '{near}'?" if near else "give one of the labels or numbers"),
    )


def _check_frame_of_reference(dataset: Dataset, expected: str | None, where: str) -> None:
    own = dataset.get("FrameOfReferenceUID")
    if expected and own and str(own) != expected:
        raise GeometryError(
            "the segment was drawn in another frame of reference than the image",
            where=where,
            expected=f"Frame of Reference UID {expected}",
            got=str(own),
            do="give the image series that it was drawn on: positions do not compare",
        )


def _frames_of_segment(
    dataset: Dataset, frames: list[Frame], number: int, where: str
) -> list[Frame]:
    if dataset.SegmentationType == "LABELMAP":
        return frames
    own = [f for f in frames if f.get("ReferencedSegmentNumber") == number]
    if not own:
        raise _empty(where, "no frame")
    return own


def _planes(
    dataset: Dataset, frames: Sequence[Frame], number: int, threshold: float, where: str
) -> NDArray[np.bool_]:
    """Membership (frames, rows, columns) of the segment in its frames."""
    stored = _decoded(dataset, where)[[frame.number for frame in frames]]
    if dataset.SegmentationType == "LABELMAP":
        return np.asarray(stored == number)
    if dataset.SegmentationType == "BINARY":
        return np.asarray(stored != 0)
    largest = frames[0].whole_number("MaximumFractionalValue", 255)
    # Compared as stored integers: 0.5 * 255 must not depend on rounding.
    return np.asarray(stored >= threshold * largest) & (stored > 0)


def _decoded(dataset: Dataset, where: str) -> NDArray[Any]:
    """Pixels (frames, rows, columns), bits unpacked, by highdicom."""
    from highdicom.seg import Segmentation

    try:
        pixels = np.asarray(Segmentation.from_dataset(dataset, copy=False).pixel_array)
    except (ValueError, AttributeError, TypeError, KeyError, RuntimeError, IndexError) as error:
        raise ImageError(
            "the SEG object cannot be decoded",
            where=where,
            expected="a SEG that conforms to PS3.3 A.51, with its whole pixel data",
            got=str(error).splitlines()[0] if str(error) else type(error).__name__,
            do="write it again with a conforming tool, or convert it to NIfTI",
        ) from error
    return pixels if pixels.ndim == 3 else pixels[None]


def _places(frames: Sequence[Frame], grid: Geometry, where: str) -> list[Place]:
    """Where each frame lies on the grid; no two may lie at the same place."""
    places: dict[tuple[int, ...], Place] = {}
    for frame in frames:
        place = frame_indices(frame, grid, where)
        key = tuple(int(n) for part in place for n in part)
        if key in places:
            raise GeometryError(
                "two frames of the segment lie at the same place",
                where=frame.within(where),
                expected="one frame per slice",
                got="a second frame (another time point?)",
                do="write one SEG object per time point",
            )
        places[key] = place
    return list(places.values())


def _placed(
    places: Sequence[Place], planes: NDArray[np.bool_], grid: Geometry, where: str
) -> NDArray[np.bool_]:
    voxels = np.zeros(grid.shape, dtype=np.bool_)
    limits = np.asarray(grid.shape)
    total = outside = 0
    for (origin, down, across), plane in zip(places, planes, strict=True):
        rows, columns = np.nonzero(plane)
        index = origin + rows[:, None] * down + columns[:, None] * across
        inside = ((index >= 0) & (index < limits)).all(axis=1)
        total += rows.size
        outside += int(rows.size - np.count_nonzero(inside))
        z, y, x = index[inside].T
        voxels[z, y, x] = True
    if total == 0:
        raise _empty(where, "no voxel")
    if outside:
        raise RegionError(
            "the segment lies outside the image"
            if outside == total
            else "the segment leaves the image",
            where=where,
            expected="the whole segment within the image",
            got=f"{outside} of {total} voxels outside",
            do="give the image series that it was drawn on, uncropped",
        )
    return voxels


def _empty(where: str, got: str) -> RegionError:
    return RegionError(
        "the segment is empty",
        where=where,
        expected="at least one voxel",
        got=got,
        do="choose another segment, or draw this one",
    )
