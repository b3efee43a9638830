"""The calls and parameter files of pyradiomics with the IBSI definitions."""

from __future__ import annotations

import csv
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import radiome
from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import RegionError, SettingsError
from radiome.cli.main import main
from radiome.compat.pyradiomics import RadiomicsFeatureExtractor as Extractor
from radiome.compat.pyradiomics.ibsi_plan import ibsi_tags, plan_extraction
from radiome.compat.pyradiomics.parameters import DEFAULTS
from radiome.image import Geometry, Mask, Volume

LEFT_OUT = [
    "firstorder_TotalEnergy",
    "glcm_MCC",
    "shape_Maximum2DDiameterColumn",
    "shape_Maximum2DDiameterRow",
    "shape_Maximum2DDiameterSlice",
]


def pair() -> tuple[Volume, Mask]:
    voxels, inside = made_lesion()
    geometry = Geometry(voxels.shape, SPACING_ZYX)
    return Volume(voxels, geometry), Mask(inside, geometry)


def features(result: dict[str, Any]) -> dict[str, float]:
    return {k: float(v) for k, v in result.items() if not k.startswith("diagnostics")}


def ibsi(**settings: Any) -> Extractor:
    return Extractor(definition="ibsi", **settings)


def test_keys_are_those_of_pyradiomics_in_their_order() -> None:
    theirs, ours = Extractor().execute(*pair()), ibsi().execute(*pair())
    expected = [name for name in features(theirs) if name.split("_", 1)[1] not in LEFT_OUT]
    assert list(features(ours)) == expected
    assert len(expected) == 102
    assert ours["diagnostics_Configuration_WithoutIBSI"] == LEFT_OUT
    assert ours["diagnostics_Versions_PyRadiomics"].endswith("definitions of the IBSI")
    assert (
        ours["diagnostics_Configuration_Settings"] == theirs["diagnostics_Configuration_Settings"]
    )


TRANSLATIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"discretisation": {"method": "fixed_bin_size", "bin_width": 25}}),
    ({"binWidth": 7.5}, {"discretisation": {"method": "fixed_bin_size", "bin_width": 7.5}}),
    ({"binCount": 16}, {"discretisation": {"bin_count": 16}}),
    (
        {"resampledPixelSpacing": [2, 0, 1.5], "interpolator": "sitkLinear", "binCount": 16},
        {
            "interpolation": {"spacing": [1.5, 1.0, 2.0], "image_method": "linear"},
            "discretisation": {"bin_count": 16},
        },
    ),
    (
        {"resampledPixelSpacing": [1, 1, 1], "binCount": 16},
        {
            "interpolation": {"spacing": 1.0, "image_method": "cubic"},
            "discretisation": {"bin_count": 16},
        },
    ),
    (
        {"resegmentRange": [300, 50]},
        {
            "resegmentation": {"range": [50, 300]},
            "discretisation": {"method": "fixed_bin_size", "bin_width": 25},
        },
    ),
    (
        {"resegmentRange": [50], "binCount": 16},
        {"resegmentation": {"range": [50, None]}, "discretisation": {"bin_count": 16}},
    ),
    (
        {"resegmentRange": [-1.5, 1.5], "resegmentMode": "sigma", "binCount": 16},
        {"resegmentation": {"outlier_sigma": 1.5}, "discretisation": {"bin_count": 16}},
    ),
    (
        {"distances": [2], "gldm_a": 1, "binCount": 16},
        {
            "discretisation": {"bin_count": 16},
            "texture": {
                "glcm_distance": 2,
                "ngtdm_distance": 2,
                "ngldm_distance": 2,
                "ngldm_alpha": 1,
            },
        },
    ),
]


@pytest.mark.parametrize(("parameters", "settings"), TRANSLATIONS)
def test_values_are_those_of_radiome_with_the_settings_meant(
    parameters: dict[str, Any], settings: dict[str, Any]
) -> None:
    found = features(ibsi(**parameters).execute(*pair()))
    texture = {"aggregations": ["3D_avg"], **settings.get("texture", {})}
    row = radiome.extract(*pair(), {**settings, "texture": texture})
    for name, tag in ibsi_tags().items():
        if f"original_{name}" in found:
            columns = [t for t in (tag, f"{tag}_3D_avg", f"{tag}_3D") if t in row]
            assert [found[f"original_{name}"]] == [row[column] for column in columns], name


