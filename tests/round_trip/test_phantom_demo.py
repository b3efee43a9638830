"""The demonstration cohort: files, truth and command."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from radiome.base.errors import SettingsError
from radiome.cli.main import main
from radiome.cohort.discover import discover
from radiome.cohort.manifest import read_manifest
from radiome.extraction.case import extract_case
from radiome.extraction.settings import load_settings
from radiome.io.readers import read_mask, read_volume
from radiome.phantoms import LesionParameters, make_lesion
from radiome.phantoms.demo import COLUMNS, write_demo_cohort


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo_cohort(tmp_path_factory.mktemp("demo"), patients=3, seed=5)


def test_every_case_is_read_and_is_as_large_as_it_says(cohort: Path) -> None:
    with cohort.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    cases = read_manifest(cohort).cases
    assert [case.modality for case in cases] == ["CT", "PT", "MR"] * 3
    for case, row in zip(cases, rows, strict=True):
        volume = read_volume(case.image, modality=case.modality)
        mask = read_mask(case.mask, volume, roi=case.roi)
        counted = mask.voxels.sum() * mask.geometry.voxel_volume / 1000.0
        assert counted == pytest.approx(float(row["true_volume_ml"]), rel=0.03)
        # The grain of the PET noise leaves some twenty independent patches in a lesion.
        noise = float(row["true_noise"]) / 2.0
        assert volume.voxels[mask.voxels].mean() == pytest.approx(
            float(row["true_mean"]), abs=noise
        )


def test_cohort_is_small_and_repeats_byte_for_byte(cohort: Path, tmp_path: Path) -> None:
    again = write_demo_cohort(tmp_path, patients=1, seed=5)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path != again]
    assert len(files) > 60
    for path in files:
        assert path.read_bytes() == (cohort.parent / path.relative_to(tmp_path)).read_bytes()
    assert sum(path.stat().st_size for path in cohort.parent.rglob("*.*")) < 30e6
    other = write_demo_cohort(tmp_path / "other", patients=1, seed=6)
    image = "VIRTUAL-001/CT/CT0001.dcm"
    assert (other.parent / image).read_bytes() != (tmp_path / image).read_bytes()


def test_cohort_is_discovered_from_its_files_alone(cohort: Path) -> None:
    found = discover(cohort.parent)
    assert len(found) == 9
    assert not found.unmatched
    assert sorted(case.modality for case in found) == ["CT"] * 3 + ["MR"] * 3 + ["PT"] * 3


def test_no_patients_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="needs patients"):
        write_demo_cohort(tmp_path, patients=0)


def test_extraction_finds_the_truth_of_a_sphere() -> None:
    lesion = make_lesion(
        LesionParameters(
            seed=9, volume_ml=9.0, matrix_size=80, slice_count=64, pixel_spacing_mm=0.75,
            slice_thickness_mm=0.75, texture_amplitude=0.0, noise_sigma=0.0, kernel_fwhm_mm=0.0,
        )
    )  # fmt: skip
    settings = load_settings({"families": ["morphology", "intensity_statistics"]})
    row = extract_case(lesion.volume, lesion.mask, settings)
    truth = lesion.truth
    # 21 000 voxels. The mesh cuts the corners of the outermost ones.
    assert row["morph_volume"] == pytest.approx(1000 * truth["volume_ml"], rel=0.01)
    assert row["morph_diam"] == pytest.approx(truth["max_diameter_mm"], abs=0.75)
    # A staircase has more surface than what it follows, by about a tenth for a ball.
    assert 0.85 < row["morph_sphericity"] < truth["sphericity"]
    assert row["stat_mean"] == pytest.approx(truth["scan_mean"], abs=0.5)
    # The variance of a ball of diameter d along any axis is d² / 20.
    expected = 4.0 * truth["max_diameter_mm"] / 20**0.5
    for axis in ("maj_axis", "min_axis", "least_axis"):
        assert row[f"morph_pca_{axis}"] == pytest.approx(expected, rel=0.005)


def test_command_shows_truth_and_measurement(tmp_path: Path) -> None:
    arguments = ["demo", str(tmp_path / "demo"), "--patients", "1", "--jobs", "1", "--no-studies"]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines() if "VIRTUAL-001_" in line]
    assert [line[0][-2:] for line in lines] == ["CT", "PT", "MR"]
    for line in lines:
        true_ml, measured_ml, true_mean, measured_mean = (float(line[i]) for i in (2, 3, 6, 7))
        assert measured_ml == pytest.approx(true_ml, rel=0.05)
        assert measured_mean == pytest.approx(true_mean, rel=0.05)
        assert line[-1] == "ok"
        assert np.isfinite(float(line[-2]))
    assert (tmp_path / "demo" / "results" / "features.csv").is_file()
    assert "features.parquet" in done.output
