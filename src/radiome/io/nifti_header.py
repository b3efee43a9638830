"""The NIfTI-1 and NIfTI-2 headers: the few fields that matter for a volume.

Field offsets follow nifti1.h (348 bytes) and nifti2.h (540 bytes), NIfTI Data
Format Working Group. A full library would cost more to import than a small
file costs to read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, ImageError
from radiome.image.geometry import Geometry
from radiome.io.affine import geometry_from_steps

SIZES = {348: 1, 540: 2}

#: NIfTI datatype code to NumPy type (without byte order); codes outside are refused.
DATATYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1",
    512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
REFUSED_DATATYPES = {
    1: "one bit per voxel", 32: "complex64", 128: "RGB colour", 1536: "float128",
    1792: "complex128", 2048: "complex256", 2304: "RGBA colour",
}  # fmt: skip

#: Millimetres per unit, by the spatial part of xyzt_units (0: unknown, taken as mm).
UNIT_MM = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}

#: qform and sform must agree at the corners of the grid to this share of a voxel. Wide,
#: because a quaternion in float32 loses up to 6e-4 rad near half turns.
FORM_TOLERANCE_VOXELS = 0.5

# RAS (NIfTI) to LPS (DICOM): x and y change sign.
_LPS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True)
class NiftiHeader:
    """What a NIfTI header says, in the file's own axis order and RAS frame."""

    version: int
    byte_order: str
    dim: tuple[int, ...]
    datatype: int
    pixdim: tuple[float, ...]
    vox_offset: int
    slope: float
    intercept: float
    xyzt_units: int
    qform_code: int
    sform_code: int
    quaternion: tuple[float, ...]
    sform: NDArray[np.float64]
    single_file: bool


def parse_header(raw: bytes, *, where: str) -> NiftiHeader:
    """Parse the first 348 (NIfTI-1) or 540 (NIfTI-2) bytes.

    Raises
    ------
    ImageError
        If the bytes are no NIfTI header.
    """
    for order in "<>":
        version = SIZES.get(struct.unpack_from(order + "i", raw)[0]) if len(raw) >= 4 else None
        if version == 1 and len(raw) >= 348:
            return _parse_first(raw, order, where)
        if version == 2 and len(raw) >= 540:
            return _parse_second(raw, order, where)
    raise _not_nifti(where, repr(raw[:8]))


def _not_nifti(where: str, got: str) -> ImageError:
    return ImageError(
        "not a NIfTI file",
        where=where,
        expected="a header that begins with its size, 348 (NIfTI-1) or 540 (NIfTI-2), "
        "and carries the magic 'n+1', 'ni1', 'n+2' or 'ni2'",
        got=got,
        do="check that the file is an image and that its name has the right extension",
    )


def _magic_is_single(magic: bytes, where: str) -> bool:
    if magic[:3] not in (b"n+1", b"ni1", b"n+2", b"ni2"):
        raise _not_nifti(where, f"magic {magic!r} (an Analyze 7.5 file carries no orientation)")
    return magic[1:2] == b"+"


def _parse_first(raw: bytes, order: str, where: str) -> NiftiHeader:
    def take(code: str, offset: int) -> tuple[float, ...]:
        return struct.unpack_from(order + code, raw, offset)

    offset, slope, intercept = take("3f", 108)
    return NiftiHeader(
        version=1,
        byte_order=order,
        dim=tuple(int(n) for n in take("8h", 40)),
        datatype=int(take("h", 70)[0]),
        pixdim=take("8f", 76),
        vox_offset=int(offset) if np.isfinite(offset) else -1,
        slope=slope,
        intercept=intercept,
        xyzt_units=raw[123],
        qform_code=int(take("h", 252)[0]),
        sform_code=int(take("h", 254)[0]),
        quaternion=take("6f", 256),
        sform=np.array(take("12f", 280)).reshape(3, 4),
        single_file=_magic_is_single(raw[344:348], where),
    )


def _parse_second(raw: bytes, order: str, where: str) -> NiftiHeader:
    def take(code: str, offset: int) -> tuple[float, ...]:
        return struct.unpack_from(order + code, raw, offset)

    slope, intercept = take("2d", 176)
    return NiftiHeader(
        version=2,
        byte_order=order,
        dim=tuple(int(n) for n in take("8q", 16)),
        datatype=int(take("h", 12)[0]),
        pixdim=take("8d", 104),
        vox_offset=int(take("q", 168)[0]),
        slope=slope,
        intercept=intercept,
        xyzt_units=int(take("i", 500)[0]),
        qform_code=int(take("i", 344)[0]),
        sform_code=int(take("i", 348)[0]),
        quaternion=take("6d", 352),
        sform=np.array(take("12d", 400)).reshape(3, 4),
        single_file=_magic_is_single(raw[4:12], where),
    )


