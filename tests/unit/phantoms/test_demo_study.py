"""The demonstration studies: what is planted is there, and nowhere else."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from radiome.io.readers import read_mask, read_volume
from radiome.phantoms.demo_study import write_demo_study


def measured(folder: Path) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Response, spread of the voxels and likeness of neighbours along x of every lesion."""
    with (folder / "outcomes.csv").open(newline="") as file:
        response = {row["patient"]: float(row["response"]) for row in csv.DictReader(file)}
    found: dict[str, list[float]] = {"response": [], "spread": [], "likeness": [], "sharp": []}
    with (folder / "cohort.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            volume = read_volume(folder / row["image"])
            inside = read_mask(folder / row["mask"], volume, roi=row["roi"]).voxels
            voxels = volume.voxels.astype(float)
            pairs = inside[..., 1:] & inside[..., :-1]
            likeness = np.corrcoef(voxels[..., 1:][pairs], voxels[..., :-1][pairs])[0, 1]
            found["response"].append(response[row["patient"]])
            found["spread"].append(float(voxels[inside].std()))
            found["likeness"].append(float(likeness))
            found["sharp"].append(float(volume.facts["ConvolutionKernel"] == "SHARP"))
    return {name: np.array(values) for name, values in found.items()}


def area(values: np.ndarray[tuple[int], np.dtype[np.float64]], response: object) -> float:
    """Area under the ROC curve."""
    positive = np.asarray(response) == 1
    u = mannwhitneyu(values[positive], values[~positive]).statistic
    return float(u / (positive.sum() * (~positive).sum()))


@pytest.fixture(scope="module", params=["texture", "scanner"])
def arm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp(request.param)
    write_demo_study(folder, request.param, patients=40)
    return request.param, measured(folder)


def test_texture_tells_response_and_the_spread_of_the_voxels_does_not(arm) -> None:
    name, found = arm
    soft = found["sharp"] == 0
    telling = area(found["likeness"][soft], found["response"][soft])
    spread = area(found["spread"][soft], found["response"][soft])
    if name == "texture":
        assert telling > 0.8
        assert spread == pytest.approx(0.5, abs=0.2)
        assert area(found["sharp"], found["response"]) == pytest.approx(0.5, abs=0.1)
    else:
        assert area(found["sharp"], found["response"]) > 0.8


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_demo_study(tmp_path / name, "texture", patients=2)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert files
    for path in files:
        if (tmp_path / "a" / path).is_file():
            assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()
