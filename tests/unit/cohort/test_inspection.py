"""What is told of every case before it is measured."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from made_cohort import case, write_cohort
from radiome.cohort.inspection import inspect_case, inspect_cohort
from radiome.cohort.lesion_picture import OUTLINE, SIZE, lesion_picture
from radiome.image import Geometry, Mask, Volume


def pixels(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


def test_every_case_is_told_and_one_that_cannot_be_read_has_a_reason(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", 3, broken=True)
    result, seen = inspect_cohort(cohort, tmp_path / "out", jobs=1)
    assert [item.status for item in seen] == ["ok", "ok", "failed"]
    assert "empty" in seen[2].reason
    assert seen[2].picture == ""
    first = seen[0].facts
    assert first["spacing_zyx_mm"] == [2.0, 1.0, 1.0]
    assert first["volume_ml"] == pytest.approx(first["voxels"] * 2e-3)
    assert first["minimum"] < first["median"] < first["maximum"]
    again, _ = inspect_cohort(cohort, tmp_path / "out", jobs=1)
    assert (result.resumed, again.resumed) == (0, 3)


def test_facts_hold_the_protocol_and_nothing_of_the_patient() -> None:
    volume, mask = case(np.random.default_rng(1), coarse=False)
    facts = {"KVP": 120.0, "PatientAge": "061Y", "StudyDate": "20240115", "StationName": "CT1"}
    told = inspect_case(Volume(volume.voxels, volume.geometry, "CT", "HU", facts), mask).record
    assert told["facts"]["KVP"] == 120.0
    assert not {"PatientAge", "StudyDate", "StationName"} & set(told["facts"])


def test_the_picture_shows_the_largest_slice_with_the_outline() -> None:
    grid = Geometry((3, 40, 40), (1.0, 1.0, 2.0))
    voxels = np.zeros(grid.shape, dtype=np.float32)
    voxels[1] = np.linspace(0, 1, 40)
    inside = np.zeros(grid.shape, dtype=bool)
    inside[1, 10:30, 15:25] = True
    inside[2, 20, 20] = True
    shown = pixels(lesion_picture(Volume(voxels, grid), Mask(inside, grid)))
    assert shown.shape == (SIZE, SIZE, 3)
    outline = (shown == OUTLINE).all(axis=2)
    rows, columns = np.flatnonzero(outline.any(axis=1)), np.flatnonzero(outline.any(axis=0))
    # 20 mm by 20 mm on a square of 32 mm: voxels of 1 by 2 mm are shown as they are.
    edge = SIZE * 20 / 32
    assert rows[-1] - rows[0] + 1 == pytest.approx(edge, abs=1.5)
    assert columns[-1] - columns[0] + 1 == pytest.approx(edge, abs=1.5)
    grey = shown[SIZE // 2, :, 0][~outline[SIZE // 2]].astype(int)
    assert (np.diff(grey) >= 0).all()
    assert grey[-1] - grey[0] > 100


@pytest.mark.parametrize("place", [(0, 0, 0), (4, 8, 8)])
def test_a_single_voxel_at_an_edge_has_a_picture(place: tuple[int, int, int]) -> None:
    grid = Geometry((5, 9, 9), (1.0, 1.0, 1.0))
    inside = np.zeros(grid.shape, dtype=bool)
    inside[place] = True
    voxels = np.random.default_rng(1).normal(size=grid.shape)
    shown = pixels(lesion_picture(Volume(voxels, grid), Mask(inside, grid)))
    assert (shown == OUTLINE).all(axis=2).any()
