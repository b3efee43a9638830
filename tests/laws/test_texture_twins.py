"""Every texture feature, in every aggregation, equals its slow twin on small odd regions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from naive import glcm as slow_glcm
from naive import gldzm as slow_gldzm
from naive import glrlm as slow_glrlm
from naive import glszm as slow_glszm
from naive import ngldm as slow_ngldm
from naive import ngtdm as slow_ngtdm
from naive.texture_stacks import region
from radiome.base.values import NotApplicable
from radiome.features.glcm import glcm
from radiome.features.gldzm import gldzm
from radiome.features.glrlm import glrlm
from radiome.features.glszm import glszm
from radiome.features.ngldm import ngldm
from radiome.features.ngtdm import ngtdm
from radiome.features.texture_options import TextureOptions

ALL = TextureOptions(
    aggregations=("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb")
)

# Zeros are holes; small boxes with few levels make runs and zones, thin boxes occur.
BOXES = arrays(
    np.uint16,
    st.tuples(*[st.integers(1, 4)] * 3),
    elements=st.sampled_from([0, 0, 1, 1, 2, 3, 7]),
).filter(lambda box: box.any())


def agree(fast, slow):
    """Every value as the twin's; not applicable exactly where the twin has none."""
    for aggregation, twin in slow.items():
        tags = [tag for tag in fast if tag.endswith(f"_{aggregation}")]
        assert tags
        for tag in tags:
            value = fast[tag]
            expected = None if twin is None else twin[tag.removesuffix(f"_{aggregation}")]
            if expected is None:
                assert isinstance(value, NotApplicable), tag
            else:
                assert value == pytest.approx(expected, rel=1e-10, abs=1e-12), tag


@settings(max_examples=40, deadline=None)
@given(box=BOXES, distance=st.integers(1, 2))
def test_glcm_equals_its_twin(box, distance):
    levels = region(box, n_levels=8)
    options = ALL.model_copy(update={"glcm_distance": distance})
    slow = {name: slow_glcm.glcm(levels, name, distance) for name in ALL.aggregations}
    # An information correlation near 0 is a square root of rounding noise in both.
    fast = glcm(levels, options)
    noisy = [
        tag for tag, v in fast.items() if "info_corr2" in tag and v == pytest.approx(0, abs=1e-6)
    ]
    for tag in noisy:
        base, aggregation = "cm_info_corr2", tag.removeprefix("cm_info_corr2_")
        assert slow[aggregation][base] == pytest.approx(0, abs=1e-6)
        slow[aggregation][base] = fast[tag]
    agree(fast, slow)


@settings(max_examples=40, deadline=None)
@given(box=BOXES)
def test_glrlm_equals_its_twin(box):
    levels = region(box)
    slow = {name: slow_glrlm.glrlm(levels, name) for name in ALL.aggregations}
    agree(glrlm(levels, ALL), slow)


@settings(max_examples=40, deadline=None)
@given(box=BOXES)
def test_glszm_equals_its_twin(box):
    levels = region(box)
    slow = {name: slow_glszm.glszm(levels, name) for name in ALL.undirected}
    agree(glszm(levels, ALL), slow)


@settings(max_examples=40, deadline=None)
@given(box=BOXES, data=st.data())
def test_gldzm_equals_its_twin(box, data):
    # The morphological mask may be larger than the intensity mask: never smaller.
    extra = data.draw(arrays(np.bool_, box.shape))
    levels = region(box, morphological=(box > 0) | extra)
    slow = {name: slow_gldzm.gldzm(levels, name) for name in ALL.undirected}
    agree(gldzm(levels, ALL), slow)


@settings(max_examples=40, deadline=None)
@given(box=BOXES, distance=st.integers(1, 2))
def test_ngtdm_equals_its_twin(box, distance):
    levels = region(box)
    options = ALL.model_copy(update={"ngtdm_distance": distance})
    slow = {name: slow_ngtdm.ngtdm(levels, name, distance) for name in ALL.undirected}
    agree(ngtdm(levels, options), slow)


@settings(max_examples=40, deadline=None)
@given(box=BOXES, distance=st.integers(1, 2), alpha=st.integers(0, 3))
def test_ngldm_equals_its_twin(box, distance, alpha):
    levels = region(box)
    options = ALL.model_copy(update={"ngldm_distance": distance, "ngldm_alpha": alpha})
    slow = {name: slow_ngldm.ngldm(levels, name, distance, alpha) for name in ALL.undirected}
    agree(ngldm(levels, options), slow)
