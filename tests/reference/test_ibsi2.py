"""IBSI 2: every consensus map, every consensus value, and the teams' sarcoma values."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from radiome.base.errors import UserError
from radiome.verify import ibsi2
from radiome.verify.ibsi2_maps import TESTS, compare_maps

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

#: Statistics within 1 % of the teams' median, of 16 (without the ill-conditioned ratios) for
#: STS_001, by modality and filter; as measured. Where it is not 16, the teams disagree.
NEAR = {
    "CT": {"6": 15, "8": 13, "9": 14},
    "MR_T1": {"8": 14, "9": 13},
    "PET": {"8": 15, "9": 14},
}


def needed(folder: Path) -> Path:
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside the repository")
    return folder


def test_there_are_33_maps_with_a_consensus():
    assert len(TESTS) == 33


def test_every_response_map_is_within_one_percent_of_its_range():
    comparisons = list(compare_maps(needed(DATA / "ibsi2")))
    assert [item.test for item in comparisons if not item.matched] == []
    # Most agree to far better; the worst are those in which the teams differed.
    loose = {item.test for item in comparisons if item.error > 0.001}
    assert loose == {"8.a.1", "9.b.1", "10.b.1"}


def test_every_statistic_of_the_filtered_phantom_is_within_tolerance():
    comparisons = ibsi2.compare_statistics(needed(DATA / "ibsi1" / "ct_phantom"))
    assert len(comparisons) == 323
    assert [(c.filter_id, c.tag) for c in comparisons if not c.matched] == []


def test_filtered_sarcomas_agree_with_the_teams():
    items = list(ibsi2.compare_teams(needed(DATA / "sts"), patients=["STS_001"]))
    kept = [item for item in items if item.tag not in ibsi2.ILL_CONDITIONED]
    near = Counter((item.modality, item.filter_id) for item in kept if item.near)
    for modality, expected in NEAR.items():
        for number in map(str, range(1, 10)):
            assert near[modality, number] == expected.get(number, 16), (modality, number)


def test_a_folder_without_the_data_is_explained(tmp_path):
    with pytest.raises(UserError, match="phantoms and response maps are not in this folder"):
        list(compare_maps(tmp_path))
    with pytest.raises(UserError, match="CT phantom is not in this folder"):
        ibsi2.compare_statistics(tmp_path / "ct_phantom")
    with pytest.raises(UserError, match="validation are not in this folder"):
        list(ibsi2.compare_teams(tmp_path))
