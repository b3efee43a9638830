"""Laws of the whole extraction: where the lesion sits and how it is computed cannot matter."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from radiome.extraction.case import extract_case
from radiome.extraction.settings import Settings
from radiome.image import Geometry, Mask, Volume

PLAIN = Settings.model_validate(
    {
        "discretisation": {"method": "fixed_bin_number", "bin_count": 6},
        "ivh": {"method": "fixed_bin_number", "bin_count": 50},
    }
)

#: Sees the surroundings of the lesion on purpose.
LOOKS_OUTSIDE = ("loc_peak_loc", "loc_peak_glob")

#: The minimum-volume enclosing ellipsoid is found by iteration, to a stated tolerance.
BY_ITERATION = ("morph_vol_dens_mvee", "morph_area_dens_mvee")

few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lesion(seed: int, shape: tuple[int, int, int] = (5, 7, 8)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    inside = rng.random(shape) < 0.7
    inside[2, 3:5, 3:6] = True
    return rng.normal(100.0, 30.0, shape).round(), inside


def row_of(voxels, inside, spacing=(3.0, 1.0, 1.5), **keywords):
    grid = Geometry(voxels.shape, spacing)
    return extract_case(Volume(voxels, grid), Mask(inside, grid), PLAIN, **keywords)


def assert_close(left, right, but=()):
    for tag in left:
        if tag not in but:
            tolerance = 1e-5 if tag in BY_ITERATION else 1e-7
            assert left[tag] == pytest.approx(right[tag], rel=tolerance, abs=tolerance), tag


@few
@given(st.integers(0, 10_000), st.tuples(*[st.integers(0, 3)] * 6))
def test_embedding_in_a_larger_image_changes_nothing(seed, margins):
    voxels, inside = lesion(seed)
    pad = list(zip(margins[:3], margins[3:], strict=True))
    outer = np.pad(voxels, pad, constant_values=-3000.0)
    assert_close(row_of(voxels, inside), row_of(outer, np.pad(inside, pad)), LOOKS_OUTSIDE)


@few
@given(st.integers(0, 10_000), st.sampled_from([(0,), (1,), (2,), (0, 1), (0, 1, 2)]))
def test_flips_change_nothing(seed, axes):
    voxels, inside = lesion(seed)
    flipped = row_of(np.flip(voxels, axes), np.flip(inside, axes))
    assert_close(row_of(voxels, inside), flipped)


@few
@given(st.integers(0, 10_000), st.permutations([0, 1, 2]))
def test_permuting_the_axes_with_their_spacing_changes_nothing(seed, order):
    voxels, inside = lesion(seed)
    spacing = (3.0, 1.0, 1.5)
    turned = row_of(
        voxels.transpose(order), inside.transpose(order), tuple(spacing[a] for a in order)
    )
    assert_close(row_of(voxels, inside), turned)


@few
@given(st.integers(0, 10_000))
def test_number_of_threads_changes_no_bit(seed):
    voxels, inside = lesion(seed)
    alone = row_of(voxels, inside, threads=1)
    together = row_of(voxels, inside, threads=4)
    assert dict(alone) == dict(together)
