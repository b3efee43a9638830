"""Derived images: the box of the region as if the whole image had been filtered."""

from itertools import pairwise
from math import erf, sqrt

import numpy as np
import pytest

from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import RegionError, SettingsError
from radiome.compat.pyradiomics.image_types import IMAGE_TYPES, responses
from radiome.compat.pyradiomics.laplacian_of_gaussian import second_derivative, smoothing
from radiome.compat.pyradiomics.spherical_patterns import sphere_points
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.kernels.recursive_gaussian import filter_lines

OPTIONS = {"sigma": [1.0, 2.0], "force2D": True, "level": 2}


def case(inside=None, kind=np.int16):
    voxels, lesion = made_lesion(kind)
    geometry = Geometry(voxels.shape, SPACING_ZYX)
    return Volume(voxels, geometry), Mask(lesion if inside is None else inside, geometry)


def everywhere(volume):
    return Mask(np.ones(volume.voxels.shape, bool), volume.geometry)


@pytest.mark.parametrize("image_type", sorted(set(IMAGE_TYPES) - {"LBP3D"}))
def test_the_box_is_cut_out_of_the_response_of_the_whole_image(image_type):
    inside = np.zeros((9, 15, 16), bool)
    inside[3:6, 5:8, 10:16] = True
    volume, mask = case(inside)
    box = mask.box()
    part = dict(responses(image_type, volume, mask, OPTIONS))
    whole = dict(responses(image_type, volume, everywhere(volume), OPTIONS))
    assert list(part) == list(whole)
    for name, response in part.items():
        assert response.geometry == volume.geometry
        expected = whole[name].voxels
        scale = float(np.abs(expected).max())
        np.testing.assert_allclose(response.voxels[box], expected[box], atol=1e-12 * scale)


def test_names_come_in_the_order_of_pyradiomics():
    volume, mask = case()

    def names(image_type, **options):
        return [name for name, _ in responses(image_type, volume, mask, options)]

    bands = ["LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL"]
    assert names("Wavelet") == [f"wavelet-{band}" for band in bands]
    assert names("Wavelet", level=2)[7:] == [f"wavelet2-{band}" for band in bands]
    assert names("Wavelet", force2D=True) == [f"wavelet-{b}" for b in ("LH", "HL", "HH", "LL")]
    assert names("LoG", sigma=[1.0, 2, 3.5]) == [
        f"log-sigma-{sigma}-mm-3D" for sigma in ("1-0", "2", "3-5")
    ]
    assert names("LoG", sigma=[-1.0, 0, 100.0]) == []
    assert names("LBP3D") == ["lbp-3D-m1", "lbp-3D-m2", "lbp-3D-k"]


def test_recursions_come_close_to_the_gaussian_and_its_second_derivative():
    at = np.arange(-100, 101)
    impulse = np.zeros((1, 201, 1))
    impulse[0, 100] = 1
    out = np.empty_like(impulse)
    smooth, curved = smoothing(3.0), second_derivative(3.0, 1.0)
    gaussian = np.array(
        [(erf((x + 0.5) / 3 / sqrt(2)) - erf((x - 0.5) / 3 / sqrt(2))) / 2 for x in at]
    )
    filter_lines(impulse, smooth.n, smooth.d, smooth.m, out)
    assert out.sum() == pytest.approx(1, rel=1e-12)
    np.testing.assert_allclose(out[0, :, 0], gaussian, atol=2e-3)
    filter_lines(impulse, curved.n, curved.d, curved.m, out)
    assert out.sum() == pytest.approx(0, abs=1e-12)
    assert (out[0, :, 0] * at**2 / 2).sum() == pytest.approx(1, rel=1e-9)


