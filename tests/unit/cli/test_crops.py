import csv

import numpy as np
import pytest
from click.testing import CliRunner

from made_crops import dies_at_b
from radiome.cli.main import main
from radiome.cohort.crops import CropOutcome, crop_cohort
from radiome.extraction.crops import CropOptions
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.nifti import write_nifti
from radiome.tables.crops import read_crops


def write_case(folder, name, seed):
    rng = np.random.default_rng(seed)
    grid = Geometry((10, 12, 12), (2.0, 2.0, 2.0))
    inside = np.zeros(grid.shape, bool)
    inside[3:7, 4:8, 4:8] = True
    image = rng.normal(100, 20, grid.shape).astype(np.float32)
    write_nifti(folder / f"{name}_image.nii.gz", Volume(image, grid))
    write_nifti(folder / f"{name}_mask.nii.gz", Mask(inside, grid))


@pytest.fixture
def cohort(tmp_path):
    """Three good cases, one whose mask is empty, one whose image is not there."""
    rows = ["case,image,mask"]
    for number, name in enumerate("abc"):
        write_case(tmp_path, name, number)
        rows.append(f"{name},{name}_image.nii.gz,{name}_mask.nii.gz")
    grid = Geometry((10, 12, 12), (2.0, 2.0, 2.0))
    write_nifti(tmp_path / "empty.nii.gz", Mask(np.zeros(grid.shape, bool), grid))
    rows.insert(2, "hollow,a_image.nii.gz,empty.nii.gz")
    rows.append("lost,none.nii.gz,a_mask.nii.gz")
    path = tmp_path / "cohort.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def call(*arguments):
    return CliRunner().invoke(main, ["crops", *map(str, arguments)])


def test_bad_cases_get_a_reason_and_the_others_their_crops(cohort, tmp_path):
    out = tmp_path / "crops.npz"
    result = call(cohort, "-o", out, "--size", 8, "--jobs", 1)
    assert result.exit_code == 1, result.output
    assert type(result.exit_code) is int
    assert "5 cases: 3 cropped, 2 failed" in result.output
    crops = read_crops(out)
    assert crops.cases == ("a", "b", "c")
    assert crops.images.shape == (3, 2, 8, 8, 8)
    assert (crops.channels, crops.spacing) == (("image", "mask"), 2.0)
    assert crops.settings["size"] == 8
    np.testing.assert_array_equal(crops.images[:, 1].sum(axis=(1, 2, 3)), 64)
    with out.with_suffix(".csv").open(encoding="utf-8") as file:
        rows = {row["case"]: row for row in csv.DictReader(file)}
    assert [row["status"] for row in rows.values()] == ["ok", "failed", "ok", "ok", "failed"]
    assert "no voxel" in rows["hollow"]["reason"] or "empty" in rows["hollow"]["reason"]
    assert "none.nii.gz" in rows["lost"]["reason"]
    assert rows["a"]["inside"] == "1.0"


def test_options_reach_the_crops_and_large_lesions_are_named(cohort, tmp_path):
    out = tmp_path / "crops.npz"
    result = call(cohort, "-o", out, "--size", 4, "--spacing", 1, "--window", 0, 200, "--no-mask",
                  "--jobs", 1)  # fmt: skip
    crops = read_crops(out)
    assert crops.images.shape == (3, 1, 4, 4, 4)
    assert np.abs(crops.images).max() <= 1
    assert crops.settings["window"] == [0, 200]
    assert (crops.inside < 0.5).all()
    assert "3 lesions do not fit into the cube (a, b, c)" in result.output


def test_the_same_file_for_any_number_of_processes(cohort, tmp_path):
    for jobs in (1, 2):
        call(cohort, "-o", tmp_path / f"{jobs}.npz", "--size", 8, "--jobs", jobs)
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()


def test_a_process_that_dies_takes_its_own_case_only(cohort, monkeypatch):
    monkeypatch.setattr("radiome.cohort.crops.crop_one", dies_at_b)
    found = crop_cohort(cohort, CropOptions(size=8), workers=2)
    assert [outcome.status for outcome in found] == ["ok", "failed", "failed", "ok", "failed"]
    assert found[2].case == "b"
    assert "process that read this case died" in found[2].reason


def test_without_any_crop_there_is_no_file_but_the_reasons(cohort, tmp_path):
    text = cohort.read_text(encoding="utf-8").splitlines()
    cohort.write_text(f"{text[0]}\n{text[-1]}\n", encoding="utf-8")
    result = call(cohort, "-o", tmp_path / "crops.npz", "--jobs", 1)
    assert result.exit_code == 2
    assert "no case of the cohort has a crop" in result.output
    assert not (tmp_path / "crops.npz").exists()
    assert "none.nii.gz" in (tmp_path / "crops.csv").read_text(encoding="utf-8")


def test_sizes_and_names_that_make_no_sense_are_refused(cohort, tmp_path):
    assert "multiple of 2" in call(cohort, "-o", tmp_path / "c.npz", "--size", 7).output
    assert ".npz" in call(cohort, "-o", tmp_path / "c.nii").output


def test_an_outcome_says_its_status():
    assert CropOutcome("a", None, "no").status == "failed"
