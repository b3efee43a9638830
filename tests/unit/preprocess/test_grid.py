"""The interpolation grid against the standard's worked example and in world coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.image import Geometry
from radiome.preprocess.grid import GridAxis, grid_axes, grid_geometry
from radiome.preprocess.options import Interpolation


def test_example_of_the_standard() -> None:
    # 4 voxels of 3 mm to 2 mm: 6 voxels, the first at x_b = (3 - 2/3 * 5) / 2.
    axis = grid_axes(Geometry((4, 4, 4), (3.0, 3.0, 3.0)), Interpolation(spacing=2.0))[0]
    assert axis.n_new == 6
    assert axis.old_positions(0, 6)[0] == pytest.approx((3 - 10 / 3) / 2, abs=1e-15)
    assert np.diff(axis.old_positions(0, 6)) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("n_old", "old", "new", "n_new"),
    [(60, 3.0, 2.0, 90), (60, 3.0000001, 2.0, 90), (204, 0.9765625, 2.0, 100), (1, 1.0, 9.0, 1)],
)
def test_size_is_the_extent_rounded_up(n_old: int, old: float, new: float, n_new: int) -> None:
    geometry = Geometry((n_old, 5, 5), (old, 1.0, 1.0))
    assert grid_axes(geometry, Interpolation(spacing=(new, 1.0, 1.0)))[0].n_new == n_new


def test_header_rounding_is_not_a_new_grid() -> None:
    axis = grid_axes(Geometry((300, 3, 3), (1.0000001, 1.0, 1.0)), Interpolation(spacing=1.0))[0]
    assert axis == GridAxis(300, 300, 1.0)


def test_both_grids_have_the_same_centre_in_the_patient() -> None:
    direction = ((0.0, 0.6, 0.8), (0.0, 0.8, -0.6), (1.0, 0.0, 0.0))
    old = Geometry((7, 9, 11), (3.0, 0.7, 1.3), (10.0, -20.0, 30.0), direction)
    new = grid_geometry(old, grid_axes(old, Interpolation(spacing=(1.0, 2.0, 1.5))))
    middle_of_old = old.index_to_world((np.array(old.shape) - 1) / 2)
    middle_of_new = new.index_to_world((np.array(new.shape) - 1) / 2)
    assert middle_of_new == pytest.approx(middle_of_old, abs=1e-12)
    assert new.spacing == pytest.approx((1.0, 2.0, 1.5), rel=1e-15)
    assert new.direction == old.direction


def test_range_of_new_voxels_covers_the_old_interval() -> None:
    axis = GridAxis(20, 30, 2 / 3)
    start, stop = axis.new_range(4.0, 7.0)
    inside = [k for k in range(30) if 4.0 <= axis.old_positions(k, k + 1)[0] <= 7.0]
    assert (start, stop) == (inside[0], inside[-1] + 1)
