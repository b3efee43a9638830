"""The 408 texture values of the digital phantom, and configuration A of the CT phantom.

Values: IBSI reference manual (arXiv:1612.07003) through `ibsi1_reference.csv`. Rule:
round to three significant digits, then at most the tolerance away (0 for the phantom).
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from naive.texture_stacks import region
from radiome.features.glcm import glcm
from radiome.features.gldzm import gldzm
from radiome.features.glrlm import glrlm
from radiome.features.glszm import glszm
from radiome.features.ngldm import ngldm
from radiome.features.ngtdm import ngtdm
from radiome.features.texture_options import TextureOptions

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ibsi1"
FAMILIES = {f.__name__: f for f in (glcm, glrlm, glszm, gldzm, ngtdm, ngldm)}
PLANAR = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb")
NUMBER = {"glcm": 150, "glrlm": 96, "glszm": 48, "gldzm": 48, "ngtdm": 15, "ngldm": 51}


def load(name):
    if not DATA.is_dir():
        pytest.skip("the shared IBSI 1 data are not beside the repository")
    nibabel = pytest.importorskip("nibabel")
    return np.asanyarray(nibabel.load(DATA / name).dataobj).T


def references(data_set, family):
    with open(DATA / "ibsi1_reference.csv", encoding="utf-8", newline="") as lines:
        return [
            row
            for row in csv.DictReader(lines)
            if row["data_set"] == data_set and row["family"] == family and row["value"]
        ]


def misses(values, rows):
    found = []
    for row in rows:
        value, reference = values[row["tag"]], float(row["value"])
        # Half a unit of the twelfth digit absorbs the binary form of decimal figures.
        slack = float(row["tolerance"]) + 1e-12 * max(1.0, abs(reference))
        if not isinstance(value, float) or abs(float(f"{value:.3g}") - reference) > slack:
            found.append((row["tag"], value, reference))
    return found


@pytest.fixture(scope="module")
def phantom():
    image = load("digital_phantom/image/phantom.nii.gz")
    mask = load("digital_phantom/mask/mask.nii.gz") > 0
    return region(np.where(mask, image, 0), n_levels=6)


@pytest.fixture(scope="module")
def lesion():
    """Configuration A: no interpolation, -500 to 400 HU, bins of 25 HU."""
    image = load("ct_phantom/nifti/image/phantom.nii.gz").astype(np.float64)
    mask = load("ct_phantom/nifti/mask/mask.nii.gz") > 0
    box = tuple(slice(int(n.min()), int(n.max()) + 1) for n in np.nonzero(mask))
    image, mask = image[box], mask[box]
    inside = mask & (image >= -500) & (image <= 400)
    bins = np.floor((image + 500) / 25) + 1
    return region(np.where(inside, bins, 0), morphological=mask)


@pytest.mark.parametrize("family", FAMILIES)
def test_digital_phantom(phantom, family):
    rows = references("dig_phantom", family)
    assert len(rows) == NUMBER[family]
    options = TextureOptions(aggregations=(*PLANAR, "3D_avg", "3D_comb"))
    values = FAMILIES[family](phantom, options)
    assert values.keys() == {row["tag"] for row in rows}
    assert misses(values, rows) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_ct_phantom_configuration_a(lesion, family):
    rows = references("ct_a", family)
    assert rows
    values = FAMILIES[family](lesion, TextureOptions(aggregations=PLANAR))
    assert misses(values, rows) == []
