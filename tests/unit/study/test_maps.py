"""Maps of features on their cards: which, of whom, and what becomes of one that fails."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from made_cohort import case
from radiome.cohort.lesion_picture import OUTLINE, SIZE, draw
from radiome.cohort.manifest import Case, read_manifest
from radiome.extraction.settings import Settings
from radiome.image import Geometry, Mask, Volume
from radiome.io.nifti import write_nifti
from radiome.maps.voxelwise import feature_maps
from radiome.study import map_views as views
from radiome.study.map_choice import choose_features
from radiome.study.map_views import MapJob, at_pixels, map_view, map_views
from radiome.study.maps import map_picture, write_maps
from radiome.study.running import run_study
from radiome.tables.feature_table import FeatureTable


def pixels(picture: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"))


def maps_of(folder: Path) -> dict[str, dict]:  # type: ignore[type-arg]
    return json.loads((folder / "run/analyses/main/maps.json").read_text())  # type: ignore[no-any-return]


def made_again(folder: Path, *, cards: int = 12, workers: int = 1) -> dict[str, dict]:  # type: ignore[type-arg]
    run, manifest = folder / "run", read_manifest(folder / "cohort.csv")
    write_maps(run / "analyses/main", run, manifest, cards=cards, workers=workers)
    return maps_of(folder)


def trust(**selected: float) -> list[dict[str, str]]:
    return [
        {"feature": tag, "cluster": cluster, "selected a": str(share), "selected b": "0.1"}
        for (tag, share), cluster in zip(
            selected.items(), ["1", "1", "2", "", "", "3"], strict=True
        )
    ]


def test_one_of_each_cluster_comes_before_the_second_of_any() -> None:
    rows = trust(
        stat_mean=0.9,
        stat_p90=0.8,
        cm_contrast_3D_avg=0.5,
        morph_volume=1.0,
        log_2mm_stat_mean=1.0,
        szm_zsnu_3D=0.4,
    )
    chosen = choose_features(rows, 3)
    assert chosen.tags == ["stat_mean", "cm_contrast_3D_avg", "szm_zsnu_3D"]
    assert set(chosen.reasons) == {"morph_volume", "log_2mm_stat_mean", "stat_p90"}
    assert "as a whole" in chosen.reasons["morph_volume"]
    assert "unfiltered" in chosen.reasons["log_2mm_stat_mean"]
    assert choose_features(rows, 12).tags == [*chosen.tags, "stat_p90"]
    assert choose_features(rows, 0) == ([], {})


def test_what_no_model_selected_has_neither_map_nor_reason() -> None:
    row = {"feature": "stat_mean", "cluster": "1", "selected a": "0", "selected b": ""}
    assert choose_features([row], 12) == ([], {})


def test_the_study_maps_the_least_and_the_greatest_case(finished: Path) -> None:
    told = maps_of(finished)
    assert 1 <= len(told["features"]) <= 12
    table = FeatureTable.read(finished / "run/analyses/main/features.parquet").measured()
    values = table.frame.set_index("case")
    for tag, (least, greatest) in told["features"].items():
        assert (least["case"], greatest["case"]) == (values[tag].idxmin(), values[tag].idxmax())
        assert (least["value"], greatest["value"]) == (values[tag].min(), values[tag].max())
        assert least["low"] == greatest["low"] < greatest["high"] == least["high"]
        for each in (least, greatest):
            shown = pixels(each["picture"])
            assert shown.shape == (SIZE, SIZE, 3)
            coloured = (np.ptp(shown.astype(int), axis=2) > 0) & ~(shown == OUTLINE).all(axis=2)
            assert coloured.mean() > 0.1
    assert len(told["colours"]) == 9


def test_the_outline_is_that_of_the_picture_of_the_lesion(finished: Path) -> None:
    pictures = json.loads((finished / "run/pictures.json").read_text())
    for pair in maps_of(finished)["features"].values():
        for each in pair:
            lesion, found = pixels(pictures[each["case"]]), pixels(each["picture"])
            edge = (lesion == OUTLINE).all(axis=2)
            np.testing.assert_array_equal(edge, (found == OUTLINE).all(axis=2))
            grey = ~edge & (np.ptp(found.astype(int), axis=2) == 0)
            np.testing.assert_array_equal(lesion[grey], found[grey])


@pytest.mark.parametrize("spacing", [None, (1.0, 0.7, 1.3)])
def test_pixels_hold_the_value_of_the_voxel_there(
    tmp_path: Path, spacing: tuple[float, float, float] | None
) -> None:
    """Against the whole map, looked up one pixel at a time in millimetres."""
    volume, mask = case(np.random.default_rng(3), coarse=True)
    grid = Geometry(volume.geometry.shape, volume.geometry.spacing, origin=(-40.0, 12.5, 7.0))
    volume, mask = Volume(volume.voxels, grid, "CT", "HU"), Mask(mask.voxels, grid)
    write_nifti(tmp_path / "a.nii.gz", volume)
    write_nifti(tmp_path / "b.nii.gz", mask)
    settings = Settings.model_validate(
        {"interpolation": {"spacing": spacing, "dimension": "3D"}} if spacing else {}
    )
    one = Case("one", tmp_path / "a.nii.gz", tmp_path / "b.nii.gz", modality="CT")
    found = map_view(MapJob(one, ("stat_mean",), settings.model_dump()))
    assert found.reason == ""
    assert found.drawing is not None
    whole = feature_maps(volume, mask, settings, ["stat_mean"])["stat_mean"]
    window, shown = found.drawing.window, found.values["stat_mean"]
    steps = [(span.stop - span.start) / SIZE for span in (window.rows, window.columns)]
    _, height, width = whole.voxels.shape
    z0, y0, x0 = whole.geometry.world_to_index(grid.origin)
    dz, dy, dx = whole.geometry.spacing
    plane = round(z0 + window.slice_number * 2.0 / dz)
    seen = 0
    for row, column in np.random.default_rng(1).integers(0, SIZE, (500, 2)):
        y = y0 + (window.rows.start - 0.5 + (row + 0.5) * steps[0]) * 1.0 / dy
        x = x0 + (window.columns.start - 0.5 + (column + 0.5) * steps[1]) * 1.0 / dx
        if min(abs(y % 1 - 0.5), abs(x % 1 - 0.5)) < 1e-6:
            continue
        there = 0 <= round(y) < height and 0 <= round(x) < width
        expected = whole.voxels[plane, round(y), round(x)] if there else np.nan
        np.testing.assert_array_equal(shown[row, column], expected)
        seen += np.isfinite(expected)
    assert seen > 80


def test_colours_span_the_scale_and_what_is_beyond_has_the_last() -> None:
    volume, mask = case(np.random.default_rng(3), coarse=False)
    drawing = draw(volume, mask)
    values = np.full((SIZE, SIZE), np.nan)
    middle = SIZE // 2
    values[middle, middle - 2 : middle + 3] = [-5.0, 0.0, 1.0, 2.0, 9.0]
    shown = pixels(map_picture(drawing, values, 0.0, 2.0))[middle, middle - 2 : middle + 3]
    assert not drawing.outline[middle, middle - 2 : middle + 3].any()
    ramp = colormaps["viridis"](np.linspace(0, 1, 128), bytes=True)[:, :3]
    expected = ramp[[0, 0, 64, 127, 127]]
    np.testing.assert_array_equal(shown, expected)
    rest = np.isnan(values) & ~drawing.outline
    assert (
        np.ptp(pixels(map_picture(drawing, values, 1.0, 1.0)).astype(int), axis=2)[rest] == 0
    ).all()


def test_colours_get_lighter_without_turning_back(finished: Path) -> None:
    """Equal steps of lightness are what makes a scale readable for every colour vision."""
    told = maps_of(finished)["colours"]
    parts = np.array([[int(each[at : at + 2], 16) / 255 for at in (1, 3, 5)] for each in told])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    lightness = 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16
    steps = np.diff(lightness)
    assert steps.min() > 0.6 * steps.mean()
    assert steps.max() < 1.4 * steps.mean()


def test_the_number_of_processes_does_not_matter(study: Callable[[], Path]) -> None:
    folder = study()
    path = folder / "run/analyses/main/maps.json"
    before = path.read_bytes()
    path.unlink()
    made_again(folder, workers=2)
    assert path.read_bytes() == before


def test_an_image_that_is_gone_is_a_reason_and_the_others_are_mapped(
    study: Callable[[], Path],
) -> None:
    folder = study()
    before = maps_of(folder)["features"]
    gone = next(iter(before.values()))[0]["case"]
    spared = {tag for tag, pair in before.items() if gone not in {each["case"] for each in pair}}
    (folder / f"{gone}.nii.gz").unlink()
    told = made_again(folder)
    assert told["features"] == {tag: before[tag] for tag in spared}
    lost = set(before) - spared
    assert lost
    for tag in lost:
        assert "one of the two cases" in told["reasons"][tag]
        assert gone not in told["reasons"][tag]


def test_too_many_voxels_are_a_reason(
    study: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_VOXELS", 50)
    told = made_again(study())
    assert told["features"] == {}
    assert any("more than 50" in reason for reason in told["reasons"].values())


class _Deadly(dict[str, object]):
    """Settings that end the process which unpacks them."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


