"""Maps that pyradiomics 3.0.1 gave for a small region of a made-up lesion.

`pyradiomics_3_0_1_maps.json` holds, by map, the sum over the region without NaN, the number of
NaN and the values at the voxels `picks`, from ``execute(..., voxelBased=True)`` of pyradiomics
3.0.1 (SimpleITK 2.5, NumPy 1.26). Where a direction has no pair in some neighbourhood, it fails
to compute MCC and gives NaN for JointAverage: these maps are not in the file.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from made_lesion import SPACING_ZYX, made_lesion
from radiome.compat.pyradiomics import RadiomicsFeatureExtractor
from radiome.compat.pyradiomics.feature_catalogue import FEATURE_CLASSES
from radiome.image import Geometry, Mask, Volume

FILE = Path(__file__).with_name("pyradiomics_3_0_1_maps.json")
CASES = json.loads(FILE.read_text(encoding="utf-8"))
CLASSES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")


def pair():
    """The lesion, and a part of it with a hole and a detached voxel."""
    voxels, _ = made_lesion()
    z, y, x = np.indices(voxels.shape)
    grain = (x * 7 + y * 13 + z * 29 + x * y * 3 + y * z * 5 + z * x * 11) % 97
    ball = ((z - 4) * 2.5) ** 2 + (y - 7) ** 2 + ((x - 7) * 1.25) ** 2
    inside = (ball < 14) & (grain % 11 != 0)
    inside[4, 7, 7] = False
    inside[1, 13, 14] = True
    geometry = Geometry(voxels.shape, SPACING_ZYX, origin=(3.0, -2.0, 5.0))
    return Volume(voxels, geometry), Mask(inside, geometry)


def maps_of(case):
    classes = {"featureClass": dict.fromkeys(CLASSES)}
    extractor = RadiomicsFeatureExtractor({**classes, **case["parameters"]}, additionalInfo=False)
    return extractor.execute(*pair(), voxelBased=True)


def region_of(case):
    """Where the maps have values: nowhere else do they differ from the initial value."""
    voxel = {**case["parameters"].get("voxelSetting", {}), "initValue": -99.0}
    plain = {**case["parameters"], "imageType": {"Original": {}}, "voxelSetting": voxel}
    found = maps_of({"parameters": {**plain, "featureClass": {"firstorder": ["Entropy"]}}})
    return found["original_firstorder_Entropy"].voxels != -99.0


def same(value, reference):
    if reference is None:
        return math.isnan(value)
    return value == pytest.approx(reference, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_map_is_that_of_pyradiomics(case):
    found, inside = maps_of(case), region_of(case)
    assert inside.sum() == case["voxels"]
    assert set(case["maps"]) <= set(found)
    missing = {name.split("_", 1)[1] for name in set(found) - set(case["maps"])}
    assert missing <= {"glcm_MCC", "glcm_JointAverage"}
    start = case["parameters"].get("voxelSetting", {}).get("initValue", 0.0)
    for name, (total, n_nan, *values) in case["maps"].items():
        volume = found[name]
        assert list(volume.voxels.shape[::-1]) == case["size"], name
        assert volume.geometry.origin == pytest.approx(case["origin"], abs=1e-12)
        assert (volume.voxels[~inside] == start).all(), name
        of_region = volume.voxels[inside]
        assert np.isnan(of_region).sum() == n_nan, name
        # A sum of many values may lose a few digits to their cancellation.
        size = float(np.nansum(np.abs(of_region)))
        assert np.nansum(of_region) == pytest.approx(total, rel=1e-9, abs=1e-11 + 1e-12 * size), (
            name
        )
        picked = volume.voxels[tuple(np.array(case["picks"]).T)]
        assert all(map(same, picked, values)), name


def test_all_93_maps_are_compared_and_91_to_93_of_masked_kernels():
    features = sum(len(FEATURE_CLASSES[name]) for name in CLASSES)
    counts = {case["name"]: len(case["maps"]) for case in CASES}
    assert features == counts["unmasked"] == 93
    assert counts["masked"] == counts["slices"] == 91
    assert counts["radius 2"] == counts["options"] == counts["merged directions"] == 92
