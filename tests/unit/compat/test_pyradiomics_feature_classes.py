"""Names, refusals and corner cases of the feature classes."""

import math

import numpy as np
import pytest

from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import RegionError, SettingsError
from radiome.compat.pyradiomics.binning import bin_edges
from radiome.compat.pyradiomics.correlation_coefficient import _by_iteration
from radiome.compat.pyradiomics.feature_classes import DEPRECATED, FEATURE_CLASSES, compute
from radiome.compat.pyradiomics.marching_cubes import surface_and_volume
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume


def case(voxels=None, inside=None, spacing=SPACING_ZYX):
    made, lesion = made_lesion()
    voxels = made if voxels is None else voxels
    inside = lesion if inside is None else np.asarray(inside, bool)
    geometry = Geometry(voxels.shape, spacing)
    return Volume(voxels, geometry), Mask(inside, geometry)


def test_the_classes_have_as_many_features_as_documented():
    numbers = {name: len(features) for name, features in FEATURE_CLASSES.items()}
    assert numbers == {
        "firstorder": 18,
        "glcm": 24,
        "gldm": 14,
        "glrlm": 16,
        "glszm": 16,
        "ngtdm": 5,
        "shape": 14,
        "shape2D": 9,
    }


def test_features_come_in_the_order_asked_for():
    found = compute("glcm", ("Idm", "Contrast"), *case(), {})
    assert list(found) == ["Idm", "Contrast"]
    everything = compute("glcm", (), *case(), {})
    assert list(everything) == list(FEATURE_CLASSES["glcm"])
    assert found["Idm"] == everything["Idm"]


def test_shared_counts_change_no_value():
    shared = {}
    for name in FEATURE_CLASSES:
        if name != "shape2D":
            alone = compute(name, (), *case(), {"gldm_a": 1})
            assert compute(name, (), *case(), {"gldm_a": 1}, shared) == alone
    # Other settings do not meet the counts of the first ones.
    wider = {"binWidth": 50, "distances": [2]}
    for name in ("firstorder", "ngtdm", "gldm"):
        assert compute(name, (), *case(), wider, shared) == compute(name, (), *case(), wider)


def test_deprecated_features_follow_from_the_others():
    first = compute("firstorder", ("StandardDeviation", "Variance"), *case(), {})
    assert first["StandardDeviation"] ** 2 == pytest.approx(first["Variance"])
    names = (*FEATURE_CLASSES["shape"], *DEPRECATED["shape"])
    shape = compute("shape", names, *case(), {})
    assert shape["SphericalDisproportion"] == pytest.approx(1 / shape["Sphericity"])
    assert shape["Compactness2"] == pytest.approx(shape["Sphericity"] ** 3)


@pytest.mark.parametrize(
    ("feature_class", "names", "what"),
    [
        ("glcmm", (), "did you mean glcm"),
        ("glcm", ("Contrst",), "did you mean Contrast"),
        ("glcm", ("Homogeneity1",), "ask for Id"),
        ("gldm", ("DependencePercentage",), "always 1"),
    ],
)
def test_what_does_not_exist_is_refused(feature_class, names, what):
    with pytest.raises(SettingsError, match=what):
        compute(feature_class, names, *case(), {})


@pytest.mark.parametrize(
    "settings",
    [{"binWidth": 0}, {"binWidth": 1e-3}, {"distances": [0]}, {"distances": []}, {"gldm_a": -1}],
)
def test_settings_without_meaning_are_refused(settings):
    with pytest.raises(SettingsError):
        compute("gldm", (), *case(), settings)


def test_a_region_without_finite_values_is_refused():
    voxels = made_lesion(np.float32)[0].copy()
    voxels[4, 7, 6] = np.nan
    with pytest.raises(RegionError, match="finite"):
        compute("firstorder", (), *case(voxels), {})


def test_edges_are_multiples_of_the_width_and_bins_half_open():
    values = np.array([54.0, 100.0, 166.0])
    assert bin_edges(values, {"binWidth": 25}).tolist() == [50, 75, 100, 125, 150, 175, 200]
    assert bin_edges(np.array([-3.0, 3.0]), {"binWidth": 5})[0] == -5
    counted = bin_edges(np.array([0.0, 8.0]), {"binCount": 4})
    assert counted.tolist() == [0, 2, 4, 6, 9]


