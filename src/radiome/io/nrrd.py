"""NRRD images: ``.nrrd`` with the data attached, ``.nhdr`` with the data beside it.

Source: "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html.
Encodings raw and gzip, any byte order, spaces with an anatomical meaning.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError
from radiome.image.volume import Volume
from radiome.io.detached import detached_file
from radiome.io.inflate import ByteReader
from radiome.io.nrrd_header import (
    grid_shape,
    header_geometry,
    needed_field,
    parse_fields,
    voxel_type,
    whole_numbers,
)


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
        fields = parse_fields(file, where)
        shape, axes = grid_shape(fields, where)
        geometry = header_geometry(fields, shape, axes, where)
        kind = voxel_type(fields, where)
        detached = fields.get("data file", fields.get("datafile"))
        if detached is None:
            voxels = _read_voxels(file, fields, kind, shape, where)
    if detached is not None:
        data_path = detached_file(path, detached, entry="data file: ")
        with data_path.open("rb") as file:
            voxels = _read_voxels(file, fields, kind, shape, str(data_path))
    return Volume(voxels, geometry, source=where)


def read_fields(path: str | Path) -> dict[str, str]:
    """Return the header of a NRRD file: fields in lower case, ``key:=value`` pairs as written."""
    with Path(path).open("rb") as file:
        return parse_fields(file, str(path))


def _skips(fields: dict[str, str], where: str) -> tuple[int, int]:
    """Lines and bytes to pass over before the data."""
    found = []
    for name in ("line skip", "byte skip"):
        text = fields.get(name, fields.get(name.replace(" ", ""), "0"))
        found += (whole_numbers(text, name, where) or [0])[:1]
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


def _read_voxels(
    file: BinaryIO,
    fields: dict[str, str],
    kind: np.dtype[Any],
    shape: tuple[int, int, int],
    where: str,
) -> NDArray[Any]:
    """Read the voxels (z, y, x) from `file`, positioned behind the header."""
    encoding = needed_field(fields, "encoding", where).lower()
    if encoding not in ("raw", "gzip", "gz"):
        raise ImageError(
            "the encoding of the NRRD file is not supported",
            where=where,
            expected="encoding: raw or gzip",
            got=repr(encoding),
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
