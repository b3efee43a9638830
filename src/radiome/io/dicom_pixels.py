"""Decode pixel data and turn stored values into measured ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError
from radiome.io.dicom_files import broken
from radiome.io.dicom_frames import Frame

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_GREY = ("MONOCHROME1", "MONOCHROME2")


def check_grey(frames: Sequence[Frame], where: str) -> None:
    """Refuse colour, palette and pixel-less objects before anything is decoded."""
    for frame in frames:
        dataset = frame.dataset
        kind = str(dataset.get("PhotometricInterpretation", "")).strip()
        if not any(keyword in dataset for keyword in _PIXEL_KEYWORDS):
            raise ImageError(
                "the DICOM object has no pixels",
                where=frame.within(where),
                expected="an image",
                got=f"{dataset.get('Modality', 'an object')} without Pixel Data",
                do="copy the file again from its source, or give the image series",
            )
        if int(dataset.get("SamplesPerPixel") or 1) != 1 or kind not in _GREY:
            raise ImageError(
                "the image is in colour where grey values are needed",
                where=frame.within(where),
                expected="MONOCHROME1 or MONOCHROME2 with one sample per pixel",
                got=f"{kind or 'no photometric interpretation'}, "
                f"{dataset.get('SamplesPerPixel', 'unknown')} samples per pixel",
                do="export the original grey series: colours and palettes are not measurements",
            )


def measured_values(frames: Sequence[Frame], *, factor: float, where: str) -> NDArray[Any]:
    """Decode sorted frames to (slope * stored + intercept) * factor, slice by slice.

    Whole numbers stay whole: with slope 1, whole intercepts and no factor the result is
    int16 where the values fit, else int32. Otherwise it is computed in float64 and kept
    as float32, whose step is at least 256 times finer than that of 16-bit stored
    values; wider stored values stay float64.

    Parameters
    ----------
    frames : sequence of Frame
        In the order of the result's first axis.
    factor : float
        Common factor, 1 for none (SUV per stored activity).
    where : str
        The series, for messages.

    Returns
    -------
    array (z, y, x)
    """
    scales = [_rescale(frame, where) for frame in frames]
    planes = _decoded(frames, where)
    first = next(planes)
    stored = np.empty((len(frames), *first.shape), dtype=first.dtype)
    stored[0] = first
    for number, plane in enumerate(planes, start=1):
        if plane.dtype != stored.dtype:
            stored = stored.astype(np.result_type(stored.dtype, plane.dtype))
        stored[number] = plane
    if stored.dtype.kind == "f":
        _check_finite(stored, where)
    slopes = np.array([slope for slope, _ in scales]) * factor
    intercepts = np.array([intercept for _, intercept in scales]) * factor
    return _scaled(stored, slopes, intercepts)


def _scaled(
    stored: NDArray[Any], slopes: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> NDArray[Any]:
    whole = bool(np.all(slopes == 1.0) and np.all(intercepts == np.round(intercepts)))
    if whole and stored.dtype.kind in "iu":
        low = int(stored.min()) + int(intercepts.min())
        high = int(stored.max()) + int(intercepts.max())
        for kind in (np.int16, np.int32):
            if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
                shifts = intercepts.astype(np.int64)
                if not shifts.any():
                    return stored.astype(kind, copy=False)
                # In the wider type first: 40000 - 32768 does not pass through int16.
                shifted = (
                    stored.astype(np.int32, copy=False) + shifts.astype(np.int32)[:, None, None]
                )
                return shifted.astype(kind, copy=False)
    result = np.empty(stored.shape, np.float32 if stored.dtype.itemsize <= 2 else np.float64)
    for plane, source, slope, intercept in zip(result, stored, slopes, intercepts, strict=True):
        plane[...] = source.astype(np.float64) * slope + intercept
    return result


def _rescale(frame: Frame, where: str) -> tuple[float, float]:
    """Slope and intercept of one slice (PS3.3 C.11.1, C.7.6.16.2.9).

    Enhanced PET states its unit with the Real World Value Mapping, so that mapping is used.
    """
    if frame.get("ModalityLUTSequence") is not None:
        raise ImageError(
            "the stored values are mapped through a lookup table",
            where=frame.within(where),
            expected="Rescale Slope and Rescale Intercept, or plain stored values",
            got="a Modality LUT Sequence",
            do="export the image with linear values",
        )
    mapped = frame.get("Modality") == "PT" and frame.get("Units") is None
    names = ("RealWorldValueSlope", "RealWorldValueIntercept")
    if not mapped or frame.get(names[0]) is None:
        names = ("RescaleSlope", "RescaleIntercept")
    slope, intercept = frame.number_of(names[0]), frame.number_of(names[1])
    if slope is None and frame.get("Modality") == "CT":
        raise ImageError(
            "the CT slice does not say how stored values become Hounsfield units",
            where=frame.within(where),
            expected="Rescale Slope and Rescale Intercept",
            got="no Rescale Slope",
            do="export the series again from its source",
        )
    if slope == 0.0:
        raise ImageError(
            "the rescale slope is zero: every voxel would be equal",
            where=frame.within(where),
            expected="a Rescale Slope other than 0",
            got="0",
            do="export the series again from its source",
        )
    return 1.0 if slope is None else slope, intercept or 0.0


def _decoded(frames: Sequence[Frame], where: str) -> Iterator[NDArray[Any]]:
    whole: dict[int, NDArray[Any]] = {}
    for frame in frames:
        key = id(frame.dataset)
        pixels = whole.get(key)
        if pixels is None:
            pixels = decode(frame.dataset, frame, where)
        if pixels.ndim == 2:
            yield pixels
            continue
        # The planes of several multi-frame objects may interleave.
        whole[key] = pixels
        yield pixels[frame.number]


def decode(dataset: Dataset, frame: Frame, where: str) -> NDArray[Any]:
    """Stored values of one object: (rows, columns) or (frames, rows, columns)."""
    from pydicom.pixels.utils import pixel_array

    try:
        return np.asarray(pixel_array(dataset))
    except (RuntimeError, NotImplementedError) as error:
        syntax = dataset.file_meta.TransferSyntaxUID
        if not syntax.is_transfer_syntax or not syntax.is_compressed:
            raise broken(frame.file, error) from error
        raise ImageError(
            "the compressed pixels could not be decoded",
            where=frame.within(where),
            expected="a decoder for " + syntax.name,
            got=str(error).splitlines()[0] if str(error) else type(error).__name__,
            do="pip install radiome[compressed]; if it is installed the file is damaged",
        ) from error
    except (ValueError, AttributeError, TypeError, IndexError, EOFError, KeyError) as error:
        raise ImageError(
            "the pixel data are not what the header announces",
            where=frame.within(where),
            expected=f"{dataset.get('Rows')} x {dataset.get('Columns')} pixels of "
            f"{dataset.get('BitsAllocated')} bits",
            got=str(error).splitlines()[0] if str(error) else type(error).__name__,
            do="copy the file again from its source; it is probably truncated",
        ) from error


def _check_finite(voxels: NDArray[Any], where: str) -> None:
    bad = int(voxels.size - np.count_nonzero(np.isfinite(voxels)))
    if bad:
        raise ImageError(
            "the image holds voxels that are not numbers",
            where=where,
            expected="finite values everywhere",
            got=f"{bad} of {voxels.size} voxels are NaN or infinite",
            do="replace them at the source, where their meaning is known",
        )
