"""The text header of a NRRD file: fields, grid, orientation and voxel type.

Source: "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html.
"""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from radiome.base.errors import GeometryError, ImageError
from radiome.image.geometry import Geometry
from radiome.io.affine import geometry_from_steps

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


def parse_fields(file: BinaryIO, where: str) -> dict[str, str]:
    """Read the header lines: fields in lower case, ``key:=value`` pairs as written."""
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


def needed_field(fields: dict[str, str], name: str, where: str) -> str:
    """The value of a field, or `ImageError` if the header lacks it."""
    if name not in fields:
        raise ImageError(
            f"the NRRD header lacks the field '{name}'",
            where=where,
            expected="type, dimension, sizes, encoding and space directions",
            got=", ".join(sorted(fields)) or "an empty header",
            do="export the image again from its source",
        )
    return fields[name]


def whole_numbers(text: str, name: str, where: str) -> list[int]:
    """The whole numbers of a field."""
    try:
        return [int(part) for part in text.split()]
    except ValueError:
        raise ImageError(
            f"the NRRD field '{name}' is not made of whole numbers",
            where=where,
            expected=f"{name}: one whole number per axis",
            got=repr(text),
            do="export the image again from its source",
        ) from None


def grid_shape(fields: dict[str, str], where: str) -> tuple[tuple[int, int, int], list[int]]:
    """Voxels along (z, y, x), and the file axes that are x, y and z."""
    sizes = whole_numbers(needed_field(fields, "sizes", where), "sizes", where)
    dimension = whole_numbers(needed_field(fields, "dimension", where), "dimension", where)
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


def header_geometry(
    fields: dict[str, str], shape: tuple[int, int, int], axes: list[int], where: str
) -> Geometry:
    """Place the grid in LPS mm."""
    signs = np.ones(3)
    space = fields.get("space", "").strip().lower()
    if space:
        if space not in SPACES:
            raise GeometryError(
                "the space of the NRRD file has no anatomical meaning",
                where=where,
                expected="space: " + ", ".join(name for name in SPACES if "-" in name),
                got=repr(space),
                do="write the patient orientation into the header",
            )
        signs = np.array(SPACES[space])
    vectors = _direction_entries(fields)
    try:
        if vectors:
            steps = np.array([_vector(vectors[n]) for n in axes])
        else:
            spacings = needed_field(fields, "spacings", where).split()
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


def voxel_type(fields: dict[str, str], where: str) -> np.dtype[Any]:
    """The NumPy type of the stored voxels, with their byte order."""
    name = needed_field(fields, "type", where).lower()
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
