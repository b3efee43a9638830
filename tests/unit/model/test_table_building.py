"""Features and outcomes joined, with a message for all that does not fit."""

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import UserError
from radiome.model.plan import make_plan
from radiome.model.table_building import build_table

PATIENTS = [f"p{n}" for n in range(6)]


def tables(**more):
    rng = np.random.default_rng(0)
    columns = {f"f{n}": [f"{v:.6f}" for v in rng.normal(size=6)] for n in range(10)}
    features = pd.DataFrame({"patient": PATIENTS, **columns, **more})
    outcomes = pd.DataFrame({"patient": PATIENTS, "y": list("010101")})
    return features, outcomes


def plan(**columns):
    return make_plan({"outcomes": {"name": "y", "kind": "binary"}, "columns": columns})


def built(features, outcomes, chosen=None):
    return build_table(features, None, outcomes, chosen or plan())


def test_every_column_without_another_role_is_a_feature():
    features, outcomes = tables(scanner=list("aabbab"), age=[50, 60, 70, 40, 30, 20])
    found = built(features, outcomes, plan(acquisition=["scanner"], clinical=["age"]))
    assert found.names == tuple(f"f{n}" for n in range(10))
    assert found.blocks["acquisition"].shape == (6, 2)
    assert found.block_names["acquisition"] == ("scanner=a", "scanner=b")


def test_rows_follow_the_feature_table_and_notes_say_who_is_missing():
    features, outcomes = tables()
    found = built(features, outcomes.iloc[::-1].head(5))
    assert found.cases.tolist() == PATIENTS[1:]
    assert found.outcomes["y"].values.tolist() == [1, 0, 1, 0, 1]
    assert any("1 patient has features but no row" in note for note in found.notes)


def test_the_outcome_among_the_features_is_refused():
    features, outcomes = tables()
    found = features.assign(y=outcomes["y"])
    with pytest.raises(UserError, match="among the features"):
        build_table(found, [*features.columns[1:], "y"], outcomes, plan())


@pytest.mark.parametrize("codes", [("0", "1"), ("7.5", "-2")])
def test_a_copy_of_the_outcome_under_another_name_is_refused(codes):
    features, outcomes = tables()
    copy = [codes[int(y)] for y in outcomes["y"]]
    twice = pd.concat([features.assign(copy=copy)] * 2, ignore_index=True)
    twice["patient"] = [f"p{n}" for n in range(12)]
    more = pd.DataFrame({"patient": twice["patient"], "y": list("010101") * 2})
    with pytest.raises(UserError, match="under another name") as caught:
        built(twice, more)
    assert "copy" in caught.value.message


def test_text_among_the_features_is_named():
    features, outcomes = tables(note=["a"] * 6)
    with pytest.raises(UserError, match="'note' has cells that are not numbers"):
        built(features, outcomes)


def test_a_column_that_is_named_and_missing_names_the_nearest():
    features, outcomes = tables(scanner=list("aabbab"))
    with pytest.raises(UserError, match="did you mean 'scanner'"):
        built(features, outcomes, plan(acquisition=["scaner"]))


def test_a_patient_twice_in_the_outcome_table_is_refused():
    features, outcomes = tables()
    with pytest.raises(UserError, match="twice"):
        built(features, pd.concat([outcomes, outcomes.head(1)]))


def test_no_common_patient_shows_both_spellings():
    features, outcomes = tables()
    with pytest.raises(UserError, match="no patient is in both") as caught:
        built(features, outcomes.assign(patient=[f"Q{n}" for n in range(6)]))
    assert "'p0' and 'Q0'" in caught.value.message


def test_the_same_scan_under_two_names_is_one_patient():
    features, outcomes = tables()
    copy = features.iloc[[0]].assign(patient="other")
    both = pd.concat([features, copy], ignore_index=True)
    more = pd.concat([outcomes, pd.DataFrame({"patient": ["other"], "y": ["0"]})])
    found = built(both, more)
    assert found.patients[0] == found.patients[6]
    assert found.merged == (("other", "p0"),)
    assert any("almost the same" in note for note in found.notes)


def test_gaps_stay_gaps_and_infinities_are_refused():
    features, outcomes = tables(g=["1", "", "NA", "2", "3", "4"])
    assert np.isnan(built(features, outcomes).features[1:3, -1]).all()
    with pytest.raises(UserError, match="not numbers"):
        built(features.assign(g=["1", "inf", "2", "3", "4", "5"]), outcomes)


def test_volume_is_found_by_its_name_and_must_be_positive():
    features, outcomes = tables(morph_volume=[1, 2, 3, 4, 5, 6])
    assert built(features, outcomes).blocks["volume"][:2, 0] == pytest.approx([0, np.log(2)])
    with pytest.raises(UserError, match="not positive"):
        built(features.assign(morph_volume=[0, 2, 3, 4, 5, 6]), outcomes)


def test_patterns_choose_features_and_a_pattern_without_any_is_refused():
    features, outcomes = tables()
    found = built(features, outcomes, plan(include=["f[0-4]"], exclude=["f2"]))
    assert found.names == ("f0", "f1", "f3", "f4")
    with pytest.raises(UserError, match="no feature column matches"):
        built(features, outcomes, plan(include=["g*"]))
