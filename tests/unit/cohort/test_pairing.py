"""Which image and mask names belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from radiome.base.errors import SettingsError
from radiome.cohort.pairing import (
    image_files,
    modality_of,
    natural_order,
    pair_by_name,
    pair_by_pattern,
    stem_of,
)


def _pairs(folder: Path, *names: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    pairs, left = pair_by_name(image_files(folder), folder)
    shown = [
        (p.case, p.image.relative_to(folder).as_posix(), p.mask.relative_to(folder).as_posix())
        for p in pairs
    ]
    return shown, [path.relative_to(folder).as_posix() for path, _ in left]


@pytest.mark.parametrize(
    ("image", "mask", "case"),
    [
        ("a_image.nii.gz", "a_mask.nii.gz", "a"),
        ("a.nii.gz", "a_seg.nii.gz", "a"),
        ("a.nrrd", "a-label.nrrd", "a"),
        ("a.nrrd", "a.seg.nrrd", "a"),
        ("a.mha", "Mask_a.mha", "a"),
        ("image_a.nii", "mask_a.nii", "a"),
        ("P1/CT_image.nii.gz", "P1/CT_mask.nii.gz", "P1_CT"),
        ("P1/image/a.nii", "P1/mask/a.nii", "P1_a"),
        ("images/a.nii.gz", "masks/a.nii.gz", "a"),
        ("images/P1/a.nii.gz", "labels/P1/a_mask.nii.gz", "P1_a"),
        ("imagesTr/liver_3_0000.nii.gz", "labelsTr/liver_3.nii.gz", "liver_3_0000"),
        ("P1/image/phantom.nii.gz", "P1/mask/mask.nii.gz", "P1_phantom"),
        ("P1/scan.nii", "P1/tumour.nii", "P1"),
    ],
)
def test_one_pair(tmp_path: Path, image: str, mask: str, case: str) -> None:
    assert _pairs(tmp_path, image, mask) == ([(case, image, mask)], [])


def test_one_mask_serves_several_images(tmp_path: Path) -> None:
    pairs, left = _pairs(tmp_path, "B_1_t1.nii.gz", "B_1_t2.nii.gz", "B_1_seg.nii.gz")
    assert pairs == [
        ("B_1_t1", "B_1_t1.nii.gz", "B_1_seg.nii.gz"),
        ("B_1_t2", "B_1_t2.nii.gz", "B_1_seg.nii.gz"),
    ]
    assert left == []


def test_several_masks_of_one_image(tmp_path: Path) -> None:
    pairs, left = _pairs(tmp_path, "a.nii", "a_mask1.nii", "a_mask2.nii", "a_node_mask.nii")
    assert [(case, mask) for case, _, mask in pairs] == [
        ("a_1", "a_mask1.nii"), ("a_2", "a_mask2.nii"), ("a_node", "a_node_mask.nii"),
    ]  # fmt: skip
    assert left == []


def test_numbers_are_not_prefixes_of_longer_numbers(tmp_path: Path) -> None:
    pairs, left = _pairs(tmp_path, "case_1.nii", "case_10_mask.nii", "case_2.nii")
    assert pairs == []
    assert left == ["case_10_mask.nii", "case_1.nii", "case_2.nii"]


def test_order_is_natural_and_other_files_are_left_alone(tmp_path: Path) -> None:
    names = [f"c{n}_{role}.nii.gz" for n in (10, 9, 1) for role in ("mask", "image")]
    pairs, left = _pairs(tmp_path, *names, "notes.txt", ".hidden.nii.gz", "c1.img")
    assert [case for case, _, _ in pairs] == ["c1", "c9", "c10"]
    assert left == []


def test_patients_do_not_mix(tmp_path: Path) -> None:
    pairs, left = _pairs(tmp_path, "P1/CT_image.nii", "P2/CT_mask.nii")
    assert pairs == []
    assert sorted(left) == ["P1/CT_image.nii", "P2/CT_mask.nii"]


@pytest.mark.parametrize(
    ("name", "modality"),
    [("P1/CT_image.nii.gz", "CT"), ("P1/MR_T1_image.nii.gz", "MR"), ("a_PET.nrrd", "PT"),
     ("CT/a.nii.gz", "CT"), ("pt_012.nii.gz", ""), ("a_pt.nii.gz", "PT"), ("brain1.nrrd", "")],
)  # fmt: skip
def test_modality_from_the_name(name: str, modality: str) -> None:
    assert modality_of(Path(name)) == modality


def test_patterns_of_the_user(tmp_path: Path) -> None:
    for name in ("x/s1/ct.nii", "x/s1/gtv_9.nii", "y/s2/ct.nii", "y/s2/gtv_8.nii", "z/s3/ct.nii"):
        (tmp_path / name).parent.mkdir(parents=True) if not (tmp_path / name).parent.exists() else 0
        (tmp_path / name).touch()
    files = image_files(tmp_path)
    pairs, left = pair_by_pattern(files, tmp_path, "{case}/ct.nii", "{case}/gtv_*.nii")
    assert [(p.case, p.mask.name) for p in pairs] == [("x_s1", "gtv_9.nii"), ("y_s2", "gtv_8.nii")]
    assert left == [(tmp_path / "z/s3/ct.nii", "no mask of this case")]
    with pytest.raises(SettingsError, match="does not say which part is the case"):
        pair_by_pattern(files, tmp_path, "*/ct.nii", "{case}/gtv_*.nii")
    with pytest.raises(SettingsError, match="fits two files of one case"):
        pair_by_pattern(files, tmp_path, "{case}/*/*.nii", "{case}/gtv_*.nii")


def test_natural_order_and_stem() -> None:
    assert sorted(["a10", "a9", "B1"], key=natural_order) == ["a9", "a10", "B1"]
    assert [stem_of(name) for name in ("a.b.nii.gz", "A.NII.GZ", "a.nrrd")] == ["a.b", "A", "a"]
