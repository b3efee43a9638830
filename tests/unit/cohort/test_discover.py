"""Discovery of cases in folders, by name and through DICOM references."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from radiome.base.errors import ImageError, SettingsError
from radiome.cohort import discover as module
from radiome.cohort.discover import discover
from radiome.phantoms.demo_study import write_demo_study

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"


def _data(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"needs the sample data shared/data/{name}")
    return DATA / name


@dataclass(frozen=True)
class FakeSeries:
    """The fields of a DICOM series entry that discovery reads."""

    series_uid: str
    modality: str
    files: tuple[Path, ...]
    patient_id: str = "P1"
    frame_of_reference_uid: str = ""
    referenced_series_uids: tuple[str, ...] = ()
    referenced_sop_uids: tuple[str, ...] = ()


def _dicom(
    monkeypatch: pytest.MonkeyPatch, entries: list[FakeSeries], regions: list[str]
) -> module.Discovery:
    class Reader:
        list_series = staticmethod(lambda folder: entries)
        advice_for = staticmethod(
            lambda entry: None if entry.modality in ("CT", "MR", "PT") else "no image"
        )

        @staticmethod
        def open_dicom(file: Path, only: list[str]) -> dict[str, str]:
            return {only[0]: f"uid of {file}"}

    monkeypatch.setattr(module, "import_module", lambda name: Reader)
    monkeypatch.setattr(module, "_regions", lambda file, modality: regions)
    return discover(Path(__file__).parent)


def test_each_region_of_a_structure_set_is_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    image = FakeSeries("1", "CT", (Path("/d/ct/1"), Path("/d/ct/2")))
    mask = FakeSeries("2", "RTSTRUCT", (Path("/d/rs/1"),), referenced_series_uids=("1",))
    found = _dicom(monkeypatch, [mask, image], ["GTV 1", "node"])
    assert [(c.case, c.roi, c.modality) for c in found] == [
        ("P1_CT_GTV_1", "GTV 1", "CT"), ("P1_CT_node", "node", "CT"),
    ]  # fmt: skip
    assert {c.image for c in found} == {Path("/d/ct")}
    assert {c.mask for c in found} == {Path("/d/rs/1")}
    assert found.unmatched == ()


def test_a_shared_folder_is_named_with_the_series(monkeypatch: pytest.MonkeyPatch) -> None:
    first = FakeSeries("1", "CT", (Path("/d/2"), Path("/d/1")))
    second = FakeSeries("3", "PT", (Path("/d/3"),))
    mask = FakeSeries("2", "SEG", (Path("/d/4"),), referenced_series_uids=("1",))
    found = _dicom(monkeypatch, [first, second, mask], ["lesion"])
    assert [(c.case, c.image) for c in found] == [("P1_CT", Path("/d#1"))]
    assert [u.reason for u in found.unmatched] == ["PT series without RTSTRUCT or SEG"]


def test_references_decide_and_the_frame_only_helps_out(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [
        FakeSeries("1", "CT", (Path("/d/a/1"),), frame_of_reference_uid="F"),
        FakeSeries("2", "PT", (Path("/d/b/1"),), frame_of_reference_uid="F"),
        FakeSeries("3", "MR", (Path("/d/c/1"),), frame_of_reference_uid="G"),
    ]
    masks = [
        FakeSeries("5", "RTSTRUCT", (Path("/d/5"),), "P1", "F", ("absent",)),
        FakeSeries("6", "RTSTRUCT", (Path("/d/6"),), "P1", "F"),
        FakeSeries("7", "RTSTRUCT", (Path("/d/7"),), "P1", "G"),
    ]
    found = _dicom(monkeypatch, images + masks, ["GTV"])
    assert [(c.case, c.mask) for c in found] == [("P1_MR", Path("/d/7"))]
    assert "frame of reference" in found.cases[0].note
    reasons = {u.path.name: u.reason for u in found.unmatched}
    assert reasons["5"].startswith("it refers to a series that is not in the folder, and 2 series")
    assert "2 series share its frame of reference" in reasons["6"]


def test_images_named_one_by_one_find_their_series(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [FakeSeries(str(n), "CT", (Path(f"/d/{n}/1"),)) for n in (1, 2)]
    mask = FakeSeries("m", "SEG", (Path("/m/1"),), referenced_sop_uids=("uid of /d/2/1",))
    found = _dicom(monkeypatch, [*images, mask], ["a"])
    assert [c.image for c in found] == [Path("/d/2")]


def test_objects_that_are_no_images_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _dicom(monkeypatch, [FakeSeries("1", "RTDOSE", (Path("/d/1"),))], [])
    assert [u.reason for u in found.unmatched] == ["no image"]


def test_case_names_are_made_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    images = [FakeSeries(str(n), "CT", (Path(f"/d/{n}/1"),)) for n in (1, 2)]
    masks = [
        FakeSeries(f"m{n}", "SEG", (Path(f"/m/{n}"),), referenced_series_uids=(str(n),))
        for n in (1, 2)
    ]
    found = _dicom(monkeypatch, images + masks, ["a"])
    assert [(c.case, c.mask.name) for c in found] == [("P1_CT_1", "1"), ("P1_CT_2", "2")]


def test_folder_faults(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such folder"):
        discover(tmp_path / "absent")
    with pytest.raises(ImageError, match="holds no images"):
        discover(tmp_path)
    with pytest.raises(SettingsError, match="one name pattern is missing"):
        discover(tmp_path, image_pattern="{case}.nii")


def test_unmatched_files_keep_their_reason(tmp_path: Path) -> None:
    for name in ("a.nii", "a_mask.nii", "b.nii", "c_mask.nii"):
        (tmp_path / name).touch()
    found = discover(tmp_path)
    assert [c.case for c in found] == ["a"]
    assert [(u.path.name, u.reason) for u in found.unmatched] == [
        ("b.nii", "no mask whose name fits this image"),
        ("c_mask.nii", "no image whose name fits this mask"),
    ]


def test_soft_tissue_sarcoma_samples() -> None:
    found = discover(_data("sts"))
    assert len(found) == 54
    assert found.unmatched == ()
    assert [c.case for c in found][:4] == [
        "STS_001_CT", "STS_001_MR_T1", "STS_001_PET", "STS_002_CT",
    ]  # fmt: skip
    assert {c.modality for c in found} == {"CT", "MR", "PT"}


def test_nrrd_samples() -> None:
    found = discover(_data("pyradiomics"))
    assert [c.case for c in found] == ["brain1", "brain2", "breast1", "prostate_phantom_subvolume"]


def test_dicom_samples() -> None:
    found = discover(_data("dicom"))
    rows = {(c.case, c.roi, c.image.name) for c in found}
    assert {image for _, _, image in rows} == {"image", "ADC"}
    assert {c.modality for c in found} == {"CT", "MR", "PT"}
    assert len({c.case for c in found}) == len(found)
    assert {"GTV_Mass", "GTV_Edema"} <= {roi for case, roi, _ in rows if case.startswith("STS_001")}
    assert any("without RTSTRUCT or SEG" in u.reason for u in found.unmatched)


def test_a_broken_file_costs_its_folder_and_nothing_else(tmp_path: Path) -> None:
    write_demo_study(tmp_path, "texture", patients=4)
    scans = tmp_path / "scans"
    whole = discover(scans)
    assert len(whole) == 4
    slices = sorted((scans / "TEXTURE-001" / "CT").iterdir())
    slices[3].write_bytes(slices[3].read_bytes()[:300])
    (scans / "TEXTURE-002" / "scan.dcm").write_bytes(b"junk")
    (scans / "TEXTURE-003" / "CT" / "deep").mkdir()
    moved = sorted((scans / "TEXTURE-003" / "CT").glob("*.dcm"))[0]
    moved.rename(scans / "TEXTURE-003" / "CT" / "deep" / moved.name)
    found = discover(scans)
    assert [(c.case, c.image) for c in found] == [(c.case, c.image) for c in whole][2:]
    told = {entry.path.relative_to(scans).as_posix(): entry.reason for entry in found.unmatched}
    assert told["TEXTURE-002/scan.dcm"] == (
        "the file is not DICOM; nothing was taken from its folder"
    )
    assert "nothing was taken" in told[f"TEXTURE-001/CT/{slices[3].name}"]
    assert "it refers to a series that is not in the folder" in told.values()
