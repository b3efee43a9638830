"""Volumes and masks cannot be changed, and travel between processes unchanged."""

import pickle

import numpy as np
import pytest

from radiome.image import Geometry, Mask, Volume

GRID = Geometry((3, 4, 5), (2.0, 1.0, 1.0))


def test_voxels_are_read_only_but_the_callers_array_is_not():
    array = np.zeros(GRID.shape)
    volume = Volume(array, GRID)
    with pytest.raises(ValueError, match="read-only"):
        volume.voxels[0, 0, 0] = 1
    array[0, 0, 0] = 1


def test_shape_must_fit_the_grid():
    with pytest.raises(ValueError, match="on a grid of shape"):
        Volume(np.zeros((3, 4, 6)), GRID)


def test_complex_voxels_are_refused():
    with pytest.raises(ValueError, match="real numbers"):
        Volume(np.zeros(GRID.shape, dtype=complex), GRID)


def test_box_of_a_mask_is_tight():
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[1, 2:4, 3] = True
    assert Mask(inside, GRID).box() == (slice(1, 2), slice(2, 4), slice(3, 4))
    assert Mask(np.zeros(GRID.shape, dtype=bool), GRID).box() is None


def test_pickling_keeps_everything():
    volume = Volume(np.ones(GRID.shape, np.int16), GRID, "CT", "HU", {"KVP": 120.0}, "ct")
    back = pickle.loads(pickle.dumps(volume))
    assert (back.modality, back.unit, dict(back.facts), back.source) == (
        "CT",
        "HU",
        {"KVP": 120.0},
        "ct",
    )
    assert back.geometry == GRID
    np.testing.assert_array_equal(back.voxels, volume.voxels)