def test_filters_are_those_of_radiome_under_the_names_of_pyradiomics() -> None:
    types = {
        "LoG": {"sigma": [2.0, 3]},
        "Wavelet": {"wavelet": "haar", "level": 2},
        "Gradient": {"binCount": 8},
        "LBP2D": {},
        "SquareRoot": {},
    }
    parameters = {
        "imageType": types,
        "setting": {"binCount": 16},
        "featureClass": {"firstorder": ["Mean", "Entropy"], "glrlm": ["RunEntropy"]},
    }
    found = features(Extractor(parameters, definition="ibsi").execute(*pair()))
    wanted = features(Extractor(parameters, additionalInfo=False).execute(*pair()))
    assert list(found) == list(wanted)
    filters: list[tuple[dict[str, Any], int]] = [
        ({"name": "laplacian_of_gaussian", "sigma": 2.0}, 16),
        ({"name": "laplacian_of_gaussian", "sigma": 3.0}, 16),
        ({"name": "wavelet", "wavelet": "haar"}, 16),
        ({"name": "wavelet", "wavelet": "haar", "level": 2}, 16),
        ({"name": "gradient"}, 8),
        ({"name": "local_binary_pattern"}, 16),
        ({"name": "square_root"}, 16),
    ]
    row = radiome.extract(
        *pair(),
        {
            "families": [],
            "filtered_images": [
                {"filter": chosen, "discretisation": {"bin_count": n}} for chosen, n in filters
            ],
        },
    )
    names = {
        "log-sigma-2-0-mm-3D": "log_2mm",
        "log-sigma-3-mm-3D": "log_3mm",
        "wavelet-HLH": "wavelet_haar_HLH",
        "wavelet2-LHL": "wavelet_haar_LHL_2",
        "wavelet2-LLL": "wavelet_haar_LLL_2",
        "gradient": "gradient",
        "lbp-2D": "lbp_2D_r1_p8",
        "squareroot": "square_root",
    }
    for theirs, ours in names.items():
        assert found[f"{theirs}_firstorder_Mean"] == row[f"{ours}_stat_mean"]
        assert found[f"{theirs}_firstorder_Entropy"] == row[f"{ours}_ih_entropy"]
        assert found[f"{theirs}_glrlm_RunEntropy"] == row[f"{ours}_rlm_rl_entr_3D_avg"]


def test_letters_of_a_wavelet_band_mean_the_same_axes() -> None:
    ramp = np.zeros((8, 8, 8))
    ramp[...] = np.arange(8) ** 2  # changes along x alone
    geometry = Geometry(ramp.shape, (1.0, 1.0, 1.0))
    inside = np.zeros(ramp.shape, np.bool_)
    inside[3:5, 3:5, 3:5] = True
    parameters = {
        "imageType": {"Wavelet": {"wavelet": "haar"}},
        "featureClass": {"firstorder": ["Energy"]},
    }
    volume, mask = Volume(ramp, geometry), Mask(inside, geometry)
    for extractor in (Extractor(parameters), Extractor(parameters, definition="ibsi")):
        found = features(extractor.execute(volume, mask))
        high = [name for name, value in found.items() if value > 1e-9]
        assert high == ["wavelet-HLL_firstorder_Energy", "wavelet-LLL_firstorder_Energy"]


AXES = [f"original_shape_{name}AxisLength" for name in ("Least", "Major", "Minor")]
KURTOSIS = "original_firstorder_Kurtosis"
MESH = ["MeshVolume", "Sphericity", "SurfaceArea", "SurfaceVolumeRatio"]


def differing(volume: Volume, mask: Mask) -> list[str]:
    theirs = features(Extractor(binCount=32).execute(volume, mask))
    ours = features(ibsi(binCount=32).execute(volume, mask))
    return [k for k, v in ours.items() if v != pytest.approx(theirs[k], rel=1e-9, abs=1e-12)]


def test_with_bins_by_number_four_columns_differ() -> None:
    volume, mask = pair()
    z, y, x = np.indices(mask.voxels.shape)
    ball = ((z - 4) * 2.5) ** 2 + (y - 7) ** 2 + ((x - 7) * 1.25) ** 2 < 45
    mask = Mask(ball, mask.geometry)
    assert differing(volume, mask) == [*AXES, KURTOSIS]
    theirs = features(Extractor(binCount=32).execute(volume, mask))
    ours = features(ibsi(binCount=32).execute(volume, mask))
    n = int(mask.voxels.sum())
    for name in AXES:
        assert ours[name] / theirs[name] == pytest.approx(math.sqrt(n / (n - 1)), rel=1e-9)
    assert theirs[KURTOSIS] - ours[KURTOSIS] == pytest.approx(3.0, rel=1e-12)


