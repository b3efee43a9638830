"""What DICOM series a folder holds, from headers alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from radiome.io.dicom_files import broken, dicom_files, open_dicom, parsing

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_HEADER = (
    "SOPClassUID",
    "SOPInstanceUID",
    "Modality",
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SeriesDescription",
    "FrameOfReferenceUID",
    "ReferencedFrameOfReferenceSequence",
    "ReferencedSeriesSequence",
)

#: What to do with an object that is not an image, by modality.
_ADVICE = {
    "RTSTRUCT": "an RTSTRUCT holds regions: give it as the mask",
    "SEG": "a SEG holds regions: give it as the mask",
    "RTDOSE": "a dose grid is not an image to measure: give the CT, MR or PET series",
    "RTPLAN": "a treatment plan holds no image: give the CT, MR or PET series",
    "REG": "a registration holds no image: give the CT, MR or PET series",
    "SR": "a structured report holds no image: give the image series",
    "PR": "a presentation state holds no image: give the image series it refers to",
    "KO": "a key object selection holds no image: give the image series it refers to",
}
_OTHERS = ("DOC", "AU", "ECG", "HD", "EPS", "FID", "PLAN", "RTRECORD", "RWV", "STAIN", "M3D")


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """One series of a folder.

    Parameters
    ----------
    series_uid, study_uid, frame_of_reference_uid, sop_class_uid : str
        Identifiers, ``""`` where absent.
    modality, description, patient_id : str
        As in the header, ``""`` where absent.
    files : tuple of Path
        Sorted by path.
    referenced_series_uids, referenced_sop_uids : tuple of str
        For RTSTRUCT and SEG: the series and the images they were drawn on.
    """

    series_uid: str
    modality: str
    description: str
    study_uid: str
    frame_of_reference_uid: str
    patient_id: str
    sop_class_uid: str
    files: tuple[Path, ...]
    referenced_series_uids: tuple[str, ...] = ()
    referenced_sop_uids: tuple[str, ...] = ()


def list_series(folder: Path) -> list[SeriesEntry]:
    """List the series of a folder and all its subfolders, in the order of their first file.

    Only headers are read. RTSTRUCT and SEG objects of one series become one entry each, as
    each is a set of regions of its own.

    Raises
    ------
    ImageError
        If a file named as DICOM is not, or breaks off within the header.
    """
    with parsing(Path(folder)):
        return _grouped(dicom_files(Path(folder), recursive=True))


def series_in(path: Path) -> list[SeriesEntry]:
    """List the series of one file, or of a folder (of its subfolders if it holds none itself)."""
    if not path.is_dir():
        return _grouped([path])
    return _grouped(dicom_files(path) or dicom_files(path, recursive=True))


def advice_for(entry: SeriesEntry) -> str | None:
    """Say what to do with a series that is not an image, or return None for an image."""
    if entry.modality in _OTHERS:
        return f"modality {entry.modality} holds no image: give the image series"
    return _ADVICE.get(entry.modality)


def _grouped(files: Sequence[Path]) -> list[SeriesEntry]:
    members: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    headers: dict[tuple[str, ...], Dataset] = {}
    for file in files:
        header = open_dicom(file, only=_HEADER)
        if not _text(header, "SeriesInstanceUID"):
            raise broken(file, EOFError("the header ends before its Series Instance UID"))
        modality = _text(header, "Modality")
        key: tuple[str, ...] = (_text(header, "SeriesInstanceUID"), modality)
        if modality in ("RTSTRUCT", "SEG"):
            key = (*key, _text(header, "SOPInstanceUID"))
        members[key].append(file)
        headers.setdefault(key, header)
    return [_entry(headers[key], paths) for key, paths in members.items()]


def _entry(header: Dataset, files: Sequence[Path]) -> SeriesEntry:
    series, images = _references(header, files[0])
    return SeriesEntry(
        series_uid=_text(header, "SeriesInstanceUID"),
        modality=_text(header, "Modality"),
        description=_text(header, "SeriesDescription"),
        study_uid=_text(header, "StudyInstanceUID"),
        frame_of_reference_uid=_text(header, "FrameOfReferenceUID") or _structure_frame(header),
        patient_id=_text(header, "PatientID"),
        sop_class_uid=_text(header, "SOPClassUID"),
        files=tuple(sorted(files)),
        referenced_series_uids=series,
        referenced_sop_uids=images,
    )


def _references(header: Dataset, file: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if _text(header, "Modality") not in ("RTSTRUCT", "SEG"):
        return (), ()
    series: dict[str, None] = {}
    images: dict[str, None] = {}
    for item in _referenced_series(header):
        series[_text(item, "SeriesInstanceUID")] = None
        named = (item.get(k) for k in ("ContourImageSequence", "ReferencedInstanceSequence"))
        for reference in (r for sequence in named for r in sequence or ()):
            images[_text(reference, "ReferencedSOPInstanceUID")] = None
    if not images and _text(header, "Modality") == "SEG":
        images = dict.fromkeys(_derivation_images(file))
    return tuple(uid for uid in series if uid), tuple(uid for uid in images if uid)


def _referenced_series(header: Dataset) -> Iterator[Dataset]:
    yield from header.get("ReferencedSeriesSequence") or ()
    for frame in header.get("ReferencedFrameOfReferenceSequence") or ():
        for study in frame.get("RTReferencedStudySequence") or ():
            yield from study.get("RTReferencedSeriesSequence") or ()


def _derivation_images(file: Path) -> Iterator[str]:
    """Source images that the frames of a SEG name one by one."""
    header = open_dicom(file, only=("PerFrameFunctionalGroupsSequence",))
    for groups in header.get("PerFrameFunctionalGroupsSequence") or ():
        for derivation in groups.get("DerivationImageSequence") or ():
            for source in derivation.get("SourceImageSequence") or ():
                yield _text(source, "ReferencedSOPInstanceUID")


def _structure_frame(header: Dataset) -> str:
    """Frame of reference of an RTSTRUCT, which states it per region set."""
    frames = header.get("ReferencedFrameOfReferenceSequence") or ()
    uids = {_text(frame, "FrameOfReferenceUID") for frame in frames}
    return uids.pop() if len(uids) == 1 else ""


def _text(header: Dataset, keyword: str) -> str:
    value = header.get(keyword)
    return "" if value is None else str(value).strip()
