"""The sarcoma patients of the IBSI 1 validation: share of features near the teams' median.

There is no reference value here, only what up to nine teams computed. The five features that
the standard leaves open (densities by OMBB and MVEE, area under the IVH curve) are counted apart.
"""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import radiome

STS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sts"
CONSENSUS = STS / "ibsi1_validation_team_consensus_STS_001-006.csv"
PRESET = {"CT": "ct", "MR_T1": "mr", "PET": "pet"}
OPEN = {
    "morph_vol_dens_ombb",
    "morph_area_dens_ombb",
    "morph_vol_dens_mvee",
    "morph_area_dens_mvee",
    "ivh_auc",
}

#: Features within 1 % of the median of the teams, of 6 patients with 169 features each.
NEAR = {"CT": 1002, "MR_T1": 1002, "PET": 991}

#: Where the others are, as found when this was written: a new name here is a change to look
#: into. In 46 of the 47 misses the interquartile range of the teams exceeds 1 % of the median.
DISPUTED = {
    "morph_moran_i",
    "morph_geary_c",
    "morph_asphericity",
    "ivh_v10",
    "ivh_v90",
    "ivh_i90",
    "ivh_diff_v10_v90",
    "ivh_diff_i10_i90",
    "ih_max_grad",
    "ngt_complexity_3D",
    "rlm_lgre_3D_comb",
    "rlm_srlge_3D_comb",
    "rlm_lrlge_3D_comb",
}


def consensus() -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    with CONSENSUS.open(newline="") as file:
        for row in csv.DictReader(file):
            found[row["patient"], row["modality"]][row["tag"]] = float(row["median"])
    return found


@pytest.mark.parametrize("modality", sorted(NEAR))
def test_share_of_features_within_one_percent_of_the_teams(modality):
    if not CONSENSUS.is_file():
        pytest.skip("the sarcoma cohort is not beside the repository")
    near, far, total = 0, Counter(), 0
    for (patient, kind), medians in consensus().items():
        if kind != modality:
            continue
        row = radiome.extract(
            STS / patient / f"{kind}_image.nii.gz",
            STS / patient / f"{kind}_mask.nii.gz",
            f"ibsi-1-validation-{PRESET[modality]}",
        )
        for tag in row.keys() & medians.keys() - OPEN:
            total += 1
            if abs(row[tag] - medians[tag]) <= 0.01 * abs(medians[tag]):
                near += 1
            else:
                far[tag] += 1
    assert total == 6 * 169
    assert set(far) <= DISPUTED
    assert near >= NEAR[modality]