def test_holes_and_voxels_without_neighbours_add_mesh_and_tone_differences() -> None:
    volume, mask = pair()
    mesh = [f"original_shape_{name}" for name in MESH]
    found = set(differing(volume, mask)) - {*AXES, KURTOSIS, *mesh}
    # The two detached voxels count in the NGTDM of pyradiomics and not in that of the standard.
    assert {name.split("_")[1] for name in found} == {"ngtdm"}
    inside = mask.voxels.copy()
    inside[1, 13, 14] = inside[7, 1, 1] = False
    found = set(differing(volume, Mask(inside, mask.geometry)))
    assert found == {*AXES, KURTOSIS, *mesh}


def test_bins_by_width_start_at_the_minimum_or_at_the_range() -> None:
    volume, mask = pair()
    least = float(volume.voxels[mask.voxels].min())
    assert least % 25
    theirs, ours = Extractor().execute(volume, mask), ibsi().execute(volume, mask)
    entropy, average = "original_firstorder_Entropy", "original_glcm_JointAverage"
    assert ours[entropy] != pytest.approx(theirs[entropy], rel=1e-6)
    # From a range that starts on an edge of pyradiomics' bins, the bins agree but for their number.
    limits = [-200, 300]
    theirs = Extractor(resegmentRange=limits).execute(volume, mask)
    ours = ibsi(resegmentRange=limits).execute(volume, mask)
    assert ours[entropy] == pytest.approx(theirs[entropy], rel=1e-12)
    offset = (math.floor(least / 25) * 25 + 200) / 25
    assert ours[average] - theirs[average] == pytest.approx(offset, rel=1e-12)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"voxelArrayShift": 300}, "voxelArrayShift"),
        ({"symmetricalGLCM": False}, "symmetricalGLCM"),
        ({"weightingNorm": "euclidean"}, "weightingNorm"),
        ({"distances": [1, 2]}, "distances"),
        ({"force2D": True, "force2Ddimension": 1}, "force2Ddimension"),
        ({"resegmentRange": [10, 300], "resegmentShape": True}, "resegmentShape"),
        ({"resegmentRange": [0.1, 0.9], "resegmentMode": "relative"}, "resegmentMode"),
        ({"resegmentRange": [-3, 2], "resegmentMode": "sigma"}, "resegmentRange"),
        ({"resegmentRange": [-3], "resegmentMode": "sigma"}, "resegmentRange"),
    ],
)
def test_a_setting_without_counterpart_is_named(settings: dict[str, Any], name: str) -> None:
    assert Extractor(**settings)
    with pytest.raises(SettingsError, match=f"'{name}' has no counterpart"):
        ibsi(**settings).execute(*pair())


