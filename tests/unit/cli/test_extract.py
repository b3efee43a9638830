from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from radiome.base.values import NotApplicable
from radiome.cli.feature_listing import _NAME_WIDTH, feature_lines
from radiome.cli.main import main
from radiome.cohort.engine import run_cohort
from radiome.extraction.row import Row
from radiome.extraction.settings import load_settings
from radiome.features.catalogue import features
from unit.cohort.fake_cases import FUNCTION, write_cohort

FEATURES = {
    "morph_volume": 1234567.89,
    "stat_mean": 0.1 + 0.2,
    "stat_cov": NotApplicable("the mean is zero"),
    "cm_contrast_3D_avg": 5.0,
    "cm_contrast_3D_comb": 6.0,
}
RECORD = {
    "radiome": "0",
    "settings": "f",
    "unit": "HU",
    "modality": "CT",
    "roi": "GTV",
    "image": "i.nii",
    "mask": "m.nii",
    "voxels_morphological": 12,
    "interpolated_spacing_zyx_mm": [1.0, 1.0, 2.5],
    "warnings": ["odd header"],
}


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["extract", *map(str, arguments)])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the extraction by a known row; the fixture's value is what it was asked."""
    seen: dict[str, Any] = {}

    def extract(image: Path, mask: Path, settings: Any, **options: Any) -> Row:
        seen.update(image=image, mask=mask, settings=settings, **options)
        return Row.build(FEATURES, dict(RECORD))

    monkeypatch.setattr("radiome.cohort.single.extract", extract)
    return seen


@pytest.fixture
def fake_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run cohorts with the case function of the engine's tests."""

    def run(*arguments: Any, **options: Any) -> Any:
        return run_cohort(*arguments, case_function=FUNCTION, **options)

    monkeypatch.setattr("radiome.cli.many_cases.run_cohort", run)


def test_one_case_is_printed_by_family_with_units_and_reasons(asked: dict[str, Any]) -> None:
    options = ("--settings", "ct", "--threads", "3", "--fill-gaps")
    result = call("i.nii", "m.nii", "--roi", "GTV", *options)
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines[0] == "5 features of CT GTV"
    assert "12 voxels of 1 x 1 x 2.5 mm (z, y, x)" in lines
    assert "settings: ct" in lines
    assert "warning: odd header" in lines
    assert "Volume (mesh) morph_volume 1.23457e+06 mm³" in lines
    assert "Mean intensity stat_mean 0.3 HU" in lines
    assert "GLCM 3D_avg 3D_comb" in lines
    assert "Contrast cm_contrast 5 6 level²" in lines
    assert "not applicable: the mean is zero: stat_cov" in lines
    assert asked["roi"] == "GTV"
    assert asked["settings"] == "ct"
    assert asked["threads"] == 3
    assert asked["fill_gaps"] is True
    assert asked["resample_mask"] is False


