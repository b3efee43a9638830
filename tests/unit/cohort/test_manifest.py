from __future__ import annotations

from pathlib import Path

import pytest

from radiome.base.errors import UserError
from radiome.cohort.manifest import Case, Manifest, read_manifest


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "cohort.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_relative_paths_start_at_the_folder_of_the_table(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, f"case,image,mask\na,i/x.nii,{tmp_path}/m.nii\n"))
    assert manifest.cases == (Case("a", tmp_path / "i/x.nii", tmp_path / "m.nii"),)


def test_optional_columns_are_used_and_others_are_carried(tmp_path: Path) -> None:
    text = "age,case,image,mask,roi,modality,site\n61,a,x,m,GTV,CT,007\n,b,x,m,,,9\n"
    manifest = read_manifest(table(tmp_path, text))
    assert (manifest.cases[0].roi, manifest.cases[0].modality) == ("GTV", "CT")
    assert manifest.cases[1].roi == ""
    columns = {column.name: column for column in manifest.columns}
    assert list(columns) == ["age", "case", "image", "mask", "roi", "modality", "site"]
    assert columns["age"].cells == (61, None)
    assert columns["site"].cells == ("007", "9")
    assert columns["roi"].cells == ("GTV", None)


def test_case_names_stay_text(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, "case,image,mask\n1,x,m\n2,x,m\n"))
    assert manifest.columns[0].cells == ("1", "2")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_separators_and_byte_order_marks(
    tmp_path: Path, separator: str, encoding: str, newline: str
) -> None:
    lines = ["case,image,mask,größe", "a,x y,m,1.5", "", '"b",x,m,2']
    text = newline.join(line.replace(",", separator) for line in lines) + newline
    manifest = read_manifest(table(tmp_path, text, encoding))
    assert [case.name for case in manifest.cases] == ["a", "b"]
    assert manifest.columns[3].cells == (1.5, 2.0)


def test_a_comma_inside_a_semicolon_table_stays_in_its_cell(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, "case;image;mask;note\na;x,y;m;1,5\n"))
    assert manifest.cases[0].image == tmp_path / "x,y"
    assert manifest.columns[3].cells == ("1,5",)


