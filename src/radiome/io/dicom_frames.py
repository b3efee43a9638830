"""Image planes of DICOM objects, whichever way their attributes are nested.

A classic object holds one plane and its attributes at the top. An enhanced object
holds many: attributes of one plane lie in its item of the Per-Frame Functional Groups,
those of all planes in the Shared Functional Groups (PS3.3 C.7.6.16). A `Frame` looks
an attribute up in that order, so that nothing after this file needs to know.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radiome.base.errors import ImageError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One image plane.

    Parameters
    ----------
    file : Path
        Where it came from.
    dataset : Dataset
        The object that holds it.
    number : int
        Position in the object's pixel data, from 0.
    sources : tuple of Dataset
        Where to look attributes up, most specific first.
    """

    file: Path
    dataset: Dataset
    number: int
    sources: tuple[Dataset, ...]

    def get(self, keyword: str) -> Any:
        """The value of an attribute, or None if it is absent or empty."""
        for source in self.sources:
            try:
                value = source.get(keyword)
            except (ValueError, TypeError) as error:
                raise _unusable(self, keyword, str(error)) from error
            if value is not None and value != "" and not _is_empty(value):
                return value
        return None

    def number_of(self, keyword: str) -> float | None:
        """A finite number, or None if the attribute is absent or empty."""
        values = self.numbers_of(keyword, 1)
        return None if values is None else values[0]

    def numbers_of(self, keyword: str, count: int) -> tuple[float, ...] | None:
        """Exactly `count` finite numbers, or None if the attribute is absent or empty."""
        value = self.get(keyword)
        if value is None:
            return None
        parts = list(value) if _is_list(value) else [value]
        try:
            numbers = tuple(float(part) for part in parts)
        except (TypeError, ValueError) as error:
            raise _unusable(self, keyword, str(value), count) from error
        if len(numbers) != count or not all(math.isfinite(n) for n in numbers):
            raise _unusable(self, keyword, str(value), count)
        return numbers

    def whole_number(self, keyword: str, default: int | None = None) -> int:
        """A whole number; `default` if it is absent or empty and a default is given."""
        value = self.number_of(keyword)
        if value is None and default is not None:
            return default
        if value is None or value != int(value):
            raise _unusable(self, keyword, "absent" if value is None else str(value))
        return int(value)

    @property
    def name(self) -> str:
        """The file, and the frame where the file holds several."""
        many = self.get("NumberOfFrames") not in (None, 1)
        return f"{self.file.name} frame {self.number + 1}" if many else self.file.name

    def within(self, where: str) -> str:
        """Where the frame lies, for messages: the series, then the file and frame."""
        return where if where.endswith(self.name) else f"{where}: {self.name}"


def frames_of(dataset: Dataset, file: Path) -> list[Frame]:
    """All image planes of one object, in stored order.

    Raises
    ------
    ImageError
        If a multi-frame object does not say where its frames lie.
    """
    count = Frame(file, dataset, 0, (dataset,)).whole_number("NumberOfFrames", 1)
    if "PerFrameFunctionalGroupsSequence" in dataset:
        return _enhanced_frames(dataset, file, count)
    if count == 1:
        return [Frame(file, dataset, 0, (dataset,))]
    if str(dataset.get("Modality")) == "NM":
        return _tomographic_frames(dataset, file, count)
    raise ImageError(
        f"a multi-frame {dataset.get('Modality', '')} object does not say where its frames lie",
        where=str(file),
        expected="Per-Frame Functional Groups with a Plane Position, or one frame",
        got=f"{count} frames without positions (a cine loop, or a screen capture)",
        do="export the volume as a series of slices or as an enhanced multi-frame object",
    )


def group_sources(groups: Dataset) -> list[Dataset]:
    """First item of each functional group: where the attributes of a frame lie."""
    items = (element.value for element in groups if element.VR == "SQ")
    return [sequence[0] for sequence in items if len(sequence) > 0]


