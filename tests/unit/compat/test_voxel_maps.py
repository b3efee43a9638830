"""Maps of the pyradiomics mode: what they hold, and in which form they come."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from made_lesion import SPACING_ZYX, made_lesion
from radiome.base.errors import RegionError, SettingsError
from radiome.cli.main import main
from radiome.compat.pyradiomics import RadiomicsFeatureExtractor as Extractor
from radiome.compat.pyradiomics import batch
from radiome.compat.pyradiomics.map_images import write_map
from radiome.compat.pyradiomics.voxel_maps import feature_maps, seen_by
from radiome.image import Geometry, Mask, Volume
from radiome.io.readers import read_volume

CLASSES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")


def lesion() -> tuple[Volume, Mask]:
    voxels, inside = made_lesion()
    inside[:, :6] = inside[:3] = False
    geometry = Geometry(voxels.shape, SPACING_ZYX, origin=(1.0, 2.0, 3.0))
    return Volume(voxels, geometry), Mask(inside, geometry)


def maps(volume: Volume, mask: Mask, *classes: str, **settings: Any) -> dict[str, Volume]:
    chosen: dict[str, list[str] | None] = dict.fromkeys(classes or CLASSES)
    return feature_maps(chosen, volume, mask, {"binWidth": 25, **settings})


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"symmetricalGLCM": False, "voxelArrayShift": 7},
        {"weightingNorm": "manhattan"},
        {"weightingNorm": "no_weighting", "gldm_a": 2},
        {"binWidth": 1},
        {"binCount": 3},
    ],
)
def test_the_centre_of_a_cube_has_the_features_of_the_cube(
    seed: int, settings: dict[str, Any]
) -> None:
    rng = np.random.default_rng(seed)
    geometry = Geometry((9, 8, 7), SPACING_ZYX)
    volume = Volume(rng.integers(0, 100, geometry.shape).astype(np.int16), geometry)
    inside = np.zeros(geometry.shape, np.bool_)
    inside[3:6, 2:5, 2:5] = rng.random((3, 3, 3)) < 0.7
    inside[3, 2, 2] = inside[5, 4, 4] = inside[4, 3, 3] = True
    mask = Mask(inside, geometry)
    extractor = Extractor(additionalInfo=False, **{"binWidth": 25, **settings})
    extractor.enableFeatureClassByName("shape", False)
    whole = extractor.execute(volume, mask)
    found = extractor.execute(volume, mask, voxelBased=True)
    assert list(found) == list(whole)
    for name, volume_of_name in found.items():
        centre = float(volume_of_name.voxels[2, 2, 2])
        assert centre == pytest.approx(float(whole[name]), rel=1e-9, abs=1e-11), name


def test_the_centre_of_a_slice_has_the_features_of_the_slice_with_force_2d() -> None:
    rng = np.random.default_rng(5)
    geometry = Geometry((5, 5, 5), SPACING_ZYX)
    volume = Volume(rng.integers(0, 100, geometry.shape).astype(np.int16), geometry)
    for axis in range(3):
        inside = np.zeros(geometry.shape, np.bool_)
        inside[tuple(slice(2, 3) if a == axis else slice(1, 4) for a in range(3))] = True
        mask = Mask(inside, geometry)
        extractor = Extractor(additionalInfo=False, force2D=True, force2Ddimension=axis)
        extractor.enableFeatureClassByName("shape", False)
        whole = extractor.execute(volume, mask)
        for name, found in extractor.execute(volume, mask, voxelBased=True).items():
            centre = tuple(1 if a == axis else 2 for a in range(3))
            expected = pytest.approx(float(whole[name]), rel=1e-9, abs=1e-11)
            assert float(found.voxels[centre]) == expected, name


def test_batches_change_no_value() -> None:
    together = maps(*lesion())
    for size in (1, 7):
        apart = maps(*lesion(), voxelBatch=size)
        for name, found in together.items():
            np.testing.assert_allclose(apart[name].voxels, found.voxels, rtol=1e-12, atol=1e-12)


def test_masked_neighbourhoods_see_the_region_alone() -> None:
    volume, mask = lesion()
    other = volume.voxels.copy()
    other[~mask.voxels] += 100
    changed = Volume(other, volume.geometry)
    for masked in (True, False):
        first = maps(volume, mask, "firstorder", maskedKernel=masked)["firstorder_Mean"]
        second = maps(changed, mask, "firstorder", maskedKernel=masked)["firstorder_Mean"]
        assert np.array_equal(first.voxels, second.voxels) is masked


def test_a_wider_kernel_is_the_mean_of_more_voxels() -> None:
    volume, mask = lesion()
    everywhere = Mask(np.ones_like(mask.voxels), mask.geometry)
    for radius in (1, 2):
        found = maps(volume, everywhere, "firstorder", kernelRadius=radius)["firstorder_Mean"]
        near = volume.voxels[tuple(slice(4 - radius, 5 + radius) for _ in range(3))]
        assert found.voxels[4, 4, 4] == pytest.approx(near.mean(), rel=1e-12)


def test_what_pyradiomics_cannot_compute_has_a_value() -> None:
    found = maps(*lesion(), "glcm")
    inside = ~np.isnan(found["glcm_Contrast"].voxels)
    for name in ("glcm_MCC", "glcm_JointAverage"):
        assert np.array_equal(np.isfinite(found[name].voxels), inside)
    # Of symmetrical matrices.
    average, total = found["glcm_JointAverage"].voxels, found["glcm_SumAverage"].voxels
    np.testing.assert_allclose(average[inside], total[inside] / 2, rtol=1e-12)
    assert found["glcm_MCC"].voxels[inside].max() <= 1 + 1e-9


def test_a_flat_region_has_flat_maps() -> None:
    volume, mask = lesion()
    flat = Volume(np.full(volume.voxels.shape, 30.0), volume.geometry)
    found = maps(flat, mask)
    place = tuple(np.argwhere(found["firstorder_Mean"].voxels == 30)[0])
    expected = {"glcm_MCC": 1.0, "ngtdm_Coarseness": 1e6, "firstorder_Kurtosis": 0.0}
    assert {name: found[name].voxels[place] for name in expected} == expected


def test_a_map_lies_on_the_box_of_the_region_and_a_kernel_around_it() -> None:
    volume, mask = lesion()
    box = mask.box()
    assert box is not None
    for radius in (1, 3):
        found = maps(volume, mask, "firstorder", kernelRadius=radius, initValue=-5)
        one = found["firstorder_Mean"]
        low = [max(0, span.start - radius) for span in box]
        high = [min(n, s.stop + radius) for n, s in zip(mask.voxels.shape, box, strict=True)]
        assert one.voxels.shape == tuple(h - b for h, b in zip(high, low, strict=True))
        assert one.geometry.origin == pytest.approx(volume.geometry.index_to_world(low))
        assert one.voxels.dtype == np.float64
        assert (one.voxels != -5).sum() == mask.voxels.sum()


def test_shape_and_classes_that_are_off_have_no_map() -> None:
    extractor = Extractor({"featureClass": {"shape": None, "ngtdm": ["Busyness"]}})
    found = extractor.execute(*lesion(), voxelBased=True)
    names = [name for name in found if not name.startswith("diagnostics")]
    assert names == ["original_ngtdm_Busyness"]
    assert found["diagnostics_Configuration_Settings"]["voxelBased"] is True
    assert "voxelBased" not in extractor.settings
    assert maps(*lesion(), "shape") == {}


def test_settings_of_maps_come_from_a_file_or_as_arguments() -> None:
    parameters = {
        "featureClass": {"firstorder": ["Mean"]},
        "voxelSetting": {"kernelRadius": 2, "initValue": "nan", "maskedKernel": False},
    }
    by_file = Extractor(parameters)
    by_name = Extractor(
        {"featureClass": parameters["featureClass"]},
        kernelRadius=2,
        initValue=float("nan"),
        maskedKernel=False,
    )
    one, two = (
        extractor.execute(*lesion(), voxelBased=True)["original_firstorder_Mean"].voxels
        for extractor in (by_file, by_name)
    )
    np.testing.assert_array_equal(one, two)
    assert np.isnan(one).any()
    with pytest.raises(SettingsError, match=r"kernelRadius(.|\n)*radius of the neighbourhood"):
        Extractor(kernelRadius=0)


def test_derived_images_are_computed_where_kernels_see_them() -> None:
    _, mask = lesion()
    assert seen_by("LoG", mask, {}) is mask
    assert seen_by("LBP3D", mask, {"maskedKernel": False}) is mask
    wide = seen_by("LoG", mask, {"maskedKernel": False, "kernelRadius": 2})
    box, wider = mask.box(), wide.box()
    assert box is not None
    assert wider is not None
    assert [s.start for s in wider] == [max(0, s.start - 2) for s in box]
    empty = Mask(np.zeros_like(mask.voxels), mask.geometry)
    assert seen_by("LoG", empty, {"maskedKernel": False}) is empty


def test_what_cannot_be_mapped_is_refused() -> None:
    volume, mask = lesion()
    with pytest.raises(SettingsError, match="radiome map"):
        Extractor(definition="ibsi").execute(volume, mask, voxelBased=True)
    with pytest.raises(SettingsError, match="radiome map"):
        batch.extract_cases([], batch.Run(definition="ibsi", voxel_based=True))
    with pytest.raises(SettingsError, match="glcm has no feature Contrst"):
        feature_maps({"glcm": ["Contrst"]}, volume, mask, {})
    holes = Volume(np.full(volume.voxels.shape, np.nan), volume.geometry)
    with pytest.raises(RegionError, match="finite"):
        maps(holes, mask, "firstorder")


def test_maps_of_simpleitk_images_and_files_are_simpleitk_images(tmp_path: Path) -> None:
    sitk = pytest.importorskip("SimpleITK")
    volume, mask = lesion()
    turned = (0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    images = []
    for array, name in ((volume.voxels, "image"), (mask.voxels.astype(np.uint8), "mask")):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(SPACING_ZYX[::-1])
        image.SetOrigin((1.0, 2.0, 3.0))
        image.SetDirection(turned)
        sitk.WriteImage(image, str(tmp_path / f"{name}.nrrd"))
        images.append(image)
    extractor = Extractor({"featureClass": {"firstorder": ["Mean"]}}, additionalInfo=False)
    expected = extractor.execute(volume, mask, voxelBased=True)["original_firstorder_Mean"]
    assert isinstance(expected, Volume)
    box = mask.box()
    assert box is not None
    start = [max(0, span.start - 1) for span in box]
    for pair in (images, [str(tmp_path / "image.nrrd"), str(tmp_path / "mask.nrrd")]):
        found = extractor.execute(*pair, voxelBased=True)["original_firstorder_Mean"]
        assert isinstance(found, sitk.Image)
        np.testing.assert_array_equal(sitk.GetArrayFromImage(found), expected.voxels)
        assert found.GetDirection() == pytest.approx(turned)
        place = images[0].TransformIndexToPhysicalPoint([int(v) for v in start[::-1]])
        assert found.GetOrigin() == pytest.approx(place)


def test_a_map_survives_its_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    direction = ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    geometry = Geometry((3, 4, 5), (2.5, 1.25, 0.1), (1 / 3, -2.0, 1e-7), direction)
    voxels = rng.normal(size=geometry.shape)
    voxels[0, 0, 0] = np.nan
    write_map(tmp_path / "map.nrrd", Volume(voxels, geometry))
    again = read_volume(tmp_path / "map.nrrd")
    np.testing.assert_array_equal(again.voxels, voxels)
    assert again.geometry.difference(geometry, tolerance=1e-9) is None
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.ReadImage(str(tmp_path / "map.nrrd"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), voxels)
    assert image.GetOrigin() == pytest.approx(geometry.origin)
    assert image.GetSpacing() == pytest.approx(geometry.spacing[::-1])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_line_writes_maps_of_every_case(tmp_path: Path, jobs: str) -> None:
    volume, mask = lesion()
    for array, name in ((volume.voxels, "image"), (mask.voxels, "mask")):
        grid = Volume(array.astype(np.float64), volume.geometry)
        write_map(tmp_path / f"{name}.nrrd", grid)
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "Image,Mask\nimage.nrrd,mask.nrrd\nnone.nrrd,mask.nrrd\nimage.nrrd,mask.nrrd\n"
    )
    parameters = tmp_path / "parameters.yaml"
    parameters.write_text("featureClass: {firstorder: [Mean]}\nvoxelSetting: {kernelRadius: 2}\n")
    out = tmp_path / "out.csv"
    arguments = ["pyradiomics", str(cases), "-p", str(parameters), "-m", "voxel", "-j", jobs]
    arguments += ["-od", str(tmp_path / "maps"), "-o", str(out), "-f", "csv"]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 1
    rows = list(csv.DictReader(out.read_text().splitlines()))
    name = "original_firstorder_Mean"
    expected = maps(volume, mask, "firstorder", kernelRadius=2)["firstorder_Mean"]
    for number in (1, 3):
        path = tmp_path / "maps" / f"Case-{number}_{name}.nrrd"
        assert rows[number - 1][name] == str(path)
        found = read_volume(path)
        np.testing.assert_array_equal(found.voxels, expected.voxels)
        assert found.geometry.difference(expected.geometry) is None
    assert "does not exist" in rows[1][batch.ERROR]
    assert len(list((tmp_path / "maps").iterdir())) == 2
