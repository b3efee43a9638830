"""NRRD images: ``.nrrd`` with the data attached, ``.nhdr`` with the data beside it.

Source: "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html.
Encodings raw and gzip, any byte order, spaces with an anatomical meaning.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError, ImageError
from radiome.image.geometry import Geometry
from radiome.image.volume import Volume
from radiome.io.affine import geometry_from_steps
from radiome.io.inflate import ByteReader

TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": (
        "longlong", "long long", "long long int", "signed long long",
        "signed long long int", "int64", "int64_t",
    ),
    "u8": (
        "ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t",
    ),
    "f4": ("float",),
    "f8": ("double",),
}  # fmt: skip

#: Signs that turn each space into LPS. Others (scanner-xyz, 3D-right-handed) say nothing
#: about the patient; an absent space is read as LPS, as ITK does.
SPACES = {
    "left-posterior-superior": (1.0, 1.0, 1.0),
    "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0),
    "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0),
    "las": (1.0, -1.0, 1.0),
}

UNIT_MM = {"": 1.0, "mm": 1.0, "millimeter": 1.0, "m": 1000.0, "cm": 10.0, "um": 1e-3, "µm": 1e-3}

_LONGEST_HEADER = 1 << 20


def read_nrrd(path: str | Path) -> Volume:
    """Read a NRRD file.

    Parameters
    ----------
    path : path
        ``.nrrd`` or ``.nhdr``.

    Returns
    -------
    Volume
        Voxels (z, y, x) in their stored type, native byte order.

    Raises
    ------
    ImageError
        For files that are no NRRD, are cut off, hold vectors or several volumes, or
        use an encoding other than raw and gzip.
    GeometryError
        If the spacing is missing or the axes are sheared.
    """
    path = Path(path)
    where = str(path)
    with path.open("rb") as file:
        fields = _read_fields(file, where)
        shape, axes = _grid_shape(fields, where)
        geometry = _geometry(fields, shape, axes, where)
        kind = _voxel_type(fields, where)
        detached = fields.get("data file", fields.get("datafile"))
        if detached is None:
            voxels = _read_voxels(file, fields, kind, shape, where)
    if detached is not None:
        data_path = _data_path(path, detached)
        with data_path.open("rb") as file:
            voxels = _read_voxels(file, fields, kind, shape, str(data_path))
    return Volume(voxels, geometry, source=where)


def read_fields(path: str | Path) -> dict[str, str]:
    """Return the header of a NRRD file: fields in lower case, ``key:=value`` pairs as written."""
    with Path(path).open("rb") as file:
        return _read_fields(file, str(path))


def _read_fields(file: BinaryIO, where: str) -> dict[str, str]:
    magic = file.readline(64)
    if not magic.startswith(b"NRRD000"):
        raise ImageError(
            "not a NRRD file",
            where=where,
            expected="a first line 'NRRD0001' to 'NRRD0005'",
            got=repr(magic[:16]),
            do="check that the file is an image and that its name has the right extension",
        )
    fields: dict[str, str] = {}
    while (raw := file.readline(_LONGEST_HEADER)).strip():
        line = raw.decode("utf-8", errors="replace").strip()
        if line.startswith("#"):
            continue
        # Whichever mark comes first: 'key:=value' is free text, 'field: value' has a meaning.
        name, _, value = line.partition(":")
        if value.startswith("="):
            fields[name] = value[1:]
        else:
            fields[name.strip().lower()] = value.strip()
    return fields


def _needed(fields: dict[str, str], name: str, where: str) -> str:
    if name not in fields:
        raise ImageError(
            f"the NRRD header lacks the field '{name}'",
            where=where,
            expected="type, dimension, sizes, encoding and space directions",
            got=", ".join(sorted(fields)) or "an empty header",
            do="export the image again from its source",
        )
    return fields[name]


def _whole_numbers(text: str, name: str, where: str) -> list[int]:
    try:
        return [int(part) for part in text.split()]
    except ValueError:
        raise ImageError(
            f"the NRRD field '{name}' is not made of whole numbers",
            where=where,
            expected=f"{name}: one whole number per axis",
            got=text,
            do="export the image again from its source",
        ) from None


def _grid_shape(fields: dict[str, str], where: str) -> tuple[tuple[int, int, int], list[int]]:
    """Voxels along (z, y, x), and the file axes that are x, y and z."""
    sizes = _whole_numbers(_needed(fields, "sizes", where), "sizes", where)
    dimension = _whole_numbers(_needed(fields, "dimension", where), "dimension", where)
    if dimension != [len(sizes)] or any(n < 1 for n in sizes):
        raise ImageError(
            "the NRRD header contradicts itself about the image size",
            where=where,
            expected="as many positive sizes as there are dimensions",
            got=f"dimension {fields['dimension']}, sizes {fields['sizes']}",
            do="export the image again from its source",
        )
    vectors = _direction_entries(fields)
    axes = [n for n in range(len(sizes)) if n >= len(vectors) or vectors[n] != "none"]
    if len(axes) > 3:
        axes = [n for n in axes if sizes[n] != 1]
    others = [sizes[n] for n in range(len(sizes)) if n not in axes]
    if len(axes) != 3 or any(n != 1 for n in others):
        raise ImageError(
            "the file does not hold one three-dimensional grey image",
            where=where,
            expected="three space axes, and at most one value per voxel",
            got=f"sizes {fields['sizes']}, kinds {fields.get('kinds', 'not given')}",
            do="save the wanted channel, time point or slice as a 3D image",
        )
    return (sizes[axes[2]], sizes[axes[1]], sizes[axes[0]]), axes


def _direction_entries(fields: dict[str, str]) -> list[str]:
    """The entries of 'space directions', one per axis: a vector '(a,b,c)' or 'none'."""
    text = fields.get("space directions", "")
    return text.replace(", ", ",").replace("( ", "(").replace(" )", ")").split()


def _geometry(
    fields: dict[str, str], shape: tuple[int, int, int], axes: list[int], where: str
) -> Geometry:
    signs = np.ones(3)
    space = fields.get("space", "").strip().lower()
    if space:
        if space not in SPACES:
            raise GeometryError(
                "the space of the NRRD file has no anatomical meaning",
                where=where,
                expected="space: " + ", ".join(name for name in SPACES if "-" in name),
                got=space,
                do="write the patient orientation into the header",
            )
        signs = np.array(SPACES[space])
    vectors = _direction_entries(fields)
    try:
        if vectors:
            steps = np.array([_vector(vectors[n]) for n in axes])
        else:
            spacings = _needed(fields, "spacings", where).split()
            steps = np.diag([float(spacings[n]) for n in axes])
        origin = np.array(_vector(fields.get("space origin", "(0,0,0)")))
        factor = np.array(_units(fields)) if space or vectors else np.ones(3)
        steps, origin = steps * signs * factor, origin * signs * factor
    except (ValueError, IndexError, KeyError) as fault:
        raise GeometryError(
            "the NRRD header does not place the voxels in space",
            where=where,
            expected="space directions as one vector (a,b,c) per axis, a space origin, "
            "and space units of " + ", ".join(f'"{name}"' for name in UNIT_MM if name),
            got=f"{fields.get('space directions')}; {fields.get('space origin')} ({fault})",
            do="export the image again from its source",
        ) from None
    return geometry_from_steps(shape, steps[::-1], origin, where=where)


def _vector(text: str) -> list[float]:
    parts = [float(part) for part in text.strip().strip("()").split(",")]
    if len(parts) != 3:
        raise ValueError(f"'{text}' has {len(parts)} components, not 3")
    return parts


def _units(fields: dict[str, str]) -> list[float]:
    names = [part.strip().lower() for part in fields.get("space units", "").split('"')[1::2]]
    return [UNIT_MM[name] for name in names] or [1.0, 1.0, 1.0]


def _skips(fields: dict[str, str], where: str) -> tuple[int, int]:
    """Lines and bytes to pass over before the data."""
    found = []
    for name in ("line skip", "byte skip"):
        text = fields.get(name, fields.get(name.replace(" ", ""), "0"))
        found += (_whole_numbers(text, name, where) or [0])[:1]
    return found[0], found[1]


def segment_labels(path: str | Path) -> dict[str, int]:
    """Label value by segment name, as 3D Slicer writes them into ``.seg.nrrd`` files."""
    fields = read_fields(path)
    found = {}
    for key, name in fields.items():
        value = fields.get(key.removesuffix("_Name") + "_LabelValue", "").strip()
        if key.startswith("Segment") and key.endswith("_Name") and value.isdecimal():
            found[name.strip()] = int(value)
    return found


def _voxel_type(fields: dict[str, str], where: str) -> np.dtype[Any]:
    name = _needed(fields, "type", where).lower()
    codes = [code for code, names in TYPES.items() if name in names]
    if not codes:
        raise ImageError(
            "the voxels are not real grey values",
            where=where,
            expected="an integer or floating-point NRRD type",
            got=f"type {name}",
            do="export the image as one number per voxel",
        )
    endian = fields.get("endian", "little").lower()
    return np.dtype(codes[0]).newbyteorder(">" if endian == "big" else "<")


def _data_path(path: Path, detached: str) -> Path:
    target = path.parent / detached
    if not target.is_file():
        raise ImageError(
            "the data file named in the header is missing",
            where=str(path),
            expected="one data file, at the path given relative to the header",
            got=f"data file: {detached}",
            do="put the data file beside the header; lists of files are not supported",
        )
    return target


def _read_voxels(
    file: BinaryIO,
    fields: dict[str, str],
    kind: np.dtype[Any],
    shape: tuple[int, int, int],
    where: str,
) -> NDArray[Any]:
    """Read the voxels (z, y, x) from `file`, positioned behind the header."""
    encoding = _needed(fields, "encoding", where).lower()
    if encoding not in ("raw", "gzip", "gz"):
        raise ImageError(
            "the encoding of the NRRD file is not supported",
            where=where,
            expected="encoding: raw or gzip",
            got=encoding,
            do="save the image again with raw or gzip encoding",
        )
    count = shape[0] * shape[1] * shape[2] * kind.itemsize
    lines, skip = _skips(fields, where)
    for _ in range(lines):
        if not file.readline():
            break
    if skip == -1 and encoding == "raw":
        # -1: the data are the last bytes of the file, whatever comes before.
        file.seek(0, 2)
        file.seek(max(0, file.tell() - count))
        skip = 0
    reader = ByteReader(file, where, compressed=encoding != "raw")
    reader.skip(skip)
    data = reader.fill(count)
    reader.finish()
    voxels = data.view(kind).reshape(shape)
    return voxels if kind.isnative else voxels.byteswap(inplace=True).view(kind.newbyteorder("="))
