"""Find the cases in a folder: DICOM by referenced UIDs, other images by name."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from radiome.base.errors import ImageError, SettingsError, UserError
from radiome.cohort.dicom_entries import dicom_entries
from radiome.cohort.pairing import (
    NamePair,
    image_files,
    natural_order,
    pair_by_name,
    pair_by_pattern,
)

_MASK_MODALITIES = ("RTSTRUCT", "SEG")


@dataclass(frozen=True, slots=True)
class DiscoveredCase:
    """One lesion on one image, as found.

    Parameters
    ----------
    case : str
        Unique name within the discovery.
    image, mask : Path
        A file, the folder of a DICOM series, or ``folder#SeriesInstanceUID`` where a folder
        holds several.
    roi : str
        Region name in an RTSTRUCT or SEG; empty for a label image.
    modality : str
        DICOM modality; guessed from the name where the format has none.
    note : str
        What deserves a look, in words.
    patient : str
        DICOM Patient ID; empty where the format has none.
    """

    case: str
    image: Path
    mask: Path
    roi: str = ""
    modality: str = ""
    note: str = ""
    patient: str = ""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A file or series that made no case, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a folder holds: iterates over its cases, in natural order of their names."""

    cases: tuple[DiscoveredCase, ...]
    unmatched: tuple[Unmatched, ...]

    def __iter__(self) -> Iterator[DiscoveredCase]:
        return iter(self.cases)

    def __len__(self) -> int:
        return len(self.cases)


