"""Read a DICOM image series as one Volume."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from radiome.base.errors import GeometryError, ImageError, nearest_name
from radiome.image.volume import Volume
from radiome.io.dicom_facts import facts_of
from radiome.io.dicom_files import is_dicom, open_dicom, parsing
from radiome.io.dicom_frames import Frame, frames_of
from radiome.io.dicom_grid import SPACING_TOLERANCE, stack_frames
from radiome.io.dicom_index import SeriesEntry, advice_for, list_series, series_in
from radiome.io.dicom_pixels import check_grey, measured_values
from radiome.io.suv import suv_scale

__all__ = ["SeriesEntry", "is_dicom", "list_series", "read_dicom_series"]


def read_dicom_series(
    path: Path,
    *,
    series_uid: str | None = None,
    spacing_tolerance: float = SPACING_TOLERANCE,
) -> Volume:
    """Read CT, MR, PET, NM or other grey DICOM images.

    Parameters
    ----------
    path : Path
        A folder that holds one image series (its subfolders are searched only if it holds
        no DICOM file itself), or one file: an enhanced multi-frame object or a single
        slice. RTSTRUCT, SEG and other objects beside the images are passed over.
    series_uid : str, optional
        Series Instance UID to read, where a folder holds several.
    spacing_tolerance : float
        Share of the slice spacing by which a slice may lie off the regular grid, and share
        of a pixel by which it may be shifted sideways.

    Returns
    -------
    Volume
        CT in HU (int16 where it fits), PET in SUVbw (float32), others in the values that
        the rescale slope and intercept give, without unit. A planar image without a
        position becomes one slice at the origin; ``SliceSpacingFrom`` in its facts says
        where its depth came from. MONOCHROME1 images keep their stored sense.

    Raises
    ------
    ImageError, GeometryError
        For anything that is not one complete, regular stack of grey images.
    """
    path = Path(path)
    with parsing(path):
        entry = _chosen_series(path, series_uid)
        where = str(path)
        frames = [f for file in entry.files for f in frames_of(open_dicom(file), file)]
        return _volume(frames, where, spacing_tolerance)


def _volume(frames: Sequence[Frame], where: str, tolerance: float) -> Volume:
    check_grey(frames, where)
    _check_one_frame_of_reference(frames, where)
    stack = stack_frames(frames, where=where, tolerance=tolerance)
    modality = str(stack.frames[0].get("Modality") or "")
    facts: dict[str, Any] = facts_of(stack.frames)
    facts["SliceSpacingFrom"] = stack.slice_spacing_from
    factor, unit = 1.0, _unit(stack.frames[0], modality)
    if modality == "PT":
        suv = suv_scale(stack.frames, where=where)
        factor, unit = suv.factor, "SUVbw"
        facts |= {"SuvFactor": suv.factor, **suv.facts}
    voxels = measured_values(stack.frames, factor=factor, where=where)
    return Volume(voxels, stack.geometry, modality, unit, facts, where)


def _unit(frame: Frame, modality: str) -> str:
    """HU for CT, unless Rescale Type says that it is another quantity (PS3.3 C.11.1.1.2)."""
    if modality != "CT":
        return ""
    kind = str(frame.get("RescaleType") or "HU")
    return "HU" if kind in ("HU", "US", "HU_MOD") else kind


def _check_one_frame_of_reference(frames: Sequence[Frame], where: str) -> None:
    uids = {str(f.get("FrameOfReferenceUID")) for f in frames}
    if len(uids) > 1:
        raise GeometryError(
            "the slices belong to different frames of reference",
            where=where,
            expected="one Frame of Reference UID",
            got=", ".join(sorted(uids)[:3]),
            do="export the acquisitions as separate series: their positions do not compare",
        )


def _chosen_series(path: Path, series_uid: str | None) -> SeriesEntry:
    if not path.exists():
        raise ImageError("there is no such file or folder", where=str(path), do="check the path")
    entries = series_in(path)
    if series_uid is not None:
        return _named_series(entries, series_uid, path)
    images = [entry for entry in entries if advice_for(entry) is None]
    if len(images) == 1:
        return images[0]
    if not images:
        raise _no_image(entries, path)
    raise ImageError(
        "the folder holds several image series",
        where=str(path),
        expected="one series, or the name of the one to read",
        got="; ".join(_line(entry) for entry in images[:10]),
        do="give the Series Instance UID, or one folder per series",
    )


def _named_series(entries: Sequence[SeriesEntry], uid: str, path: Path) -> SeriesEntry:
    for entry in entries:
        if entry.series_uid == uid:
            if advice_for(entry) is not None:
                raise _no_image([entry], path)
            return entry
    near = nearest_name(uid, [entry.series_uid for entry in entries])
    raise ImageError(
        "the folder does not hold this series",
        where=str(path),
        expected=uid,
        got="; ".join(_line(entry) for entry in entries[:10]) or "no DICOM file",
        do=f"did you mean {near}?" if near else "give one of the series that are there",
    )


def _no_image(entries: Sequence[SeriesEntry], path: Path) -> ImageError:
    if not entries:
        return ImageError(
            "there is no DICOM file here",
            where=str(path),
            expected="the files of one image series",
            got="none",
            do="give the folder that holds the series",
        )
    advice = [advice_for(entry) for entry in entries]
    return ImageError(
        "there is no DICOM image here",
        where=str(path),
        expected="an image series (CT, MR, PT, NM, ...)",
        got="; ".join(_line(entry) for entry in entries[:10]),
        do="; ".join(dict.fromkeys(text for text in advice if text)),
    )


def _line(entry: SeriesEntry) -> str:
    count = len(entry.files)
    description = f" '{entry.description}'" if entry.description else ""
    return f"{entry.modality}{description} {entry.series_uid} ({count} file{'s' * (count > 1)})"
