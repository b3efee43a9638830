"""MetaImage files: ``.mha`` with the data attached, ``.mhd`` with the data beside it.

Source: "MetaIO documentation", itk.org/Wiki/ITK/MetaIO/Documentation. World
coordinates are LPS, as ITK writes them.
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
from radiome.io.detached import detached_file
from radiome.io.inflate import ByteReader

TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2",
    "MET_INT": "i4", "MET_UINT": "u4", "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip

#: The 'Modality' field, where a writer filled it in.
MODALITIES = {
    "MET_MOD_CT": "CT", "MET_MOD_MR": "MR", "MET_MOD_NM": "NM", "MET_MOD_US": "US",
    "MET_MOD_PET": "PT",
}  # fmt: skip

_LONGEST_LINE = 1 << 16
_MOST_FIELDS = 1000


def read_metaimage(path: str | Path) -> Volume:
    """Read a MetaImage file.

    Parameters
    ----------
    path : path
        ``.mha`` or ``.mhd``.

    Returns
    -------
    Volume
        Voxels (z, y, x) in their stored type, native byte order.

    Raises
    ------
    ImageError
        For files that are no MetaImage, are cut off, are text-encoded or hold more
        than one value per voxel.
    GeometryError
        If the spacing is missing or the axes are sheared.
    """
    path = Path(path)
    where = str(path)
    with path.open("rb") as file:
        fields = _read_fields(file, where)
        shape = _grid_shape(fields, where)
        geometry = _geometry(fields, shape, where)
        kind = _voxel_type(fields, where)
        target = fields["ElementDataFile"]
        if target.upper() == "LOCAL":
            voxels = _read_voxels(file, fields, kind, shape, where)
    if target.upper() != "LOCAL":
        data_path = detached_file(path, target, entry="ElementDataFile = ")
        with data_path.open("rb") as file:
            voxels = _read_voxels(file, fields, kind, shape, str(data_path))
    modality = MODALITIES.get(fields.get("Modality", ""), "")
    return Volume(voxels, geometry, modality=modality, source=where)


def _read_fields(file: BinaryIO, where: str) -> dict[str, str]:
    """Read 'Key = Value' lines up to and with ElementDataFile, the last of a header."""
    fields: dict[str, str] = {}
    while "ElementDataFile" not in fields:
        raw = file.readline(_LONGEST_LINE)
        name, mark, value = raw.decode("latin-1").partition("=")
        if not mark or len(fields) > _MOST_FIELDS:
            raise ImageError(
                "not a MetaImage file",
                where=where,
                expected="lines 'Key = Value' that end with ElementDataFile",
                got=repr(raw[:32]) if raw else "the end of the file",
                do="check that the file is an image and that its name has the right extension",
            )
        fields[name.strip()] = value.strip()
    return fields


def _numbers(fields: dict[str, str], names: tuple[str, ...], count: int, where: str) -> list[float]:
    """The `count` numbers of the first field of `names` that is present; [] if none is."""
    for name in names:
        if name in fields:
            try:
                values = [float(part) for part in fields[name].split()]
            except ValueError:
                values = []
            if len(values) == count:
                return values
            raise ImageError(
                f"the MetaImage field '{name}' cannot be read",
                where=where,
                expected=f"{count} numbers",
                got=repr(fields[name]),
                do="export the image again from its source",
            )
    return []


def _grid_shape(fields: dict[str, str], where: str) -> tuple[int, int, int]:
    sizes = fields.get("DimSize", "").split()
    channels = fields.get("ElementNumberOfChannels", "1")
    if len(sizes) == 4 and sizes[3] == "1":
        sizes = sizes[:3]
    whole = [int(part) for part in sizes if part.isdecimal()]
    if len(whole) != 3 or len(sizes) != 3 or min(whole) < 1 or channels != "1":
        raise ImageError(
            "the file does not hold one three-dimensional grey image",
            where=where,
            expected="DimSize of three positive numbers and one channel",
            got=f"DimSize = {fields.get('DimSize', 'not given')}, channels = {channels}",
            do="save the wanted channel, time point or slice as a 3D image",
        )
    return whole[2], whole[1], whole[0]


def _geometry(fields: dict[str, str], shape: tuple[int, int, int], where: str) -> Geometry:
    count = 4 if len(fields["DimSize"].split()) == 4 else 3
    spacing = _numbers(fields, ("ElementSpacing", "ElementSize"), count, where)[:3]
    if not spacing:
        raise GeometryError(
            "the MetaImage header lacks the voxel spacing",
            where=where,
            expected="ElementSpacing with three lengths in mm",
            got=", ".join(fields),
            do="export the image again from its source",
        )
    matrix = _numbers(fields, ("TransformMatrix", "Rotation", "Orientation"), count**2, where)
    rows = np.array(matrix).reshape(count, count) if matrix else np.eye(count)
    origin = _numbers(fields, ("Offset", "Position", "Origin"), count, where) or [0.0] * 3
    # Row i of the matrix is the world direction of file axis i (MetaIO stores it so).
    steps = np.array(spacing)[:, None] * rows[:3, :3]
    return geometry_from_steps(shape, steps[::-1], np.array(origin[:3]), where=where)


def _voxel_type(fields: dict[str, str], where: str) -> np.dtype[Any]:
    name = fields.get("ElementType", "not given")
    if name not in TYPES or fields.get("BinaryData", "True").lower() == "false":
        raise ImageError(
            "the voxels are not stored as binary grey values",
            where=where,
            expected="BinaryData = True and ElementType one of " + ", ".join(TYPES),
            got=f"ElementType = {name}, BinaryData = {fields.get('BinaryData', 'True')}",
            do="save the image again as binary, one number per voxel",
        )
    order = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False"))
    return np.dtype(TYPES[name]).newbyteorder(">" if order.lower() in ("true", "1") else "<")


def _read_voxels(
    file: BinaryIO,
    fields: dict[str, str],
    kind: np.dtype[Any],
    shape: tuple[int, int, int],
    where: str,
) -> NDArray[Any]:
    """Read the voxels (z, y, x) from `file`, positioned behind the header."""
    count = shape[0] * shape[1] * shape[2] * kind.itemsize
    compressed = fields.get("CompressedData", "False").lower() == "true"
    skip = int((_numbers(fields, ("HeaderSize",), 1, where) or [0.0])[0])
    if skip == -1:
        # -1: the data are the last bytes of the file, whatever comes before.
        file.seek(0, 2)
        file.seek(max(0, file.tell() - count))
    elif skip > 0:
        file.seek(skip)
    reader = ByteReader(file, where, compressed=compressed)
    data = reader.fill(count)
    reader.finish()
    voxels = data.view(kind).reshape(shape)
    return voxels if kind.isnative else voxels.byteswap(inplace=True).view(kind.newbyteorder("="))
