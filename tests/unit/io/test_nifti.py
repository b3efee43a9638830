"""The NIfTI reader against nibabel, and its rules for orientation and scaling."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError
from radiome.image.geometry import Geometry
from radiome.io.nifti import read_nifti, write_nifti

nibabel = pytest.importorskip("nibabel")

ROTATED = np.array(
    [[0.0, -1.6, 0.0, 12.0], [0.96, 0.0, -2.4, -7.5], [1.28, 0.0, 1.8, 3.25], [0, 0, 0, 1]]
)


def _write(path: Path, array: np.ndarray, affine: np.ndarray | None = None, **header) -> Path:
    kind = header.pop("kind", nibabel.Nifti1Image)
    diagonal = np.diag([1.5, 2.0, 3.0, 1.0])
    image = kind(array, diagonal if affine is None else affine, dtype=array.dtype)
    image.header.set_xyzt_units("mm")
    for name, value in header.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


def _ramp(kind: str, shape: tuple[int, ...] = (3, 4, 5)) -> np.ndarray:
    return (np.arange(np.prod(shape)) % 120).astype(kind).reshape(shape)


def _same_places(geometry: Geometry, affine: np.ndarray) -> None:
    """Voxel (i, j, k) of nibabel and (k, j, i) of radiome are the same point, RAS to LPS."""
    for ijk in ((0, 0, 0), (2, 0, 0), (0, 3, 0), (0, 0, 4), (2, 3, 4)):
        ras = (affine @ [*ijk, 1.0])[:3]
        np.testing.assert_allclose(geometry.index_to_world(ijk[::-1]), ras * [-1, -1, 1], atol=2e-5)


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize(
    "kind", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", ">i2", ">f4"]
)
def test_every_type_is_kept_as_stored(tmp_path: Path, kind: str, ending: str) -> None:
    array = _ramp(kind)
    path = tmp_path / f"image{ending}"
    if kind.startswith(">"):
        header = nibabel.Nifti1Header(endianness=">")
        header.set_data_dtype(np.dtype(kind))
        nibabel.save(nibabel.Nifti1Image(array, ROTATED, header), path)
    else:
        _write(path, array, ROTATED)
    volume = read_nifti(path)
    assert volume.voxels.dtype == np.dtype(kind).newbyteorder("=")
    assert volume.voxels.flags.c_contiguous
    np.testing.assert_array_equal(volume.voxels, array.transpose(2, 1, 0))
    _same_places(volume.geometry, nibabel.load(path).affine)


def test_second_version_and_pair_of_files(tmp_path: Path) -> None:
    second = _write(tmp_path / "two.nii.gz", _ramp("i2"), ROTATED, kind=nibabel.Nifti2Image)
    np.testing.assert_array_equal(read_nifti(second).voxels, _ramp("i2").transpose(2, 1, 0))
    _same_places(read_nifti(second).geometry, ROTATED)
    _write(tmp_path / "pair.img", _ramp("f4"), ROTATED, kind=nibabel.Nifti1Pair)
    for name in ("pair.hdr", "pair.img"):
        volume = read_nifti(tmp_path / name)
        np.testing.assert_array_equal(volume.voxels, _ramp("f4").transpose(2, 1, 0))
    (tmp_path / "pair.hdr").unlink()
    with pytest.raises(ImageError, match=r"one file of the NIfTI pair is missing"):
        read_nifti(tmp_path / "pair.img")


def test_header_extension_is_skipped(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(_ramp("i2"), ROTATED)
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"x" * 1000))
    nibabel.save(image, tmp_path / "extended.nii.gz")
    voxels = read_nifti(tmp_path / "extended.nii.gz").voxels
    np.testing.assert_array_equal(voxels, _ramp("i2").transpose(2, 1, 0))


@pytest.mark.parametrize(
    ("slope", "intercept", "kind"),
    [(0.0, 5.0, "i2"), (1.0, 0.0, "i2"), (2.0, -1024.0, "i2"), (1.0, 40000.0, "i4"),
     (0.5, 0.25, "f8"), (float("nan"), 1.0, "i2")],
)  # fmt: skip
def test_scaling(tmp_path: Path, slope: float, intercept: float, kind: str) -> None:
    path = _write(tmp_path / "image.nii", _ramp("i2"))
    raw = bytearray(path.read_bytes())
    raw[112:120] = struct.pack("<2f", slope, intercept)
    path.write_bytes(raw)
    volume = read_nifti(path)
    stored = _ramp("i2").transpose(2, 1, 0).astype(float)
    scaled = slope * stored + intercept if slope and slope == slope else stored
    assert volume.voxels.dtype == np.dtype(kind)
    np.testing.assert_array_equal(volume.voxels, scaled)


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1.0), ("meter", 1000.0), ("micron", 0.001)])
def test_units_become_millimetres(tmp_path: Path, unit: str, factor: float) -> None:
    image = nibabel.Nifti1Image(_ramp("u1"), np.diag([1.5, 2.0, 3.0, 1.0]))
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "image.nii")
    spacing = read_nifti(tmp_path / "image.nii").geometry.spacing
    np.testing.assert_allclose(spacing, np.array([3.0, 2.0, 1.5]) * factor)


@pytest.mark.parametrize("degrees", [0.0, 0.02, 17.0, 90.0, 179.98, 180.0])
@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_quaternion_alone_gives_the_affine_of_nibabel(
    tmp_path: Path, degrees: float, flip: float
) -> None:
    angle = np.radians(degrees)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    affine[:3, :3] *= [1.5, 2.0, 3.0 * flip]
    affine[:3, 3] = [10, -20, 30]
    image = nibabel.Nifti1Image(_ramp("u1"), None)
    image.set_qform(affine, code=1)
    image.set_sform(None, code=0)
    nibabel.save(image, tmp_path / "image.nii")
    geometry = read_nifti(tmp_path / "image.nii").geometry
    _same_places(geometry, nibabel.load(tmp_path / "image.nii").header.get_qform())


def test_forms_that_disagree_are_refused(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(_ramp("u1"), np.diag([1.5, 2.0, 3.0, 1.0]))
    moved = np.diag([1.5, 2.0, 3.0, 1.0])
    image.set_qform(moved, code=1)
    nibabel.save(image, tmp_path / "agree.nii")
    assert read_nifti(tmp_path / "agree.nii").geometry.spacing == (3.0, 2.0, 1.5)
    moved[0, 3] = 1.0
    image.set_qform(moved, code=1)
    nibabel.save(image, tmp_path / "disagree.nii")
    with pytest.raises(GeometryError, match="in two different ways"):
        read_nifti(tmp_path / "disagree.nii")


def test_neither_form_leaves_the_spacing(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(_ramp("u1"), None)
    image.header["pixdim"][1:4] = [1.5, 2.0, 3.0]
    image.set_sform(None, code=0)
    image.set_qform(None, code=0)
    nibabel.save(image, tmp_path / "image.nii")
    geometry = read_nifti(tmp_path / "image.nii").geometry
    assert geometry.spacing == (3.0, 2.0, 1.5)


def test_sheared_grid_is_refused(tmp_path: Path) -> None:
    affine = np.diag([1.5, 2.0, 3.0, 1.0])
    affine[1, 2] = 0.3
    path = _write(tmp_path / "tilted.nii", _ramp("u1"), affine)
    with pytest.raises(GeometryError, match="not at right angles"):
        read_nifti(path)


def test_one_volume_in_four_dimensions_is_squeezed_and_more_are_refused(tmp_path: Path) -> None:
    one = _write(tmp_path / "one.nii", _ramp("i2", (3, 4, 5, 1)))
    assert read_nifti(one).voxels.shape == (5, 4, 3)
    many = _write(tmp_path / "many.nii", _ramp("i2", (3, 4, 5, 2)))
    with pytest.raises(ImageError, match="several volumes"):
        read_nifti(many)


def test_a_single_slice_is_one_layer(tmp_path: Path) -> None:
    path = _write(tmp_path / "slice.nii", _ramp("i2", (3, 4)))
    volume = read_nifti(path)
    assert volume.voxels.shape == (1, 4, 3)
    np.testing.assert_array_equal(volume.voxels[0], _ramp("i2", (3, 4)).T)


@pytest.mark.parametrize("kind", ["c8", "c16", "rgb"])
def test_colour_and_complex_are_refused(tmp_path: Path, kind: str) -> None:
    rgb = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    array = np.zeros((3, 4, 5), dtype=rgb if kind == "rgb" else kind)
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "image.nii")
    with pytest.raises(ImageError, match="not real grey values"):
        read_nifti(tmp_path / "image.nii")


def test_trailing_bytes_and_concatenated_gzip_members_are_read(tmp_path: Path) -> None:
    raw = _write(tmp_path / "plain.nii", _ramp("i2")).read_bytes()
    (tmp_path / "two.nii.gz").write_bytes(
        gzip.compress(raw[:400]) + gzip.compress(raw[400:]) + bytes(512)
    )
    voxels = read_nifti(tmp_path / "two.nii.gz").voxels
    np.testing.assert_array_equal(voxels, _ramp("i2").transpose(2, 1, 0))
    (tmp_path / "padded.nii").write_bytes(raw + bytes(100))
    np.testing.assert_array_equal(read_nifti(tmp_path / "padded.nii").voxels, voxels)


def test_plain_zlib_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zlib

    from radiome.io import inflate

    array = np.random.default_rng(3).integers(-1000, 3000, (70, 80, 90)).astype("i2")
    path = _write(tmp_path / "image.nii.gz", array)
    fast = read_nifti(path).voxels
    monkeypatch.setattr(inflate, "_inflate_library", lambda: (zlib, (zlib.error,)))
    np.testing.assert_array_equal(read_nifti(path).voxels, fast)
    np.testing.assert_array_equal(fast, array.transpose(2, 1, 0))


def test_written_image_is_read_by_nibabel(tmp_path: Path) -> None:
    volume = read_nifti(_write(tmp_path / "in.nii", _ramp("i8"), ROTATED))
    write_nifti(tmp_path / "out.nii.gz", volume)
    there = nibabel.load(tmp_path / "out.nii.gz")
    np.testing.assert_array_equal(np.asarray(there.dataobj), _ramp("i8"))
    np.testing.assert_allclose(there.affine, ROTATED, atol=1e-6)