def test_laplacian_and_gradient_are_those_of_itk():
    sitk = pytest.importorskip("SimpleITK")
    for kind in (np.int16, np.float32, np.float64):
        volume, _ = case(kind=kind)
        image = sitk.GetImageFromArray(np.array(volume.voxels))
        image.SetSpacing(SPACING_ZYX[::-1])
        expected = {
            "LoG": sitk.LaplacianRecursiveGaussian(image, 1.5, True),
            "Gradient": sitk.GradientMagnitude(image, True),
        }
        for image_type, reference in expected.items():
            ((_, response),) = responses(image_type, volume, everywhere(volume), {"sigma": [1.5]})
            reference = sitk.GetArrayFromImage(reference)
            assert response.voxels.dtype == reference.dtype
            # One unit in the last place where double precision falls between two floats.
            np.testing.assert_allclose(response.voxels, reference, rtol=2e-6, atol=2e-5)


def naive_pattern(plane, row, column, samples):
    """Uniform pattern on the eight neighbours of radius 1, with zeros beyond the image."""
    padded = np.pad(plane.astype(float), 3)
    bits = []
    for p in range(samples):
        y = row + 3 + round(-np.sin(2 * np.pi * p / samples), 5)
        x = column + 3 + round(np.cos(2 * np.pi * p / samples), 5)
        value = 0.0
        for at_y in {int(np.floor(y)), int(np.ceil(y))}:
            for at_x in {int(np.floor(x)), int(np.ceil(x))}:
                value += (1 - abs(y - at_y)) * (1 - abs(x - at_x)) * padded[at_y, at_x]
        bits.append(int(value >= plane[row, column] - 1e-9))
    changes = sum(a != b for a, b in pairwise(bits))
    return sum(bits) if changes <= 2 else samples + 1


def test_local_binary_patterns_of_slices():
    volume, _ = case()
    mask = everywhere(volume)
    ((name, response),) = responses("LBP2D", volume, mask, {})
    assert name == "lbp-2D"
    assert response.voxels.dtype == volume.voxels.dtype
    for z, y, x in [(0, 0, 0), (2, 5, 6), (4, 7, 7), (8, 14, 15), (3, 0, 9)]:
        assert response.voxels[z, y, x] == naive_pattern(volume.voxels[z], y, x, 8)


def test_spheres_have_evenly_spread_corners():
    for subdivisions, number in [(0, 12), (1, 42), (2, 162)]:
        points = sphere_points(subdivisions)
        assert len(points) == number
        np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
        np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)


def test_local_binary_patterns_are_those_of_pyradiomics():
    volume, mask = case()
    maps = [
        *responses("LBP2D", volume, mask, {}),
        *responses("LBP3D", volume, mask, {"lbp3DLevels": 3}),
    ]
    # Mean, one value and mean square in the lesion, of pyradiomics 3.0.1 with SciPy 1.11,
    # trimesh 5.2 and scikit-image 0.22.
    expected = {
        "lbp-2D": (4.947222222222222, 9.0, 38.797222222222224),
        "lbp-3D-m1": (10.586605231927665, 15.471628755726494, 168.35633416910463),
        "lbp-3D-m2": (10.67402024283086, 15.493648596335676, 154.2907111529302),
        "lbp-3D-m3": (10.152390054650436, 17.093113326067964, 135.36752504706544),
        "lbp-3D-k": (-0.4120221066945456, -0.3892232816307599, 0.3694531732501994),
    }
    for name, response in maps:
        values = response.voxels[mask.voxels].astype(float)
        found = (values.mean(), values[37], (values**2).mean())
        assert found == pytest.approx(expected.pop(name), rel=1e-12)
    assert not expected


@pytest.mark.parametrize(
    ("image_type", "options", "what"),
    [
        ("Wavelets", {}, "did you mean Wavelet"),
        ("Wavelet", {"wavelet": "coif99"}, "wavelet does not exist"),
        ("LBP2D", {"lbp2DMethod": "var"}, "not available"),
        ("LBP2D", {"lbp2DSamples": 0}, "1 to 31 samples"),
        ("LBP3D", {"lbp3DLevels": 0}, "at least one level"),
    ],
)
def test_what_does_not_exist_is_refused(image_type, options, what):
    volume, mask = case()
    with pytest.raises(SettingsError, match=what):
        list(responses(image_type, volume, mask, options))


def test_an_empty_region_is_refused():
    volume, mask = case(np.zeros((9, 15, 16), bool))
    with pytest.raises(RegionError, match="no voxels"):
        list(responses("Original", volume, mask, {}))
