"""Checks before harmonisation: separability, sizes, and batches that stand for the outcome."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import UserError
from radiome.harmonise.association import (
    contingency,
    corrected_cramers_v,
    largest_mean_difference,
)
from radiome.harmonise.confounding import check_confounding
from radiome.harmonise.discrimination import area_under_curve
from radiome.harmonise.outcome_checks import Resampling, outcome_from_batch
from radiome.harmonise.verdicts import Check, overall

TWO = ["one"] * 50 + ["two"] * 50
BALANCED = [0, 1] * 50


def mixed(share: float) -> list[int]:
    """Outcomes of two batches of 50: `share` positive in the first, the rest in the second."""
    first = round(50 * share)
    return [1] * first + [0] * (50 - first) + [1] * (50 - first) + [0] * first


def test_balanced_batches_pass_every_check():
    report = check_confounding(TWO, BALANCED)
    assert (report.verdict, report.status) == ("NOT_CONFOUNDED", "OK")
    assert {check.verdict for check in report.checks} == {"PASS"}
    assert report.counts == (("one", 0, 25), ("one", 1, 25), ("two", 0, 25), ("two", 1, 25))
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.checks = ()


def test_a_prevalence_of_85_and_15_percent_is_confounded():
    report = check_confounding(TWO, mixed(0.85))
    assert (report.verdict, report.status) == ("CONFOUNDED", "ERROR")
    # The batch is a perfect scanner-only model: its area is the share it gets right.
    assert report.check("outcome_from_batch_auc").value == pytest.approx(0.84, abs=0.01)
    assert str(report).startswith("CONFOUNDED (ERROR)\n")


def test_an_association_below_the_limit_is_confounded_when_the_area_says_so():
    outcome = mixed(0.64)
    report = check_confounding(TWO, outcome)
    assert report.check("outcome_from_batch_cramers_v").verdict == "PASS"
    assert report.check("outcome_from_batch_auc").verdict == "FAIL"
    assert report.verdict == "CONFOUNDED"


def test_three_classes_and_three_batches_are_judged_alike():
    batch = np.repeat(["a", "b", "c"], 40)
    same = np.where(np.arange(120) % 10 < 8, np.repeat([0, 1, 2], 40), np.arange(120) % 3)
    assert check_confounding(batch, same).verdict == "CONFOUNDED"
    assert check_confounding(batch, np.tile([0, 1, 2], 40)).verdict == "NOT_CONFOUNDED"


def test_an_outcome_without_relation_is_rarely_called_confounded():
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(60):
        batch, outcome = rng.integers(0, 3, 120), rng.integers(0, 2, 120)
        called += check_confounding(batch, outcome, repeats=3).verdict == "CONFOUNDED"
    assert called <= 5


def test_no_outcome_is_unknown_and_never_a_pass():
    report = check_confounding(TWO)
    assert (report.verdict, report.status) == ("UNKNOWN", "INSUFFICIENT_INFORMATION")


def test_missing_batches_are_unknown_and_the_rest_is_judged():
    report = check_confounding([None, *TWO[1:]], BALANCED)
    assert report.check("batch_known").verdict == "UNKNOWN"
    assert report.check("batch_known").value == 1
    assert (report.verdict, report.status) == ("NOT_CONFOUNDED", "INSUFFICIENT_INFORMATION")


def test_missing_outcomes_warn_and_a_single_class_is_unknown():
    report = check_confounding(TWO, [None, *BALANCED[1:]])
    assert (report.verdict, report.status) == ("NOT_CONFOUNDED", "WARN")
    assert check_confounding(TWO, [1] * 100).verdict == "UNKNOWN"
    lone = check_confounding(TWO, [1, *[0] * 99])
    assert lone.check("outcome_from_batch_auc").verdict == "UNKNOWN"
    assert lone.verdict == "UNKNOWN"


def test_one_batch_has_nothing_to_harmonise():
    report = check_confounding(["one"] * 30, [0, 1] * 15)
    assert (report.verdict, report.status) == ("NOT_APPLICABLE", "OK")


@pytest.mark.parametrize(
    "size, blocking, advised", [(9, "FAIL", "FAIL"), (10, "PASS", "FAIL"), (20, "PASS", "PASS")]
)
def test_small_batches_are_an_error_below_10_and_a_warning_below_20(size, blocking, advised):
    batch = ["one"] * 40 + ["two"] * size
    report = check_confounding(batch, ([0, 1] * 40)[: len(batch)])
    assert report.check("batch_size").verdict == blocking
    assert report.check("batch_size_advised").verdict == advised
    assert report.status == {9: "ERROR", 10: "WARN", 20: "OK"}[size]


def test_an_empty_cell_is_an_error_only_where_the_outcome_is_preserved():
    outcome = ["mild"] * 50 + ["mild", "severe"] * 25
    warned = check_confounding(TWO, outcome).check("empty_cells")
    refused = check_confounding(TWO, outcome, preserve_outcome=True).check("empty_cells")
    assert (warned.verdict, warned.blocking) == ("FAIL", False)
    assert (refused.verdict, refused.blocking) == ("FAIL", True)


def test_an_outcome_that_is_the_batch_cannot_be_preserved():
    outcome = [0] * 50 + [1] * 50
    assert check_confounding(TWO, outcome).check("separable").verdict == "PASS"
    report = check_confounding(TWO, outcome, preserve_outcome=True)
    assert report.check("separable").evidence == "outcome[1]: the batch determines it"


def test_the_inseparable_covariate_is_named():
    covariates = pd.DataFrame({"age": np.arange(100.0), "kernel": ["soft"] * 50 + ["sharp"] * 50})
    report = check_confounding(TWO, BALANCED, covariates=covariates)
    assert report.check("separable").verdict == "FAIL"
    assert report.check("separable").evidence == "kernel[soft]: the batch determines it"
    assert report.check("covariate_association:kernel").verdict == "FAIL"


def test_covariates_that_differ_between_batches_warn():
    rng = np.random.default_rng(0)
    older = rng.normal(60, 10, 100) + 8 * np.repeat([0, 1], 50)
    covariates = pd.DataFrame({"age": older, "stage": [1, 2] * 50, "dose": rng.normal(size=100)})
    covariates.loc[3, "dose"] = np.nan
    report = check_confounding(TWO, BALANCED, covariates=covariates, categorical=("stage",))
    assert report.check("covariate_difference:age").verdict == "FAIL"
    assert report.check("covariate_difference:stage").verdict == "PASS"
    assert report.check("covariate_association:stage").verdict == "PASS"
    assert report.check("covariate_known:dose").verdict == "UNKNOWN"
    assert report.status == "WARN"


def test_other_lengths_and_continuous_outcomes_are_refused():
    with pytest.raises(UserError, match="outcome are not of the same cases"):
        check_confounding(TWO, BALANCED[:-1])
    with pytest.raises(UserError, match="covariates are not of the same cases"):
        check_confounding(TWO, BALANCED, covariates=pd.DataFrame({"age": [1.0]}))
    with pytest.raises(UserError, match="too many classes"):
        check_confounding(TWO, list(range(100)))


def test_the_report_does_not_depend_on_names_or_order_of_batches():
    renamed = ["z" if label == "one" else "a" for label in TWO]
    outcome = mixed(0.7)
    one, other = check_confounding(TWO, outcome), check_confounding(renamed, outcome)
    assert [check.value for check in one.checks] == [check.value for check in other.checks]


def test_cramers_v_by_hand():
    # χ² = 100·0.6² = 36, φ² = 0.36; φ̃² = 0.36 - 1/99; k̃ = r̃ = 2 - 1/99.
    v = corrected_cramers_v(np.array([[40, 10], [10, 40]]))
    assert v == pytest.approx(np.sqrt((0.36 - 1 / 99) / (1 - 1 / 99)), abs=1e-14)
    assert corrected_cramers_v(np.array([[25, 25], [25, 25]])) == 0.0
    assert corrected_cramers_v(np.array([[30, 0], [0, 30]])) == pytest.approx(1.0)
    assert corrected_cramers_v(np.array([[30, 20]])) is None


def test_the_correction_takes_the_bias_away_from_chance_tables():
    rng = np.random.default_rng(1)
    corrected, plain = [], []
    for _ in range(300):
        counts = contingency(rng.integers(0, 5, 60), rng.integers(0, 4, 60))
        expected = np.outer(counts.sum(1), counts.sum(0)) / 60
        plain.append(np.sqrt(((counts - expected) ** 2 / expected).sum() / 60 / 3))
        corrected.append(corrected_cramers_v(counts))
    assert np.mean(plain) > 0.24
    assert np.mean(corrected) < 0.08


def test_the_largest_mean_difference_is_over_pairs():
    codes = np.repeat([0, 1, 2], 4)
    values = np.array([0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7], dtype=float)
    difference, one, other = largest_mean_difference(codes, values)
    assert difference == pytest.approx(4 / np.sqrt(5 / 3))
    assert (one, other) in {(0, 2), (1, 2)}
    assert largest_mean_difference(codes[:5], values[:5]) is None
    constant = np.repeat([1.0, 1.0, 2.0], 4)
    assert largest_mean_difference(codes, constant)[0] == float("inf")


def test_the_batch_alone_gives_the_share_of_each_batch():
    codes, classes = np.repeat([0, 1], 50), np.array(mixed(0.9))
    area = outcome_from_batch(codes, classes, Resampling(5, 4, 0))
    assert area.lower < 0.9 < area.upper
    assert area.value == pytest.approx(0.9, abs=0.01)


def test_averaged_repeats_of_the_same_scores_do_not_narrow_the_interval():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 2, 80)
    score, fold = rng.normal(size=80) + codes, rng.integers(0, 3, 80)
    scores = np.stack([-score, score], axis=-1)[None]
    once = area_under_curve(codes, scores, fold[None])
    often = area_under_curve(codes, scores.repeat(7, axis=0), fold[None].repeat(7, axis=0))
    assert often.standard_error == pytest.approx(once.standard_error)
    assert often.value == pytest.approx(once.value)


def test_only_cases_of_one_fold_are_compared():
    codes, fold = np.tile([0, 0, 1, 1], 2), np.repeat([0, 1], 4)
    score = np.array([0.0, 1.0, 2.0, 3.0, 100.0, 102.0, 101.0, 103.0])
    scores = np.stack([-score, score], axis=-1)[None]
    assert area_under_curve(codes, scores, fold[None]).value == 7 / 8
    assert area_under_curve(codes, scores, np.zeros((1, 8), dtype=int)).value == 11 / 16


@pytest.mark.parametrize(
    "verdicts, expected",
    [
        ([("FAIL", True), ("UNKNOWN", True)], "ERROR"),
        ([("UNKNOWN", True), ("FAIL", False)], "INSUFFICIENT_INFORMATION"),
        ([("FAIL", False), ("PASS", True)], "WARN"),
        ([("UNKNOWN", False)], "WARN"),
        ([("PASS", True), ("NOT_APPLICABLE", True)], "OK"),
    ],
)
def test_checks_amount_to_one_status(verdicts, expected):
    checks = [Check("x", verdict, blocking, "") for verdict, blocking in verdicts]
    assert overall(checks) == expected
