"""Laws that morphology keeps for any mask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from naive.autocorrelation import geary_c, moran_i, weighted_products_by_fft
from radiome.base.values import NotApplicable
from radiome.features.mesh_measures import cube_table
from radiome.features.morphology import morphology
from radiome.features.spatial_autocorrelation import spatial_autocorrelation, weighted_products
from radiome.image import Geometry, Region
from radiome.kernels.mesh import count_cubes

SHAPES = st.tuples(*[st.integers(1, 6)] * 3)
MASKS = SHAPES.flatmap(lambda shape: arrays(bool, shape)).filter(np.any)
SPACINGS = st.tuples(*[st.sampled_from([0.5, 1.0, 1.7, 3.0])] * 3)
LAW = settings(max_examples=40, deadline=None, derandomize=True)


def features(mask, spacing, seed=0):
    image = np.random.default_rng(seed).normal(5, 2, mask.shape)
    return morphology(Region(image, mask, mask, Geometry(mask.shape, spacing)))


def assert_same(first, second, rel):
    assert first.keys() == second.keys()
    for name, value in first.items():
        if isinstance(value, NotApplicable):
            assert second[name] == value
        else:
            assert second[name] == pytest.approx(value, rel=rel, abs=1e-9), name


@given(MASKS)
@LAW
def test_the_surface_is_closed(mask):
    counts = np.zeros(256, dtype=np.int64)
    count_cubes(np.pad(mask, 1).astype(np.uint8), counts)
    table = cube_table()
    # The area vectors of a closed surface cancel.
    np.testing.assert_allclose(counts[table.kinds] @ table.normals, 0, atol=1e-10)
    # Cubes all outside are not counted.
    assert counts[0] == 0
    assert 8 * mask.sum() == sum(int(n) * kind.bit_count() for kind, n in enumerate(counts))


@given(MASKS, SPACINGS, st.integers(0, 2))
@LAW
def test_a_mirrored_region_measures_the_same(mask, spacing, axis):
    image = np.random.default_rng(0).normal(5, 2, mask.shape)
    geometry = Geometry(mask.shape, spacing)
    here = morphology(Region(image, mask, mask, geometry))
    image, mask = (np.ascontiguousarray(np.flip(a, axis)) for a in (image, mask))
    assert_same(here, morphology(Region(image, mask, mask, geometry)), rel=1e-5)


@given(MASKS, st.permutations(range(3)))
@LAW
def test_permuted_axes_measure_the_same(mask, order):
    spacing = (1.0, 2.0, 0.5)
    image = np.random.default_rng(0).normal(5, 2, mask.shape)
    here = morphology(Region(image, mask, mask, Geometry(mask.shape, spacing)))
    image, turned = (np.ascontiguousarray(a.transpose(order)) for a in (image, mask))
    spacing = tuple(spacing[axis] for axis in order)
    there = morphology(Region(image, turned, turned, Geometry(turned.shape, spacing)))
    assert_same(here, there, rel=1e-5)


@given(MASKS, SPACINGS)
@LAW
def test_a_margin_changes_nothing(mask, spacing):
    image = np.random.default_rng(0).normal(5, 2, mask.shape)
    here = morphology(Region(image, mask, mask, Geometry(mask.shape, spacing)))
    wide, around = np.pad(mask, 2), np.pad(image, 2, constant_values=77.0)
    there = morphology(Region(around, wide, wide, Geometry(wide.shape, spacing)))
    assert_same(here, there, rel=1e-12)


@given(MASKS, SPACINGS)
@LAW
def test_lengths_scale(mask, spacing):
    here, there = features(mask, spacing), features(mask, tuple(2 * step for step in spacing))
    powers = {"morph_volume": 3, "morph_vol_approx": 3, "morph_area_mesh": 2, "morph_diam": 1}
    for name, power in powers.items():
        assert there[name] == pytest.approx(here[name] * 2**power, rel=1e-12)
    for name in ("morph_sphericity", "morph_vol_dens_ombb", "morph_vol_dens_mvee"):
        assert there[name] == pytest.approx(here[name], rel=1e-6)


@given(MASKS, SPACINGS)
@LAW
def test_enclosing_shapes_enclose(mask, spacing):
    values = features(mask, spacing)
    assert values["morph_vol_dens_conv_hull"] <= 1 + 1e-12
    assert values["morph_vol_dens_ombb"] <= values["morph_vol_dens_conv_hull"] + 1e-12
    assert values["morph_vol_dens_mvee"] <= values["morph_vol_dens_conv_hull"] + 1e-12
    assert 0 < values["morph_sphericity"] < 1


@given(MASKS, SPACINGS, st.integers(0, 5))
@LAW
def test_autocorrelation_equals_the_sum_over_pairs(mask, spacing, seed):
    block = np.random.default_rng(seed).normal(3, 2, mask.shape)
    moran, geary = spatial_autocorrelation(block, mask, spacing)
    if mask.sum() < 2:
        assert isinstance(moran, NotApplicable)
        return
    assert moran == pytest.approx(moran_i(block, mask, spacing), rel=1e-10, abs=1e-12)
    assert geary == pytest.approx(geary_c(block, mask, spacing), rel=1e-10)


@pytest.mark.parametrize("shape", [(24, 31, 17), (1, 40, 33), (8, 8, 8), (13, 2, 50)])
def test_weighted_products_equal_those_by_fft(shape):
    generator = np.random.default_rng(4)
    mask = generator.random(shape) > 0.4
    deviations = np.where(mask, generator.normal(size=shape), 0.0)
    spacing = (3.0, 0.8, 1.2)
    assert weighted_products(deviations, mask, spacing) == pytest.approx(
        weighted_products_by_fft(deviations, mask, spacing), rel=1e-10
    )
