"""Preparation: what it returns, and what it refuses with which words."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError, RegionError, SettingsError
from radiome.image import Geometry, Mask, Volume
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.prepare import prepare

GRID = Geometry((12, 30, 40), (3.0, 1.0, 2.0), (5.0, 6.0, 7.0))
AS_IS, ALL = Interpolation(), Resegmentation()


def case(dtype: type = np.int16) -> tuple[Volume, Mask]:
    rng = np.random.default_rng(0)
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[4:7, 10:18, 12:20] = True
    return Volume(rng.integers(-100, 100, GRID.shape).astype(dtype), GRID), Mask(inside, GRID)


def test_without_interpolation_the_block_is_the_image() -> None:
    volume, mask = case()
    region = prepare(volume, mask, AS_IS, ALL)
    # 6.2036 mm are 3, 7 and 4 voxels along z, y and x.
    assert region.geometry == GRID.crop((slice(1, 10), slice(3, 25), slice(8, 24)))
    assert np.array_equal(region.image, volume.voxels[1:10, 3:25, 8:24])
    assert np.array_equal(region.morphological, mask.voxels[1:10, 3:25, 8:24])
    assert region.intensity is not None
    assert np.array_equal(region.intensity, region.morphological)


def test_the_margin_ends_with_the_image() -> None:
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[0, 0, 39] = True
    region = prepare(case()[0], Mask(inside, GRID), AS_IS, ALL)
    assert region.geometry.shape == (4, 8, 5)
    assert region.geometry.origin == pytest.approx(GRID.index_to_world((0, 0, 35)))


def test_interpolated_block_lies_where_the_region_is() -> None:
    _, mask = case()
    index = np.indices(GRID.shape).reshape(3, -1).T
    x_of_voxel = GRID.index_to_world(index)[:, 0].reshape(GRID.shape)
    region = prepare(
        Volume(x_of_voxel, GRID), mask, Interpolation(spacing=1.5, image_method="linear"), ALL
    )
    new = np.argwhere(region.morphological)
    world = region.geometry.index_to_world(new)
    # The image holds its own x coordinate, so every voxel says where it lies.
    assert region.values() == pytest.approx(world[:, 0], abs=1e-9)
    old = np.argwhere(mask.voxels)
    middle = GRID.index_to_world((old.min(0) + old.max(0)) / 2)
    assert (world.min(0) + world.max(0)) / 2 == pytest.approx(middle, abs=1.5)
    assert len(new) * 1.5**3 == pytest.approx(len(old) * 6.0, rel=0.15)


def test_planar_interpolation_keeps_slices_apart() -> None:
    volume, mask = case()
    region = prepare(volume, mask, Interpolation(spacing=1.5, dimension="2D"), ALL)
    assert region.spacing == pytest.approx((3.0, 1.5, 1.5))
    assert [int(n) for n in np.flatnonzero(region.morphological.any(axis=(1, 2)))] == [3, 4, 5]


def test_rounding_gives_whole_intensities_and_halves_go_up() -> None:
    volume, mask = case(np.float64)
    shifted = Volume(volume.voxels + 0.5, GRID)
    region = prepare(shifted, mask, Interpolation(rounding="nearest_integer"), ALL)
    assert np.array_equal(region.values(), volume.voxels[mask.voxels] + 1)


def test_mask_threshold_decides_the_size() -> None:
    volume, mask = case()
    sizes = [
        prepare(
            volume, mask, Interpolation(spacing=0.7, mask_threshold=share), ALL
        ).morphological.sum()
        for share in (0.01, 0.5, 1.0)
    ]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_an_empty_intensity_mask_is_allowed() -> None:
    volume, mask = case()
    region = prepare(volume, mask, AS_IS, Resegmentation(range=(1000.0, None)))
    assert not region.intensity.any()
    assert region.morphological.sum() == mask.voxels.sum()


def test_an_empty_mask_is_refused() -> None:
    volume, mask = case()
    with pytest.raises(RegionError, match="the region is empty"):
        prepare(volume, Mask(np.zeros_like(mask.voxels), GRID, name="GTV"), AS_IS, ALL)


def test_a_region_lost_by_interpolation_is_refused_with_advice() -> None:
    volume, _ = case()
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[6, 15, 20] = True
    with pytest.raises(RegionError, match="finer spacing or a lower mask_threshold"):
        prepare(volume, Mask(inside, GRID), Interpolation(spacing=8.0), ALL)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("options", [AS_IS, Interpolation(spacing=1.0, image_method="linear")])
def test_missing_intensities_in_the_region_are_refused(bad: float, options: Interpolation) -> None:
    volume, mask = case(np.float32)
    voxels = np.array(volume.voxels)
    voxels[5, 12, 14] = bad
    with pytest.raises(ImageError, match="without an intensity"):
        prepare(Volume(voxels, GRID), mask, options, ALL)


def test_missing_intensities_outside_the_region_do_no_harm() -> None:
    volume, mask = case(np.float32)
    voxels = np.array(volume.voxels)
    voxels[3, 9, 10] = np.nan
    limits = Resegmentation(range=(-50.0, 50.0), outlier_sigma=3.0)
    expected = prepare(volume, mask, AS_IS, limits)
    found = prepare(Volume(voxels, GRID), mask, AS_IS, limits)
    assert np.array_equal(found.values(), expected.values())


def test_different_grids_are_refused() -> None:
    volume, mask = case()
    moved = Geometry(GRID.shape, GRID.spacing, (5.0, 6.0, 8.0))
    with pytest.raises(GeometryError, match="different grids"):
        prepare(volume, Mask(mask.voxels, moved), AS_IS, ALL)


def test_inputs_stay_as_they_are() -> None:
    volume, mask = case(np.float64)
    image, inside = volume.voxels.copy(), mask.voxels.copy()
    prepare(volume, mask, Interpolation(rounding="nearest_integer"), Resegmentation(range=(0, 9)))
    prepare(volume, mask, Interpolation(spacing=1.0), Resegmentation(outlier_sigma=1.0))
    assert np.array_equal(volume.voxels, image)
    assert np.array_equal(mask.voxels, inside)


def test_a_spacing_that_needs_absurd_memory_is_refused() -> None:
    volume, mask = case()
    with pytest.raises(SettingsError, match="too fine") as caught:
        prepare(volume, mask, Interpolation(spacing=0.001), ALL)
    assert "voxels of 0.001 x 0.001 x 0.001 mm" in str(caught.value.got)


def test_missing_values_near_the_region_name_the_image() -> None:
    volume, mask = case(np.float64)
    voxels = volume.voxels.copy()
    voxels[0, 0, 0] = np.nan
    broken = Volume(voxels, GRID, source="scan.nii")
    with pytest.raises(ImageError, match=r"scan\.nii"):
        prepare(broken, mask, Interpolation(spacing=1.5), ALL)