def test_two_voxels_far_apart_have_no_pairs_but_values():
    inside = np.zeros((9, 15, 16), bool)
    inside[0, 0, 0] = inside[8, 14, 13] = True
    volume, mask = case(inside=inside)
    assert all(math.isnan(value) for value in compute("glcm", (), volume, mask, {}).values())
    assert compute("ngtdm", (), volume, mask, {})["Coarseness"] == 1e6
    runs = compute("glrlm", (), volume, mask, {})
    assert all(math.isnan(value) for value in runs.values())
    zones = compute("glszm", (), volume, mask, {})
    assert zones["SizeZoneNonUniformity"] == 2


def test_a_flat_region_has_the_values_of_a_certain_outcome():
    volume, mask = case(np.full((9, 15, 16), 7, np.int16))
    first = compute("firstorder", (), volume, mask, {})
    assert (first["Skewness"], first["Kurtosis"], first["Uniformity"]) == (0, 0, 1)
    glcm = compute("glcm", (), volume, mask, {})
    assert (glcm["Correlation"], glcm["MCC"], glcm["Imc1"], glcm["Imc2"]) == (1, 1, 0, 0)
    assert compute("ngtdm", (), volume, mask, {})["Coarseness"] == 1e6


@pytest.mark.parametrize("seed", range(4))
def test_the_eigenvalue_by_iteration_is_among_all(seed):
    rng = np.random.default_rng(seed)
    near = np.exp(-0.05 * np.subtract.outer(np.arange(20), np.arange(20)) ** 2)
    p = near * rng.random((20, 20))
    p = (p + p.T) / (2 * p.sum())
    rows = p.sum(axis=1)
    q = (p / (np.outer(rows, rows) + np.spacing(1.0))) @ p.T
    found = _by_iteration(p, rows, rows, q)
    assert found == pytest.approx(np.sort(np.linalg.eigvals(q).real)[-2], rel=1e-10)


def test_mesh_of_a_single_voxel_is_an_octahedron():
    padded = np.zeros((3, 3, 3), np.uint8)
    padded[1, 1, 1] = 1
    area, volume = surface_and_volume(padded, (2.0, 2.0, 2.0))
    assert volume == pytest.approx(4 / 3)
    assert area == pytest.approx(4 * math.sqrt(3))


@pytest.mark.parametrize(
    ("rows", "perimeter", "surface", "diameter"),
    [
        ([[1, 1]], 13.211102550927977, 9.0, 6.0),
        ([[1, 0], [0, 1]], 14.422205101855955, 6.0, 6.324555320336759),
        ([[1, 1], [1, 0]], 15.816653826391965, 15.0, 6.324555320336759),
        ([[1, 1, 1], [1, 0, 1], [1, 1, 1]], 34.42220510185595, 48.0, 9.848857801796104),
    ],
)
def test_outlines_in_a_slice_are_those_of_pyradiomics(rows, perimeter, surface, diameter):
    inside = np.array([rows], bool)
    volume, mask = case(np.zeros(inside.shape), inside, (5.0, 2.0, 3.0))
    found = compute("shape2D", (), volume, mask, {"force2D": True})
    assert found["Perimeter"] == pytest.approx(perimeter)
    assert found["MeshSurface"] == pytest.approx(surface)
    assert found["MaximumDiameter"] == pytest.approx(diameter)
    assert found["PixelSurface"] == 6 * np.count_nonzero(inside)


def test_shape_of_a_slice_needs_one_slice_and_its_setting():
    with pytest.raises(SettingsError, match="force2D"):
        compute("shape2D", (), *case(), {})
    with pytest.raises(RegionError, match="one slice"):
        compute("shape2D", (), *case(), {"force2D": True})


def test_levels_that_never_meet_have_the_greatest_coefficient():
    # Two unconnected groups of levels: the largest eigenvalue, 1, occurs twice.
    z, y, x = np.indices((9, 15, 16))
    voxels = (25 * ((x + y + z) % 6) + 1000 * (x > 7)).astype(np.int16)
    inside = (x < 7) | (x > 8)
    glcm = compute("glcm", ("MCC", "Correlation"), *case(voxels, inside), {})
    assert glcm["MCC"] == pytest.approx(1, abs=1e-9)
