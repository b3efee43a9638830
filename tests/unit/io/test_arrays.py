"""Volumes and masks from objects in memory."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError, RegionError
from radiome.io.arrays import (
    is_simpleitk,
    mask_from_array,
    mask_from_simpleitk,
    volume_from_array,
    volume_from_simpleitk,
)

SPACING = (3.0, 2.0, 1.0)


def test_array_is_placed_and_not_copied() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    volume = volume_from_array(array, SPACING, origin=(7, 8, 9), modality="CT", unit="HU")
    assert np.shares_memory(volume.voxels, array)
    assert (volume.modality, volume.unit) == ("CT", "HU")
    np.testing.assert_allclose(volume.geometry.index_to_world((1, 1, 1)), (8, 10, 12))


@pytest.mark.parametrize(
    ("array", "spacing", "error"),
    [
        (np.zeros((3, 4)), SPACING, ImageError),
        (np.zeros((2, 3, 4, 3)), SPACING, ImageError),
        (np.zeros((2, 3, 4), complex), SPACING, ImageError),
        (np.zeros((0, 3, 4)), SPACING, ImageError),
        (np.zeros((2, 3, 4)), (1.0, 1.0), GeometryError),
        (np.zeros((2, 3, 4)), (1.0, 0.0, 1.0), GeometryError),
        (np.zeros((2, 3, 4)), (1.0, np.nan, 1.0), GeometryError),
    ],
)
def test_unusable_arrays(
    array: np.ndarray, spacing: tuple[float, ...], error: type[ImageError]
) -> None:
    with pytest.raises(error):
        volume_from_array(array, spacing)  # type: ignore[arg-type]


def test_directions_must_be_right_angled_unit_vectors() -> None:
    array = np.zeros((2, 3, 4))
    longer = ((0.0, 0.0, 2.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    with pytest.raises(GeometryError, match="direction of the array"):
        volume_from_array(array, SPACING, direction=longer)
    sheared = ((0.0, 0.6, 0.8), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
    with pytest.raises(GeometryError, match="right angles"):
        volume_from_array(array, SPACING, direction=sheared)


def test_mask_from_labels_or_booleans() -> None:
    labels = np.zeros((2, 3, 4), dtype=np.int16)
    labels[0, 1, 2], labels[1, 2, 3] = 2, 5
    np.testing.assert_array_equal(mask_from_array(labels, SPACING, label=5).voxels, labels == 5)
    np.testing.assert_array_equal(mask_from_array(labels > 2, SPACING).voxels, labels == 5)
    with pytest.raises(RegionError, match="labels 2, 5"):
        mask_from_array(labels, SPACING)


def test_simpleitk_image_keeps_its_places() -> None:
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.GetImageFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    image.SetSpacing((1.0, 2.0, 3.0))
    image.SetOrigin((-5.0, 6.0, 7.5))
    image.SetDirection((0, -0.6, 0.8, 1, 0, 0, 0, 0.8, 0.6))
    assert is_simpleitk(image)
    volume = volume_from_simpleitk(image, modality="MR")
    np.testing.assert_array_equal(volume.voxels, np.arange(24).reshape(2, 3, 4))
    for index in ((0, 0, 0), (1, 2, 3), (1, 0, 2)):
        there = image.TransformIndexToPhysicalPoint(index[::-1])
        np.testing.assert_allclose(volume.geometry.index_to_world(index), there, atol=1e-12)
    assert mask_from_simpleitk(image, label=7).voxels.sum() == 1


def test_simpleitk_image_with_components_is_refused() -> None:
    sitk = pytest.importorskip("SimpleITK")
    with pytest.raises(ImageError, match="3 components"):
        volume_from_simpleitk(sitk.Image((4, 3, 2), sitk.sitkVectorUInt8, 3))
    assert not is_simpleitk(np.zeros(3))