def voxel_type(header: NiftiHeader, *, where: str) -> np.dtype[np.generic]:
    """The NumPy type of the stored voxels, or `ImageError` for colour, complex and bits."""
    name = DATATYPES.get(header.datatype)
    if name is None:
        kind = REFUSED_DATATYPES.get(header.datatype, "unknown")
        raise ImageError(
            "the voxels are not real grey values",
            where=where,
            expected="an integer or floating-point NIfTI datatype",
            got=f"datatype {header.datatype} ({kind})",
            do="export one grey-value channel as its own image",
        )
    return np.dtype(header.byte_order + name)


def grid_shape(header: NiftiHeader, *, where: str) -> tuple[int, int, int]:
    """Voxels along (z, y, x); one two-dimensional slice counts as z = 1.

    Raises
    ------
    ImageError
        If the file holds several volumes, or sizes that cannot be.
    """
    count = header.dim[0]
    sizes = header.dim[1 : 1 + count] if 2 <= count <= 7 else ()
    if len(sizes) < 2 or any(n < 1 for n in sizes):
        raise ImageError(
            "the header gives no valid image size",
            where=where,
            expected="two to seven dimensions of at least one voxel",
            got=f"dim = {header.dim}",
            do="export the image again from its source",
        )
    if any(n != 1 for n in sizes[3:]):
        raise ImageError(
            "the file holds several volumes",
            where=where,
            expected="one three-dimensional volume",
            got=f"size (x, y, z, t, ...) {sizes}",
            do="save the wanted time point or channel as its own image",
        )
    return (sizes[2] if count > 2 else 1), sizes[1], sizes[0]


def header_geometry(header: NiftiHeader, *, where: str) -> Geometry:
    """Place the grid in LPS mm by the sform if it is set, else the qform, else the spacing.

    Source: nifti1.h, methods 3, 2 and 1 of "3D image (volume) orientation". Where
    both forms are set they must agree (`FORM_TOLERANCE_VOXELS`), for nothing in the
    file says which one the mask was drawn on.
    """
    unit = UNIT_MM.get(header.xyzt_units & 7)
    if unit is None:
        raise GeometryError(
            "the header states an unknown unit of length",
            where=where,
            expected="xyzt_units of millimetre (2), metre (1), micron (3) or unknown (0)",
            got=f"spatial code {header.xyzt_units & 7}",
            do="correct the xyzt_units field",
        )
    shape = grid_shape(header, where=where)
    forms = []
    if header.sform_code > 0:
        forms.append(_grid(shape, header.sform, unit, where))
    if header.qform_code > 0:
        forms.append(_grid(shape, _qform(header), unit, where))
    if not forms:
        columns = np.zeros((3, 4))
        columns[:, :3] = np.diag(np.abs(header.pixdim[1:4]))
        forms.append(_grid(shape, columns, unit, where))
    if len(forms) == 2:
        gap = forms[0].difference(forms[1], FORM_TOLERANCE_VOXELS)
        if gap is not None:
            raise GeometryError(
                "the header places the image in two different ways",
                where=where,
                expected="sform and qform that agree, or only one of them",
                got=gap,
                do="set the code of the wrong one to 0, for the image and the mask alike",
            )
    return forms[0]


def _grid(
    shape: tuple[int, int, int], affine: NDArray[np.float64], unit: float, where: str
) -> Geometry:
    lps = affine * _LPS[:, None] * unit
    return geometry_from_steps(shape, lps[:, 2::-1].T, lps[:, 3], where=where)


def _qform(header: NiftiHeader) -> NDArray[np.float64]:
    """The affine (3, 4) of the quaternion (nifti1.h, method 2)."""
    b, c, d, *offset = header.quaternion
    rest = 1.0 - (b * b + c * c + d * d)
    if rest < 1e-7:
        # A half turn: rounding must not leave a spurious real part.
        length = float(np.sqrt(b * b + c * c + d * d))
        a, b, c, d = 0.0, b / length, c / length, d / length
    else:
        a = float(np.sqrt(rest))
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    sizes = np.abs(np.array(header.pixdim[1:4]))
    if header.pixdim[0] < 0:
        sizes[2] = -sizes[2]
    return np.column_stack([rotation * sizes, offset])
