import numpy as np
import pytest

from radiome.base.errors import GeometryError, RegionError, SettingsError
from radiome.base.options import parse_options
from radiome.extraction.crops import CropOptions, crop_case
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume


def made(image, inside, spacing=(2.0, 2.0, 2.0)):
    grid = Geometry(inside.shape, spacing)
    return Volume(image, grid), Mask(inside, grid)


def ball(shape, centre, radius, spacing=(1.0, 1.0, 1.0)):
    """Distances from a centre, both in mm, and the mask of a ball."""
    grid = np.indices(shape) * np.reshape(spacing, (3, 1, 1, 1))
    distance = np.sqrt(((grid - np.reshape(centre, (3, 1, 1, 1))) ** 2).sum(axis=0))
    return distance, distance < radius


def test_without_interpolation_the_cube_is_the_voxels_themselves():
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 100, (20, 22, 24))
    inside = np.zeros(image.shape, bool)
    inside[8:12, 9:13, 10:14] = True
    crop = crop_case(*made(image, inside), CropOptions(size=8, spacing=2.0, window=(0, 100)))
    assert crop.values.shape == (2, 8, 8, 8)
    assert crop.values.dtype == np.float32
    np.testing.assert_allclose(crop.values[0], image[6:14, 7:15, 8:16] / 50 - 1, atol=1e-6)
    np.testing.assert_array_equal(crop.values[1], inside[6:14, 7:15, 8:16])
    assert crop.inside == 1


def test_the_lesion_is_in_the_middle_on_cubic_voxels_whatever_the_grid():
    """The same ball on two grids: centred, of the same size, and nearly the same voxels."""
    crops = []
    for spacing, shape in (((3.0, 1.0, 1.0), (24, 72, 72)), ((1.0, 1.5, 1.5), (72, 48, 48))):
        centre = [(n - 1) * s / 2 for n, s in zip(shape, spacing, strict=True)]
        distance, inside = ball(shape, centre, 15.0, spacing)
        crops.append(
            crop_case(
                *made(np.exp(-((distance / 15) ** 2)), inside, spacing),
                CropOptions(size=16, spacing=2.5, window=(0, 1)),
            ).values
        )
    for image, mask in crops:
        places = np.argwhere(mask)
        np.testing.assert_allclose(places.mean(axis=0), 7.5, atol=0.6)
        assert mask.sum() * 2.5**3 == pytest.approx(4 / 3 * np.pi * 15**3, rel=0.08)
        assert image[8, 8, 8] > 0.9
    assert np.corrcoef(crops[0][0].ravel(), crops[1][0].ravel())[0, 1] > 0.99


def test_beyond_the_image_is_the_lowest_value():
    image = np.full((6, 6, 6), 50.0)
    inside = np.zeros(image.shape, bool)
    inside[0:2, 2:4, 2:4] = True
    crop = crop_case(*made(image, inside), CropOptions(size=6, spacing=2.0, window=(0, 100)))
    np.testing.assert_array_equal(crop.values[0, :2], -1)  # two planes before the image
    np.testing.assert_allclose(crop.values[0, 2:], 0)
    assert crop.values[1].sum() == 8


def test_intensities_are_clipped_to_the_window():
    image = np.linspace(-500, 500, 10**3).reshape(10, 10, 10)
    inside = np.ones(image.shape, bool)
    crop = crop_case(*made(image, inside), CropOptions(size=10, window=(-100, 100)))
    assert crop.values[0].min() == -1
    assert crop.values[0].max() == 1


def test_without_a_window_unit_and_offset_do_not_matter():
    rng = np.random.default_rng(1)
    image = rng.gamma(2.0, 10.0, (12, 12, 12))
    inside = np.zeros(image.shape, bool)
    inside[4:8, 4:8, 4:8] = True
    options = CropOptions(size=12)
    first = crop_case(*made(image, inside), options).values
    second = crop_case(*made(7 * image - 30, inside), options).values
    np.testing.assert_allclose(first, second, atol=1e-5)
    assert first[0].mean() == pytest.approx(0, abs=1e-5)
    assert first[0].std() == pytest.approx(1, abs=1e-5)
    assert first[0].max() < (image.max() - image.mean()) / image.std()  # clipped


def test_a_constant_cube_is_zero_throughout():
    inside = np.ones((8, 8, 8), bool)
    assert (
        not crop_case(*made(np.full((8, 8, 8), 3.0), inside), CropOptions(size=8)).values[0].any()
    )


def test_a_lesion_larger_than_the_cube_says_how_much_of_it_is_inside():
    inside = np.zeros((20, 20, 20), bool)
    inside[4:16, 8:12, 8:12] = True
    crop = crop_case(*made(np.zeros(inside.shape), inside), CropOptions(size=6))
    assert crop.inside == pytest.approx(0.5)


def test_the_mask_is_left_out_on_request():
    inside = np.ones((4, 4, 4), bool)
    crop = crop_case(*made(np.zeros((4, 4, 4)), inside), CropOptions(size=4, mask=False))
    assert crop.values.shape == (1, 4, 4, 4)


def test_voxels_without_a_value_outside_the_lesion_count_as_beyond_the_image():
    image = np.full((6, 6, 6), 50.0)
    image[0] = np.nan
    inside = np.zeros(image.shape, bool)
    inside[2:4, 2:4, 2:4] = True
    crop = crop_case(*made(image, inside), CropOptions(size=6, window=(0, 100)))
    np.testing.assert_array_equal(crop.values[0, 0], -1)
    np.testing.assert_allclose(crop.values[0, 1:], 0)


def test_an_empty_region_and_another_grid_are_refused():
    image, nothing = np.zeros((4, 4, 4)), np.zeros((4, 4, 4), bool)
    with pytest.raises(RegionError, match="empty"):
        crop_case(*made(image, nothing), CropOptions(size=4))
    volume, _ = made(image, nothing)
    _, mask = made(image, ~nothing, (1.0, 2.0, 2.0))
    with pytest.raises(GeometryError, match="different grids"):
        crop_case(volume, mask, CropOptions(size=4))


@pytest.mark.parametrize(
    "bad", [{"size": 7}, {"size": 2}, {"spacing": 0}, {"window": (5, 5)}, {"voxel": 1}]
)
def test_options_that_make_no_sense_are_refused(bad):
    with pytest.raises(SettingsError):
        parse_options(CropOptions, bad)