def discover(
    folder: str | Path, *, image_pattern: str | None = None, mask_pattern: str | None = None
) -> Discovery:
    """Find every image with its lesion below a folder.

    DICOM series are matched to RTSTRUCT and SEG objects by the UIDs these refer to,
    one case per region. NIfTI, NRRD and MetaImage files are matched by name
    (`radiome.cohort.pairing`), or by the two patterns if they are given.

    Parameters
    ----------
    folder : path
        Searched with all its subfolders.
    image_pattern, mask_pattern : str, optional
        Paths below `folder` with ``{case}`` for the case and ``*`` for anything.

    Raises
    ------
    ImageError
        If there is no such folder or it holds no image.
    SettingsError
        If only one pattern is given, or one is not usable.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ImageError(
            "there is no such folder",
            where=str(folder),
            expected="a folder with DICOM series or image files",
            got="a file" if folder.exists() else "nothing of this name",
            do="check the path",
        )
    if (image_pattern is None) != (mask_pattern is None):
        raise SettingsError(
            "one name pattern is missing",
            expected="an image and a mask pattern, or neither",
            got=f"image {image_pattern}, mask {mask_pattern}",
            do="give both, for example '{case}/CT.nii.gz' and '{case}/GTV.nii.gz'",
        )
    files = image_files(folder)
    cases: list[DiscoveredCase] = []
    unmatched: list[Unmatched] = []
    if image_pattern is None or mask_pattern is None:
        named, left = pair_by_name(files, folder)
        cases, unmatched = _dicom_cases(folder)
    else:
        named, left = pair_by_pattern(files, folder, image_pattern, mask_pattern)
    cases += [_named_case(pair) for pair in named]
    unmatched += [Unmatched(path, reason) for path, reason in left]
    if not cases and not unmatched:
        raise ImageError(
            "the folder holds no images",
            where=str(folder),
            expected="DICOM, NIfTI, NRRD or MetaImage files",
            got="none of them",
            do="check the path; archives (.zip, .tar.gz) must be unpacked first",
        )
    unmatched.sort(key=lambda entry: natural_order(entry.path.as_posix()))
    return Discovery(tuple(_unique(cases)), tuple(unmatched))


def _named_case(pair: NamePair) -> DiscoveredCase:
    return DiscoveredCase(pair.case, pair.image, pair.mask, "", pair.modality, pair.note)


def _unique(cases: list[DiscoveredCase]) -> list[DiscoveredCase]:
    """Sort the cases and number those that would share a name."""
    order = sorted(cases, key=lambda c: (natural_order(c.case), c.image, c.mask, c.roi))
    counts = Counter(case.case for case in order)
    seen: Counter[str] = Counter()
    named = []
    for case in order:
        if counts[case.case] > 1:
            seen[case.case] += 1
            name = f"{case.case}_{seen[case.case]}"
            while name in counts:
                seen[case.case] += 1
                name = f"{case.case}_{seen[case.case]}"
            case = replace(case, case=name)
        named.append(case)
    return named


def _dicom_cases(folder: Path) -> tuple[list[DiscoveredCase], list[Unmatched]]:
    index = import_module("radiome.io.dicom_index")
    entries, broken = dicom_entries(index, folder)
    advice = {id(entry): index.advice_for(entry) for entry in entries}
    series = [entry for entry in entries if advice[id(entry)] is None]
    cases: list[DiscoveredCase] = []
    unmatched = [Unmatched(path, reason) for path, reason in broken]
    used: set[str] = set()
    for entry in entries:
        if entry.modality not in _MASK_MODALITIES:
            continue
        images, note = _referenced(entry, series)
        if not images:
            unmatched += [Unmatched(Path(file), note) for file in entry.files]
            continue
        used.update(image.series_uid for image in images)
        for file in entry.files:
            try:
                regions = _regions(Path(file), entry.modality)
            except UserError as error:
                unmatched.append(Unmatched(Path(file), error.what))
                continue
            for image in images:
                cases += _region_cases(image, Path(file), regions, note, series)
    for entry in entries:
        if entry.modality not in _MASK_MODALITIES and entry.series_uid not in used:
            reason = advice[id(entry)] or f"{entry.modality} series without RTSTRUCT or SEG"
            unmatched.append(Unmatched(_image_path(entry, series), reason))
    return cases, unmatched


def _referenced(mask: Any, series: list[Any]) -> tuple[list[Any], str]:
    """The image series a mask object refers to, with a note or the reason for none."""
    named = set(mask.referenced_series_uids)
    found = [entry for entry in series if entry.series_uid in named]
    if found:
        return found, ""
    found = [entry for entry in series if _holds_any(entry, mask.referenced_sop_uids)]
    if found:
        return found, ""
    fault = "it refers to a series that is not in the folder" if named else "it refers to no series"
    frame = mask.frame_of_reference_uid
    sharing = [e for e in series if frame and e.frame_of_reference_uid == frame]
    depths = [len(_common_folder([*e.files, *mask.files]).parts) for e in sharing]
    near = [e for e, depth in zip(sharing, depths, strict=True) if depth == max(depths)]
    if len(near) == 1:
        return near, f"{fault}; matched by frame of reference and folder"
    if near:
        return [], f"{fault}, and {len(near)} series share its frame of reference"
    return [], fault


def _holds_any(entry: Any, sop_uids: Collection[str]) -> bool:
    """Whether a series holds one of the images that a mask names one by one."""
    if not sop_uids:
        return False
    open_dicom = import_module("radiome.io.dicom_files").open_dicom
    return any(
        str(open_dicom(file, only=["SOPInstanceUID"]).get("SOPInstanceUID")) in sop_uids
        for file in entry.files
    )


def _regions(file: Path, modality: str) -> list[str]:
    if modality == "RTSTRUCT":
        listed = import_module("radiome.io.rtstruct").list_rois(file)
    else:
        listed = import_module("radiome.io.segmentation").list_segments(file)
    return [str(getattr(region, "name", region)) for region in listed]


def _region_cases(
    image: Any, mask: Path, regions: list[str], note: str, series: list[Any]
) -> list[DiscoveredCase]:
    parts = [image.patient_id or image.series_uid, image.modality]
    path = _image_path(image, series)
    return [
        DiscoveredCase(
            case=_plain("_".join(parts + ([region] if len(regions) > 1 else []))),
            image=path,
            mask=mask,
            roi=region,
            modality=image.modality,
            note=note,
            patient=image.patient_id,
        )
        for region in regions
    ]


def _image_path(entry: Any, series: list[Any]) -> Path:
    """The folder of a series, with ``#SeriesInstanceUID`` where it holds other series too."""
    folder = _common_folder(entry.files)
    shared = any(
        Path(file).is_relative_to(folder) for e in series if e is not entry for file in e.files
    )
    return folder.with_name(f"{folder.name}#{entry.series_uid}") if shared else folder


def _common_folder(files: Iterable[Path]) -> Path:
    return Path(os.path.commonpath([file.parent for file in files]))


def _plain(text: str) -> str:
    """A case name without characters that trouble file systems and tables."""
    return re.sub(r"[^\w.+-]+", "_", text.strip()).strip("_") or "case"