def test_a_settings_file_is_relative_to_the_table_and_a_preset_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("version: 1\n")
    text = "case,image,mask,settings\na,x,m,mine.yaml\nb,x,m,ct\n"
    manifest = read_manifest(table(tmp_path, text))
    assert [case.settings for case in manifest.cases] == [str(tmp_path / "mine.yaml"), "ct"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("case,images,mask\na,x,m\n", ["no column 'image'", "rename 'images' to 'image'"]),
        ("Case,image,mask\na,x,m\n", ["no column 'case'", "rename 'Case' to 'case'"]),
        ("patient,image\na,x\n", ["no column 'case'", "add a column 'case'", "patient, image"]),
        ("case,image,mask\na,x,m\na,y,m\n", ["'a' appears twice", "lines 2 and 3"]),
        ("case,image,mask\n\n,x,m\n", ["line 3 of the cohort table has no case"]),
        ("case,image,mask\na,x\n", ["line 2 of the cohort table has 2 cells", "3 cells"]),
        ("case,image,mask\na,x,m,n\n", ["line 2 of the cohort table has 4 cells"]),
        ("case,image,mask\n", ["holds no case", "nothing below the first line"]),
        ("", ["holds no case", "an empty file"]),
        ("case,image,mask,status\na,x,m,1\n", ["column 'status'", "rename or remove"]),
        ("case,image,mask,mask\na,x,m,1\n", ["column 'mask'"]),
        ("case,image,mask,\na,x,m,1\n", ["column ''", "name every column"]),
        ("case,image,mask,morph_volume\na,x,m,1\n", ["column 'morph_volume'"]),
        ("case,image,mask,cm_contrast_3D_avg\na,x,m,1\n", ["column 'cm_contrast_3D_avg'"]),
    ],
)
def test_unusable_tables_say_what_is_wrong(tmp_path: Path, text: str, parts: list[str]) -> None:
    path = table(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_manifest(path)
    for part in [*parts, str(path)]:
        assert part in str(caught.value)


def test_a_line_without_image_or_mask_is_a_case_with_a_fault(tmp_path: Path) -> None:
    manifest = read_manifest(table(tmp_path, "case,image,mask\na,,m\nb,x,\nc,,\nd,x,m\n"))
    assert [case.fault for case in manifest.cases] == [
        "the cohort table names no image for this case",
        "the cohort table names no mask for this case",
        "the cohort table names no image and no mask for this case",
        "",
    ]
    assert manifest.columns[1].cells == (None, "x", None, "x")


def test_other_encodings_are_refused_with_the_remedy(tmp_path: Path) -> None:
    path = table(tmp_path, "case,image,mask\nMüller,x,m\n", "latin-1")
    with pytest.raises(UserError, match="CSV UTF-8"):
        read_manifest(path)


def test_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such cohort table"):
        read_manifest(tmp_path / "none.csv")


def test_a_manifest_without_a_file_carries_only_columns_in_use(tmp_path: Path) -> None:
    manifest = Manifest.from_cases([Case("a", Path("x"), Path("m"), roi="GTV")])
    assert [column.name for column in manifest.columns] == ["case", "image", "mask", "roi"]
    with pytest.raises(UserError, match="appears twice"):
        Manifest.from_cases([Case("a", Path("x"), Path("m"))] * 2)
    with pytest.raises(UserError, match="line 1 of the cohort table has no case"):
        Manifest.from_cases([Case("", Path("x"), Path("m"))])


@pytest.mark.parametrize("heading", ["patient", "Patient ID", "PatientID", "subject_id"])
def test_patients_stay_names_when_they_look_like_numbers(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(f"case,image,mask,{heading},age\na,a.nii,b.nii,1e05,1e1\nb,a.nii,b.nii,12,\n")
    columns = {column.name: column.cells for column in read_manifest(path).columns}
    assert columns[heading] == ("1e05", "12")
    assert columns["age"] == (10.0, None)


def rows_of(n: int) -> list[str]:
    return [f"c{number},c{number}.nii,m{number}.nii,p{number}" for number in range(1, n + 1)]


@pytest.mark.parametrize(
    ("spoilt", "got"),
    [
        ({2: ('p2', '"p2')}, "unexpected end of data"),
        ({2: ('p2', '"p2'), 4: ('p4', 'p4"')}, "'p2' and further lines in column 'patient'"),
        ({2: ('c2.nii', '"c2.nii'), 3: ('c3.nii', 'c3.nii"')},
         "'c2.nii,m2.nii,p2' and further lines in column 'image'"),
        ({2: ('p2', '"p2"x')}, "',' expected after '\"'"),
    ],
)  # fmt: skip
def test_an_opened_quotation_mark_does_not_swallow_cases(
    tmp_path: Path, spoilt: dict[int, tuple[str, str]], got: str
) -> None:
    rows = rows_of(5)
    for line, change in spoilt.items():
        rows[line - 1] = rows[line - 1].replace(*change)
    with pytest.raises(UserError) as caught:
        read_manifest(table(tmp_path, "\n".join(["case,image,mask,patient", *rows]) + "\n"))
    assert caught.value.what == "line 3 of the cohort table cannot be read"
    assert caught.value.got == got


def test_a_note_may_have_several_lines(tmp_path: Path) -> None:
    text = 'case,image,mask,note\na,a.nii,b.nii,"first\nsecond"\nb,a.nii,b.nii,\n'
    manifest = read_manifest(table(tmp_path, text))
    assert [case.name for case in manifest.cases] == ["a", "b"]
    assert manifest.columns[3].cells == ("first\nsecond", None)
