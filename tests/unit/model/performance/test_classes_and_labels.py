from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.discrimination import auc, auc_delong
from radiome.model.performance.multiclass import (
    class_report,
    confusion_matrix,
    hand_till,
    kappa,
    multiclass_auc,
)
from radiome.model.performance.multilabel import multilabel_summary
from radiome.model.performance.ordinal import ordinal_c, ordinal_c_interval, somers_d

GENERATOR = np.random.default_rng(2)
GRADE = GENERATOR.integers(0, 3, 90)
SCORES = np.eye(3)[GRADE] + GENERATOR.normal(size=(90, 3))


def test_each_class_against_the_rest_has_its_delong_interval():
    result = multiclass_auc(GRADE, SCORES)
    assert result.classes == (0, 1, 2)
    assert result.one_vs_rest[1] == auc_delong(GRADE == 1, SCORES[:, 1])
    assert result.macro == pytest.approx(np.mean([part.value for part in result.one_vs_rest]))


def test_a_class_without_rows_leaves_no_mean():
    result = multiclass_auc(GRADE[GRADE < 2], SCORES[GRADE < 2], classes=[0, 1, 2])
    assert isinstance(result.one_vs_rest[2], NotApplicable)
    assert result.macro == NotApplicable("a class has no AUC")


def test_two_classes_come_down_to_the_auc():
    two, column = GRADE > 0, SCORES[:, 0]
    scores = np.stack([column, -column], axis=1)
    assert hand_till(two, scores) == pytest.approx(auc(~two, column), rel=1e-14)
    assert ordinal_c(two, column) == auc(two, column)
    assert somers_d(two, column) == 2 * auc(two, column) - 1


def test_ordinal_c_is_the_share_of_ordered_pairs():
    score = np.round(SCORES[:, 2], 1)
    right = total = 0.0
    for i in range(90):
        for j in range(90):
            if GRADE[i] > GRADE[j]:
                total += 1
                right += (score[i] > score[j]) + 0.5 * (score[i] == score[j])
    assert ordinal_c(GRADE, score) == pytest.approx(right / total, rel=1e-14)


def test_ordinal_error_is_near_that_of_delong_for_two_classes():
    two, column = GRADE > 0, SCORES[:, 0]
    estimate, delong = ordinal_c_interval(two, column), auc_delong(two, column)
    # The jackknife divides by n where DeLong divides by n - 1.
    assert estimate.standard_error == pytest.approx(delong.standard_error, rel=0.05)
    assert estimate.standard_error < delong.standard_error


def test_classes_may_be_words_in_a_given_order():
    truth, calls = ["low", "high", "mid"], ["low", "mid", "mid"]
    counts = confusion_matrix(truth, calls, classes=["low", "mid", "high"])
    assert counts.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    with pytest.raises(UserError, match="not among the classes"):
        confusion_matrix(truth, calls, classes=["low", "mid"])


def test_scores_of_a_class_that_is_never_called():
    report = class_report([0, 0, 1, 2], [0, 0, 0, 2])
    assert isinstance(report.precision[1], NotApplicable)
    assert report.recall == (1.0, 0.0, 1.0)
    assert report.f1 == (0.8, 0.0, 1.0)
    assert report.macro_f1 == pytest.approx(0.6)
    absent = class_report([0, 1], [0, 1], classes=[0, 1, 2])
    assert isinstance(absent.f1[2], NotApplicable)
    assert absent.macro_f1 == 1.0


def test_weights_of_kappa_forgive_near_misses():
    near = np.where(GRADE == 0, 1, GRADE)
    far = np.where(GRADE == 0, 2, GRADE)
    assert (
        kappa(GRADE, near, weights="quadratic").value > kappa(GRADE, far, weights="quadratic").value
    )


def test_kappa_of_two_classes_does_not_depend_on_weights():
    calls = (SCORES[:, 0] > 0).astype(int)
    values = [
        kappa(GRADE > 0, calls == 0, weights=w).value for w in ("none", "linear", "quadratic")
    ]
    assert values == pytest.approx([values[0]] * 3, rel=1e-12)


def test_complete_agreement_has_no_interval():
    estimate = kappa(GRADE, GRADE)
    assert (estimate.value, estimate.lower) == (1.0, None)


def labels() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    truth = (generator.uniform(size=(120, 3)) < [0.4, 0.3, 0.03]).astype(float)
    scores = truth + generator.normal(size=(120, 3))
    truth[generator.uniform(size=(120, 3)) < 0.2] = np.nan
    return truth, scores


def test_untested_labels_are_left_out_and_not_negative():
    truth, scores = labels()
    result = multilabel_summary(truth, scores, ["EGFR", "KRAS", "MET"])
    first = result.labels[0]
    tested = ~np.isnan(truth[:, 0])
    assert (first.tested, first.positives) == (tested.sum(), np.nansum(truth[:, 0]))
    assert first.prevalence == pytest.approx(np.nanmean(truth[:, 0]))
    assert first.auc == auc_delong(truth[tested, 0], scores[tested, 0])
    scores[~tested, 0] = np.nan
    assert multilabel_summary(truth, scores, ["EGFR", "KRAS", "MET"]) == result


def test_rare_labels_are_described_but_not_judged():
    truth, scores = labels()
    result = multilabel_summary(truth, scores, ["EGFR", "KRAS", "MET"], seed=1, resamples=200)
    rare = result.labels[2]
    assert isinstance(rare.auc, NotApplicable)
    assert "10 of each are needed" in rare.auc.reason
    judged = [label.auc.value for label in result.labels[:2]]
    assert result.macro_auc.value == pytest.approx(np.mean(judged))
    assert result.macro_auc.lower < result.macro_auc.value < result.macro_auc.upper
    assert "2 labels" in result.macro_auc.method


def test_no_label_to_judge_gives_a_reason():
    truth, scores = labels()
    result = multilabel_summary(truth[:, 2:], scores[:, 2:], ["MET"])
    assert result.macro_auc == NotApplicable("no label could be judged")


def test_labels_other_than_0_and_1_are_refused():
    with pytest.raises(UserError, match="neither 0, 1 nor missing"):
        multilabel_summary([[2.0]], [[0.1]], ["EGFR"])
    with pytest.raises(UserError, match="do not fit"):
        multilabel_summary([[1.0]], [[0.1]], ["EGFR", "KRAS"])


def test_a_label_with_just_enough_cases_of_each_kind_is_judged():
    truth, scores = np.repeat([[0.0], [1.0]], 4, axis=0), np.arange(8.0)[:, None] % 3
    assert not isinstance(
        multilabel_summary(truth, scores, ["MET"], fewest=4).labels[0].auc, NotApplicable
    )
    few = multilabel_summary(truth, scores, ["MET"], fewest=5).labels[0]
    assert isinstance(few.auc, NotApplicable)
    assert (few.tested, few.positives) == (8, 4)
