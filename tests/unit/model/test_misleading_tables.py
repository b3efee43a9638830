"""Tables that could be read and would mislead are refused or told."""

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import UserError
from radiome.model.plan import make_plan
from radiome.model.table_building import build_table

N = 60
BINARY = {"name": "y", "kind": "binary", "positive": 1}
SURVIVAL = {"name": "pfs", "kind": "survival", "time": "time", "event": "event"}
NUMBER = {"name": "mass", "kind": "continuous"}


@pytest.fixture
def tables():
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(N, 4)), columns=list("abcd"))
    features.insert(0, "patient", [f"P{k:03d}" for k in range(N)])
    outcomes = pd.DataFrame({"patient": features["patient"]})
    outcomes["y"] = (rng.random(N) < 0.5).astype(int)
    outcomes["time"], outcomes["event"] = rng.exponential(size=N), outcomes["y"]
    outcomes["mass"], outcomes["site"] = rng.normal(size=N), np.where(np.arange(N) % 3, "A", "B")
    return features, outcomes


def built(features, outcomes, outcome=BINARY, **plan):
    chosen = make_plan({"outcomes": outcome, **plan})
    return build_table(features, None, outcomes.astype(str), chosen)


def refused(told, *args, **plan):
    with pytest.raises(UserError, match=told) as caught:
        built(*args, **plan)
    assert caught.value.where
    assert caught.value.do
    return caught.value.message


def _with_error(codes):
    return codes.where(codes.index != 3, 1 - codes)


@pytest.mark.parametrize(
    ("outcome", "copy"),
    [
        (BINARY, lambda o, noise: 7 - 3.3 * o["y"]),
        (BINARY, lambda o, noise: o["y"] + 0.005 * noise),
        (BINARY, lambda o, noise: o["y"].where(o.index > 5).astype(float)),
        (BINARY, lambda o, noise: _with_error(o["y"])),
        (SURVIVAL, lambda o, noise: o["event"]),
        (SURVIVAL, lambda o, noise: np.log(o["time"])),
        (SURVIVAL, lambda o, noise: o["time"] + 0.001 * noise),
        (NUMBER, lambda o, noise: -2 * o["mass"] + 0.01 * noise),
    ],
)
def test_copies_of_an_outcome_are_refused_with_noise_gaps_and_errors(tables, outcome, copy):
    features, outcomes = tables
    noise = np.random.default_rng(1).normal(size=N)
    leak = features.assign(leak=copy(outcomes, noise))
    assert "leak" in refused("under another name", leak, outcomes, outcome)
    built(leak, outcomes, outcome, columns={"exclude": ["leak"]})


def test_a_strong_feature_is_told_and_an_honest_one_is_not(tables):
    features, outcomes = tables
    noise = np.random.default_rng(1).normal(size=N)
    strong = built(features.assign(strong=outcomes["y"] + 0.2 * noise), outcomes)
    assert any("almost perfectly: strong" in note for note in strong.notes)
    assert not built(features.assign(fair=outcomes["y"] + 0.6 * noise), outcomes).notes


@pytest.mark.parametrize("role", ["clinical", "acquisition"])
def test_the_outcome_cannot_be_a_baseline(tables, role):
    refused(f"in columns.{role} too", *tables, columns={role: ["y"]})


def test_a_copy_of_the_outcome_cannot_be_a_clinical_fact(tables):
    features, outcomes = tables
    told = refused(
        "columns.clinical is the outcome",
        features,
        outcomes.assign(dead=1 - outcomes["y"]),
        columns={"clinical": ["dead"]},
    )
    assert "columns.clinical" in told


def test_tables_that_contradict_each_other_are_refused(tables):
    features, outcomes = tables
    built(features.assign(y=outcomes["y"].astype(float)), outcomes)
    told = refused("says different things", features.assign(y=1 - outcomes["y"]), outcomes)
    assert "60 such rows" in told
    assert "'P000'" in told


def test_a_row_twice_is_refused_whatever_number_it_has(tables):
    features, outcomes = tables
    twice = pd.concat([features, features.iloc[:1]], ignore_index=True)
    twice.insert(0, "Unnamed: 0", range(N + 1))
    assert "rows 2 and 62" in refused("is in the feature table twice", twice, outcomes)


