"""Local intensity peaks against their plain twin and at the edges of their definition."""

import numpy as np
import pytest

from naive.local_peak import peaks, sphere_means
from radiome.base.values import NotApplicable
from radiome.features import local_intensity as module
from radiome.image import Geometry, Region


def region(image, mask, spacing):
    return Region(image, mask, mask, Geometry(image.shape, spacing))


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((5, 6, 7), (2.0, 3.0, 1.5)), ((3, 4, 5), (8.0, 7.0, 9.0)), ((9, 9, 9), (2.5, 2.5, 2.5))],
)
def test_means_equal_the_plain_twin(shape, spacing):
    generator = np.random.default_rng(1)
    image = generator.normal(-100, 40, shape)
    mask = generator.random(shape) > 0.6
    case = region(image, mask, spacing)
    np.testing.assert_allclose(
        module.sphere_means(case), sphere_means(image, mask, spacing), rtol=1e-12
    )
    values = module.local_intensity(case)
    assert (values["loc_peak_loc"], values["loc_peak_glob"]) == pytest.approx(
        peaks(image, mask, spacing), rel=1e-12
    )


def test_a_sphere_within_the_block_takes_the_same_value_as_at_its_edge():
    generator = np.random.default_rng(2)
    image = generator.integers(-1000, 1000, (11, 11, 11)).astype(float)
    mask = np.zeros(image.shape, dtype=bool)
    mask[4:7, 4:7, 4:7] = True
    spacing = (1.6, 1.6, 1.6)
    expected = sphere_means(image, mask, spacing)
    np.testing.assert_array_equal(
        module.sphere_means(region(image, mask, spacing)).round(9), expected.round(9)
    )


def test_of_several_maxima_the_greatest_mean_counts():
    image = np.zeros((3, 3, 30))
    image[1, 1, [5, 25]] = 10.0
    image[1, 1, 24] = 8.0
    values = module.local_intensity(region(image, image == 10, (3.0, 3.0, 3.0)))
    assert values["loc_peak_loc"] == pytest.approx(18 / 27 * 27 / 31, rel=0.2)
    assert values["loc_peak_loc"] == values["loc_peak_glob"]


def test_the_global_peak_may_lie_elsewhere():
    image = np.zeros((5, 5, 20))
    image[2, 2, 3] = 10.0
    image[1:4, 1:4, 12:15] = 6.0
    values = module.local_intensity(region(image, image > 0, (4.0, 4.0, 4.0)))
    assert values["loc_peak_glob"] > values["loc_peak_loc"]


def test_voxels_without_a_value_take_no_part():
    image = np.ones((3, 3, 3))
    image[0] = np.nan
    mask = np.zeros(image.shape, dtype=bool)
    mask[1, 1, 1] = True
    values = module.local_intensity(region(image, mask, (5.0, 5.0, 5.0)))
    assert values == {"loc_peak_loc": 1.0, "loc_peak_glob": 1.0}


def test_large_voxels_are_their_own_neighbourhood():
    image = np.arange(27.0).reshape(3, 3, 3)
    values = module.local_intensity(region(image, image > 3, (9.0, 9.0, 9.0)))
    assert values == {"loc_peak_loc": 26.0, "loc_peak_glob": 26.0}


def test_an_empty_intensity_mask_has_no_peak():
    image = np.ones((2, 2, 2))
    mask = np.ones(image.shape, dtype=bool)
    case = Region(image, mask, ~mask, Geometry(image.shape, (1.0, 1.0, 1.0)))
    values = module.local_intensity(case)
    assert values["loc_peak_loc"] == NotApplicable("the intensity mask is empty")
