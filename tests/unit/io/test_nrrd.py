"""The NRRD parser on files written by hand, so that each header rule is visible."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError
from radiome.io.nrrd import read_fields, read_nrrd

FIELDS = {
    "type": "short",
    "dimension": "3",
    "space": "left-posterior-superior",
    "sizes": "4 3 2",
    "space directions": "(0.5,0,0) (0,0.75,0) (0,0,3)",
    "kinds": "domain domain domain",
    "endian": "little",
    "encoding": "raw",
    "space origin": "(1,2,3)",
}
ARRAY = np.arange(24, dtype="<i2").reshape(2, 3, 4)


def _write(path: Path, data: bytes | None = None, **changes: str | None) -> Path:
    fields = {**FIELDS, **{name.replace("_", " "): value for name, value in changes.items()}}
    lines = ["NRRD0004", "# a comment: ignored"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    lines += ["Segment0_Name:=tumour", "", ""]
    path.write_bytes("\n".join(lines).encode() + (ARRAY.tobytes() if data is None else data))
    return path


def test_raw_gzip_and_big_endian(tmp_path: Path) -> None:
    for path in (
        _write(tmp_path / "raw.nrrd"),
        _write(tmp_path / "gzip.nrrd", gzip.compress(ARRAY.tobytes()), encoding="gzip"),
        _write(tmp_path / "big.nrrd", ARRAY.astype(">i2").tobytes(), endian="big"),
    ):
        volume = read_nrrd(path)
        np.testing.assert_array_equal(volume.voxels, ARRAY)
        assert volume.voxels.dtype == np.int16
        assert volume.geometry.spacing == (3.0, 0.75, 0.5)
        assert volume.geometry.origin == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("space", "origin"),
    [("right-anterior-superior", (-1, -2, 3)), ("RAS", (-1, -2, 3)),
     ("left-anterior-superior", (1, -2, 3)), ("LPS", (1, 2, 3))],
)  # fmt: skip
def test_other_spaces_are_turned_into_lps(
    tmp_path: Path, space: str, origin: tuple[float, ...]
) -> None:
    geometry = read_nrrd(_write(tmp_path / "image.nrrd", space=space)).geometry
    assert geometry.origin == origin
    assert geometry.direction[2][0] == np.sign(origin[0])


def test_oblique_axes(tmp_path: Path) -> None:
    path = _write(tmp_path / "image.nrrd", space_directions="(0.3,0.4,0) (-0.8,0.6,0) (0,0,-2)")
    geometry = read_nrrd(path).geometry
    np.testing.assert_allclose(geometry.spacing, (2.0, 1.0, 0.5))
    np.testing.assert_allclose(geometry.index_to_world((1, 1, 1)), (0.5, 3.0, 1.0))


def test_space_units_and_plain_spacings(tmp_path: Path) -> None:
    path = _write(tmp_path / "micron.nrrd", space_units='"um" "um" "um"')
    assert read_nrrd(path).geometry.spacing == pytest.approx((0.003, 0.00075, 0.0005))
    bare = dict.fromkeys(("space", "space_directions", "space_origin"))
    path = _write(tmp_path / "spacings.nrrd", spacings="0.5 0.75 3", **bare)
    assert read_nrrd(path).geometry.spacing == (3.0, 0.75, 0.5)


def test_data_in_another_file_with_skips(tmp_path: Path) -> None:
    (tmp_path / "data.raw").write_bytes(b"line one\n" + b"ab" + ARRAY.tobytes())
    path = _write(tmp_path / "image.nhdr", b"", data_file="data.raw", line_skip="1", byte_skip="2")
    np.testing.assert_array_equal(read_nrrd(path).voxels, ARRAY)
    path = _write(tmp_path / "end.nhdr", b"", data_file="data.raw", byte_skip="-1")
    np.testing.assert_array_equal(read_nrrd(path).voxels, ARRAY)
    (tmp_path / "data.raw").unlink()
    with pytest.raises(ImageError, match="data file named in the header is missing"):
        read_nrrd(path)


def test_one_component_axis_is_dropped_and_three_are_refused(tmp_path: Path) -> None:
    directions = "none (0.5,0,0) (0,0.75,0) (0,0,3)"
    for first, fits in (("1", True), ("3", False)):
        path = _write(
            tmp_path / "image.nrrd", ARRAY.tobytes() * int(first), dimension="4",
            sizes=f"{first} 4 3 2", space_directions=directions,
            kinds="vector domain domain domain",
        )  # fmt: skip
        if fits:
            np.testing.assert_array_equal(read_nrrd(path).voxels, ARRAY)
        else:
            with pytest.raises(ImageError, match="one three-dimensional grey image"):
                read_nrrd(path)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"encoding": "bzip2"}, ImageError, "encoding of the NRRD file is not supported"),
        ({"type": "block"}, ImageError, "not real grey values"),
        ({"sizes": "4 3"}, ImageError, "contradicts itself"),
        ({"sizes": "4 3 x"}, ImageError, "not made of whole numbers"),
        ({"sizes": None}, ImageError, "lacks the field 'sizes'"),
        ({"space": "scanner-xyz"}, GeometryError, "no anatomical meaning"),
        ({"space_directions": None}, ImageError, "lacks the field 'spacings'"),
        ({"space_directions": "(1,0) (0,1) (1,1)"}, GeometryError, "not place the voxels"),
        ({"space_directions": "(1,0,0) (0.5,1,0) (0,0,1)"}, GeometryError, "right angles"),
        ({"space_units": '"inch" "inch" "inch"'}, GeometryError, "not place the voxels"),
    ],
)
def test_unusable_headers(
    tmp_path: Path, changes: dict[str, str | None], error: type[ImageError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_nrrd(_write(tmp_path / "image.nrrd", **changes))


def test_short_data(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="ends too early"):
        read_nrrd(_write(tmp_path / "image.nrrd", ARRAY.tobytes()[:-1]))


def test_free_text_keys_keep_their_case(tmp_path: Path) -> None:
    assert read_fields(_write(tmp_path / "image.nrrd"))["Segment0_Name"] == "tumour"
