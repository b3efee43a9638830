"""A map holds, at every voxel, the feature of that voxel's neighbourhood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from radiome.base.errors import RegionError, SettingsError
from radiome.base.values import NotApplicable
from radiome.cli.main import main
from radiome.discretise.methods import discretise
from radiome.extraction.measure import compute_features
from radiome.extraction.settings import Settings, load_settings
from radiome.image import Geometry, Levels, Mask, Region, Volume
from radiome.io.nifti import write_nifti
from radiome.io.readers import read_volume
from radiome.maps.options import MapOptions
from radiome.maps.placing import on_grid_of
from radiome.maps.voxelwise import feature_maps
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.prepare import prepare

SETTINGS = load_settings({"discretisation": {"method": "fixed_bin_number", "bin_count": 8}})
TAGS = (
    "stat_mean",
    "stat_p90",
    "ih_entropy",
    "cm_contrast_3D_avg",
    "cm_joint_entr_3D_comb",
    "rlm_sre_3D_avg",
    "szm_zsnu_3D",
    "dzm_sde_3D",
    "ngt_coarseness_3D",
    "ngl_dc_entr_3D",
)


def case(shape: tuple[int, int, int] = (7, 12, 13)) -> tuple[Volume, Mask]:
    rng = np.random.default_rng(8)
    geometry = Geometry(shape, (2.0, 1.0, 1.5), origin=(10.0, -5.0, 3.0))
    inside = rng.random(shape) < 0.8
    inside[:, :2] = False
    return Volume(rng.integers(0, 90, shape), geometry), Mask(inside, geometry)


def naive(volume: Volume, mask: Mask, place: tuple[int, ...], radius: int, planar: bool) -> dict:  # type: ignore[type-arg]
    """Everything outside the neighbourhood is taken out of the mask, then levels of the whole."""
    whole = prepare(volume, mask, Interpolation(), Resegmentation(), margin_mm=0.0)
    levels = discretise(whole, SETTINGS.discretisation)
    box = mask.box()
    assert box is not None
    near = np.zeros(mask.voxels.shape, dtype=bool)
    reach = (0 if planar else radius, radius, radius)
    near[tuple(slice(max(0, p - r), p + r + 1) for p, r in zip(place, reach, strict=True))] = True
    near &= mask.voxels
    inside = np.pad(near[box], 1)
    own = Levels(levels.levels * inside, inside, levels.n_levels, int(near.sum()))
    cut = Mask(near, mask.geometry).box()
    assert cut is not None
    image = volume.voxels[cut].astype(float)
    region = Region(image, near[cut], near[cut], mask.geometry.crop(cut))
    families = tuple(dict.fromkeys(_family(tag) for tag in TAGS))
    texture = SETTINGS.texture.model_copy(update={"aggregations": ("3D_avg", "3D_comb")})
    settings = SETTINGS.model_copy(update={"families": families, "texture": texture})
    return compute_features(region, own, settings)


def _family(tag: str) -> str:
    from radiome.features.catalogue import features, split_tag

    return features()[split_tag(tag)[0]].family


@pytest.mark.parametrize(("radius", "dimension"), [(1, "3D"), (2, "3D"), (2, "2D")])
def test_fifty_random_voxels_by_the_plain_way(radius: int, dimension: str) -> None:
    volume, mask = case()
    options = MapOptions(radius=radius, dimension=dimension)  # type: ignore[arg-type,call-arg]
    found = {
        tag: on_grid_of(volume, one)
        for tag, one in feature_maps(volume, mask, SETTINGS, TAGS, options).items()
    }
    places = np.argwhere(mask.voxels)
    for place in np.random.default_rng(1).permutation(places)[:50]:
        expected = naive(volume, mask, tuple(place), radius, dimension == "2D")
        for tag in TAGS:
            value = found[tag].voxels[tuple(place)]
            if isinstance(expected[tag], NotApplicable):
                assert np.isnan(value)
            else:
                assert value == pytest.approx(expected[tag], rel=1e-9, abs=1e-12)


def test_outside_the_region_there_is_nothing() -> None:
    volume, mask = case()
    (found,) = feature_maps(volume, mask, SETTINGS, ["stat_mean"]).values()
    placed = on_grid_of(volume, found)
    np.testing.assert_array_equal(np.isfinite(placed.voxels), mask.voxels)
    assert placed.geometry == volume.geometry
    options = MapOptions(outside=-1.0)  # type: ignore[call-arg]
    (filled,) = feature_maps(volume, mask, SETTINGS, ["stat_mean"], options).values()
    assert (on_grid_of(volume, filled, outside=-1.0).voxels[~mask.voxels] == -1.0).all()


def test_processes_change_no_bit_and_progress_reaches_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("radiome.maps.voxelwise._WORTH_PROCESSES", 100)
    volume, mask = case()
    seen: list[tuple[int, int]] = []
    one = feature_maps(volume, mask, SETTINGS, TAGS[:4], progress=lambda *p: seen.append(p))
    two = feature_maps(volume, mask, SETTINGS, TAGS[:4], workers=2)
    for tag in TAGS[:4]:
        np.testing.assert_array_equal(one[tag].voxels, two[tag].voxels)
    total = int(mask.voxels.sum())
    assert total > 256
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_the_place_of_the_image_changes_nothing() -> None:
    volume, mask = case()
    pads = ((3, 1), (2, 4), (5, 0))
    shape = tuple(n + sum(pad) for n, pad in zip(mask.voxels.shape, pads, strict=True))
    geometry = Geometry(shape, volume.geometry.spacing)  # type: ignore[arg-type]
    moved = Volume(np.pad(volume.voxels, pads), geometry), Mask(np.pad(mask.voxels, pads), geometry)
    tags = ["cm_contrast_3D_avg"]
    (here,) = feature_maps(volume, mask, SETTINGS, tags).values()
    (there,) = feature_maps(*moved, SETTINGS, tags).values()
    np.testing.assert_array_equal(here.voxels, there.voxels)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([], "no feature to map"),
        (["cm_contrast_4D"], "unknown feature"),
        (["morph_volume"], "cannot be mapped"),
        (["cm_contrast"], "needs an aggregation"),
    ],
)
def test_what_cannot_be_mapped_is_refused(tags: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        feature_maps(*case(), SETTINGS, tags)


@pytest.mark.parametrize(
    ("tag", "suggested"),
    [
        ("cm_contast", "cm_contrast_3D_avg"),
        ("cm_contrast", "cm_contrast_3D_avg"),
        ("cm_contrast_3D", "cm_contrast_3D_avg"),
        ("cm_contast_2_5D_comb", "cm_contrast_2_5D_comb"),
        ("szm_sze_3D_avg", "szm_sze_3D"),
        ("szm_szo_2D", "szm_sze_2D"),
        ("stat_mena", "stat_mean"),
        ("stat_mean_3D_avg", "stat_mean"),
        ("stat_mena_2D", "stat_mean"),
    ],
)
def test_what_is_suggested_can_be_mapped(tag: str, suggested: str) -> None:
    with pytest.raises(SettingsError) as caught:
        feature_maps(*case(), SETTINGS, [tag])
    assert f"'{suggested}'" in str(caught.value.do)
    assert list(feature_maps(*case(), SETTINGS, [suggested])) == [suggested]


def test_maps_are_saved_on_the_grid_of_the_image(tmp_path: Path) -> None:
    volume, mask = case()
    image, region = tmp_path / "image.nii.gz", tmp_path / "mask.nii.gz"
    write_nifti(image, volume)
    write_nifti(region, Volume(mask.voxels.astype(np.uint8), mask.geometry))
    settings = tmp_path / "settings.yaml"
    settings.write_text("filtered_images: [{filter: {name: gaussian, sigma: 1.0}}]\n")
    arguments = ["map", str(image), str(region), "-f", "stat_mean", "-o", str(tmp_path / "maps")]
    run = CliRunner().invoke(main, [*arguments, "--settings", str(settings), "--responses"])
    assert run.exit_code == 0, run.output
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "gaussian_1mm.nii.gz", "stat_mean.nii.gz",
    ]  # fmt: skip
    saved = read_volume(tmp_path / "maps" / "stat_mean.nii.gz")
    assert saved.geometry.difference(volume.geometry) is None
    (expected,) = feature_maps(volume, mask, Settings(), ["stat_mean"]).values()
    np.testing.assert_allclose(saved.voxels, on_grid_of(volume, expected).voxels, rtol=1e-6)
    assert CliRunner().invoke(main, ["map", "a", "b", "-o", "c"]).exit_code == 2


def test_one_slice_of_a_map_is_that_slice_of_the_whole() -> None:
    volume, mask = case()
    settings = SETTINGS.model_copy(
        update={"interpolation": Interpolation(spacing=(1.0, 1.5, 1.5), dimension="3D")}
    )
    tags = ("stat_mean", "cm_contrast_3D_avg")
    whole = feature_maps(volume, mask, settings, tags)
    for place in (0, 3, 6):
        part = feature_maps(volume, mask, settings, tags, slice_at=place)
        for tag in tags:
            (found,), geometry = part[tag].voxels, part[tag].geometry
            at = whole[tag].geometry.world_to_index(geometry.origin)
            number = round(float(at[0]))
            np.testing.assert_array_equal(found, whole[tag].voxels[number])
            # Planes of the new grid are 1 mm apart, those of the image 2 mm.
            height = geometry.origin[2] - volume.geometry.origin[2]
            assert abs(height - 2 * place) <= 0.5


def test_a_map_beyond_the_region_or_of_too_many_voxels_is_refused() -> None:
    volume, mask = case()
    with pytest.raises(RegionError, match="not in the slice"):
        feature_maps(volume, mask, SETTINGS, ["stat_mean"], slice_at=9)
    count = int(mask.voxels[3].sum())
    feature_maps(volume, mask, SETTINGS, ["stat_mean"], slice_at=3, most=count)
    with pytest.raises(RegionError, match=f"{count} voxels"):
        feature_maps(volume, mask, SETTINGS, ["stat_mean"], slice_at=3, most=count - 1)
