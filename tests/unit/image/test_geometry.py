"""Geometry: index and world agree, crops move the origin, differences are put in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radiome.image import Geometry

OBLIQUE = Geometry(
    shape=(4, 5, 6),
    spacing=(3.0, 0.9, 0.8),
    origin=(-10.0, 20.0, 5.0),
    direction=((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)),
)


def test_first_voxel_lies_at_the_origin_and_steps_follow_the_axes():
    np.testing.assert_allclose(OBLIQUE.index_to_world([0, 0, 0]), (-10, 20, 5))
    np.testing.assert_allclose(OBLIQUE.index_to_world([0, 0, 1]), (-9.2, 20, 5))
    np.testing.assert_allclose(OBLIQUE.index_to_world([1, 0, 0]), (-10, 18.2, 7.4))


@given(st.tuples(*[st.floats(-50, 50)] * 3))
def test_world_and_index_are_inverse(index):
    back = OBLIQUE.world_to_index(OBLIQUE.index_to_world(index))
    np.testing.assert_allclose(back, index, atol=1e-9)


def test_crop_keeps_world_positions():
    cropped = OBLIQUE.crop((slice(1, 3), slice(2, 5), slice(0, 4)))
    assert cropped.shape == (2, 3, 4)
    np.testing.assert_allclose(cropped.index_to_world([1, 1, 1]), OBLIQUE.index_to_world([2, 3, 1]))


def test_header_noise_is_tolerated_and_a_shift_is_named():
    noise = Geometry(OBLIQUE.shape, OBLIQUE.spacing, (-10.001, 20.0, 5.0), OBLIQUE.direction)
    shifted = Geometry(OBLIQUE.shape, OBLIQUE.spacing, (-9.5, 20.0, 5.0), OBLIQUE.direction)
    assert OBLIQUE.difference(noise) is None
    assert "corner voxels up to 0.625 voxels apart" in (OBLIQUE.difference(shifted) or "")


def test_other_shape_is_named():
    other = Geometry((4, 5, 7), OBLIQUE.spacing, OBLIQUE.origin, OBLIQUE.direction)
    assert OBLIQUE.difference(other) == "shape (z, y, x) (4, 5, 6) against (4, 5, 7)"


@pytest.mark.parametrize("spacing", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, float("nan"))])
def test_impossible_spacing_is_refused(spacing):
    with pytest.raises(ValueError, match="spacing must be three positive lengths"):
        Geometry((2, 2, 2), spacing)