def test_one_case_as_csv_with_its_catalogue(asked: dict[str, Any], tmp_path: Path) -> None:
    assert call("i.nii", "m.nii", "-o", tmp_path / "x.csv").exit_code == 0
    with (tmp_path / "x.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["roi"] == "GTV"
    assert float(row["stat_mean"]) == 0.1 + 0.2
    assert row["stat_cov"] == ""
    with (tmp_path / "x.catalogue.csv").open(encoding="utf-8") as file:
        assert [entry["tag"] for entry in csv.DictReader(file)] == list(FEATURES)
    run = json.loads((tmp_path / "x.run.json").read_text())
    assert run["reasons"] == {"stat_cov": "not applicable: the mean is zero"}
    ct = load_settings("ct")
    assert run["settings"] == {ct.fingerprint(): ct.model_dump(mode="json")}


@pytest.mark.parametrize(
    ("modality", "told"),
    [
        ("PT", "preset pet, that of PT"),
        ("NM", "preset basic, as there is none for NM"),
        ("", "preset basic, as the modality is not known; --modality CT, MR or PT tells it"),
    ],
)
def test_one_case_says_which_preset_it_was_measured_with(modality: str, told: str) -> None:
    row = Row.build(FEATURES, {**RECORD, "modality": modality})
    assert f"settings: {told}" in feature_lines(row)


@pytest.mark.parametrize("discover", [False, True])
def test_a_cohort_is_not_measured_into_the_run_of_a_study(
    fake_run: None, tmp_path: Path, discover: bool
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "study.json").write_text("{}")
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    result = call(*(["--discover", cohort.parent] if discover else [cohort]), "-o", run)
    assert result.exit_code == 2
    assert "this is the run folder of a study" in result.stderr
    assert [path.name for path in run.iterdir()] == ["study.json"]


def test_one_case_as_json_and_parquet(asked: dict[str, Any], tmp_path: Path) -> None:
    assert call("i.nii", "m.nii", "-o", tmp_path / "x.json").exit_code == 0
    saved = json.loads((tmp_path / "x.json").read_text())
    assert saved["features"]["stat_cov"] is None
    assert saved["record"]["modality"] == "CT"
    assert call("i.nii", "m.nii", "-o", tmp_path / "x.parquet").exit_code == 0
    from radiome.tables.feature_table import FeatureTable

    assert FeatureTable.read(tmp_path / "x.parquet").features == tuple(FEATURES)


LIGHT = """
import sys
from radiome.cli.main import main
import radiome.cohort.single as single
from radiome.extraction.row import Row
from radiome.extraction.settings import load_settings
single.extract = lambda *paths, **options: Row.build({"stat_mean": 1.0}, {})
try:
    main(["extract", "i.nii", "m.nii", "-o", sys.argv[1]])
except SystemExit as end:
    assert not end.code
print("MODULES", *sys.modules)
"""


def test_one_case_loads_nothing_of_cohorts_and_tables(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, tmp_path / "x.csv"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.split("MODULES")[1].split())
    assert not modules & {"pandas", "pyarrow", "rich", "pydicom", "highdicom", "nibabel"}


@pytest.mark.parametrize(
    ("out", "message"), [("x.xlsx", ".csv, .json, .parquet"), ("none/x.csv", "no such folder")]
)
def test_unusable_results_are_refused_before_the_work(
    asked: dict[str, Any], tmp_path: Path, out: str, message: str
) -> None:
    result = call("i.nii", "m.nii", "-o", tmp_path / out)
    assert result.exit_code == 2
    assert message in result.output
    assert not asked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give IMAGE and MASK"),
        (("image.nii",), "give the mask too"),
        (("a", "b", "c"), "give IMAGE and MASK"),
        (("cohort.csv",), "-o RUN_DIR"),
        (("cohort.csv", "-o", "run", "--roi", "GTV"), "a cohort has columns"),
        (("cohort.csv", "--discover", "."), "takes the place of"),
        (("cohort.csv", "-o", "run", "--jobs", "0"), "--jobs"),
    ],
)
def test_wrong_use_is_explained(arguments: tuple[str, ...], message: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.usefixtures("fake_run")
def test_a_cohort_says_how_it_went(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "fail"})
    result = call(cohort, "-o", tmp_path / "out", "--jobs", 2, "--csv")
    assert result.exit_code == 1
    assert "2 cases: 1 measured, 1 failed" in result.output
    assert "failed: b: the region is empty" in result.output
    assert (tmp_path / "out" / "features.csv").exists()
    result = call(cohort, "-o", tmp_path / "out")
    assert "2 of them from an earlier run" in result.output
    (tmp_path / "in" / "b").write_text("value 2")
    assert call(cohort, "-o", tmp_path / "out").exit_code == 0


@pytest.mark.usefixtures("fake_run")
def test_ctrl_c_in_a_cohort_exits_with_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: Any, state: Any) -> None:
        if state.done == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("radiome.cohort.progress.ProgressReport.__call__", interrupt)
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "wait 30"})
    result = call(cohort, "-o", tmp_path / "out", "--jobs", 1)
    assert result.exit_code == 130
    assert "1 measured, 1 not reached" in result.output


@pytest.mark.usefixtures("fake_run")
def test_a_discovered_cohort_is_shown_written_and_run(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("p1", "p2"):
        (folder / name).mkdir(parents=True)
        (folder / name / "image.nii.gz").write_text(f"value {name[1]}")
        (folder / name / "mask.nii.gz").write_text("mask")
    (folder / "alone").mkdir()
    (folder / "alone" / "image.nii.gz").write_text("value 9")
    shown = call("--discover", folder)
    assert shown.exit_code == 0, shown.output
    assert "nothing was measured" in shown.output
    assert "alone/image.nii.gz" in shown.output.split("not used")[1]
    result = call("--discover", folder, "-o", tmp_path / "out", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "2 cases: 2 measured" in result.output
    with (tmp_path / "out" / "cohort.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["../in/p1/image.nii.gz", "../in/p2/image.nii.gz"]


def test_a_folder_without_pairs_is_explained(tmp_path: Path) -> None:
    (tmp_path / "image.nii.gz").write_text("value 1")
    result = call("--discover", tmp_path, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "no image with its lesion was found" in result.output
    assert not (tmp_path / "out").exists()


def test_a_result_that_cannot_be_written_is_explained(
    asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied", "x.csv")

    monkeypatch.setattr("radiome.tables.files.write_csv", refuse)
    result = call("i.nii", "m.nii", "-o", tmp_path / "x.csv")
    assert result.exit_code == 2
    assert "where: x.csv" in result.output
    assert "Permission denied" in result.output


def test_names_and_tags_do_not_run_together() -> None:
    assert max(len(entry.name) for entry in features().values()) < _NAME_WIDTH
