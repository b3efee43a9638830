"""Written objects hold every attribute that the standard requires, and nothing private.

The tables of attributes by module come with highdicom, made from DICOM PS3.3.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from radiome.io.dicom_image_writer import write_ct_series, write_pet_series
from radiome.io.dicom_region_writer import write_rtstruct, write_segmentation
from radiome.io.dicom_writer import Study
from radiome.phantoms import LesionParameters, make_lesion

# Tables that highdicom keeps for itself: without them only this check is lost.
standard = pytest.importorskip("highdicom._standard_utils")
STUDY = Study("conformance", "VIRTUAL-001", "VIRTUAL^001")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    folder = tmp_path_factory.mktemp("objects")
    small = {"volume_ml": 2.0, "slice_count": 10, "matrix_size": 32}
    ct = make_lesion(LesionParameters.typical("CT", **small))
    pet = make_lesion(LesionParameters.typical("PT", **small))
    ct_files = write_ct_series(folder / "CT", ct.volume, STUDY, contrast_agent="Iodine")
    pet_files = write_pet_series(folder / "PET", pet.volume, STUDY, kernel="SOFT")
    return {
        "CT": ct_files,
        "PT": pet_files,
        "RTSTRUCT": [write_rtstruct(folder / "rt.dcm", ct.mask, ct_files, STUDY)],
        "SEG": [write_segmentation(folder / "seg.dcm", pet.mask, pet_files, STUDY)],
    }


def items(dataset: Any, path: list[str]) -> list[Any]:
    found = [dataset]
    for keyword in path:
        found = [item for parent in found for item in parent.get(keyword) or ()]
    return found


@pytest.mark.parametrize("kind", ["CT", "PT", "RTSTRUCT"])
def test_mandatory_modules_are_complete(written: dict[str, list[Path]], kind: str) -> None:
    dataset = pydicom.dcmread(written[kind][0])
    modules = standard.get_iod_module_map()[standard.get_sop_class_iod_map()[dataset.SOPClassUID]]
    attributes = standard.get_module_attribute_map()
    missing, known = [], set()
    for module in modules:
        for attribute in attributes[module["key"]]:
            keyword = attribute["keyword"]
            known.add(keyword)
            if module["usage"] != "M" or attribute["type"] not in ("1", "2"):
                continue
            for item in items(dataset, attribute["path"]):
                filled = keyword in item and (
                    attribute["type"] == "2" or not item[keyword].is_empty
                )
                if not filled:
                    missing.append((module["key"], *attribute["path"], keyword))
    assert len(known) > 100
    assert missing == []
    assert [e.keyword for e in dataset if e.keyword not in known or e.tag.is_private] == []


@pytest.mark.parametrize("kind", ["CT", "PT", "RTSTRUCT", "SEG"])
def test_values_obey_their_representation(written: dict[str, list[Path]], kind: str) -> None:
    # Reading every element strictly raises for a value that its VR does not allow.
    with pydicom.config.strict_reading():
        for path in written[kind]:
            dataset = pydicom.dcmread(path)
            dataset.walk(lambda parent, element: element.value)
            assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID


def test_objects_of_a_patient_refer_to_each_other(written: dict[str, list[Path]]) -> None:
    read = {kind: [pydicom.dcmread(path) for path in paths] for kind, paths in written.items()}
    everything = [dataset for datasets in read.values() for dataset in datasets]
    assert len({dataset.SOPInstanceUID for dataset in everything}) == len(everything)
    assert len({dataset.SeriesInstanceUID for dataset in everything}) == 4
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName"):
        assert len({dataset.get(keyword) for dataset in everything}) == 1
    frame = read["RTSTRUCT"][0].ReferencedFrameOfReferenceSequence[0]
    series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    named = [item.ReferencedSOPInstanceUID for item in series.ContourImageSequence]
    assert named == [dataset.SOPInstanceUID for dataset in read["CT"]]
    by_uid = {dataset.SOPInstanceUID: dataset for dataset in read["CT"]}
    for contour in read["RTSTRUCT"][0].ROIContourSequence[0].ContourSequence:
        image = by_uid[contour.ContourImageSequence[0].ReferencedSOPInstanceUID]
        heights = np.array(contour.ContourData, dtype=float)[2::3]
        np.testing.assert_allclose(heights, float(image.ImagePositionPatient[2]), atol=1e-4)
    segmented = read["SEG"][0].ReferencedSeriesSequence[0]
    assert segmented.SeriesInstanceUID == read["PT"][0].SeriesInstanceUID


def test_no_clock_and_no_chance(written: dict[str, list[Path]], tmp_path: Path) -> None:
    pet = make_lesion(LesionParameters.typical("PT", volume_ml=2.0, slice_count=10, matrix_size=32))
    files = write_pet_series(tmp_path / "PET", pet.volume, STUDY, kernel="SOFT")
    again = write_segmentation(tmp_path / "seg.dcm", pet.mask, files, STUDY)
    assert again.read_bytes() == written["SEG"][0].read_bytes()
    assert [f.read_bytes() for f in files] == [f.read_bytes() for f in written["PT"]]
    # Equal bytes within a second prove little: no element may hold today's date.
    today = datetime.now(tz=UTC).strftime("%Y%m%d")
    dataset = pydicom.dcmread(again)
    dates = [e for e in dataset.iterall() if e.VR in ("DA", "DT") and not e.is_empty]
    assert dates
    assert all(not str(element.value).startswith(today) for element in dates)
