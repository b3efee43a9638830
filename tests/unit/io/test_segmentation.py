"""SEG objects written by highdicom, read back on the image's grid and on their own."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationFractionalTypeValues,
    SegmentationTypeValues,
    SegmentDescription,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from made_dicom import FRAME, save, uid, write_series
from radiome.base.errors import GeometryError, ImageError, RegionError
from radiome.image.volume import Volume
from radiome.io.dicom_series import read_dicom_series
from radiome.io.segmentation import list_segments, read_segmentation

SHAPE = (5, 6, 7)


def shapes() -> np.ndarray:
    """Two segments (z, y, x, segment) that overlap."""
    pixels = np.zeros((*SHAPE, 2), dtype=np.uint8)
    pixels[1:4, 1:4, 2:6, 0] = 1
    pixels[2, 0:2, 0:3, 1] = 1
    return pixels


def description(number: int, label: str) -> SegmentDescription:
    return SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=codes.SCT.Tissue,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(
            name="made", family=codes.DCM.ArtificialIntelligence, version="1"
        ),
    )


def complete(dataset: Dataset, n: int) -> None:
    """Type 2 attributes that highdicom copies from the images."""
    for keyword in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"):
        setattr(dataset, keyword, "")
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.PositionReferenceIndicator = ""


@pytest.fixture
def image(tmp_path: Path) -> Volume:
    return read_dicom_series(write_series(tmp_path / "ct", edit=complete))


def write_seg(folder: Path, pixels: np.ndarray, *, kind: str = "BINARY", **options: Any) -> Path:
    sources = [pydicom.dcmread(path) for path in sorted((folder / "ct").iterdir())]
    sources.sort(key=lambda source: float(source.ImagePositionPatient[2]))
    labels = ("Lesion", "Node")[: pixels.shape[3] if pixels.ndim == 4 else 2]
    segmentation = Segmentation(
        source_images=sources,
        pixel_array=pixels,
        segmentation_type=SegmentationTypeValues(kind),
        segment_descriptions=[description(n, label) for n, label in enumerate(labels, start=1)],
        series_instance_uid=uid("seg"),
        series_number=9,
        sop_instance_uid=uid("seg", 1),
        instance_number=1,
        manufacturer="made",
        manufacturer_model_name="made",
        software_versions="1",
        device_serial_number="1",
        **options,
    )
    path = folder / "seg.dcm"
    segmentation.save_as(path)
    return path


@pytest.mark.parametrize("omit", [True, False])
def test_binary_segments_are_placed_on_the_image(tmp_path: Path, image: Volume, omit: bool) -> None:
    path = write_seg(tmp_path, shapes(), omit_empty_frames=omit)
    assert list_segments(path) == ["Lesion", "Node"]
    for number, label in enumerate(("Lesion", "Node"), start=1):
        expected = shapes()[..., number - 1] > 0
        for name in (label, str(number)):
            mask = read_segmentation(path, image.geometry, segment=name, frame_of_reference=FRAME)
            assert np.array_equal(mask.voxels, expected)
            assert mask.name == label


def test_without_an_image_the_grid_is_that_of_the_object(tmp_path: Path, image: Volume) -> None:
    mask = read_segmentation(write_seg(tmp_path, shapes()), segment="Lesion")
    assert mask.geometry.shape == (3, 6, 7)
    assert mask.geometry.origin == (-5.0, -6.0, 13.0)
    assert mask.geometry.spacing == pytest.approx((3.0, 2.0, 1.5))
    assert np.array_equal(mask.voxels, shapes()[1:4, ..., 0] > 0)


def test_slices_left_out_within_a_segment_are_empty(tmp_path: Path, image: Volume) -> None:
    pixels = shapes()[..., :1]
    pixels[2] = 0
    mask = read_segmentation(write_seg(tmp_path, pixels))
    assert mask.geometry.shape == (3, 6, 7)
    assert list(mask.voxels.any(axis=(1, 2))) == [True, False, True]


def test_fractions_are_cut_at_the_threshold(tmp_path: Path, image: Volume) -> None:
    fractions = shapes()[..., :1] * np.array([0, 0.2, 0.5, 0.9, 0])[:, None, None, None]
    path = write_seg(
        tmp_path,
        fractions.astype(np.float32),
        kind="FRACTIONAL",
        fractional_type=SegmentationFractionalTypeValues.PROBABILITY,
        max_fractional_value=200,
    )
    for threshold, slices in ((0.5, [2, 3]), (0.51, [3]), (0.1, [1, 2, 3])):
        mask = read_segmentation(path, image.geometry, threshold=threshold)
        assert list(np.flatnonzero(mask.voxels.any(axis=(1, 2)))) == slices


def test_label_maps_are_read(tmp_path: Path, image: Volume) -> None:
    labels = shapes()[..., 0] * 2
    labels[0, 0, 0] = 1
    path = write_seg(tmp_path, labels, kind="LABELMAP")
    mask = read_segmentation(path, image.geometry, segment="Node")
    assert np.array_equal(mask.voxels, labels == 2)


def edited(path: Path, edit: Any) -> Path:
    dataset = pydicom.dcmread(path)
    edit(dataset)
    return save(dataset, path)


def test_frames_in_any_order_and_direction_are_placed(tmp_path: Path, image: Volume) -> None:
    def mirror(dataset: Dataset) -> None:
        # Rows run from the last to the first: the same pixels then lie flipped.
        shared = dataset.SharedFunctionalGroupsSequence[0]
        shared.PlaneOrientationSequence[0].ImageOrientationPatient = [1, 0, 0, 0, -1, 0]
        for groups in dataset.PerFrameFunctionalGroupsSequence:
            x, y, z = groups.PlanePositionSequence[0].ImagePositionPatient
            groups.PlanePositionSequence[0].ImagePositionPatient = [x, y + 5 * 2.0, 32.0 - z]

    path = edited(write_seg(tmp_path, shapes()[..., :1]), mirror)
    mask = read_segmentation(path, image.geometry)
    assert np.array_equal(mask.voxels, shapes()[::-1, ::-1, :, 0] > 0)


def moved(x: float = 0.0, z: float = 0.0) -> Any:
    def edit(dataset: Dataset) -> None:
        for groups in dataset.PerFrameFunctionalGroupsSequence:
            a, b, c = groups.PlanePositionSequence[0].ImagePositionPatient
            groups.PlanePositionSequence[0].ImagePositionPatient = [a + x, b, c + z]

    return edit


def same_place(dataset: Dataset) -> None:
    first, second, *_ = dataset.PerFrameFunctionalGroupsSequence
    second.PlanePositionSequence = first.PlanePositionSequence


def no_position(dataset: Dataset) -> None:
    for groups in dataset.PerFrameFunctionalGroupsSequence:
        del groups.PlanePositionSequence


def cut(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[:4]


def empty(dataset: Dataset) -> None:
    dataset.PixelData = bytes(len(dataset.PixelData))


REFUSED: dict[str, tuple[Any, type, tuple[str, ...]]] = {
    "half a voxel off": (
        moved(x=0.75),
        GeometryError,
        ("voxels of the segment are not those of the image", "0.5 voxels off", "resample"),
    ),
    "beyond the image": (moved(z=30), RegionError, ("the segment lies outside", "36 of 36")),
    "partly beyond": (moved(z=6), RegionError, ("the segment leaves", "12 of 36 voxels")),
    "two frames at one place": (same_place, GeometryError, ("two frames of the segment",)),
    "no position": (no_position, GeometryError, ("does not say where it lies",)),
    "truncated": (cut, ImageError, ("cannot be decoded",)),
    "empty": (empty, RegionError, ("the segment is empty", "no voxel")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_message_to_act_on(tmp_path: Path, image: Volume, name: str) -> None:
    edit, kind, parts = REFUSED[name]
    path = edited(write_seg(tmp_path, shapes()[..., :1]), edit)
    with pytest.raises(kind) as caught:
        read_segmentation(path, image.geometry)
    for part in parts:
        assert part in caught.value.message
    assert caught.value.do


def test_segment_must_be_known_and_named(tmp_path: Path, image: Volume) -> None:
    path = write_seg(tmp_path, shapes())
    with pytest.raises(RegionError, match="several segments") as caught:
        read_segmentation(path, image.geometry)
    assert caught.value.got == "1 'Lesion', 2 'Node'"
    with pytest.raises(RegionError, match="no segment 'Lesions'") as caught:
        read_segmentation(path, image.geometry, segment="Lesions")
    assert caught.value.do == "did you mean 'Lesion'?"


def test_other_frame_of_reference_is_refused(tmp_path: Path, image: Volume) -> None:
    path = write_seg(tmp_path, shapes()[..., :1])
    with pytest.raises(GeometryError, match="another frame of reference"):
        read_segmentation(path, image.geometry, frame_of_reference="1.2.3")


def test_image_given_as_segmentation_is_refused(tmp_path: Path, image: Volume) -> None:
    with pytest.raises(ImageError, match="holds no segments"):
        read_segmentation(tmp_path / "ct" / "00.dcm", image.geometry)
