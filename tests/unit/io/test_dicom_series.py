from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from made_dicom import (
    FRAME,
    SERIES,
    contour,
    item,
    new_object,
    save,
    set_pixels,
    slice_object,
    some_voxels,
    uid,
    write_enhanced,
    write_rtstruct,
    write_series,
)
from radiome.io.dicom_series import is_dicom, list_series, read_dicom_series

SHAPE = (5, 6, 7)


def test_slices_are_sorted_by_position_whatever_their_names_and_numbers(tmp_path: Path) -> None:
    def misleading(dataset: Dataset, n: int) -> None:
        dataset.InstanceNumber = (n * 3) % 5

    volume = read_dicom_series(write_series(tmp_path / "ct", edit=misleading))
    assert np.array_equal(volume.voxels, some_voxels())
    assert volume.geometry.shape == SHAPE
    assert volume.geometry.spacing == (3.0, 2.0, 1.5)
    assert volume.geometry.origin == (-5.0, -6.0, 10.0)
    assert (volume.modality, volume.unit) == ("CT", "HU")


def test_facts_are_plain_and_hold_no_identity(tmp_path: Path) -> None:
    def describe(dataset: Dataset, n: int) -> None:
        dataset.KVP = "120"
        dataset.ConvolutionKernel = "B30f" if n else "B31f"
        dataset.Manufacturer = "Maker"
        dataset.PatientBirthDate = "19700101"

    facts = read_dicom_series(write_series(tmp_path / "ct", edit=describe)).facts
    assert facts["KVP"] == 120.0
    assert type(facts["KVP"]) is float
    assert facts["PixelSpacing"] == (2.0, 1.5)
    assert facts["SeriesInstanceUID"] == SERIES
    assert facts["FrameOfReferenceUID"] == FRAME
    assert facts["SOPInstanceCount"] == 5
    assert facts["VaryingAttributes"] == ("ConvolutionKernel",)
    assert not {"PatientName", "PatientID", "PatientBirthDate"} & set(facts)
    assert "Doe" not in str(dict(facts))