def test_a_process_that_dies_takes_no_other_map_with_it(finished: Path) -> None:
    one, two, *_ = read_manifest(finished / "cohort.csv").cases
    jobs = [MapJob(one, ("stat_mean",), _Deadly()), MapJob(two, ("stat_mean",), {})]
    dead, alive = map_views(jobs, workers=2)
    assert (dead.drawing, alive.reason) == (None, "")
    assert "died" in dead.reason
    assert np.isfinite(alive.values["stat_mean"]).any()


def test_a_bug_in_a_map_is_a_reason(
    study: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(views, "feature_maps", broken)
    told = made_again(study())
    assert told["features"] == {}
    assert any("ZeroDivisionError" in reason for reason in told["reasons"].values())


def test_a_feature_without_a_value_in_a_slice_has_a_reason(
    study: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = views.feature_maps

    def nowhere(*given: object, **named: object) -> dict[str, Volume]:
        maps = real(*given, **named)  # type: ignore[arg-type]
        return {
            tag: replace(found, voxels=np.full(found.voxels.shape, np.nan))
            for tag, found in maps.items()
        }

    monkeypatch.setattr(views, "feature_maps", nowhere)
    told = made_again(study())
    assert told["features"] == {}
    assert any("no voxel" in reason for reason in told["reasons"].values())


def test_a_change_of_cards_makes_the_maps_again_and_nothing_else(
    study: Callable[[], Path],
) -> None:
    folder = study()
    path = folder / "study.yaml"
    path.write_text(path.read_text() + "report: {cards: 1}\n")
    again = run_study(path, folder / "run", jobs=1)
    redone = [name for name, done in again.steps.items() if done.status == "done"]
    assert redone == ["maps main"]
    assert len(maps_of(folder)["features"]) == 1


def test_a_map_of_another_place_is_nowhere() -> None:
    grid = Geometry((1, 4, 4), (1.0, 1.0, 1.0))
    far = Volume(np.ones(grid.shape), replace(grid, origin=(100.0, 0.0, 0.0)))
    found = at_pixels(far, grid, np.stack(np.indices((1, 4, 4)), axis=-1)[0].astype(float))
    assert np.isnan(found).all()
