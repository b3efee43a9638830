"""Virtual lesions written as DICOM and NIfTI, read back by the ordinary readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pydicom
import pytest

from radiome.base.errors import GeometryError, ImageError, RegionError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.dicom_image_writer import Injection, write_ct_series, write_pet_series
from radiome.io.dicom_region_writer import write_rtstruct, write_segmentation
from radiome.io.dicom_series import read_dicom_series
from radiome.io.dicom_writer import Study
from radiome.io.nifti import write_nifti
from radiome.io.readers import read_mask, read_volume
from radiome.io.rtstruct import read_rtstruct
from radiome.io.segmentation import read_segmentation
from radiome.phantoms import Lesion, LesionParameters, make_lesion

STUDY = Study("round trip", "VIRTUAL-007", "VIRTUAL^007", weight_kg=81.5)
ANGLE = 0.4
OBLIQUE = (
    (0.0, -float(np.sin(ANGLE)), float(np.cos(ANGLE))),
    (0.0, float(np.cos(ANGLE)), float(np.sin(ANGLE))),
    (1.0, 0.0, 0.0),
)
GRIDS = {
    "plain": Geometry((6, 8, 9), (2.5, 0.7, 0.7), (-12.25, 30.5, 99.0)),
    "oblique": Geometry((6, 8, 9), (3.0, 0.8, 0.6), (5.0, -7.5, 1.25), OBLIQUE),
    "feet first in the array": Geometry(
        (6, 8, 9), (3.0, 1.0, 1.0), (1.0, 2.0, 3.0), ((0, 0, -1.0), (0, 1.0, 0), (1.0, 0, 0))
    ),
}


def lesion(modality: str, **changes: object) -> Lesion:
    small = {"seed": 6, "volume_ml": 8.0, "shape": "spiculated", "irregularity": 0.7}
    return make_lesion(LesionParameters.typical(modality, **(small | changes)))


def test_ct_and_rtstruct_come_back_exactly(tmp_path: Path) -> None:
    made = lesion("CT")
    files = write_ct_series(tmp_path / "CT", made.volume, STUDY, kernel="SHARP")
    structures = write_rtstruct(tmp_path / "regions.dcm", made.mask, files, STUDY)
    volume = read_dicom_series(tmp_path / "CT")
    np.testing.assert_array_equal(volume.voxels, made.volume.voxels)
    assert volume.voxels.dtype == np.int16
    assert made.volume.geometry.difference(volume.geometry, tolerance=1e-9) is None
    assert (volume.modality, volume.unit) == ("CT", "HU")
    assert volume.facts["ConvolutionKernel"] == "SHARP"
    mask = read_rtstruct(
        structures, volume.geometry, roi="Lesion", frame_of_reference=STUDY.frame_of_reference
    )
    np.testing.assert_array_equal(mask.voxels, made.mask.voxels)


def test_pet_comes_back_within_half_a_stored_step(tmp_path: Path) -> None:
    made = lesion("PT")
    files = write_pet_series(tmp_path / "PET", made.volume, STUDY)
    segments = write_segmentation(tmp_path / "seg.dcm", made.mask, files, STUDY)
    volume = read_dicom_series(tmp_path / "PET")
    assert (volume.modality, volume.unit) == ("PT", "SUVbw")
    half_step = made.volume.voxels.max(axis=(1, 2), keepdims=True).astype(float) / 65535 / 2
    # The reader keeps float32, which adds a rounding of 2^-24 of the value.
    limit = half_step * (1 + 1e-6) + made.volume.voxels * 2.0**-23
    assert (np.abs(volume.voxels - made.volume.voxels.astype(float)) <= limit).all()
    mask = read_segmentation(segments, volume.geometry, frame_of_reference=STUDY.frame_of_reference)
    np.testing.assert_array_equal(mask.voxels, made.mask.voxels)
    assert mask.name == "Lesion"


def test_suv_does_not_depend_on_dose_weight_and_times(tmp_path: Path) -> None:
    made = lesion("PT")
    study = replace(STUDY, weight_kg=52.0)
    other = Injection(dose_bq=1.1e8, uptake=timedelta(minutes=93), scan=timedelta(minutes=8))
    reference = Injection().activity_per_suv(81.5)
    assert reference == pytest.approx(3.0e8 * 0.5 ** (3600 / 6586.2) / 81500)
    write_pet_series(tmp_path / "PET", made.volume, study, injection=other)
    volume = read_dicom_series(tmp_path / "PET")
    np.testing.assert_allclose(volume.voxels, made.volume.voxels, atol=2e-4)


def test_mr_comes_back_exactly_from_nifti(tmp_path: Path) -> None:
    made = lesion("MR")
    write_nifti(tmp_path / "image.nii.gz", made.volume)
    write_nifti(tmp_path / "mask.nii.gz", made.mask)
    volume = read_volume(tmp_path / "image.nii.gz", modality="MR")
    mask = read_mask(tmp_path / "mask.nii.gz", volume, roi="1")
    np.testing.assert_array_equal(volume.voxels, made.volume.voxels)
    np.testing.assert_array_equal(mask.voxels, made.mask.voxels)
    assert made.volume.geometry.difference(volume.geometry, tolerance=1e-5) is None


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
def test_any_grid_and_any_region(tmp_path: Path, grid: Geometry) -> None:
    rng = np.random.default_rng(8)
    voxels = rng.integers(-1024, 30000, grid.shape).astype(np.int32)
    voxels[0, 0, :2] = -1024, 64511
    # Scattered voxels: holes, islands in holes, pixels that touch at corners.
    region = Mask(rng.random(grid.shape) < 0.6, grid, "Scattered")
    files = write_ct_series(tmp_path / "CT", Volume(voxels, grid, "CT", "HU"), STUDY)
    structures = write_rtstruct(tmp_path / "rt.dcm", region, files, STUDY)
    segments = write_segmentation(tmp_path / "seg.dcm", region, files, STUDY)
    volume = read_dicom_series(tmp_path / "CT")
    # The reader may list the slices the other way round: compare by position.
    index = np.indices(grid.shape).reshape(3, -1).T
    where = np.rint(volume.geometry.world_to_index(grid.index_to_world(index))).astype(int).T
    np.testing.assert_array_equal(volume.voxels[tuple(where)], voxels.ravel())
    for mask in (
        read_rtstruct(structures, volume.geometry),
        read_segmentation(segments, volume.geometry),
    ):
        np.testing.assert_array_equal(mask.voxels[tuple(where)], region.voxels.ravel())


def test_holes_are_declared_as_such(tmp_path: Path) -> None:
    grid = GRIDS["plain"]
    ring = np.zeros(grid.shape, dtype=bool)
    ring[2, 1:6, 1:6] = True
    solid = Mask(ring.copy(), grid, "Ring")
    ring[2, 3, 3] = False
    image = Volume(np.zeros(grid.shape, np.int16), grid, "CT", "HU")
    files = write_ct_series(tmp_path / "CT", image, STUDY)
    kinds = []
    for mask in (solid, Mask(ring, grid, "Ring")):
        path = write_rtstruct(tmp_path / "rt.dcm", mask, files, STUDY)
        contours = pydicom.dcmread(path).ROIContourSequence[0].ContourSequence
        kinds.append([contour.ContourGeometricType for contour in contours])
    assert kinds == [["CLOSED_PLANAR"], ["CLOSEDPLANAR_XOR", "CLOSEDPLANAR_XOR"]]


def test_what_cannot_be_stored_is_refused(tmp_path: Path) -> None:
    grid = GRIDS["plain"]
    for voxels in (np.full(grid.shape, 0.5), np.full(grid.shape, -1025)):
        with pytest.raises(ImageError, match="cannot be written as CT"):
            write_ct_series(tmp_path, Volume(voxels, grid, "CT"), STUDY)
    for value in (-0.1, np.nan):
        with pytest.raises(ImageError, match="cannot be written as PET"):
            write_pet_series(tmp_path, Volume(np.full(grid.shape, value), grid, "PT"), STUDY)
    files = write_ct_series(tmp_path, Volume(np.zeros(grid.shape, np.int16), grid, "CT"), STUDY)
    empty = Mask(np.zeros(grid.shape, bool), grid, "Empty")
    full = Mask(np.ones(grid.shape, bool), grid, "Full")
    for write in (write_rtstruct, write_segmentation):
        with pytest.raises(RegionError, match="empty region"):
            write(tmp_path / "regions.dcm", empty, files, STUDY)
        with pytest.raises(GeometryError, match="does not belong"):
            write(tmp_path / "regions.dcm", full, files[1:], STUDY)
    assert not (tmp_path / "regions.dcm").exists()


def test_empty_pet_slices_can_be_stored(tmp_path: Path) -> None:
    grid = GRIDS["plain"]
    voxels = np.zeros(grid.shape, np.float32)
    voxels[3, 2, 2] = 5.0
    write_pet_series(tmp_path, Volume(voxels, grid, "PT", "SUVbw"), STUDY)
    np.testing.assert_allclose(read_dicom_series(tmp_path).voxels, voxels, rtol=1e-4)
