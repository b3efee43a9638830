"""Diagnostics: names, counts and the region without a voxel left."""

from __future__ import annotations

import numpy as np

from radiome.base.values import NotApplicable
from radiome.features.diagnostics import diagnostics
from radiome.image import Geometry, Mask, Volume
from radiome.preprocess.options import Interpolation, Resegmentation


def case() -> tuple[Volume, Mask]:
    grid = Geometry((4, 6, 8), (3.0, 1.0, 1.0))
    inside = np.zeros(grid.shape, bool)
    inside[1:3, 1:5, 2:7] = True
    return Volume(np.arange(192.0).reshape(grid.shape), grid), Mask(inside, grid)


def test_steps_and_axes() -> None:
    found = diagnostics(*case(), Interpolation(spacing=1.5), Resegmentation(range=(None, 90.0)))
    assert len(found) == 60
    assert [found[f"img_dim_{axis}_init_img"] for axis in "xyz"] == [8, 6, 4]
    assert [found[f"img_dim_{axis}_interp_img"] for axis in "xyz"] == [6, 4, 8]
    assert [found[f"vox_dim_{axis}_interp_img"] for axis in "xyz"] == [1.5, 1.5, 1.5]
    assert [found[f"int_mask_bb_dim_{axis}_init_roi"] for axis in "xyz"] == [5, 4, 2]
    assert found["int_mask_vox_count_init_roi"] == 40
    assert found["min_int_init_img"] == 0
    assert found["int_mask_max_int_reseg_roi"] <= 90 < found["int_mask_max_int_interp_roi"]
    assert found["morph_mask_vox_count_reseg_roi"] == found["morph_mask_vox_count_interp_roi"]


def test_an_emptied_intensity_mask_is_described() -> None:
    found = diagnostics(*case(), Interpolation(), Resegmentation(range=(1e6, None)))
    assert found["int_mask_vox_count_reseg_roi"] == 0
    assert found["int_mask_bb_dim_x_reseg_roi"] == 0
    assert isinstance(found["int_mask_mean_int_reseg_roi"], NotApplicable)
