"""Lesions that were measured again: one measurement is analysed, all tell what is repeatable."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from made_protocol import write_study
from radiome.base.errors import UserError
from radiome.io.nifti import write_nifti
from radiome.io.readers import read_volume
from radiome.robustness.intraclass import IntraclassCorrelations, intraclass
from radiome.robustness.repeatability_file import read_repeatability
from radiome.study.running import run_study
from radiome.tables.feature_table import FeatureTable

SCANNED_AGAIN = 10


def write_repeats(folder: Path, noise: float) -> Path:
    """A study whose first ten patients were scanned twice, the second time with more noise."""
    path = write_study(folder, 24, broken=False)
    table = folder / "cohort.csv"
    with table.open(newline="") as file:
        rows = [{**row, "scan": "1"} for row in csv.DictReader(file)]
    for number, row in enumerate(rows[:SCANNED_AGAIN]):
        volume = read_volume(folder / row["image"])
        added = np.random.default_rng((9, number)).normal(0, noise, volume.voxels.shape)
        name = f"again_{number}.nii.gz"
        voxels = np.round(volume.voxels + added).astype(np.int16)
        write_nifti(folder / name, replace(volume, voxels=voxels))
        rows.append({**row, "case": f"again_{number}", "image": name, "scan": "2"})
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    text = path.read_text().replace(
        "trust: {resamples: 5}", "trust: {resamples: 5, repeat: scan, repeated: scan}"
    )
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repeats")
    run_study(write_repeats(folder, 40.0), folder / "run", jobs=1)
    return folder


def gate_7(folder: Path) -> dict[str, object]:
    results = json.loads((folder / "run/analyses/main/model/results.json").read_text())
    found: dict[str, object] = next(g for g in results["outcomes"][0]["gates"] if g["gate"] == 7)
    return found


def test_the_repeats_are_judged_and_the_first_of_each_lesion_is_analysed(repeated: Path) -> None:
    analysis = repeated / "run/analyses/main"
    assert len(FeatureTable.read(analysis / "features.parquet")) == 24
    known = read_repeatability(analysis / "repeatability.csv")
    assert list(known) == list(FeatureTable.read(analysis / "features.parquet").features)
    whole = FeatureTable.read(repeated / "run/extraction").values()["stat_mean"]
    pairs = np.array(
        [(whole[f"case_{n + 1:02d}"], whole[f"again_{n}"]) for n in range(SCANNED_AGAIN)]
    )
    expected = intraclass(pairs)
    assert isinstance(expected, IntraclassCorrelations)
    found = known["stat_mean"]
    assert (found.subjects, found.repeats) == (SCANNED_AGAIN, 2)
    assert found.icc == pytest.approx(expected.one_way.value, rel=1e-12)
    assert known["morph_volume"].icc == 1.0  # The region is the same.


def test_a_texture_that_noise_changes_fails_gate_7_and_weakens_the_claim(repeated: Path) -> None:
    told = gate_7(repeated)
    assert told["status"] == "FAIL"
    assert "intraclass correlation" in str(told["evidence"])
    with (repeated / "run/analyses/main/trust.csv").open(newline="") as file:
        rows = {row["feature"]: row for row in csv.DictReader(file)}
    assert rows["morph_volume"]["repeatability_icc"] == "1.0"
    assert float(rows["stat_mean"]["within_subject_cv"]) > 0
    results = json.loads((repeated / "run/analyses/main/model/results.json").read_text())
    assert results["outcomes"][0]["verdict"] != "evidence"


def test_what_is_not_repeatable_enough_can_be_left_out(repeated: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(repeated, tmp_path / "study", copy_function=shutil.copy2))
    path = folder / "study.yaml"
    plan = "    columns: {least_repeatability: 0.75}\n    outcomes:"
    path.write_text(path.read_text().replace("    outcomes:", plan))
    again = run_study(path, folder / "run", jobs=1)
    redone = [name for name, done in again.steps.items() if done.status == "done"]
    assert redone[0] == "model main"
    results = json.loads((folder / "run/analyses/main/model/results.json").read_text())
    known = read_repeatability(folder / "run/analyses/main/repeatability.csv")
    good = [name for name, found in known.items() if (found.lower or -1) >= 0.75]
    assert results["features"] == len(good) < len(known)
    assert any("were not learned from" in note for note in results["notes"])
    assert gate_7(folder)["status"] == "PASS"


def test_repeats_that_are_no_longer_asked_for_leave_nothing(repeated: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(repeated, tmp_path / "study", copy_function=shutil.copy2))
    path = folder / "study.yaml"
    path.write_text(path.read_text().replace(", repeat: scan, repeated: scan", ""))
    # Both scans of a patient are lesions now, and the patient is split as one.
    run_study(path, folder / "run", jobs=1)
    assert not (folder / "run/analyses/main/repeatability.csv").exists()
    assert gate_7(folder)["status"] == "UNKNOWN"


def test_a_limit_without_repeats_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    path = write_study(tmp_path, 24, broken=False)
    plan = "    columns: {least_repeatability: 0.75}\n    outcomes:"
    path.write_text(path.read_text().replace("    outcomes:", plan))
    with pytest.raises(UserError, match="nothing is repeated") as caught:
        run_study(path, tmp_path / "run", jobs=1)
    assert str(caught.value.where).endswith("analyses.0.plan.columns.least_repeatability")
    assert not (tmp_path / "run").exists()


def test_a_column_of_repeats_that_is_not_there_is_refused_likewise(tmp_path: Path) -> None:
    path = write_study(tmp_path, 24, broken=False)
    path.write_text(path.read_text().replace("resamples: 5", "resamples: 5, repeat: patiemt"))
    with pytest.raises(UserError, match="did you mean 'patient'"):
        run_study(path, tmp_path / "run", jobs=1)
    assert not (tmp_path / "run").exists()


def test_repeats_of_nothing_are_refused_likewise(tmp_path: Path) -> None:
    path = write_study(tmp_path, 24, broken=False)
    table = (tmp_path / "cohort.csv").read_text().splitlines()
    rows = [f"{table[0]},scan", *(f"{row},1" for row in table[1:])]
    (tmp_path / "cohort.csv").write_text("\n".join(rows) + "\n")
    path.write_text(path.read_text().replace("resamples: 5", "resamples: 5, repeat: scan"))
    with pytest.raises(UserError, match="no lesion was measured again"):
        run_study(path, tmp_path / "run", jobs=1)
    assert not (tmp_path / "run").exists()
