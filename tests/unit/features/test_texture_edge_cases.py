"""Single voxels, one level, thin and scattered regions: a value, or a reason for none."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from naive.texture_stacks import region
from radiome.base.values import NotApplicable
from radiome.features.glcm import glcm
from radiome.features.gldzm import gldzm
from radiome.features.glrlm import glrlm
from radiome.features.glszm import glszm
from radiome.features.ngldm import ngldm
from radiome.features.ngtdm import ngtdm
from radiome.features.texture_counts import TextureCounts
from radiome.features.texture_options import TextureOptions

ALL = TextureOptions(
    aggregations=("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")
)


def one_voxel(level=3):
    return region(np.full((1, 1, 1), level))


def test_single_voxel_has_no_pairs():
    values = glcm(one_voxel(), ALL)
    reason = "no two voxels of the region are neighbours at a distance of 1"
    assert len(values) == 150
    assert set(values.values()) == {NotApplicable(reason)}


def test_single_voxel_has_no_neighbourhood():
    values = ngtdm(one_voxel(), ALL)
    reason = "no voxel of the region has a neighbour in the region"
    assert len(values) == 15
    assert set(values.values()) == {NotApplicable(reason)}


@pytest.mark.parametrize(
    "family, expected",
    [
        (glrlm, {"rlm_sre_3D_avg": 1, "rlm_hgre_3D_comb": 9, "rlm_r_perc_2_5D_comb": 1}),
        (glszm, {"szm_sze_3D": 1, "szm_z_perc_2D": 1, "szm_zs_entr_2_5D": 0}),
        (gldzm, {"dzm_sde_3D": 1, "dzm_lde_2D": 1, "dzm_zd_var_3D": 0}),
        (ngldm, {"ngl_lde_3D": 1, "ngl_dc_energy_2D": 1, "ngl_hgce_3D": 9}),
    ],
)
def test_single_voxel_is_one_run_zone_and_dependence(family, expected):
    values = family(one_voxel(), ALL)
    assert {tag: values[tag] for tag in expected} == expected


def test_one_level_leaves_only_the_correlations_undefined():
    values = glcm(region(np.full((3, 3, 3), 4), n_levels=4), ALL)
    undefined = {tag for tag, value in values.items() if isinstance(value, NotApplicable)}
    expected = {
        f"{tag}_{name}" for tag in ("cm_corr", "cm_info_corr1") for name in ALL.aggregations
    }
    assert undefined == expected
    assert "same grey level" in values["cm_corr_3D_avg"].reason
    assert values["cm_energy_3D_avg"] == 1
    assert values["cm_joint_avg_3D_comb"] == 4
    assert values["cm_info_corr2_3D_avg"] == 0


def test_one_level_has_the_ngtdm_values_of_the_standard():
    values = ngtdm(region(np.full((2, 3, 3), 2)), TextureOptions())
    assert values == {
        "ngt_coarseness_3D": 1e6,
        "ngt_contrast_3D": 0,
        "ngt_busyness_3D": 0,
        "ngt_complexity_3D": 0,
        "ngt_strength_3D": 0,
    }


def test_equal_products_leave_busyness_undefined():
    # Twice level 1 and once level 2: the products i p_i are both 2/3.
    values = ngtdm(region([[[1, 2, 1]]]), TextureOptions())
    assert isinstance(values["ngt_busyness_3D"], NotApplicable)
    assert values["ngt_coarseness_3D"] == pytest.approx(1 / (2 / 3 * 2 + 1 / 3 * 1))


def test_slices_without_pairs_take_no_part_in_the_average():
    lone = np.zeros((2, 3, 3), dtype=np.uint16)
    lone[0] = [[1, 2, 1], [2, 3, 1], [1, 1, 2]]
    lone[1, 1, 1] = 9
    both, first = glcm(region(lone), ALL), glcm(region(lone[:1], n_levels=9), ALL)
    assert both["cm_contrast_2D_comb"] == first["cm_contrast_2D_comb"]


def test_flat_slices_take_no_part_in_the_average_correlation():
    box = np.zeros((2, 3, 3), dtype=np.uint16)
    box[0] = [[1, 2, 1], [2, 3, 1], [1, 1, 2]]
    box[1] = 5
    both, first = glcm(region(box), ALL), glcm(region(box[:1], n_levels=5), ALL)
    assert both["cm_corr_2D_comb"] == first["cm_corr_2D_comb"]
    assert both["cm_joint_avg_2D_comb"] == (first["cm_joint_avg_2D_comb"] + 5) / 2


def test_empty_slices_between_parts_are_skipped():
    part = np.array([[[1, 2], [3, 1]]])
    apart = np.concatenate([part, np.zeros((3, 2, 2), int), part])
    for family in (glcm, glrlm, glszm, gldzm, ngtdm, ngldm):
        one, two = family(region(part), ALL), family(region(apart), ALL)
        for tag in (tag for tag in one if tag.endswith(("_2D", "_2D_comb"))):
            assert two[tag] == one[tag]


def test_distance_counts_from_the_morphological_mask():
    levels = np.zeros((5, 5, 5), dtype=np.uint16)
    levels[2, 2, 2] = 1
    whole = region(levels, morphological=np.ones((5, 5, 5), bool))
    assert gldzm(whole, TextureOptions())["dzm_lde_3D"] == 9
    assert gldzm(region(levels), TextureOptions())["dzm_lde_3D"] == 1


def test_planar_distance_stays_in_the_slice():
    thin = region(np.ones((1, 5, 5), dtype=np.uint16))
    levels = np.zeros((1, 5, 5), dtype=np.uint16)
    levels[0, 2, 2] = 1
    centre = region(levels, morphological=thin.morphological[1:-1, 1:-1, 1:-1])
    values = gldzm(centre, ALL)
    assert values["dzm_lde_2D"] == 9
    assert values["dzm_lde_3D"] == 1


def test_glcm_distance_scales_the_unit_directions():
    values = glcm(region([[[1, 5, 2, 5, 1]]]), TextureOptions(glcm_distance=2))
    assert values["cm_contrast_3D_avg"] == pytest.approx((1 + 0 + 1) / 3)


def test_shared_counts_are_made_once():
    counts = TextureCounts(region(np.ones((2, 2, 2))))
    assert counts.zones(planar=False) is counts.zones(planar=False)
    first = counts.neighbourhoods(planar=True, distance=1, alpha=0)
    assert counts.neighbourhoods(planar=True, distance=1, alpha=0) is first


def test_options_name_the_undirected_aggregations_in_order():
    options = TextureOptions(aggregations=("3D_comb", "2D_avg", "2D_comb", "3D_avg"))
    assert options.undirected == ("3D", "2D")
    assert next(iter(ngtdm(region([[[1, 2]]]), options))).endswith("_3D")


@pytest.mark.parametrize(
    "bad",
    [
        {"aggregations": ()},
        {"aggregations": ("3D_avg", "3D_avg")},
        {"aggregations": ("3D",)},
        {"glcm_distance": 0},
        {"ngtdm_distance": 6},
        {"ngldm_alpha": -1},
        {"distance": 1},
    ],
)
def test_bad_options_are_refused(bad):
    with pytest.raises(ValidationError):
        TextureOptions(**bad)


def test_every_option_is_described():
    assert all(field.description for field in TextureOptions.model_fields.values())
