"""Flips, turns, margins and sharing change no texture feature."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

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

FAMILIES = (glcm, glrlm, glszm, gldzm, ngtdm, ngldm)
ALL = TextureOptions(
    aggregations=("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")
)
SOLID = TextureOptions(aggregations=("3D_avg", "3D_comb"))
BOXES = arrays(np.uint16, st.tuples(*[st.integers(1, 6)] * 3), elements=st.integers(0, 4)).filter(
    lambda box: box.any()
)


def texture(levels, options=ALL, counts=None):
    return {
        tag: value for family in FAMILIES for tag, value in family(levels, options, counts).items()
    }


def same(one, other):
    assert one.keys() == other.keys()
    for tag, value in one.items():
        if isinstance(value, NotApplicable):
            assert other[tag] == value, tag
        else:
            # Directions and slices are averaged in another order; the second information
            # correlation is a square root, which turns rounding of 1e-16 into 1e-8.
            loose = 1e-7 if "info_corr2" in tag else 1e-12
            assert other[tag] == pytest.approx(value, rel=1e-11, abs=loose), tag


@settings(max_examples=20, deadline=None)
@given(box=BOXES, axes=st.sets(st.integers(0, 2), min_size=1))
def test_flips_change_nothing(box, axes):
    flipped = np.ascontiguousarray(np.flip(box, tuple(axes)))
    same(texture(region(box)), texture(region(flipped)))


@settings(max_examples=20, deadline=None)
@given(box=BOXES)
def test_swapping_the_axes_of_a_slice_changes_nothing(box):
    same(texture(region(box)), texture(region(np.ascontiguousarray(box.transpose(0, 2, 1)))))


@settings(max_examples=20, deadline=None)
@given(box=BOXES, axes=st.sampled_from(list(permutations(range(3)))))
def test_permuted_axes_change_nothing_in_3d(box, axes):
    turned = np.ascontiguousarray(box.transpose(axes))
    same(texture(region(box), SOLID), texture(region(turned), SOLID))


@settings(max_examples=20, deadline=None)
@given(box=BOXES, margin=st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 3))
def test_a_wider_box_changes_no_bit(box, margin):
    assert texture(region(box)) == texture(region(np.pad(box, margin)))


@settings(max_examples=20, deadline=None)
@given(box=BOXES, names=st.permutations(["sze", "lze", "zsnu", "glnu", "zs_var", "zs_entr"]))
def test_renamed_levels_keep_their_zones(box, names):
    renamed = np.array([0, 9, 3, 4, 7], dtype=np.uint16)[box]
    one, other = glszm(region(box), SOLID), glszm(region(renamed), SOLID)
    for name in names:
        assert other[f"szm_{name}_3D"] == pytest.approx(one[f"szm_{name}_3D"], rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(box=BOXES)
def test_shared_counts_change_no_bit(box):
    levels = region(box)
    assert texture(levels, ALL, TextureCounts(levels)) == texture(levels)


@settings(max_examples=20, deadline=None)
@given(box=BOXES)
def test_one_aggregation_alone_equals_the_same_among_all(box):
    levels = region(box)
    together = texture(levels)
    for name in ALL.aggregations:
        alone = texture(levels, TextureOptions(aggregations=(name,)))
        assert {tag: together[tag] for tag in alone} == alone


@settings(max_examples=30, deadline=None)
@given(box=BOXES)
def test_values_are_finite_or_say_why_not(box):
    for tag, value in texture(region(box)).items():
        if isinstance(value, NotApplicable):
            assert value.reason
        else:
            assert type(value) is float, tag
            assert np.isfinite(value), tag
