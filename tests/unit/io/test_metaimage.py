"""The MetaImage parser on files written by hand, so that each header rule is visible."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError
from radiome.io.metaimage import read_metaimage

FIELDS = {
    "ObjectType": "Image",
    "NDims": "3",
    "BinaryData": "True",
    "BinaryDataByteOrderMSB": "False",
    "CompressedData": "False",
    "TransformMatrix": "1 0 0 0 1 0 0 0 1",
    "Offset": "1 2 3",
    "ElementSpacing": "0.5 0.75 3",
    "DimSize": "4 3 2",
    "ElementType": "MET_SHORT",
    "ElementDataFile": "LOCAL",
}
ARRAY = np.arange(24, dtype="<i2").reshape(2, 3, 4)


def _write(path: Path, data: bytes | None = None, **changes: str | None) -> Path:
    fields = {**FIELDS, **changes}
    fields["ElementDataFile"] = fields.pop("ElementDataFile")
    lines = [f"{name} = {value}\n" for name, value in fields.items() if value is not None]
    path.write_bytes("".join(lines).encode() + (ARRAY.tobytes() if data is None else data))
    return path


def test_plain_compressed_and_big_endian(tmp_path: Path) -> None:
    packed = zlib.compress(ARRAY.tobytes())
    for path in (
        _write(tmp_path / "raw.mha"),
        _write(tmp_path / "zlib.mha", packed, CompressedData="True"),
        _write(tmp_path / "big.mha", ARRAY.astype(">i2").tobytes(), BinaryDataByteOrderMSB="True"),
    ):
        volume = read_metaimage(path)
        np.testing.assert_array_equal(volume.voxels, ARRAY)
        assert volume.voxels.dtype == np.int16
        assert volume.geometry.spacing == (3.0, 0.75, 0.5)
        assert volume.geometry.origin == (1.0, 2.0, 3.0)


def test_matrix_rows_are_the_axes(tmp_path: Path) -> None:
    path = _write(tmp_path / "image.mha", TransformMatrix="0.6 0.8 0 -0.8 0.6 0 0 0 -1")
    geometry = read_metaimage(path).geometry
    np.testing.assert_allclose(geometry.index_to_world((0, 0, 1)), (1.3, 2.4, 3.0))
    np.testing.assert_allclose(geometry.index_to_world((1, 0, 0)), (1.0, 2.0, 0.0))


def test_data_in_another_file_and_header_size(tmp_path: Path) -> None:
    (tmp_path / "data.raw").write_bytes(b"abc" + ARRAY.tobytes())
    for size in ("3", "-1"):
        path = _write(tmp_path / "image.mhd", b"", ElementDataFile="data.raw", HeaderSize=size)
        np.testing.assert_array_equal(read_metaimage(path).voxels, ARRAY)
    (tmp_path / "data.raw").unlink()
    with pytest.raises(ImageError, match="data file named in the header is missing"):
        read_metaimage(path)


def test_modality_is_taken_over(tmp_path: Path) -> None:
    assert read_metaimage(_write(tmp_path / "image.mha", Modality="MET_MOD_PET")).modality == "PT"
    assert read_metaimage(_write(tmp_path / "image.mha")).modality == ""


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"DimSize": "4 3"}, ImageError, "one three-dimensional grey image"),
        ({"DimSize": "4 3 0"}, ImageError, "one three-dimensional grey image"),
        ({"ElementNumberOfChannels": "3"}, ImageError, "one three-dimensional grey image"),
        ({"ElementType": "MET_STRING"}, ImageError, "not stored as binary grey values"),
        ({"BinaryData": "False"}, ImageError, "not stored as binary grey values"),
        ({"ElementSpacing": None}, GeometryError, "lacks the voxel spacing"),
        ({"ElementSpacing": "1 1"}, ImageError, "'ElementSpacing' cannot be read"),
        ({"ElementSpacing": "1 1 0"}, GeometryError, "does not place the voxels"),
        ({"TransformMatrix": "1 0 0 0.2 1 0 0 0 1"}, GeometryError, "right angles"),
    ],
)
def test_unusable_headers(
    tmp_path: Path, changes: dict[str, str | None], error: type[ImageError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_metaimage(_write(tmp_path / "image.mha", **changes))


def test_short_and_damaged_data(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="ends too early"):
        read_metaimage(_write(tmp_path / "image.mha", ARRAY.tobytes()[:-1]))
    packed = bytearray(zlib.compress(ARRAY.tobytes()))
    packed[-1] ^= 1
    with pytest.raises(ImageError, match="compressed data are damaged"):
        read_metaimage(_write(tmp_path / "image.mha", bytes(packed), CompressedData="True"))


def test_a_binary_file_is_no_metaimage(tmp_path: Path) -> None:
    (tmp_path / "image.mha").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(ImageError, match="not a MetaImage file"):
        read_metaimage(tmp_path / "image.mha")
