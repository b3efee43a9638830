"""Centres one by one, and pooled: what each figure is made of, and what is left out of it."""

import numpy as np
import pytest
from scipy.special import expit, logit
from statsmodels.stats.meta_analysis import combine_effects

from made_study import made_plan, made_tables
from radiome.model.out_of_fold import OutOfFold
from radiome.model.outcomes import SURVIVAL, Outcome, OutcomeOptions
from radiome.model.performance.concordance import harrell_interval
from radiome.model.performance.discrimination import auc_delong
from radiome.model.performance.ordinal import ordinal_c_interval
from radiome.model.pooling import pooled_sites
from radiome.model.run import run_plan
from radiome.model.table_building import build_table


def left_out(outcome, scores, sites):
    """Predictions of each site by models of the others, as they come out of a study."""
    folds = np.unique(sites, return_inverse=True)[1]
    n = len(sites)
    patients = np.arange(n).astype(str)
    return OutOfFold(np.asarray(scores)[None], folds[None], patients, np.arange(n), outcome)


def binary(values):
    options = OutcomeOptions(name="y", kind="binary")
    values = np.asarray(values, np.int64)
    return Outcome(options, values, np.ones(len(values), bool), ("0", "1"))


def centres(seed, sizes, shift=0.8):
    """Patients of centres a, b, ..., a score that knows something, and the outcome."""
    generator = np.random.default_rng(seed)
    sites = np.repeat([chr(97 + k) for k in range(len(sizes))], sizes)
    y = generator.random(len(sites)) < 0.45
    score = generator.normal(size=len(sites)) + shift * y
    return y, score, sites


def test_each_centre_has_the_auc_of_its_own_patients_and_its_error():
    y, score, sites = centres(0, (60, 50, 80))
    found = pooled_sites(left_out(binary(y), score, sites), sites)
    assert [centre["site"] for centre in found["centres"]] == ["a", "b", "c"]
    for centre in found["centres"]:
        own = sites == centre["site"]
        alone = auc_delong(y[own], score[own], scale="logit")
        assert centre["value"] == alone.value
        assert (centre["lower"], centre["upper"]) == (alone.lower, alone.upper)
        assert centre["patients"] == own.sum()
        assert centre["rarest_class"] == min(y[own].sum(), (~y[own]).sum())


def test_the_pooled_figure_is_that_of_the_logits():
    y, score, sites = centres(5, (60, 50, 80, 70))
    score += y * np.repeat([-0.8, 0.0, 0.5, 1.5], (60, 50, 80, 70))
    found = pooled_sites(left_out(binary(y), score, sites), sites)
    value = np.array([centre["value"] for centre in found["centres"]])
    error = np.array([c["standard_error"] for c in found["centres"]]) / (value * (1 - value))
    pooled = found["pooled"]
    fixed = combine_effects(logit(value), error**2, method_re="dl")
    assert pooled["q"] == pytest.approx(fixed.q, rel=1e-12)
    assert pooled["i2"] == pytest.approx(fixed.i2, rel=1e-12)
    assert pooled["tau2"] > 0.1
    weights = 1 / (error**2 + pooled["tau2"])
    assert pooled["value"] == pytest.approx(expit(weights @ logit(value) / weights.sum()), rel=1e-9)
    assert 0 < pooled["prediction"]["lower"] < pooled["lower"] < pooled["value"]
    assert pooled["value"] < pooled["upper"] < pooled["prediction"]["upper"] < 1


def test_a_small_centre_is_told_with_its_reason_and_pooled_with_nobody():
    y, score, sites = centres(1, (60, 50, 12, 80))
    found = pooled_sites(left_out(binary(y), score, sites), sites)
    small = found["centres"][2]
    assert small["rarest_class"] < 10
    assert "value" not in small
    assert small["reason"].startswith("not estimable, and not merged")
    assert "at least 10 are needed" in small["reason"]
    rest = sites != "c"
    without = pooled_sites(left_out(binary(y[rest]), score[rest], sites[rest]), sites[rest])
    assert found["pooled"] == without["pooled"]
    assert found["pooled"]["centres"] == 3


def test_ten_patients_of_the_rarest_class_are_enough_and_nine_are_not():
    score = np.random.default_rng(2).normal(size=30)
    sites = np.full(30, "a")
    for n, known in ((10, True), (9, False)):
        found = pooled_sites(left_out(binary(np.arange(30) < n), score, sites), sites)
        assert ("value" in found["centres"][0]) == known


def test_without_two_centres_nothing_is_pooled():
    y, score, sites = centres(3, (80, 12))
    found = pooled_sites(left_out(binary(y), score, sites), sites)
    assert found["pooled"] == {"reason": "pooling needs two centres that are estimable, here: 1"}
    y, score, sites = centres(3, (80, 70))
    pair = pooled_sites(left_out(binary(y), score, sites), sites)["pooled"]
    assert pair["prediction"] == {"reason": "a prediction interval needs three centres"}


