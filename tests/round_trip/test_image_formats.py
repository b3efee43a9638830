"""Written by another library, read by ours: same voxels at the same places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.nifti import read_nifti, write_nifti
from radiome.io.readers import read_mask, read_volume

DIRECTION = (0.0, -0.6, 0.8, 1.0, 0.0, 0.0, 0.0, 0.8, 0.6)
KINDS = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "float32", "float64"]


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_files_of_simpleitk(tmp_path: Path, ending: str, compressed: bool, kind: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    array = (np.arange(4 * 5 * 6).reshape(4, 5, 6) % 100).astype(kind)
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((0.7, 1.25, 3.0))
    image.SetOrigin((-12.5, 100.25, 7.0))
    image.SetDirection(DIRECTION)
    path = tmp_path / f"image.{ending}"
    sitk.WriteImage(image, str(path), useCompression=compressed)
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.voxels, array)
    assert volume.voxels.dtype == np.dtype(kind)
    np.testing.assert_allclose(volume.geometry.spacing, (3.0, 1.25, 0.7), rtol=1e-6)
    for index in ((0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 5)):
        there = image.TransformIndexToPhysicalPoint(index[::-1])
        # NIfTI stores float32: 100 mm to 7 digits.
        np.testing.assert_allclose(volume.geometry.index_to_world(index), there, atol=2e-5)


@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "i8", "f4", "f8"])
def test_our_own_nifti(tmp_path: Path, kind: str) -> None:
    angle = 0.3
    geometry = Geometry(
        (3, 4, 5),
        (2.5, 0.75, 0.5),
        (10.0, -20.0, 30.0),
        (
            (0.0, 0.0, -1.0),
            (-float(np.sin(angle)), float(np.cos(angle)), 0.0),
            (float(np.cos(angle)), float(np.sin(angle)), 0.0),
        ),
    )
    volume = Volume(np.arange(60).reshape(3, 4, 5).astype(kind), geometry)
    write_nifti(tmp_path / "image.nii.gz", volume)
    read = read_nifti(tmp_path / "image.nii.gz")
    np.testing.assert_array_equal(read.voxels, volume.voxels)
    assert read.voxels.dtype == volume.voxels.dtype
    assert geometry.difference(read.geometry, tolerance=1e-5) is None
    mask = Mask(volume.voxels > 30, geometry)
    write_nifti(tmp_path / "mask.nii.gz", mask)
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.nii.gz", read).voxels, mask.voxels)


def test_written_files_are_the_same_every_time(tmp_path: Path) -> None:
    volume = Volume(np.ones((2, 3, 4)), Geometry((2, 3, 4), (1.0, 1.0, 1.0)))
    write_nifti(tmp_path / "a.nii.gz", volume)
    write_nifti(tmp_path / "b.nii.gz", volume)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
