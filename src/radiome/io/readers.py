"""One way in for every kind of image and mask: files, folders, objects in memory."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from radiome.base.errors import ImageError, RegionError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.formats import DICOM, FORMATS, NRRD, by_ending, format_of
from radiome.io.label_image import select_label
from radiome.io.mask_grid import check_pair, match_mask

__all__ = ["check_pair", "read_mask", "read_volume", "split_series"]


#: Names that users give to a modality, by DICOM code.
MODALITY_NAMES = {"MRI": "MR", "PET": "PT", "SPECT": "NM"}

#: Modalities of DICOM images, most of them never with a region.
MODALITIES = (
    *("CT", "MR", "PT", "NM", "US", "CR", "DX", "MG", "XA", "RF", "OT", "PX", "IO", "XC", "GM"),
    *("SM", "ES", "OP", "OPT", "OCT", "IVUS", "IVOCT", "BMUS", "DG", "TG", "LS", "RTIMAGE"),
)


def read_volume(source: Any, *, modality: str | None = None) -> Volume:
    """Read an image, whatever it is stored in.

    Parameters
    ----------
    source : path, Volume or SimpleITK image
        A NIfTI, NRRD, MetaImage or DICOM file, a folder with one DICOM series, one
        series of a folder as ``folder#SeriesInstanceUID``, or an object in memory.
    modality : str, optional
        DICOM modality (or PET, MRI, SPECT) for formats that carry none. It must not
        contradict the file.

    Raises
    ------
    ImageError
        If there is no such image, it cannot be read, or it is of another modality.
    """
    if isinstance(source, Volume):
        volume = source
    elif isinstance(source, str | Path):
        path, series_uid = split_series(Path(source))
        _existing(path, "image")
        volume = _read_folder(path, series_uid) if path.is_dir() else _read_file(path)
    else:
        volume = _from_memory(source, "image")
    return _with_modality(volume, modality)


def read_mask(
    source: Any,
    volume: Volume,
    *,
    roi: str | int | None = None,
    resample: bool = False,
    fill_gaps: bool = False,
) -> Mask:
    """Read one region of interest onto the grid of an image.

    Parameters
    ----------
    source : path, Mask, Volume, array (z, y, x) or SimpleITK image
        A label image, a DICOM RTSTRUCT or SEG file (or a folder that holds one), or
        an object in memory. An array must have the shape of the image.
    volume : Volume
        The image.
    roi : str or int, optional
        Region name or number in DICOM, label value in a label image (``2``,
        ``"label 2"``) or segment name of a .seg.nrrd file. It may be left out where
        there is only one region.
    resample : bool
        Put a mask from another grid on that of the image by nearest neighbour.
    fill_gaps : bool
        Interpolate slices without a contour within an RTSTRUCT region, which are refused
        otherwise. It has no effect on other kinds of mask.

    Raises
    ------
    ImageError, GeometryError, RegionError
        If the mask cannot be read, lies on another grid, or has no such region.
    """
    if isinstance(source, Mask):
        return match_mask(source, volume.geometry, resample=resample)
    if isinstance(source, str | Path):
        path = _existing(Path(source), "mask")
        if path.is_dir() or format_of(path) is DICOM:
            return _read_dicom_mask(path, volume, roi, resample=resample, fill_gaps=fill_gaps)
        labels = _read_file(path)
        roi = _segment_label(path, roi)
    elif isinstance(source, np.ndarray):
        return _mask_of_array(source, volume.geometry, roi)
    else:
        labels = source if isinstance(source, Volume) else _from_memory(source, "mask")
    where = labels.source or "mask"
    inside, name = select_label(labels.voxels, roi, where=where)
    mask = Mask(inside, labels.geometry, name=name, source=where)
    return match_mask(mask, volume.geometry, resample=resample)


def split_series(path: Path) -> tuple[Path, str | None]:
    """Split ``folder#SeriesInstanceUID`` into its two parts; other paths have no second one."""
    name, mark, series_uid = path.name.rpartition("#")
    folder = path.with_name(name) if name else path.parent
    if mark and not path.exists() and folder.is_dir():
        return folder, series_uid
    return path, None


def _existing(path: Path, role: str) -> Path:
    if not path.exists():
        raise ImageError(
            f"there is no such {role}",
            where=str(path),
            expected="a NIfTI, NRRD, MetaImage or DICOM file, or a folder of DICOM files",
            got="no file or folder of this name",
            do="check the path; relative paths start at the current folder or at the cohort table",
        )
    return path


def _read_file(path: Path) -> Volume:
    if path.stat().st_size == 0:
        raise ImageError(
            "the file is empty",
            where=str(path),
            expected="an image",
            got="0 bytes",
            do="copy or export the file again",
        )
    if path.suffix.lower() in (".npy", ".npz"):
        raise ImageError(
            "a NumPy file does not carry the voxel spacing",
            where=str(path),
            expected="a format with spacing and orientation",
            got=path.suffix,
            do="load it and call volume_from_array(array, spacing=(z, y, x)), "
            "or save it as NIfTI with write_nifti",
        )
    kind = format_of(path)
    if kind is None:
        known = ", ".join(by_ending(FORMATS))
        raise ImageError(
            "the file is not an image of a known format",
            where=str(path),
            expected=f"one of {known}",
            got=_first_bytes(path),
            do="convert the image to NIfTI or DICOM",
        )
    return kind.read(path)


