"""Regions at the edge of sense have a defined answer: a finite value or a reason."""

import math

import numpy as np
import pytest

from radiome.extraction.case import extract_case
from radiome.extraction.settings import Settings
from radiome.image import Geometry, Mask, Volume
from radiome.preprocess.options import Resegmentation

SHAPE = (7, 9, 10)
GRID = Geometry(SHAPE, (3.0, 1.0, 1.2))
SETTINGS = Settings.model_validate(
    {
        "discretisation": {"method": "fixed_bin_number", "bin_count": 8},
        "ivh": {"method": "fixed_bin_number", "bin_count": 100},
        "texture": {
            "aggregations": ["2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb"]
        },
    }
)


def box(*spans: slice) -> np.ndarray:
    inside = np.zeros(SHAPE, dtype=bool)
    inside[spans] = True
    return inside


REGIONS = {
    "one voxel": box(slice(3, 4), slice(4, 5), slice(5, 6)),
    "two voxels": box(slice(3, 4), slice(4, 5), slice(5, 7)),
    "two voxels apart": box(slice(3, 4), slice(4, 5), slice(5, 6))
    | box(slice(5, 6), slice(7, 8), slice(1, 2)),
    "line": box(slice(3, 4), slice(4, 5), slice(2, 8)),
    "one slice": box(slice(3, 4), slice(2, 7), slice(2, 8)),
    "one column of slices": box(slice(1, 6), slice(4, 5), slice(4, 5)),
    "corner of the image": box(slice(0, 3), slice(0, 3), slice(0, 3)),
    "whole image": np.ones(SHAPE, dtype=bool),
    "disconnected": box(slice(0, 2), slice(0, 3), slice(0, 3))
    | box(slice(5, 7), slice(6, 9), slice(7, 10)),
    "diagonal": np.logical_and.reduce(
        [np.indices(SHAPE)[0] == np.indices(SHAPE)[1], np.indices(SHAPE)[1] == np.indices(SHAPE)[2]]
    ),
    "with a hole": box(slice(1, 6), slice(1, 8), slice(1, 9))
    & ~box(slice(3, 4), slice(4, 5), slice(4, 6)),
}

IMAGES = {
    "noise": np.random.default_rng(5).normal(50.0, 10.0, SHAPE),
    "one grey level": np.full(SHAPE, 7.0),
    "zero": np.zeros(SHAPE),
    "negative": np.random.default_rng(6).normal(-500.0, 1.0, SHAPE),
    "huge": np.random.default_rng(7).normal(1e9, 1e7, SHAPE),
}


@pytest.mark.parametrize("image", sorted(IMAGES))
@pytest.mark.parametrize("region", sorted(REGIONS))
def test_every_feature_is_finite_or_says_why_not(image, region):
    row = extract_case(Volume(IMAGES[image], GRID), Mask(REGIONS[region], GRID), SETTINGS)
    assert len(row) == 487
    for tag, value in row.items():
        if value is None:
            assert row.reasons[tag].startswith("not applicable: "), tag
        else:
            assert math.isfinite(value), (tag, value)
    assert set(row.reasons) == {tag for tag, value in row.items() if value is None}


def test_region_emptied_by_resegmentation_keeps_its_shape_and_says_why_the_rest_is_null():
    settings = Settings.model_validate(
        {
            "resegmentation": {"range": [1e6, 2e6]},
            "discretisation": {"method": "fixed_bin_number", "bin_count": 8},
            "ivh": {"method": "fixed_bin_number", "bin_count": 100},
        }
    )
    row = extract_case(Volume(IMAGES["noise"], GRID), Mask(REGIONS["one slice"], GRID), settings)
    assert len(row) == 215
    assert row["morph_vol_approx"] == pytest.approx(30 * 3.6)
    assert row["stat_mean"] is None
    assert row["cm_contrast_3D_avg"] is None
    assert "intensity mask" in row.reasons["stat_mean"]


def test_a_region_without_intensities_is_warned_of() -> None:
    volume = Volume(np.zeros(SHAPE), GRID)
    mask = Mask(REGIONS["line"], GRID)
    emptied = SETTINGS.model_copy(update={"resegmentation": Resegmentation(range=(1.0, None))})
    assert "left no voxel" in extract_case(volume, mask, emptied).record["warnings"][0]
    assert extract_case(volume, mask, SETTINGS).record["warnings"] == []


@pytest.mark.parametrize(("width", "warned"), [(0.01, True), (2.0, False), (60.0, True)])
def test_bins_far_too_fine_or_coarse_for_the_region_are_pointed_out(width, warned):
    settings = Settings.model_validate(
        {"discretisation": {"method": "fixed_bin_size", "bin_width": width}}
    )
    row = extract_case(Volume(IMAGES["noise"], GRID), Mask(REGIONS["one slice"], GRID), settings)
    assert any("discretisation.bin_width" in text for text in row.record["warnings"]) == warned
