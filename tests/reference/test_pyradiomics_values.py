"""Values that pyradiomics 3.0.1 gave for a made-up lesion, setting by setting."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from made_lesion import SPACING_ZYX, made_lesion
from radiome.compat.pyradiomics import grid
from radiome.compat.pyradiomics.feature_classes import compute
from radiome.compat.pyradiomics.image_types import responses
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume

CASES = json.loads(Path(__file__).with_name("pyradiomics_3_0_1.json").read_text(encoding="utf-8"))
ALL = ("shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm")


def prepared(case):
    voxels, inside = made_lesion(getattr(np, case["kind"]))
    geometry = Geometry(voxels.shape, SPACING_ZYX)
    volume, mask = Volume(voxels, geometry), Mask(inside, geometry)
    settings = case["settings"]
    if settings.get("normalize"):
        scale, limit = settings["normalizeScale"], settings["removeOutliers"]
        volume = grid.normalize(volume, scale, limit)
    if "resampledPixelSpacing" in settings:
        spacing, method = settings["resampledPixelSpacing"], settings["interpolator"]
        volume, mask = grid.resample(volume, mask, spacing, method, settings["padDistance"])
    return volume, mask


def all_features(case):
    """Column by column, in the order of pyradiomics."""
    settings = case["settings"]
    volume, mask = prepared(case)
    classes = case.get("classes", ALL)
    found = {}
    if "shape" in classes:
        values = compute("shape", (), volume, mask, settings)
        found |= {f"original_shape_{name}": value for name, value in values.items()}
    if "resegmentRange" in settings:
        limits, mode = settings["resegmentRange"], settings["resegmentMode"]
        mask = grid.resegment(volume, mask, limits, mode)
    for image_type, options in case["types"].items():
        for image_name, response in responses(image_type, volume, mask, settings | options):
            shared = {}
            for name in classes:
                if name != "shape":
                    values = compute(name, (), *grid.crop(response, mask), settings, shared)
                    found |= {f"{image_name}_{name}_{key}": v for key, v in values.items()}
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_value_is_that_of_pyradiomics(case):
    found = all_features(case)
    assert list(found) == list(case["values"])
    for name, reference in case["values"].items():
        same_nan = math.isnan(reference) and math.isnan(found[name])
        assert same_nan or found[name] == pytest.approx(reference, rel=1e-9, abs=1e-10), name