def test_row_numbers_are_no_feature(tables):
    features, outcomes = tables
    unnamed = features.assign(**{"Unnamed: 0": range(N)})
    assert built(unnamed, outcomes).names == tuple("abcd")
    assert "index" in refused("numbers the rows", features.assign(index=range(N)), outcomes)


def test_features_that_never_vary_are_told_or_refused(tables):
    features, outcomes = tables
    found = built(features.assign(e=1.0, f=np.nan), outcomes)
    assert any("2 of 6 features are constant or missing" in note for note in found.notes)
    refused("no feature varies", features.assign(a=1, b=2, c=3, d=np.nan), outcomes)


@pytest.mark.parametrize("spelling", ["{:d}", "{:d}.0", "p-{:03d}"])
def test_patients_that_differ_in_spelling_alone_say_so(tables, spelling):
    features, outcomes = tables
    zero = "P{:03d}" if "p" in spelling else "{:04d}"
    features = features.assign(patient=[zero.format(k) for k in range(N)])
    other = outcomes.assign(patient=[spelling.format(k) for k in range(N)])
    assert "write them alike" in refused("no patient is in both", features, other)


def test_patients_left_out_are_named(tables):
    features, outcomes = tables
    found = built(features, outcomes.iloc[2:])
    assert found.notes[0].endswith("left out: P000, P001")


def test_cells_are_named_by_patient_and_decimal_commas_are_seen(tables):
    features, outcomes = tables
    text = features["a"].astype(str)
    odd = text.where(features.index != 5, "n.d.")
    assert "'n.d.' of patient 'P005'" in refused(
        "numbers", features.assign(a=odd), outcomes.iloc[3:]
    )
    comma = features.assign(a=text.str.replace(".", ","))
    assert "decimal point" in refused("not numbers", comma, outcomes)


def test_one_value_in_two_spellings_is_refused(tables):
    features, outcomes = tables
    named = np.where(outcomes["y"] == 1, np.where(outcomes.index % 2, "mutant", "Mutant"), "wild")
    outcome = {"name": "y", "kind": "binary", "positive": "mutant"}
    refused("only in capitals", features, outcomes.assign(y=named), outcome)


def test_events_of_1_and_2_need_to_be_told_apart(tables):
    features, outcomes = tables
    coded = outcomes.assign(event=outcomes["event"] + 1)
    assert "0 for censored" in refused("not clear which", features, coded, SURVIVAL)
    found = built(features, coded, {**SURVIVAL, "event_of_interest": 2}).outcomes["pfs"]
    assert found.values["event"].tolist() == (outcomes["event"] == 1).tolist()
    assert not found.competing.any()


def test_sites_that_decide_the_outcome_or_divide_a_patient_are_refused(tables):
    features, outcomes = tables
    same = outcomes.assign(site=np.where(outcomes["y"] == 1, "A", "B"))
    told = refused("does not vary without site", features, same, columns={"site": "site"})
    assert "columns.acquisition" in told
    lesions = features.assign(patient=[f"P{k // 2:03d}" for k in range(N)], centre=["A", "B"] * 30)
    refused("two values in column 'centre'", lesions, outcomes, columns={"site": "centre"})


def test_a_single_site_is_no_baseline(tables):
    features, outcomes = tables
    found = built(features, outcomes.assign(site="A"), columns={"site": "site"})
    assert "site" not in found.blocks
    assert any("site (site=A) is the same in all rows" in note for note in found.notes)


def test_a_batch_of_one_patient_is_refused_unless_it_may_stay_as_it_is(tables):
    features, outcomes = tables
    lone = outcomes.assign(site=outcomes["site"].where(outcomes.index != 0, "Z"))
    refused("single patient", features, lone, harmonise={"batch": "site"})
    built(features, lone, harmonise={"batch": "site", "unseen": "identity"})


def test_one_scan_with_two_outcomes_is_told():
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(N, 10))).add_prefix("f")
    features.iloc[1] = features.iloc[0]
    features.insert(0, "patient", [f"P{k}" for k in range(N)])
    outcomes = pd.DataFrame({"patient": features["patient"], "y": np.arange(N) % 2})
    notes = built(features, outcomes).notes
    assert any("different values of 'y'" in note and "P0 = P1" in note for note in notes)