def test_a_centre_without_a_wrong_pair_is_kept_with_half_a_pair():
    y, score, sites = centres(4, (60, 70, 50))
    score[(sites == "b") & y] += 100
    found = pooled_sites(left_out(binary(y), score, sites), sites)
    best = found["centres"][1]
    own = y[sites == "b"]
    pairs = own.sum() * (~own).sum()
    assert best["value"] == pytest.approx((pairs + 0.5) / (pairs + 1), rel=1e-12)
    assert best["lower"] < best["value"] < best["upper"] < 1
    assert "half a pair" in best["note"]
    assert found["pooled"]["centres"] == 3


def test_a_centre_whose_patients_all_score_alike_is_not_estimable():
    y, score, sites = centres(4, (60, 70))
    score[sites == "a"] = 1.0
    found = pooled_sites(left_out(binary(y), score, sites), sites)
    assert "tells no patients apart" in found["centres"][0]["reason"]


def survival(time, event):
    values = np.empty(len(time), SURVIVAL)
    values["time"], values["event"] = time, event
    options = OutcomeOptions(name="s", kind="survival", time="t", event="e")
    return Outcome(options, values, np.ones(len(time), bool))


def test_time_to_event_has_the_error_of_harrells_c():
    generator = np.random.default_rng(6)
    risk = generator.normal(size=150)
    onset, censored = generator.exponential(np.exp(-risk)), generator.exponential(1.5, 150)
    time, event = np.minimum(onset, censored), onset <= censored
    sites = np.repeat(["a", "b", "c"], 50)
    found = pooled_sites(left_out(survival(time, event), risk, sites), sites)
    for centre in found["centres"]:
        own = sites == centre["site"]
        alone = harrell_interval(time[own], event[own], risk[own])
        assert centre["value"] == pytest.approx(alone.value, rel=1e-12)
        assert centre["standard_error"] == pytest.approx(alone.standard_error, rel=1e-12)
        assert centre["events"] == event[own].sum()
    assert found["pooled"]["centres"] == 3


def test_classes_in_order_have_the_error_of_the_ordinal_c():
    generator = np.random.default_rng(7)
    codes = generator.integers(0, 3, 120)
    expected = codes + generator.normal(size=120)
    options = OutcomeOptions(name="g", kind="ordinal", order=("1", "2", "3"))
    outcome = Outcome(options, codes, np.ones(120, bool), ("1", "2", "3"))
    sites = np.repeat(["a", "b"], 60)
    for centre in pooled_sites(left_out(outcome, expected, sites), sites)["centres"]:
        own = sites == centre["site"]
        alone = ordinal_c_interval(codes[own], expected[own])
        assert centre["value"] == pytest.approx(alone.value, rel=1e-12)
        assert centre["standard_error"] == pytest.approx(alone.standard_error, rel=1e-12)


def test_numbers_need_twenty_patients():
    generator = np.random.default_rng(8)
    values = generator.normal(size=59)
    options = OutcomeOptions(name="v", kind="continuous")
    outcome = Outcome(options, values, np.ones(59, bool))
    sites = np.repeat(["a", "b", "c"], (20, 20, 19))
    found = pooled_sites(left_out(outcome, values + generator.normal(size=59), sites), sites)
    assert ["value" in centre for centre in found["centres"]] == [True, True, False]
    assert "19 patients, at least 20 are needed" in found["centres"][2]["reason"]


def test_the_error_of_several_classes_is_that_of_repeated_sampling():
    generator = np.random.default_rng(9)
    options = OutcomeOptions(name="m", kind="multiclass")
    values, errors = [], []
    for _ in range(150):
        codes = generator.integers(0, 3, 90)
        scores = np.eye(3)[codes] + generator.normal(size=(90, 3))
        outcome = Outcome(options, codes, np.ones(90, bool), ("a", "b", "c"))
        centre = pooled_sites(left_out(outcome, scores, np.full(90, "x")), np.full(90, "x"))
        values.append(centre["centres"][0]["value"])
        errors.append(centre["centres"][0]["standard_error"])
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.2)


def test_a_study_tells_of_its_centres(tmp_path):
    plan = made_plan(columns={"site": "hospital"})
    frame, outcome = made_tables(n=100, signal=3.0)
    frame["hospital"] = np.repeat(["a", "b", "c", "d"], (30, 30, 30, 10))
    table = build_table(frame, None, outcome, plan)
    told = run_plan(table, plan, tmp_path).outcomes[0].figures["left_out_sites"]
    assert [centre["patients"] for centre in told["centres"]] == [30, 30, 30, 10]
    assert "reason" in told["centres"][3]
    assert told["pooled"]["centres"] == 3
    assert 0.5 < told["pooled"]["value"] < 1
