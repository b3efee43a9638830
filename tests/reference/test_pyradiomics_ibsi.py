"""With the IBSI definitions, values under the names of pyradiomics are the reference values.

Source of the values: IBSI reference manual (arXiv:1612.07003), digital phantom, as tabulated
in `radiome/verify/ibsi1_reference.csv`.
"""

import csv
from importlib.resources import files

import pytest

from radiome.compat.pyradiomics import RadiomicsFeatureExtractor
from radiome.compat.pyradiomics.ibsi_plan import ibsi_tags
from radiome.verify.digital_phantom import digital_phantom

TEXT = files("radiome.verify").joinpath("ibsi1_reference.csv").read_text(encoding="utf-8")
REFERENCE = {
    row["tag"]: (float(row["value"]), float(row["tolerance"]))
    for row in csv.DictReader(TEXT.splitlines())
    if row["data_set"] == "dig_phantom" and row["value"]
}


def reference(tag, aggregation):
    """The reference value of a feature with its tolerance, for the aggregation it knows."""
    undirected = aggregation.rsplit("_", 1)[0]
    names = (tag, f"{tag}_{aggregation}", f"{tag}_{undirected}")
    (found,) = [REFERENCE[name] for name in names if name in REFERENCE]
    return found


@pytest.mark.parametrize(
    ("settings", "aggregation"),
    [
        ({}, "3D_avg"),
        ({"weightingNorm": "no_weighting"}, "3D_comb"),
        ({"force2D": True}, "2_5D_avg"),
        ({"force2D": True, "weightingNorm": "no_weighting"}, "2_5D_comb"),
    ],
)
def test_all_102_features_in_common_have_their_reference_values(settings, aggregation):
    # The minimum is 1: bins of width 1 from there are the grey levels of the phantom.
    extractor = RadiomicsFeatureExtractor(definition="ibsi", binWidth=1, **settings)
    found = extractor.execute(*digital_phantom())
    checked = 0
    for name, tag in ibsi_tags().items():
        if f"original_{name}" not in found:
            continue
        value, tolerance = reference(tag, aggregation)
        computed = float(f"{float(found[f'original_{name}']):.3g}")
        assert abs(computed - value) <= tolerance + 1e-12 * abs(value), name
        checked += 1
    assert checked == 102


def test_kurtosis_is_where_the_definitions_part_on_the_phantom():
    ours = RadiomicsFeatureExtractor(definition="ibsi", binWidth=1).execute(*digital_phantom())
    theirs = RadiomicsFeatureExtractor(binWidth=1).execute(*digital_phantom())
    kurtosis = "original_firstorder_Kurtosis"
    assert float(f"{float(ours[kurtosis]):.3g}") == -0.355
    assert theirs[kurtosis] - ours[kurtosis] == pytest.approx(3.0, rel=1e-12)