def test_sagittal_slices_stack_along_x(tmp_path: Path) -> None:
    def sagittal(dataset: Dataset, n: int) -> None:
        dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        dataset.ImagePositionPatient = [20.0 - 3.0 * n, 0.0, 0.0]

    volume = read_dicom_series(write_series(tmp_path / "mr", "MR", edit=sagittal))
    assert volume.geometry.direction == ((-1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
    assert volume.geometry.origin == (20.0, 0.0, 0.0)
    assert np.array_equal(volume.voxels, some_voxels())
    assert volume.unit == ""


def test_oblique_slices_with_rounded_headers_are_accepted(tmp_path: Path) -> None:
    angle = np.radians(20)
    down = np.array([0, np.cos(angle), np.sin(angle)])
    normal = np.array([0, -np.sin(angle), np.cos(angle)])

    def oblique(dataset: Dataset, n: int) -> None:
        dataset.ImageOrientationPatient = [1, 0, 0, *np.round(down, 4)]
        dataset.ImagePositionPatient = list(np.round(3.0 * n * normal, 3))

    geometry = read_dicom_series(write_series(tmp_path / "mr", "MR", edit=oblique)).geometry
    assert np.allclose(geometry.index_to_world((4, 0, 0)), 12 * normal, atol=0.01)


@pytest.mark.parametrize(
    ("stored", "slope", "intercept", "kind"),
    [
        (np.int16, 1, 0, np.int16),
        (np.uint16, 1, -1024, np.int16),
        (np.uint8, 1, 0, np.int16),
        (np.int16, 1, 100000, np.int32),
        (np.int16, 1, 0.5, np.float32),
        (np.uint16, 0.1, 3, np.float32),
        (np.int32, 0.1, 3, np.float64),
    ],
)
def test_values_are_rescaled_into_the_smallest_exact_type(
    tmp_path: Path, stored: type, slope: float, intercept: float, kind: type
) -> None:
    voxels = some_voxels(dtype=stored)

    def scale(dataset: Dataset, n: int) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = slope, intercept

    volume = read_dicom_series(write_series(tmp_path / "mr", "MR", voxels=voxels, edit=scale))
    assert volume.voxels.dtype == kind
    expected = (voxels.astype(np.float64) * slope + intercept).astype(kind)
    assert np.array_equal(volume.voxels, expected)


def test_large_unsigned_values_do_not_wrap(tmp_path: Path) -> None:
    voxels = np.full(SHAPE, 65000, dtype=np.uint16)
    plain = read_dicom_series(write_series(tmp_path / "a", "MR", voxels=voxels))
    assert plain.voxels.dtype == np.int32
    assert plain.voxels.max() == 65000

    def shift(dataset: Dataset, n: int) -> None:
        dataset.RescaleIntercept = -32768

    low = read_dicom_series(write_series(tmp_path / "b", "MR", voxels=voxels, edit=shift))
    assert low.voxels.dtype == np.int16
    assert low.voxels.max() == 65000 - 32768


def test_slope_is_applied_slice_by_slice(tmp_path: Path) -> None:
    def scale(dataset: Dataset, n: int) -> None:
        dataset.RescaleSlope = 0.5 + n

    volume = read_dicom_series(write_series(tmp_path / "mr", "MR", edit=scale))
    expected = some_voxels() * (0.5 + np.arange(5))[:, None, None]
    assert np.allclose(volume.voxels, expected, rtol=1e-7)


def test_enhanced_object_is_placed_frame_by_frame(tmp_path: Path) -> None:
    path = write_enhanced(tmp_path / "e.dcm", some_voxels(), order=[3, 0, 4, 1, 2])
    volume = read_dicom_series(path)
    assert np.array_equal(volume.voxels, some_voxels() * 2 - 100)
    assert volume.geometry.spacing == (3.0, 2.0, 1.5)
    assert volume.geometry.origin == (-5.0, -6.0, 10.0)
    assert volume.unit == "HU"


def test_reconstructed_nm_volume_uses_detector_geometry(tmp_path: Path) -> None:
    dataset = new_object("NM")
    set_pixels(dataset, some_voxels())
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    dataset.PixelSpacing, dataset.SpacingBetweenSlices = [2.0, 1.5], -3.0
    dataset.SliceVector = [1, 2, 3, 4, 5]
    place = item(ImagePositionPatient=[0, 0, 50], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    dataset.DetectorInformationSequence = [place]
    volume = read_dicom_series(save(dataset, tmp_path / "nm.dcm"))
    assert np.array_equal(volume.voxels, some_voxels()[::-1])
    assert volume.geometry.origin == (0.0, 0.0, 38.0)
    assert volume.geometry.spacing == (3.0, 2.0, 1.5)


def test_planar_image_becomes_one_slice(tmp_path: Path) -> None:
    dataset = slice_object("NM", some_voxels()[0], (0, 0, 0), 0)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "SliceThickness"):
        delattr(dataset, keyword)
    volume = read_dicom_series(save(dataset, tmp_path / "planar.dcm"))
    assert volume.geometry.spacing == (1.0, 2.0, 1.5)
    assert volume.facts["SliceSpacingFrom"] == "assumed 1 mm"


def test_single_slice_takes_its_depth_from_the_slice_thickness(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "ct", skip=(1, 2, 3, 4))
    volume = read_dicom_series(folder)
    assert volume.geometry.spacing == (3.0, 2.0, 1.5)
    assert volume.facts["SliceSpacingFrom"] == "SliceThickness"


@pytest.mark.parametrize("syntax", ["RLELossless", "JPEGLSLossless"])
def test_compressed_pixels_are_decoded(tmp_path: Path, syntax: str) -> None:
    import pydicom.uid

    def compress(dataset: Dataset, n: int) -> None:
        dataset.compress(getattr(pydicom.uid, syntax), generate_instance_uid=False)

    volume = read_dicom_series(write_series(tmp_path / "ct", edit=compress))
    assert np.array_equal(volume.voxels, some_voxels())


def test_series_is_chosen_by_uid_and_regions_are_passed_over(tmp_path: Path) -> None:
    other = uid("other")

    def rename(dataset: Dataset, n: int) -> None:
        dataset.SeriesInstanceUID = other
        dataset.SOPInstanceUID = uid("other", n)

    write_series(tmp_path / "one")
    write_series(tmp_path / "two", voxels=some_voxels() + 7, edit=rename)
    square = [(0, 0, 10), (3, 0, 10), (3, 3, 10)]
    write_rtstruct(tmp_path / "one" / "rs.dcm", [("GTV", [contour(square)])])
    (tmp_path / "one" / "notes.txt").write_text("not DICOM")
    assert read_dicom_series(tmp_path / "one").voxels.max() == 209
    assert read_dicom_series(tmp_path, series_uid=other).voxels.max() == 216


def test_series_are_listed_with_what_they_refer_to(tmp_path: Path) -> None:
    write_series(tmp_path / "ct")
    write_rtstruct(tmp_path / "rs.dcm", [("GTV", [])])
    entries = {entry.modality: entry for entry in list_series(tmp_path)}
    assert set(entries) == {"CT", "RTSTRUCT"}
    assert len(entries["CT"].files) == 5
    assert entries["CT"].patient_id == "P1"
    assert entries["RTSTRUCT"].referenced_series_uids == (SERIES,)
    assert entries["RTSTRUCT"].referenced_sop_uids == (uid("CT", 0),)
    assert entries["RTSTRUCT"].frame_of_reference_uid == FRAME


def test_dicom_is_recognised_by_its_first_bytes(tmp_path: Path) -> None:
    path = next(write_series(tmp_path / "ct").iterdir())
    assert is_dicom(path)
    bare = tmp_path / "bare"
    bare.write_bytes(path.read_bytes()[132:])
    assert is_dicom(bare)
    text = tmp_path / "text"
    text.write_text("a table, not an image; " * 20)
    assert not is_dicom(text)
    assert not is_dicom(tmp_path)
    assert not is_dicom(tmp_path / "absent")


def test_file_without_preamble_is_read(tmp_path: Path) -> None:
    path = next(write_series(tmp_path / "ct", skip=(1, 2, 3, 4)).iterdir())
    bare = tmp_path / "bare"
    bare.write_bytes(path.read_bytes()[132:])
    assert np.array_equal(read_dicom_series(bare).voxels, some_voxels()[:1])