def _enhanced_frames(dataset: Dataset, file: Path, count: int) -> list[Frame]:
    per_frame = dataset.PerFrameFunctionalGroupsSequence
    if len(per_frame) != count:
        raise ImageError(
            "the enhanced DICOM object contradicts itself",
            where=str(file),
            expected=f"{count} items in Per-Frame Functional Groups (Number of Frames)",
            got=f"{len(per_frame)} items",
            do="export the object again from its source",
        )
    shared_items = dataset.get("SharedFunctionalGroupsSequence") or []
    shared = group_sources(shared_items[0]) if len(shared_items) else []
    return [
        Frame(file, dataset, number, (*group_sources(groups), *shared, dataset))
        for number, groups in enumerate(per_frame)
    ]


def _tomographic_frames(dataset: Dataset, file: Path, count: int) -> list[Frame]:
    """Planes of a reconstructed NM volume, whose position is stated for the first only.

    Source: PS3.3 C.8.4.9 (image type, slice vector), C.8.4.11 (detector information)
    and C.8.4.15 (the sign of Spacing Between Slices: positive along row x column).
    """
    kind = [str(part) for part in dataset.get("ImageType") or []]
    if "RECON TOMO" not in kind[2:3]:
        raise ImageError(
            "this NM object is not a reconstructed volume",
            where=str(file),
            expected="Image Type with RECON TOMO in third place",
            got="\\".join(kind) or "no Image Type",
            do="export the reconstructed (not the projection, planar or gated) series",
        )
    slices = [int(n) for n in _as_list(dataset.get("SliceVector"))] or list(range(1, count + 1))
    if sorted(slices) != list(range(1, count + 1)):
        raise ImageError(
            "the frames of this NM object are not one stack of slices",
            where=str(file),
            expected=f"Slice Vector holding 1 to {count} once each",
            got=f"{len(set(slices))} different slices in {count} frames "
            "(several energy windows, time slots or rotations)",
            do="export one reconstructed volume per object",
        )
    return _stack_frames(dataset, file, slices)


def _stack_frames(dataset: Dataset, file: Path, slices: Sequence[int]) -> list[Frame]:
    from pydicom.dataset import Dataset as NewDataset

    detector = dataset.get("DetectorInformationSequence") or []
    sources = (*detector[:1], dataset)
    first = Frame(file, dataset, 0, sources)
    position = first.numbers_of("ImagePositionPatient", 3)
    orientation = first.numbers_of("ImageOrientationPatient", 6)
    step = first.number_of("SpacingBetweenSlices")
    missing = {
        "Image Position (Patient)": position,
        "Image Orientation (Patient)": orientation,
        "Spacing Between Slices": step,
    }
    if position is None or orientation is None or step is None:
        raise ImageError(
            "the NM volume does not say where its slices lie",
            where=str(file),
            expected="position and orientation in Detector Information, and Spacing Between Slices",
            got="no " + ", no ".join(name for name, value in missing.items() if value is None),
            do="export the reconstructed volume again, with its geometry",
        )
    normal = cross(orientation[:3], orientation[3:])
    frames = []
    for number, index in enumerate(slices):
        place = NewDataset()
        place.ImagePositionPatient = [
            f"{p + (index - 1) * step * n:.10g}" for p, n in zip(position, normal, strict=True)
        ]
        frames.append(Frame(file, dataset, number, (place, *sources)))
    return frames


def cross(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """The vector product of two vectors (x, y, z)."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if _is_list(value) else [value]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_empty(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 0


def _unusable(frame: Frame, keyword: str, got: str, count: int = 1) -> ImageError:
    return ImageError(
        f"the DICOM attribute {keyword} is not usable",
        where=str(frame.file),
        expected="a number" if count == 1 else f"{count} finite numbers",
        got=got,
        do="export the series again from its source, or correct the header",
    )
