"""What is done to image and mask before filters and features."""

import numpy as np
import pytest

from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import ImageError, RegionError, SettingsError
from radiome.compat.pyradiomics import grid
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume


def case(kind=np.int16, inside=None):
    voxels, lesion = made_lesion(kind)
    geometry = Geometry(voxels.shape, SPACING_ZYX, (-101.3, 22.7, 55.1))
    return Volume(voxels, geometry), Mask(lesion if inside is None else inside, geometry)


def box_mask(*spans):
    inside = np.zeros((9, 15, 16), bool)
    inside[tuple(slice(*span) for span in spans)] = True
    return case(inside=inside)


@pytest.mark.parametrize("kind", [np.int16, np.float32])
@pytest.mark.parametrize("interpolator", ["sitkBSpline", "sitkLinear", "sitkNearestNeighbor"])
@pytest.mark.parametrize("spacing", [(2.0, 2.0, 2.0), (0.5, 1.5, 0.0)])
def test_resampling_is_that_of_itk(kind, interpolator, spacing):
    sitk = pytest.importorskip("SimpleITK")
    volume, mask = case(kind)
    found, inside = grid.resample(volume, mask, spacing, interpolator, pad_distance=2)
    resample = sitk.ResampleImageFilter()
    resample.SetOutputSpacing(found.geometry.spacing[::-1])
    resample.SetSize(found.geometry.shape[::-1])
    resample.SetOutputOrigin(found.geometry.origin)
    for array, ours, method in (
        (volume.voxels, found.voxels, interpolator),
        (mask.voxels.astype(np.uint8), inside.voxels, "sitkNearestNeighbor"),
    ):
        image = sitk.GetImageFromArray(np.array(array))
        image.SetSpacing(SPACING_ZYX[::-1])
        image.SetOrigin((-101.3, 22.7, 55.1))
        resample.SetInterpolator(getattr(sitk, method))
        reference = sitk.GetArrayFromImage(resample.Execute(image))
        if array.dtype.kind == "f":
            np.testing.assert_allclose(ours, reference, rtol=1e-6, atol=1e-4)
        else:
            np.testing.assert_array_equal(ours, reference)


def test_the_new_grid_keeps_the_corner_of_the_old_one():
    volume, mask = box_mask((0, 9), (0, 15), (0, 16))
    found, inside = grid.resample(volume, mask, (2.5, 2.0, 5.0))
    # Corners: origin less half a voxel along (x, y, z).
    old = np.array(volume.geometry.origin) - np.array(SPACING_ZYX[::-1]) / 2
    new = np.array(found.geometry.origin) - np.array([2.5, 2.0, 5.0]) / 2
    np.testing.assert_allclose(new, old)
    assert found.geometry.shape == inside.geometry.shape == (5, 8, 8)


def test_the_spacing_of_the_image_leaves_its_voxels():
    volume, mask = case()
    found, inside = grid.resample(volume, mask, SPACING_ZYX[::-1], pad_distance=1)
    expected, expected_inside = grid.crop(volume, mask, 1)
    np.testing.assert_array_equal(found.voxels, expected.voxels)
    np.testing.assert_array_equal(inside.voxels, expected_inside.voxels)


def test_an_axis_with_one_voxel_keeps_its_spacing():
    volume, mask = box_mask((4, 5), (3, 9), (2, 12))
    found, _ = grid.resample(volume, mask, (1.0, 1.0, 1.0))
    assert found.geometry.spacing == (2.5, 1.0, 1.0)


@pytest.mark.parametrize("interpolator", ["sitkGaussian", "cubic", 9, True])
def test_other_interpolators_are_refused(interpolator):
    with pytest.raises(SettingsError, match="interpolator is not available"):
        grid.resample(*case(), (2.0, 2.0, 2.0), interpolator)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.0, -1.0, 1.0), (np.nan, 1.0, 1.0)])
def test_a_spacing_is_three_lengths(spacing):
    with pytest.raises(SettingsError, match="three lengths"):
        grid.resample(*case(), spacing)


def test_normalised_images_have_mean_0_and_deviation_1_before_clipping_and_scaling():
    volume, _ = case()
    voxels = grid.normalize(volume).voxels
    assert voxels.mean() == pytest.approx(0, abs=1e-12)
    assert voxels.std(ddof=1) == pytest.approx(1)
    clipped = grid.normalize(volume, 100, 1.5).voxels
    np.testing.assert_allclose(clipped, np.clip(voxels, -1.5, 1.5) * 100)


def test_a_flat_image_cannot_be_normalised():
    volume, _ = case()
    flat = Volume(np.zeros_like(volume.voxels), volume.geometry)
    with pytest.raises(ImageError, match="one intensity"):
        grid.normalize(flat)


@pytest.mark.parametrize(
    ("limits", "mode", "kept"),
    [
        ([150, 60], "absolute", lambda v: (v >= 60) & (v <= 150)),
        ([60], "absolute", lambda v: v >= 60),
        ([0.2, 0.8], "relative", lambda v: (v >= v.max() * 0.2) & (v <= v.max() * 0.8)),
        ([-1, 1], "sigma", lambda v: np.abs(v - v.mean()) <= v.std()),
    ],
)
def test_re_segmentation(limits, mode, kept):
    volume, mask = case()
    found = grid.resegment(volume, mask, limits, mode)
    values = volume.voxels[mask.voxels].astype(float)
    np.testing.assert_array_equal(found.voxels[mask.voxels], kept(values))
    assert not found.voxels[~mask.voxels].any()


def test_re_segmentation_refuses_what_leaves_nothing_or_makes_no_sense():
    volume, mask = case()
    with pytest.raises(RegionError, match="too few voxels"):
        grid.resegment(volume, mask, [10_000])
    with pytest.raises(SettingsError, match="mode"):
        grid.resegment(volume, mask, [0], "percentile")
    with pytest.raises(SettingsError, match="one or two limits"):
        grid.resegment(volume, mask, [])


def test_regions_that_are_too_small_are_refused():
    line = box_mask((4, 5), (7, 8), (2, 12))[1]
    assert grid.check_mask(line, 1) == line.box()
    with pytest.raises(RegionError, match="too few dimensions"):
        grid.check_mask(line)
    with pytest.raises(RegionError, match="single voxel"):
        grid.check_mask(box_mask((4, 5), (7, 8), (2, 3))[1], 1)
    with pytest.raises(RegionError, match="too few voxels"):
        grid.check_mask(line, 1, 10)
    with pytest.raises(RegionError, match="no voxels"):
        grid.check_mask(box_mask((0, 0), (0, 0), (0, 0))[1])


def test_a_region_beyond_the_image_is_refused():
    volume, mask = box_mask((0, 9), (0, 15), (0, 16))
    smaller, _ = grid.crop(*box_mask((1, 8), (1, 14), (1, 15)))
    grid.check_inside(volume, mask)
    with pytest.raises(RegionError, match="beyond the image"):
        grid.check_inside(smaller, mask)
