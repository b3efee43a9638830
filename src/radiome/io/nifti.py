"""NIfTI-1 and NIfTI-2 images: ``.nii``, ``.nii.gz`` and ``.hdr``/``.img`` pairs."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.inflate import ByteReader
from radiome.io.nifti_header import (
    NiftiHeader,
    grid_shape,
    header_geometry,
    parse_header,
    voxel_type,
)

_FIRST_HEADER = 348
_SECOND_HEADER = 540


def read_nifti(path: str | Path) -> Volume:
    """Read a NIfTI file.

    The voxels keep their stored type unless the header asks for scaling
    (``scl_slope``, ``scl_inter``); integers scaled by integers stay integers. World
    coordinates are turned from RAS to LPS. NIfTI states no modality.

    Parameters
    ----------
    path : path
        ``.nii``, ``.nii.gz``, or either file of a ``.hdr``/``.img`` pair.

    Returns
    -------
    Volume
        Voxels (z, y, x), C-contiguous, native byte order.

    Raises
    ------
    ImageError
        If the file is no NIfTI image, is cut off or damaged, or holds colour,
        complex or several volumes.
    GeometryError
        If its axes are sheared or its two orientations disagree.
    """
    header_path, data_path = _pair(Path(path))
    where = str(path)
    with header_path.open("rb", buffering=0) as file:
        reader = ByteReader(file, where)
        header, used = _read_header(reader, where)
        if header.single_file:
            start = header.vox_offset or used + 4
            if start < used:
                raise _bad_offset(header, where)
            reader.skip(start - used)
            voxels = _read_voxels(reader, header, where)
    if not header.single_file:
        with data_path.open("rb", buffering=0) as file:
            reader = ByteReader(file, str(data_path))
            reader.skip(header.vox_offset)
            voxels = _read_voxels(reader, header, str(data_path))
    geometry = header_geometry(header, where=where)
    return Volume(_scaled(voxels, header, where), geometry, source=where)


def write_nifti(path: str | Path, image: Volume | Mask) -> None:
    """Write a volume in its voxel type, or a mask as uint8 0 and 1.

    The orientation is stored as sform (LPS turned into RAS). NIfTI has no place for
    modality, unit and facts: they are lost.
    """
    # Untyped library, imported only here: reading does without it.
    nibabel: Any = import_module("nibabel")
    geometry = image.geometry
    steps = np.asarray(geometry.spacing)[:, None] * np.asarray(geometry.direction)
    affine = np.eye(4)
    affine[:3, :3] = steps[::-1].T
    affine[:3, 3] = geometry.origin
    affine[:2] *= -1.0
    voxels = image.voxels.view(np.uint8) if isinstance(image, Mask) else image.voxels
    written = nibabel.Nifti1Image(voxels.transpose(2, 1, 0), affine, dtype=voxels.dtype)
    written.header.set_xyzt_units("mm")
    nibabel.save(written, str(path))


def _pair(path: Path) -> tuple[Path, Path]:
    """The files of header and data; the same one for ``.nii`` and ``.nii.gz``."""
    name = path.name
    for header_ending, data_ending in ((".hdr", ".img"), (".hdr.gz", ".img.gz")):
        if name.lower().endswith((header_ending, data_ending)):
            stem = name[: -len(header_ending)]
            header, data = path.with_name(stem + header_ending), path.with_name(stem + data_ending)
            for part in (header, data):
                if not part.is_file():
                    raise ImageError(
                        "one file of the NIfTI pair is missing",
                        where=str(path),
                        expected=f"{header.name} and {data.name} side by side",
                        got=f"no {part.name}",
                        do="copy both files, or convert the image to .nii.gz",
                    )
            return header, data
    return path, path


def _read_header(reader: ByteReader, where: str) -> tuple[NiftiHeader, int]:
    raw = reader.read(_FIRST_HEADER if reader.compressed else min(_FIRST_HEADER, reader.stored))
    used = _FIRST_HEADER
    if int.from_bytes(raw[:4], "little") == _SECOND_HEADER or (
        int.from_bytes(raw[:4], "big") == _SECOND_HEADER
    ):
        raw += reader.read(_SECOND_HEADER - _FIRST_HEADER)
        used = _SECOND_HEADER
    return parse_header(raw, where=where), used


def _bad_offset(header: NiftiHeader, where: str) -> ImageError:
    return ImageError(
        "the header does not say where the voxels begin",
        where=where,
        expected="vox_offset behind the header",
        got=f"{header.vox_offset}",
        do="export the image again from its source",
    )


def _read_voxels(reader: ByteReader, header: NiftiHeader, where: str) -> NDArray[Any]:
    """Read the stored voxels (z, y, x) in native byte order."""
    kind = voxel_type(header, where=where)
    shape = grid_shape(header, where=where)
    data = reader.fill(shape[0] * shape[1] * shape[2] * kind.itemsize)
    reader.finish()
    # NIfTI runs x fastest, which is C order of (z, y, x): a view, no transposition.
    voxels = data.view(kind).reshape(shape)
    if not kind.isnative:
        voxels = voxels.byteswap(inplace=True).view(kind.newbyteorder("="))
    return voxels


def _scaled(voxels: NDArray[Any], header: NiftiHeader, where: str) -> NDArray[Any]:
    """Apply ``stored * scl_slope + scl_inter``; a slope of 0 or NaN means none (nifti1.h)."""
    slope, intercept = header.slope, header.intercept
    if slope == 0 or not np.isfinite(slope) or (slope == 1 and intercept == 0):
        return voxels
    if not np.isfinite(intercept):
        raise ImageError(
            "the header scales the voxels by an offset that is no number",
            where=where,
            expected="a finite scl_inter",
            got=str(intercept),
            do="export the image again from its source",
        )
    if voxels.dtype.kind in "iu" and slope.is_integer() and intercept.is_integer():
        ends = [int(voxels.min()) * int(slope) + int(intercept)]
        ends.append(int(voxels.max()) * int(slope) + int(intercept))
        for kind in (np.int16, np.int32, np.int64):
            limits = np.iinfo(kind)
            if limits.min <= min(ends) and max(ends) <= limits.max and _fits(voxels, limits):
                whole: NDArray[Any] = voxels.astype(kind)
                whole *= int(slope)
                whole += int(intercept)
                return whole
    scaled = voxels.astype(np.float64)
    scaled *= slope
    scaled += intercept
    return scaled


def _fits(voxels: NDArray[Any], limits: np.iinfo[Any]) -> bool:
    return bool(limits.min <= int(voxels.min()) and int(voxels.max()) <= limits.max)
