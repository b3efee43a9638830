"""Inputs that must be refused, each with a message that tells the user what to do.

Every message is checked in all its parts: what is wrong, where, what was expected,
what arrived, and the next step.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError, RegionError, UserError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.nifti import write_nifti
from radiome.io.readers import check_pair, read_mask, read_volume

GRID = Geometry((4, 5, 6), (3.0, 2.0, 1.0))


def _image(folder: Path, name: str = "image.nii.gz", grid: Geometry = GRID) -> Path:
    noise = np.random.default_rng(0).normal(size=grid.shape)
    write_nifti(folder / name, Volume(noise.astype("f4"), grid))
    return folder / name


def _patched(path: Path, offset: int, form: str, *values: float) -> Path:
    """The uncompressed NIfTI at `path` with some header bytes overwritten."""
    raw = bytearray(path.read_bytes())
    struct.pack_into(form, raw, offset, *values)
    path.write_bytes(raw)
    return path


def _labels(folder: Path, *values: int, grid: Geometry = GRID, name: str = "mask.nii.gz") -> Path:
    voxels = np.zeros(grid.shape, dtype=np.uint8)
    for place, value in enumerate(values):
        voxels[1 + place, 1:3, 1:3] = value
    write_nifti(folder / name, Volume(voxels, grid))
    return folder / name


def _text_named_as_image(folder: Path) -> object:
    path = folder / "notes.nii.gz"
    path.write_text("patient one: lesion in the left thigh\n")
    return read_volume(path)


def _page_named_as_image(folder: Path) -> object:
    path = folder / "download.nii.gz"
    path.write_bytes(gzip.compress(b"<!DOCTYPE html><p>please log in</p>" * 40))
    return read_volume(path)


def _empty_file(folder: Path) -> object:
    (folder / "empty.nrrd").touch()
    return read_volume(folder / "empty.nrrd")


def _missing_file(folder: Path) -> object:
    return read_volume(folder / "absent.nii.gz")


def _unknown_format(folder: Path) -> object:
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    return read_volume(folder / "photo.png")


def _folder_of_text(folder: Path) -> object:
    (folder / "readme.txt").write_text("nothing to see")
    return read_volume(folder)


def _folder_of_images(folder: Path) -> object:
    _image(folder)
    return read_volume(folder)


def _cut_gzip(folder: Path) -> object:
    path = _image(folder)
    path.write_bytes(path.read_bytes()[:-40])
    return read_volume(path)


def _damaged_gzip(folder: Path) -> object:
    path = _image(folder)
    raw = bytearray(path.read_bytes())
    raw[-7] ^= 0xFF  # the checksum
    path.write_bytes(raw)
    return read_volume(path)


def _short_data(folder: Path) -> object:
    path = _image(folder, "image.nii")
    path.write_bytes(path.read_bytes()[:-100])
    return read_volume(path)


def _huge_size(folder: Path) -> object:
    path = _patched(_image(folder, "image.nii"), 42, "<3h", 32767, 32767, 32767)
    path = path.rename(folder / "bomb.nii.gz")
    path.write_bytes(gzip.compress(path.read_bytes()))
    return read_volume(path)


def _time_series(folder: Path) -> object:
    path = _patched(_image(folder, "image.nii"), 40, "<5h", 4, 6, 5, 2, 2)
    return read_volume(path)


def _colour(folder: Path) -> object:
    return read_volume(_patched(_image(folder, "image.nii"), 70, "<h", 128))


def _sheared(folder: Path) -> object:
    # sform row x gets a share of the slice step.
    return read_volume(_patched(_image(folder, "image.nii"), 288, "<f", 1.0))


def _unplaced(folder: Path) -> object:
    return read_volume(_patched(_image(folder, "image.nii"), 280, "<3f", 0.0, 0.0, 0.0))


def _two_orientations(folder: Path) -> object:
    path = _patched(_image(folder, "image.nii"), 252, "<h", 1)
    return read_volume(_patched(path, 268, "<f", 99.0))


def _wrong_modality(folder: Path) -> object:
    return read_volume(Volume(np.zeros(GRID.shape), GRID, "PT", source="scan"), modality="CT")


def _other_grid(folder: Path) -> object:
    mask = _labels(folder, 1, grid=Geometry(GRID.shape, (3.0, 2.0, 1.0), (5.0, 0.0, 0.0)))
    return read_mask(mask, read_volume(_image(folder)))


def _empty_mask(folder: Path) -> object:
    return read_mask(_labels(folder), read_volume(_image(folder)))


def _unknown_label(folder: Path) -> object:
    return read_mask(_labels(folder, 1, 3), read_volume(_image(folder)), roi=2)


def _several_labels(folder: Path) -> object:
    return read_mask(_labels(folder, 1, 3), read_volume(_image(folder)))


def _image_as_mask(folder: Path) -> object:
    return read_mask(_image(folder), read_volume(_image(folder)))


def _region_outside(folder: Path) -> object:
    far = Geometry(GRID.shape, GRID.spacing, (500.0, 0.0, 0.0))
    return read_mask(_labels(folder, 1, grid=far), read_volume(_image(folder)), resample=True)


def _not_a_number(folder: Path) -> None:
    voxels = np.zeros(GRID.shape)
    voxels[2, 3, 4] = np.nan
    volume = Volume(voxels, GRID, source="scan.nii")
    check_pair(volume, Mask(np.ones(GRID.shape, dtype=bool), GRID, name="GTV"))


CASES: list[tuple[Callable[[Path], object], type[UserError], str, str, str, str, str]] = [
    (_text_named_as_image, ImageError, "not a NIfTI file", "notes.nii", "348", "patient", "check"),
    (_page_named_as_image, ImageError, "not a NIfTI file", "download", "348", "<!DOC", "check"),
    (_empty_file, ImageError, "file is empty", "empty.nrrd", "an image", "0 bytes", "export"),
    (_missing_file, ImageError, "no such image", "absent.nii.gz", "NIfTI", "no file", "path"),
    (_unknown_format, ImageError, "known format", "photo.png", ".nii.gz", "PNG", "convert"),
    (_folder_of_text, ImageError, "no DICOM file", "", "one image series", "none", "folder"),
    (_folder_of_images, ImageError, "not one DICOM series", "", "DICOM", "image.nii.gz", "name"),
    (_cut_gzip, ImageError, "cut off", "image.nii.gz", "complete", "middle", "again"),
    (_damaged_gzip, ImageError, "damaged", "image.nii.gz", "checksum", "check", "gzip -t"),
    (_short_data, ImageError, "ends too early", "image.nii", "480 bytes", "380 bytes", "cut off"),
    (_huge_size, ImageError, "ends too early", "bomb.nii.gz", "140724", "at most", "again"),
    (_time_series, ImageError, "several volumes", "image.nii", "three-dim", "(6, 5, 2, 2)", "time"),
    (_colour, ImageError, "not real grey", "image.nii", "floating", "128 (RGB", "channel"),
    (_sheared, GeometryError, "right angles", "image.nii", "0.001", "0.3", "resample"),
    (_unplaced, GeometryError, "not place", "image.nii", "longer than 0", "(0.0", "export"),
    (_two_orientations, GeometryError, "two different", "image.nii", "agree", "apart", "code"),
    (_wrong_modality, ImageError, "contradicts", "scan", "PT", "CT", "leave the modality out"),
    (_other_grid, GeometryError, "different grids", "mask.nii.gz", "grid of the image", "5",
     "--resample-mask"),
    (_empty_mask, RegionError, "mask is empty", "mask.nii.gz", "one voxel", "zeros", "belongs"),
    (_unknown_label, RegionError, "no label 2", "mask.nii.gz", "1, 3", "2", "name a label"),
    (_several_labels, RegionError, "several labels", "mask.nii.gz", "one region", "1, 3", "--roi"),
    (_image_as_mask, ImageError, "not hold labels", "image.nii.gz", "whole", "frac", "exchanged"),
    (_region_outside, RegionError, "outside the image", "mask.nii", "inside", "4 of 4", "covers"),
    (_not_a_number, ImageError, "no valid intensity", "GTV", "finite", "(2, 3, 4)", "repair"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0].__name__.strip("_") for case in CASES])
def test_message(
    case: tuple[Callable[[Path], object], type[UserError], str, str, str, str, str],
    tmp_path: Path,
) -> None:
    attempt, kind, what, where, expected, got, do = case
    with pytest.raises(UserError) as caught:
        attempt(tmp_path)
    error = caught.value
    assert type(error) is kind
    assert what in error.what
    assert error.where is not None
    assert where in error.where
    assert expected in str(error.expected)
    assert got in str(error.got)
    assert do in str(error.do)
    assert "Traceback" not in error.message
