"""Negative controls destroy what they say, where they say, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import radiome
from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import SettingsError
from radiome.image import Geometry, Mask, Volume
from radiome.preprocess.negative_controls import CONTROLS, control_volume, parse_control


def lesion(kind=np.int16) -> tuple[Volume, Mask]:
    voxels, inside = made_lesion(kind)
    grid = Geometry(voxels.shape, SPACING_ZYX)
    return Volume(voxels, grid, "CT", "HU"), Mask(inside, grid)


def controlled(name: str, kind=np.int16, seed: int = 1) -> tuple[Volume, Volume, Mask]:
    volume, mask = lesion(kind)
    return volume, control_volume(volume, mask, parse_control(name), seed=seed), mask


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.float32])
@pytest.mark.parametrize("name", CONTROLS)
def test_only_the_region_changes(name, kind):
    volume, other, mask = controlled(name, kind)
    region = parse_control(name).region
    inside = {"roi": mask.voxels, "non_roi": ~mask.voxels, "full": np.ones_like(mask.voxels)}
    changed = volume.voxels != other.voxels
    assert not changed[~inside[region]].any()
    assert changed[inside[region]].mean() > 0.5
    assert other.voxels.dtype == kind
    assert other.geometry == volume.geometry
    values, drawn = volume.voxels[inside[region]], other.voxels[inside[region]]
    assert values.min() <= drawn.min()
    assert drawn.max() <= values.max()
    if name.startswith("shuffled"):
        np.testing.assert_array_equal(np.sort(drawn), np.sort(values))
    if name.startswith("sampled"):
        assert set(drawn.tolist()) <= set(values.tolist())
        assert (np.sort(drawn) != np.sort(values)).any()


def test_randomised_reaches_both_ends_and_keeps_decimals():
    grid = Geometry((10, 10, 10), (1.0, 1.0, 1.0))
    ends = Volume(np.arange(2, dtype=np.uint8).repeat(500).reshape(grid.shape), grid)
    everywhere = Mask(np.ones(grid.shape, dtype=bool), grid)
    drawn = control_volume(ends, everywhere, parse_control("randomised_full"), seed=1)
    assert set(drawn.voxels.ravel().tolist()) == {0, 1}
    _, other, mask = controlled("randomised_roi", np.float32)
    assert len(np.unique(other.voxels[mask.voxels] % 1)) > 10


def test_draws_depend_on_seed_repeat_and_voxels_only():
    volume, mask = lesion()
    first = control_volume(volume, mask, parse_control("shuffled_roi"), seed=1)
    named = Volume(volume.voxels, volume.geometry, source="another name")
    again = control_volume(named, mask, parse_control("shuffled_roi"), seed=1)
    np.testing.assert_array_equal(first.voxels, again.voxels)
    for name, seed in (("shuffled_roi", 2), ("shuffled_roi_2", 1)):
        other = control_volume(volume, mask, parse_control(name), seed=seed)
        assert (other.voxels != first.voxels).any()


def test_voxels_without_a_value_stay_where_they_are():
    volume, mask = lesion(np.float32)
    voxels = np.array(volume.voxels)
    voxels[0, 0, :3] = np.nan
    holed = Volume(voxels, volume.geometry)
    for name in CONTROLS:
        other = control_volume(holed, mask, parse_control(name), seed=1)
        np.testing.assert_array_equal(np.isnan(other.voxels), np.isnan(voxels))


def rows(name: str) -> tuple[radiome.Row, radiome.Row]:
    volume, other, mask = controlled(name)
    settings = {
        "families": ["morphology", "intensity_statistics", "glcm"],
        "discretisation": {"method": "fixed_bin_size", "bin_width": 25},
        "filtered_images": [{"filter": {"name": "laplacian_of_gaussian", "sigma": 2.0}}],
    }
    return radiome.extract(volume, mask, settings), radiome.extract(other, mask, settings)


def test_shuffled_voxels_keep_shape_and_histogram_to_the_bit():
    plain, shuffled = rows("shuffled_roi")
    spatial = ("morph_moran_i", "morph_geary_c", "morph_com", "morph_integ_int")
    for tag in plain:
        if tag.startswith("stat_") or (tag.startswith("morph_") and tag not in spatial):
            assert shuffled[tag] == plain[tag], tag
    textures = [tag for tag in plain if tag.startswith("cm_")]
    assert np.mean([shuffled[tag] != plain[tag] for tag in textures]) > 0.9
    assert shuffled["morph_moran_i"] != plain["morph_moran_i"]


def test_surroundings_matter_to_filtered_images_only():
    plain, other = rows("randomised_non_roi")
    filtered = [tag for tag in plain if tag.startswith("log_")]
    assert filtered
    for tag in plain:
        if tag not in filtered:
            assert other[tag] == plain[tag], tag
    assert np.mean([other[tag] != plain[tag] for tag in filtered]) > 0.9


def test_an_unknown_control_is_told_with_the_nearest():
    for name in ("shuffled", "shufled_roi", "shuffled_roi_1", "roi_shuffled", "shuffled_roi_x"):
        with pytest.raises(SettingsError, match="no negative control"):
            parse_control(name)
    with pytest.raises(SettingsError, match="did you mean 'shuffled_roi'"):
        parse_control("shufled_roi")
    for name in CONTROLS:
        assert parse_control(name).name == name
        assert parse_control(f"{name}_12").name == f"{name}_12"