@pytest.mark.parametrize(
    ("image_type", "own", "name"),
    [
        ("Exponential", {}, "imageType Exponential"),
        ("LBP3D", {}, "imageType LBP3D"),
        ("LBP2D", {"lbp2DMethod": "default"}, "lbp2DMethod"),
        ("Wavelet", {"start_level": 1}, "start_level"),
        ("Gradient", {"gradientUseSpacing": False}, "gradientUseSpacing"),
        ("Original", {"voxelArrayShift": 5}, "voxelArrayShift"),
    ],
)
def test_an_image_type_without_counterpart_is_named(
    image_type: str, own: dict[str, Any], name: str
) -> None:
    extractor = ibsi()
    extractor.enableImageTypeByName(image_type, customArgs=own)
    with pytest.raises(SettingsError, match=f"'{name}' has no counterpart"):
        extractor.execute(*pair())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"resampledPixelSpacing": [1, 1]}, "three lengths"),
        ({"resampledPixelSpacing": [1, 1, 1], "interpolator": "sitkGaussian"}, "sitkGaussian"),
        ({"resegmentRange": [1, 2, 3]}, "one or two limits"),
        ({"distances": [101]}, "distances"),
        ({"binCount": 1}, "binCount"),
    ],
)
def test_values_that_cannot_be_are_explained(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ibsi(**settings).execute(*pair())


def test_cropping_changes_no_value() -> None:
    types = {"LoG": {"sigma": [2.0]}}
    plain = Extractor({"imageType": types}, definition="ibsi").execute(*pair())
    cropped = {"imageType": types, "setting": {"preCrop": True, "padDistance": 1}}
    assert features(Extractor(cropped, definition="ibsi").execute(*pair())) == features(plain)


def test_an_image_type_with_its_own_texture_is_measured_apart() -> None:
    types = {"Original": {}, "LoG": {"sigma": [2.0], "gldm_a": 2, "binCount": 8}}
    classes: dict[str, list[str]] = {"gldm": ["DependenceEntropy"], "shape": ["Sphericity"]}
    plan = plan_extraction(DEFAULTS, types, classes, SPACING_ZYX)
    assert [settings.texture.ngldm_alpha for settings in plan.extractions] == [0, 2]
    assert [(column.key, column.extraction) for column in plan.columns] == [
        ("original_shape_Sphericity", 0),
        ("original_gldm_DependenceEntropy", 0),
        ("log-sigma-2-0-mm-3D_gldm_DependenceEntropy", 1),
    ]
    # A type without maps measures nothing.
    plan = plan_extraction(DEFAULTS, {"LoG": {}}, classes, SPACING_ZYX)
    assert [column.key for column in plan.columns] == ["original_shape_Sphericity"]
    assert plan_extraction(DEFAULTS, {}, {"gldm": None}, SPACING_ZYX).extractions == ()


def test_normalisation_comes_first() -> None:
    volume, mask = pair()
    voxels = volume.voxels.astype(np.float64)
    scaled = Volume(10 * (voxels - voxels.mean()) / voxels.std(ddof=1), volume.geometry)
    found = features(ibsi(normalize=True, normalizeScale=10, binCount=8).execute(volume, mask))
    wanted = features(ibsi(binCount=8).execute(scaled, mask))
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_what_is_missing_is_said_once() -> None:
    volume, mask = pair()
    flat = Volume(np.full(volume.voxels.shape, 7.0), volume.geometry)
    classes = {"featureClass": {"firstorder": ["Mean", "Skewness", "TotalEnergy"]}}
    found = Extractor(classes, definition="ibsi").execute(flat, mask)
    key = "original_firstorder_Skewness"
    reasons = found["diagnostics_NotApplicable"]
    assert math.isnan(found[key]) == (key in reasons)
    assert found["diagnostics_Configuration_WithoutIBSI"] == ["firstorder_TotalEnergy"]
    # Without diagnostics, a warning says it.
    extractor = Extractor(classes, definition="ibsi", additionalInfo=False)
    with pytest.warns(UserWarning, match="firstorder_TotalEnergy"):
        extractor.execute(volume, mask)
    extractor.enableFeaturesByName(firstorder=["Mean"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(extractor.execute(volume, mask)) == ["original_firstorder_Mean"]
    extractor.enableFeaturesByName(firstorder=["TotalEnergy"])
    with pytest.raises(SettingsError, match=r"none of the features(.|\n)*TotalEnergy"):
        extractor.execute(volume, mask)


def test_a_feature_that_does_not_exist_is_refused_as_ever() -> None:
    extractor = ibsi()
    extractor.enableFeaturesByName(glcm=["Homogeneity1"])
    with pytest.raises(SettingsError, match=r"no longer computes(.|\n)*Id"):
        extractor.execute(*pair())


def test_a_region_too_small_after_the_range_is_refused() -> None:
    n = int(pair()[1].voxels.sum())
    assert ibsi(minimumROISize=n - 1).execute(*pair())
    with pytest.raises(RegionError, match="too few voxels"):
        ibsi(minimumROISize=n - 1, resegmentRange=[50, 300]).execute(*pair())


def test_the_definition_is_checked_and_can_be_switched() -> None:
    with pytest.raises(SettingsError, match="pyradiomics or ibsi"):
        Extractor(definition="IBSI")  # type: ignore[arg-type]
    extractor = Extractor(binCount=32)
    plain = features(extractor.execute(*pair()))
    extractor.definition = "ibsi"
    assert features(extractor.execute(*pair())) == features(ibsi(binCount=32).execute(*pair()))
    with pytest.raises(SettingsError, match="call execute"):
        extractor.computeFeatures(*pair(), "original")
    with pytest.raises(SettingsError, match="call execute"):
        extractor.computeShape(*pair())
    extractor.definition = "pyradiomics"
    assert features(extractor.execute(*pair())) == plain


def test_the_command_line_takes_the_definition(tmp_path: Path) -> None:
    sitk = pytest.importorskip("SimpleITK", reason="writes the image files of this test")
    paths = tmp_path / "image.nrrd", tmp_path / "mask.nrrd"
    voxels, inside = made_lesion()
    for array, path in zip((voxels, inside.astype(np.uint8)), paths, strict=True):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(SPACING_ZYX[::-1])
        sitk.WriteImage(image, str(path))
    out = tmp_path / "out.csv"
    names = [str(path) for path in paths]
    command = ["pyradiomics", *names, "--definition", "ibsi", "-o", str(out), "-f", "csv"]
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 0, run.output
    (row,) = csv.DictReader(out.read_text().splitlines())
    kurtosis = ibsi().execute(*pair())["original_firstorder_Kurtosis"]
    assert float(row["original_firstorder_Kurtosis"]) == pytest.approx(float(kurtosis), rel=1e-12)
