"""Counts equal those of the slow twins exactly: integers, no tolerance."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from naive.gldzm import distance as slow_distance
from naive.glrlm import runs as slow_runs
from naive.glszm import zones as slow_zones
from naive.texture_stacks import region, voxels
from radiome.features import glcm as glcm_module
from radiome.features import glrlm as glrlm_module
from radiome.features.glcm import glcm
from radiome.features.glrlm import _tabled, _walked, glrlm
from radiome.features.grey_codes import grey_codes
from radiome.features.texture_counts import TextureCounts, directions
from radiome.features.texture_options import TextureOptions

BOXES = arrays(
    np.uint16, st.tuples(*[st.integers(1, 6)] * 3), elements=st.sampled_from([0, 1, 1, 1, 2, 5])
).filter(lambda box: box.any())

SPIRAL = """
111111111
100000001
101111101
101000101
101011101
101000001
101111111
"""


@settings(max_examples=60, deadline=None)
@given(box=BOXES, planar=st.booleans())
def test_zones_are_those_of_a_flood_fill(box, planar):
    levels = region(box)
    found = TextureCounts(levels).zones(planar=planar)
    outside = np.argwhere(~levels.morphological)
    expected = Counter(
        (level, len(zone), min(slow_distance(place, outside, planar) for place in zone))
        for level, zone in slow_zones(voxels(levels), planar)
    )
    assert Counter(map(tuple, found[1:].T.tolist())) == expected
    if planar:
        for z in np.unique(found[0]):
            assert found[2][found[0] == z].sum() == (levels.levels[z] > 0).sum()


def test_arms_of_a_spiral_join_to_one_zone_late():
    drawn = np.array([[[int(c) for c in line] for line in SPIRAL.split()]])
    found = TextureCounts(region(drawn)).zones(planar=False)
    assert found[1:3].tolist() == [[1], [int(drawn.sum())]]


@settings(max_examples=40, deadline=None)
@given(box=BOXES)
def test_runs_by_table_and_by_walking_equal_the_twin(box):
    levels = region(box)
    codes = grey_codes(levels)
    longest = max(codes.box.shape) - 2
    everything = (1, codes.box.shape[0] - 1, levels.n_voxels)
    for step in directions(planar=False):
        expected = slow_runs(voxels(levels), tuple(step.tolist()))
        for count in (
            _tabled(codes, step[None], everything, longest),
            _walked(codes, step, everything, longest),
        ):
            found = {
                (key // longest + 1, key % longest + 1): n
                for key, n in zip(count[0].tolist(), count[1].tolist(), strict=True)
            }
            assert found == expected


@settings(max_examples=25, deadline=None)
@given(box=BOXES)
def test_thousands_of_declared_levels_give_the_values_of_few(box):
    # Sparse levels up to 65535 take the sorting paths, which must not change a count.
    spread = np.array([0, 1, 20000, 0, 0, 65535], dtype=np.uint16)[box]
    few, many = region(box, n_levels=5), region(spread, n_levels=65535)
    options = TextureOptions(aggregations=("2D_avg", "3D_avg", "3D_comb"))
    blind = ("joint_entr", "joint_max", "energy", "_sre", "_lre", "rlnu", "glnu", "r_perc", "rl_")
    one = glcm(few, options) | glrlm(few, options)
    other = glcm(many, options) | glrlm(many, options)
    assert one.keys() == other.keys()
    for tag, value in one.items():
        if any(word in tag for word in blind):
            assert other[tag] == value, tag


@pytest.mark.parametrize("per_table", [1, 2, 5])
def test_directions_counted_in_portions_change_no_bit(monkeypatch, per_table):
    box = np.random.default_rng(5).integers(0, 5, (6, 7, 8)).astype(np.uint16)
    levels, options = region(box), TextureOptions(aggregations=("2D_avg", "3D_avg", "3D_comb"))
    whole = glcm(levels, options) | glrlm(levels, options)
    monkeypatch.setattr(glcm_module, "TABLE_LIMIT", 5 * 5 * per_table)
    monkeypatch.setattr(glrlm_module, "TABLE_LIMIT", 5 * 10 * per_table)
    assert glcm(levels, options) | glrlm(levels, options) == whole
