"""A fault of one row of the cohort table is that row's status and reason; the others go on."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from radiome.base.errors import SettingsError
from radiome.cohort.engine import Progress, RunResult, run_cohort
from radiome.tables.files import read_features
from unit.cohort.fake_cases import FUNCTION, calls, write_cohort

QUICK = {"families": ["intensity_statistics"]}


def write_image(path: Path, *, shape: tuple[int, int, int] = (12, 12, 6)) -> None:
    voxels = np.random.default_rng(1).normal(40, 20, shape).astype(np.int16)
    nibabel.Nifti1Image(voxels, np.eye(4)).to_filename(path)


def write_mask(path: Path, *, shape: tuple[int, int, int] = (12, 12, 6)) -> None:
    inside = np.zeros(shape, dtype=np.uint8)
    inside[3:9, 3:9, 1:5] = 1
    nibabel.Nifti1Image(inside, np.eye(4)).to_filename(path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_image(tmp_path / "i.nii")
    write_mask(tmp_path / "m.nii")
    write_mask(tmp_path / "coarse.nii", shape=(9, 9, 6))
    (tmp_path / "text.nii").write_text("no image")
    (tmp_path / "empty.nii").write_text("")
    (tmp_path / "key.yaml").write_text("families: [intensity_statistics]\ninterpolatoin: {}\n")
    (tmp_path / "value.yaml").write_text("interpolation: {spacing: wide}\n")
    (tmp_path / "broken.yaml").write_text("interpolation: [\n")
    (tmp_path / "list.yaml").write_text("- ct\n")
    return tmp_path


FAULTS = {
    # case: (image, mask, roi, modality, settings), what the reason says
    "no-image": ("none.nii", "m.nii", "", "", "", "no such file or folder; where: {}/none.nii"),
    "no-mask": ("i.nii", "none.nii", "", "", "", "no such file or folder; where: {}/none.nii"),
    "blank-image": ("", "m.nii", "", "", "", "names no image for this case"),
    "blank-mask": ("i.nii", "", "", "", "", "names no mask for this case"),
    "text": ("text.nii", "m.nii", "", "", "", "where: {}/text.nii"),
    "empty": ("empty.nii", "m.nii", "", "", "", "the file is empty; where: {}/empty.nii"),
    "grid": ("i.nii", "coarse.nii", "", "", "", "grid"),
    "modality": ("i.nii", "m.nii", "", "XY", "", "there is no modality 'XY'"),
    "label": ("i.nii", "m.nii", "7", "", "", "7"),
    "roi": ("i.nii", "m.nii", "GTV", "", "", "GTV"),
    "preset": ("i.nii", "m.nii", "", "", "ctt", "no settings file or preset 'ctt'"),
    "file": ("i.nii", "m.nii", "", "", "mine.yaml", "no settings file or preset 'mine.yaml'"),
    "long": ("i.nii", "m.nii", "", "", "x" * 300, "x"),
    "folder": ("i.nii", "m.nii", "", "", ".", "no settings file or preset '.'"),
    "key": ("i.nii", "m.nii", "", "", "key.yaml", "did you mean 'interpolation'?"),
    "value": ("i.nii", "m.nii", "", "", "value.yaml", "setting 'interpolation.spacing'"),
    "broken": ("i.nii", "m.nii", "", "", "broken.yaml", "not readable YAML"),
    "list": ("i.nii", "m.nii", "", "", "list.yaml", "does not hold named settings"),
}


def test_each_fault_of_a_row_is_its_reason_and_the_other_rows_are_measured(data: Path) -> None:
    lines = ["case,image,mask,roi,modality,settings", "first,i.nii,m.nii,,,"]
    lines += [",".join((case, *parts[:-1])) for case, parts in FAULTS.items()]
    lines += ["last,i.nii,m.nii,1,CT,"]
    (data / "cohort.csv").write_text("\n".join(lines) + "\n")
    seen: list[Progress] = []
    result = run_cohort(
        data / "cohort.csv", data / "run", settings=QUICK, jobs=2, progress=seen.append
    )
    frame = read_features(data / "run").set_index("case")
    assert frame.index.tolist() == ["first", *FAULTS, "last"]
    for case, parts in FAULTS.items():
        assert frame["status"][case] == "failed"
        assert parts[-1].format(data) in frame["reason"][case]
        assert "internal error" not in frame["reason"][case]
    assert frame["status"][["first", "last"]].tolist() == ["ok", "ok"]
    assert frame["stat_mean"].notna().sum() == 2
    assert (result.count("ok"), result.count("failed")) == (2, len(FAULTS))
    assert (seen[-1].done, seen[-1].failed, seen[-1].total) == (20, 18, 20)
    record = json.loads((data / "run" / "run.json").read_text())
    assert record["counts"] == {"ok": 2, "failed": 18}


def by_settings(folder: Path, *settings: str) -> Path:
    """A cohort of made-up cases, each with its own settings."""
    cohort = write_cohort(folder, {f"c{i}": f"value {i}" for i in range(len(settings))})
    lines = [f"c{i},c{i},mask,{name}" for i, name in enumerate(settings)]
    cohort.write_text("\n".join(["case,image,mask,settings", *lines]) + "\n")
    return cohort


def statuses(result: RunResult) -> list[str]:
    return [outcome.status for outcome in result.outcomes]


def test_settings_that_are_mended_are_measured_without_the_others_again(tmp_path: Path) -> None:
    cohort = by_settings(tmp_path / "in", "ct", "ctt", "")
    result = run_cohort(cohort, tmp_path / "out", case_function=FUNCTION, jobs=1)
    assert statuses(result) == ["ok", "failed", "ok"]
    assert "did you mean 'ct'?" in result.outcomes[1].reason
    assert calls(tmp_path / "in") == ["c0", "c2"]
    by_settings(tmp_path / "in", "ct", "ct", "")
    result = run_cohort(cohort, tmp_path / "out", case_function=FUNCTION, jobs=1)
    assert statuses(result) == ["ok", "ok", "ok"]
    assert calls(tmp_path / "in") == ["c0", "c2", "c1"]


def test_a_run_of_unusable_rows_alone_is_a_table_of_reasons(tmp_path: Path) -> None:
    cohort = by_settings(tmp_path / "in", "ctt", "ctt")
    result = run_cohort(cohort, tmp_path / "out", case_function=FUNCTION)
    assert statuses(result) == ["failed", "failed"]
    assert len(read_features(tmp_path / "out")) == 2


def test_fail_fast_stops_at_an_unusable_row_before_anything_is_measured(tmp_path: Path) -> None:
    cohort = by_settings(tmp_path / "in", "ct", "ctt")
    result = run_cohort(cohort, tmp_path / "out", case_function=FUNCTION, fail_fast=True)
    assert statuses(result) == ["pending", "failed"]
    assert calls(tmp_path / "in") == []


def test_unusable_settings_of_the_run_stop_it_at_once(tmp_path: Path) -> None:
    cohort = by_settings(tmp_path / "in", "ct", "")
    with pytest.raises(SettingsError, match="no settings file or preset 'ctt'"):
        run_cohort(cohort, tmp_path / "out", case_function=FUNCTION, settings="ctt")
    assert calls(tmp_path / "in") == []
