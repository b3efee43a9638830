"""Morphology and local intensity against the reference values of IBSI chapter 1."""

import csv
from pathlib import Path

import nibabel
import numpy as np
import pytest

from radiome.features.local_intensity import local_intensity
from radiome.features.morphology import morphology
from radiome.image import Geometry, Region

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ibsi1"
PREFIXES = ("morph_", "loc_peak_")
CASES = {"dig_phantom": ("digital_phantom", None), "ct_a": ("ct_phantom/nifti", (-500, 400))}


def reference(data_set):
    with (DATA / "ibsi1_reference.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["data_set"] == data_set]
    return {row["tag"]: row for row in rows if row["family"] in ("morphology", "local_intensity")}


def load(folder, limits):
    image = nibabel.load(DATA / folder / "image" / "phantom.nii.gz")
    mask = nibabel.load(DATA / folder / "mask" / "mask.nii.gz")
    spacing = tuple(float(step) for step in image.header.get_zooms()[:3])[::-1]
    voxels = np.ascontiguousarray(np.asarray(image.dataobj, dtype=np.float64).T)
    inside = np.ascontiguousarray(np.asarray(mask.dataobj).T > 0)
    low, high = limits or (-np.inf, np.inf)
    intensity = inside & (voxels >= low) & (voxels <= high)
    return Region(voxels, inside, intensity, Geometry(voxels.shape, spacing))


@pytest.mark.parametrize("data_set", CASES)
def test_reference_values(data_set):
    if not DATA.is_dir():
        pytest.skip("the IBSI 1 data are not beside the repository")
    region, expected = load(*CASES[data_set]), reference(data_set)
    values = morphology(region) | local_intensity(region)
    assert values.keys() == expected.keys()
    misses = []
    for name, row in expected.items():
        if not row["value"]:
            continue
        rounded = float(f"{values[name]:.3g}")
        # The last term is the rounding of the subtraction of two decimal numbers.
        if abs(rounded - float(row["value"])) > float(row["tolerance"]) + 1e-12:
            misses.append((name, values[name], row["value"], row["tolerance"]))
    assert not misses
    assert sum(bool(row["value"]) for row in expected.values()) == 27
