"""Concordance: the AUC and Harrell's C where they apply, within folds only."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sksurv.metrics import concordance_index_censored

from radiome.base.errors import UserError
from radiome.base.options import parse_options
from radiome.model.concordance import bootstrap_weights, difference, estimate, judge
from radiome.model.outcomes import SURVIVAL, Outcome, OutcomeOptions

TAILS = (0.025, 0.975)


def outcome(kind, values, classes=(), **more):
    declared = parse_options(OutcomeOptions, {"name": "y", "kind": kind, **more})
    return Outcome(declared, values, np.ones(len(values), bool), classes)


def one_fold(n):
    return np.zeros((1, n), np.int64)


def test_binary_concordance_is_the_area_under_the_roc_curve():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60)
    score = np.round(rng.normal(y, 2), 1)  # with ties
    found = judge(outcome("binary", y, ("0", "1")), score[None], one_fold(60)).concordance()
    assert found == pytest.approx(roc_auc_score(y, score), abs=1e-14)


def test_survival_concordance_is_that_of_harrell():
    rng = np.random.default_rng(1)
    values = np.zeros(80, SURVIVAL)
    values["time"] = rng.integers(1, 30, 80)  # with ties
    values["event"] = rng.random(80) < 0.6
    risk = np.round(rng.normal(size=80), 1)
    declared = outcome("survival", values, time="t", event="e")
    expected = concordance_index_censored(values["event"], values["time"], risk, tied_tol=0)[0]
    found = judge(declared, risk[None], one_fold(80)).concordance()
    assert found == pytest.approx(expected, abs=1e-12)


def test_multiclass_concordance_is_the_mean_of_one_against_the_rest():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 3, 90)
    scores = rng.dirichlet(np.ones(3), 90)
    expected = roc_auc_score(y, scores, multi_class="ovr", average="macro")
    found = judge(outcome("multiclass", y, ("a", "b", "c")), scores[None], one_fold(90))
    assert found.concordance() == pytest.approx(expected, abs=1e-14)


def test_scores_of_different_folds_are_not_compared():
    y = np.array([0, 1, 0, 1])
    # Each fold is ordered rightly; the second fold's model scores all lower than the first's.
    score = np.array([[5.0, 6.0, 1.0, 2.0]])
    folds = np.array([[0, 0, 1, 1]])
    declared = outcome("binary", y, ("0", "1"))
    assert judge(declared, score, folds).concordance() == 1
    assert judge(declared, score, one_fold(4)).concordance() == 0.75


def test_patients_without_a_score_are_in_no_pair():
    y = np.array([0, 1, 1])
    score = np.array([[0.2, 0.9, np.nan]])
    assert judge(outcome("binary", y, ("0", "1")), score, one_fold(3)).concordance() == 1


def test_folds_without_pairs_are_refused():
    y = np.array([0, 1])
    with pytest.raises(UserError, match="no two patients of one fold"):
        judge(outcome("binary", y, ("0", "1")), np.array([[0.0, 1.0]]), np.array([[0, 1]]))


def test_weights_of_one_give_the_concordance_and_repeats_of_a_patient_count():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 30)
    score = rng.normal(y)
    judged = judge(outcome("binary", y, ("0", "1")), score[None], one_fold(30))
    weights = np.ones((2, 30))
    weights[1] = rng.integers(0, 3, 30)
    found = judged.weighted(weights)
    assert found[0] == pytest.approx(judged.concordance())
    drawn = np.repeat(np.arange(30), weights[1].astype(int))
    assert found[1] == pytest.approx(roc_auc_score(y[drawn], score[drawn]))


def test_interval_covers_and_a_model_does_not_differ_from_itself():
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 100)
    judged = judge(outcome("binary", y, ("0", "1")), rng.normal(y)[None], one_fold(100))
    weights = bootstrap_weights(100, 500, seed=1)
    found = estimate(judged, weights)
    assert found.lower < found.value < found.upper
    same = difference(judged, judged, weights)
    assert (same.value, same.lower, same.upper) == (0, 0, 0)


def test_samples_without_a_pair_are_left_out_of_the_interval_and_all_of_them_are_refused():
    y = np.array([0, 0, 1, 1])
    judged = judge(outcome("binary", y, ("0", "1")), np.array([[1.0, 3, 2, 4]]), one_fold(4))
    weights = np.array([[1.0, 1, 1, 1], [2, 0, 0, 2], [0, 2, 2, 0], [2, 2, 0, 0]])
    found = estimate(judged, weights)
    # Of the concordances 0.75, 1, 0 and none.
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile([0.75, 1, 0], TAILS)))
    with pytest.raises(UserError, match="undefined in every resample"):
        estimate(judged, weights[3:])
