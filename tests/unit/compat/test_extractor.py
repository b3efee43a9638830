"""The calls, files and flags of pyradiomics: what goes in and under which names it comes out."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import GeometryError, RegionError, SettingsError, UserError
from radiome.cli.main import main
from radiome.compat.pyradiomics import batch, feature_classes, featureextractor
from radiome.compat.pyradiomics.parameters import read_parameters
from radiome.image import Geometry, Mask, Volume

Extractor = featureextractor.RadiomicsFeatureExtractor

#: After the layout of the example files in the documentation of pyradiomics.
EXAMPLE = """
imageType:
  Original: {}
  LoG:
    sigma: [2.0, 3.0]  # widths in mm
  Wavelet: {binWidth: 10}

featureClass:
  shape:
  firstorder:
  glcm:  # all but SumAverage
    - 'Contrast'
    - 'Autocorrelation'
    - 'Idm'
  gldm: []

setting:
  normalize: true
  normalizeScale: 100
  interpolator: 'sitkBSpline'
  resampledPixelSpacing: [2, 2, 2]
  binWidth: 5
  voxelArrayShift: 300
  label: 1

voxelSetting:
  kernelRadius: 2
  initValue: nan
"""


def pair() -> tuple[Volume, Mask]:
    voxels, inside = made_lesion()
    geometry = Geometry(voxels.shape, SPACING_ZYX)
    return Volume(voxels, geometry), Mask(inside, geometry)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    sitk = pytest.importorskip("SimpleITK", reason="writes the image files of this test")
    voxels, inside = made_lesion()
    paths = tmp_path / "image.nrrd", tmp_path / "mask.nrrd"
    for array, path in zip((voxels, 3 * inside.astype(np.uint8)), paths, strict=True):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(SPACING_ZYX[::-1])
        sitk.WriteImage(image, str(path))
    return paths


def test_defaults_are_those_of_pyradiomics() -> None:
    extractor = Extractor()
    assert extractor.settings["padDistance"] == 5
    assert extractor.enabledImagetypes == {"Original": {}}
    assert list(extractor.enabledFeatures) == [
        "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape",
    ]  # fmt: skip
    assert "binWidth" not in extractor.settings


def test_names_and_order_of_a_plain_run() -> None:
    result = Extractor().execute(*pair())
    names = list(result)
    assert len(names) == 129
    assert names[:7] == [
        "diagnostics_Versions_PyRadiomics",
        "diagnostics_Versions_Numpy",
        "diagnostics_Versions_SimpleITK",
        "diagnostics_Versions_PyWavelet",
        "diagnostics_Versions_Python",
        "diagnostics_Configuration_Settings",
        "diagnostics_Configuration_EnabledImageTypes",
    ]
    # Shape comes first whatever the order of the classes.
    assert names[22] == "original_shape_Elongation"
    assert names[36] == "original_firstorder_10Percentile"
    assert result["original_firstorder_Mean"].shape == ()
    inside = pair()[0].voxels[pair()[1].voxels]
    assert result["original_firstorder_Mean"] == pytest.approx(inside.mean(), rel=1e-14)
    assert result["diagnostics_Mask-original_VoxelNum"] == inside.size
    assert result["diagnostics_Image-original_Spacing"] == (1.25, 1.0, 2.5)
    assert result["diagnostics_Mask-original_VolumeNum"] == 3


def test_hashes_are_those_of_simpleitk(files: tuple[Path, Path]) -> None:
    sitk = pytest.importorskip("SimpleITK")
    result = Extractor(label=3).execute(*map(str, files))
    image, mask = (sitk.ReadImage(str(path)) for path in files)
    assert result["diagnostics_Image-original_Hash"] == sitk.Hash(image)
    assert result["diagnostics_Mask-original_Hash"] == sitk.Hash(sitk.Cast(mask, sitk.sitkUInt32))
    # Objects of SimpleITK in place of files.
    assert Extractor(label=3).execute(image, mask).keys() == result.keys()


def test_a_parameter_file_runs_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLE)
    extractor = Extractor(str(path), additionalInfo=False)
    result = extractor.execute(*pair())
    types = list(dict.fromkeys(name.split("_")[0] for name in result))
    assert types[:3] == ["original", "log-sigma-2-0-mm-3D", "log-sigma-3-0-mm-3D"]
    assert types[3:] == [
        f"wavelet-{band}" for band in ("LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH", "LLL")
    ]
    glcm = [name for name in result if name.startswith("original_glcm_")]
    assert [n.rsplit("_", 1)[1] for n in glcm] == ["Contrast", "Autocorrelation", "Idm"]
    assert len(result) == 14 + 11 * (18 + 3 + 14)
    assert math.isnan(extractor.settings["initValue"])
    # The same as JSON text, and as a mapping.
    import yaml

    values = yaml.safe_load(EXAMPLE)
    again = Extractor()
    again.loadJSONParams(json.dumps(values))
    again.addProvenance(False)
    assert again.execute(*pair()) == result
    assert Extractor(values).enabledImagetypes == extractor.enabledImagetypes


def test_own_settings_of_an_image_type_hold_for_it_alone() -> None:
    extractor = Extractor(additionalInfo=False, binWidth=25)
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName("glcm")
    extractor.enableImageTypeByName("Square", customArgs={"binWidth": 50})
    result = extractor.execute(*pair())
    wide = Extractor(additionalInfo=False, binWidth=50)
    wide.disableAllFeatures()
    wide.enableFeatureClassByName("glcm")
    wide.disableAllImageTypes()
    wide.enableImageTypes(Square={})
    assert {n: v for n, v in result.items() if n.startswith("square")} == wide.execute(*pair())
    extractor.enableImageTypeByName("Square", False)
    assert all(name.startswith("original") for name in extractor.execute(*pair()))


def test_resegmentation_leaves_the_shape() -> None:
    plain = Extractor().execute(*pair())
    cut = Extractor(resegmentRange=[50, 300]).execute(*pair())
    outline = Extractor(resegmentRange=[50, 300], resegmentShape=True).execute(*pair())
    name = "original_shape_VoxelVolume"
    assert cut[name] == plain[name] > outline[name]
    assert cut["original_firstorder_Minimum"] >= 50
    assert cut["diagnostics_Mask-resegmented_Minimum"] >= 50


def test_names_of_classes_and_features() -> None:
    extractor = Extractor()
    assert extractor.getFeatureClassNames() == list(feature_classes.FEATURE_CLASSES)
    assert len(extractor.getFeatureNames("glcm")) == 24
    extractor.enableAllImageTypes()
    assert len(extractor.enabledImagetypes) == 10
    extractor.enableAllFeatures()
    extractor.enableFeatureClassByName("shape", False)
    assert "shape" not in extractor.enabledFeatures


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"settings": {}}, "unknown section 'settings'(.|\n)*did you mean 'setting'"),
        ({"setting": {"binwidth": 25}}, "did you mean 'binWidth'"),
        ({"setting": {"binWidth": 0}}, "binWidth(.|\n)*above 0"),
        ({"setting": {"binWidth": "wide"}}, "binWidth(.|\n)*a number"),
        ({"setting": {"force2D": 1}}, "true or false"),
        ({"setting": {"sigma": 3}}, "a list of numbers"),
        ({"setting": {"force2Ddimension": 3}}, "from 0 to 2"),
        ({"setting": {"weightingNorm": "euclid"}}, "euclidean"),
        ({"imageType": {"log": {}}}, "unknown image type 'log'"),
        ({"imageType": {"LoG": {"sigmas": [1]}}}, "imageType LoG(.|\n)*did you mean 'sigma'"),
        ({"featureClass": {"glcmm": None}}, "did you mean 'glcm'"),
        ({"featureClass": {"glcm": ["Contrst"]}}, "did you mean 'Contrast'"),
        ({"featureClass": {"glcm": "Contrast"}}, "does not hold what it should"),
        ({"voxelSetting": {"kernelradius": 1}}, "did you mean 'kernelRadius'"),
    ],
)
def test_what_a_parameter_file_cannot_say_is_named(values, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SettingsError, match=message):
        read_parameters(values)


def test_options_without_support_are_named() -> None:
    with pytest.raises(SettingsError, match="several channels"):
        Extractor().execute(*pair(), label_channel=1)
    with pytest.raises(SettingsError, match="sitkGaussian"):
        Extractor(interpolator="sitkGaussian", resampledPixelSpacing=[2, 2, 2]).execute(*pair())
    with pytest.raises(SettingsError, match="unknown setting 'bins'"):
        Extractor(bins=3)
    extractor = Extractor()
    extractor.enableFeatureClassByName("shape2D")
    with pytest.warns(UserWarning, match="force2D"):
        extractor.execute(*pair())


def test_bad_pairs_are_explained() -> None:
    volume, mask = pair()
    with pytest.raises(RegionError, match=r"label 2 is not in the mask(.|\n)*got: 1"):
        Extractor().execute(volume, mask, label=2)
    moved = Mask(mask.voxels, Geometry(mask.geometry.shape, SPACING_ZYX, origin=(1.0, 0.0, 0.0)))
    with pytest.raises(GeometryError, match="different grids"):
        Extractor().execute(volume, moved)
    assert Extractor(geometryTolerance=2.0).execute(volume, moved)
    corrected = Extractor(correctMask=True).execute(volume, moved)
    assert "diagnostics_Mask-corrected_VoxelNum" in corrected
    with pytest.raises(UserError, match="does not exist"):
        Extractor().execute("nowhere.nrrd", mask)


def write_batch(folder: Path, files: tuple[Path, Path]) -> Path:
    (folder / "sub").mkdir()
    lines = [
        "ID,Image,Mask,Label,Site",
        "a,..\\image.nrrd,..\\mask.nrrd,3,north",
        "gone,..\\nothing.nrrd,..\\mask.nrrd,3,south",
        f"b,{files[0]},{files[1]},3,east",
        "wrong,../image.nrrd,../mask.nrrd,7,west",
    ]
    path = folder / "sub" / "batch.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_batch_keeps_every_row(tmp_path: Path, files: tuple[Path, Path], jobs: str) -> None:
    path = write_batch(tmp_path, files)
    out = tmp_path / "out.csv"
    arguments = ["pyradiomics", str(path), "-o", str(out), "-f", "csv", "-j", jobs]
    run = CliRunner().invoke(main, [*arguments, "-s", "binWidth:10"])
    assert run.exit_code == 1
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["ID"] for row in rows] == ["a", "gone", "b", "wrong"]
    assert [row["Site"] for row in rows] == ["north", "south", "east", "west"]
    assert rows[0]["original_glcm_Contrast"] == rows[2]["original_glcm_Contrast"] != ""
    assert "does not exist" in rows[1][batch.ERROR]
    assert "label 7" in rows[3][batch.ERROR]
    assert rows[1]["original_glcm_Contrast"] == rows[0][batch.ERROR] == ""
    assert "{'minimumROIDimensions': 2" in rows[0]["diagnostics_Configuration_Settings"]


def test_one_case_as_text_and_json(tmp_path: Path, files: tuple[Path, Path]) -> None:
    names = [str(path) for path in files]
    text = CliRunner().invoke(main, ["pyradiomics", *names, "-l", "3", "--format-path", "basename"])
    assert text.output.startswith("Case-1_Image: image.nrrd\nCase-1_Mask: mask.nrrd\n")
    assert "\nCase-1_original_firstorder_Mean: " in text.output
    run = CliRunner().invoke(main, ["pyradiomics", *names, "-s", "label:3", "-f", "json"])
    (case,) = json.loads(run.output)
    assert case["original_shape_VoxelVolume"] > 0
    checked = CliRunner().invoke(main, ["pyradiomics", *names, "--validate"])
    assert checked.exit_code == 0


def test_finished_cases_in_a_folder_are_not_measured_again(
    tmp_path: Path, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = batch.read_batch(write_batch(tmp_path, files))
    folder = tmp_path / "cases"
    run = batch.Run(folder=folder)
    first = batch.extract_cases(cases, run)
    assert sorted(path.name for path in folder.iterdir()) == ["features_1.csv", "features_3.csv"]
    monkeypatch.setattr(Extractor, "execute", lambda *_: pytest.fail("measured again"))
    again = batch.extract_cases([cases[0], cases[2]][:1], run)
    assert again[0]["original_glcm_Contrast"] == str(first[0]["original_glcm_Contrast"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["image.nrrd"], "give the mask too"),
        (["image.nrrd", "mask.nrrd", "-s", "binwidth:3"], "did you mean 'binWidth'"),
        (["image.nrrd", "mask.nrrd", "-s", "binWidth"], "NAME:VALUE"),
        (["image.nrrd", "mask.nrrd", "-p", "none.yaml"], "does not exist"),
        (["image.nrrd", "mask.nrrd", "-m", "voxels"], "'segment', 'voxel'"),
    ],
)
def test_flags_that_cannot_be_are_explained(arguments: list[str], message: str) -> None:
    run = CliRunner().invoke(main, ["pyradiomics", *arguments])
    assert run.exit_code == 2
    assert message in run.output


def test_a_batch_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "batch.csv"
    path.write_text("image,Mask\na,b\n")
    with pytest.raises(UserError, match=r"no column Image(.|\n)*with capitals"):
        batch.read_batch(path)
    path.write_text("Image,Mask\na,\n")
    with pytest.raises(UserError, match="line 2 of the batch file has no Mask"):
        batch.read_batch(path)