def _first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        return f"ending '{path.suffix}', content beginning {file.read(12)!r}"


def _read_folder(path: Path, series_uid: str | None) -> Volume:
    """The DICOM series of a folder; without DICOM say what the folder does hold."""
    files = sorted(part for part in path.iterdir() if part.is_file())
    images = [part.name for part in files if format_of(part) not in (None, DICOM)]
    if images or not any(path.iterdir()):
        listed = ", ".join(images[:5]) + (", ..." if len(images) > 5 else "")
        raise ImageError(
            "the folder is not one DICOM series",
            where=str(path),
            expected="the DICOM files of one series",
            got=listed or "an empty folder",
            do="name the image file itself" if images else "check the path",
        )
    if series_uid is None:
        return DICOM.read(path)
    volume: Volume = import_module("radiome.io.dicom_series").read_dicom_series(
        path, series_uid=series_uid
    )
    return volume


def _read_dicom_mask(
    path: Path, volume: Volume, roi: str | int | None, *, resample: bool, fill_gaps: bool
) -> Mask:
    """Read an RTSTRUCT or SEG, also as the only such file of a folder."""
    dicom = import_module("radiome.io.dicom_files")
    parts: list[Path] = dicom.dicom_files(path, recursive=True) if path.is_dir() else [path]
    kinds = [(str(dicom.open_dicom(p, only=["Modality"]).get("Modality", "")), p) for p in parts]
    found = [(kind, part) for kind, part in kinds if kind in ("RTSTRUCT", "SEG")]
    if len(found) != 1:
        raise ImageError(
            "there is not exactly one RTSTRUCT or SEG to take the region from",
            where=str(path),
            expected="one DICOM RTSTRUCT or SEG file, or a label image",
            got=", ".join(part.name for _, part in found)
            or (f"modality {', '.join(sorted({k for k, _ in kinds}))}" if kinds else "no DICOM"),
            do="name the file itself",
        )
    kind, part = found[0]
    name = str(roi).strip() or None if roi is not None else None
    frame = volume.facts.get("FrameOfReferenceUID")
    if kind == "RTSTRUCT":
        read_rtstruct = import_module("radiome.io.rtstruct").read_rtstruct
        mask: Mask = read_rtstruct(
            part, volume.geometry, roi=name, frame_of_reference=frame, fill_gaps=fill_gaps
        )
        return mask
    read_segmentation = import_module("radiome.io.segmentation").read_segmentation
    # Resampling starts from the voxels of the SEG itself.
    grid = None if resample else volume.geometry
    mask = read_segmentation(part, grid, segment=name, frame_of_reference=frame)
    return match_mask(mask, volume.geometry, resample=resample)


def _segment_label(path: Path, roi: str | int | None) -> str | int | None:
    """The label value of a segment name where the file lists names, else `roi` itself."""
    if not isinstance(roi, str) or format_of(path) is not NRRD:
        return roi
    names: dict[str, int] = import_module("radiome.io.nrrd").segment_labels(path)
    if names and roi.strip() and roi.strip() not in names and not roi.strip()[-1].isdecimal():
        raise RegionError(
            f"the segmentation has no segment '{roi}'",
            where=str(path),
            expected="one of " + ", ".join(f"'{name}'" for name in names),
            got=repr(roi),
            do="name a segment that is there, or a label value",
        )
    return names.get(roi.strip(), roi)


def _mask_of_array(array: np.ndarray[Any, Any], grid: Geometry, roi: str | int | None) -> Mask:
    if array.shape != grid.shape or array.dtype.kind not in "biuf":
        raise ImageError(
            "the mask array does not fit the image",
            where="mask array",
            expected=f"shape (z, y, x) {grid.shape} of bool, integer or floating type",
            got=f"shape {array.shape} of {array.dtype}",
            do="bring the axes into the order (z, y, x)",
        )
    inside, name = select_label(array, roi, where="mask array")
    return Mask(inside, grid, name=name, source="mask array")


def _from_memory(source: Any, role: str) -> Volume:
    # Read only here: paths, the common case, do without it.
    arrays = import_module("radiome.io.arrays")
    if arrays.is_simpleitk(source):
        volume: Volume = arrays.volume_from_simpleitk(source)
        return volume
    hint = "make a Volume of an array with volume_from_array(array, spacing=(z, y, x))"
    raise ImageError(
        f"this object cannot be used as {role}",
        where=role,
        expected="a path, a Volume, a Mask or a SimpleITK image",
        got=type(source).__name__,
        do=hint if role == "image" else "pass a Mask or an array of the shape of the image",
    )


def _with_modality(volume: Volume, modality: str | None) -> Volume:
    stated = str(modality or "").strip().upper()
    stated = MODALITY_NAMES.get(stated, stated)
    if not stated or stated == volume.modality:
        return volume
    if not volume.modality and stated not in MODALITIES:
        raise ImageError(
            f"there is no modality '{modality}'",
            where=volume.source or "image",
            expected="a DICOM modality such as CT, MR, PT, NM, US, MG, DX or OT (other)",
            got=repr(modality),
            do="correct it, or leave it out: the default settings depend on it",
        )
    if volume.modality:
        raise ImageError(
            "the stated modality contradicts the file",
            where=volume.source or "image",
            expected=f"modality {volume.modality}, or none stated",
            got=str(modality),
            do="leave the modality out, or check that this is the right image",
        )
    return Volume(volume.voxels, volume.geometry, stated, volume.unit, volume.facts, volume.source)
