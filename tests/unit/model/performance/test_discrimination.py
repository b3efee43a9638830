from __future__ import annotations

import itertools
import timeit

import numpy as np
import pytest

from radiome.model.performance.discrimination import (
    auc,
    auc_bootstrap,
    auc_delong,
    average_precision,
    average_precision_bootstrap,
    compare_aucs,
    roc_curve,
)


def cohort(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    outcome = np.concatenate([[0, 1], generator.integers(0, 2, n - 2)])
    first = np.round(generator.normal(outcome, 1), 1)
    return outcome, first, np.round(0.5 * first + generator.normal(size=n), 1)


def slow_components(outcome, score):
    events, others = score[outcome == 1], score[outcome == 0]
    table = (events[:, None] > others) + 0.5 * (events[:, None] == others)
    return table.mean(axis=1), table.mean(axis=0)


def slow_cluster_variance(outcome, score, groups):
    """Obuchowski 1997, sum by sum."""
    v10, v01 = slow_components(outcome, score)
    area, m, n = v10.mean(), v10.size, v01.size
    s10 = s01 = s11 = 0.0
    patients = np.unique(groups)
    for patient in patients:
        own = v10[groups[outcome == 1] == patient]
        other = v01[groups[outcome == 0] == patient]
        from_events = own.sum() - own.size * area
        from_others = other.sum() - other.size * area
        s10 += from_events**2
        s01 += from_others**2
        s11 += from_events * from_others
    i10, i01 = np.unique(groups[outcome == 1]).size, np.unique(groups[outcome == 0]).size
    i = patients.size
    s10, s01 = i10 / ((i10 - 1) * m) * s10, i01 / ((i01 - 1) * n) * s01
    return s10 / m + s01 / n + 2 * i / (i - 1) * s11 / (m * n)


@pytest.mark.parametrize("seed", range(5))
def test_auc_is_the_share_of_ordered_pairs(seed):
    outcome, score, _ = cohort(seed)
    won = [
        (a > b) + 0.5 * (a == b)
        for a, b in itertools.product(score[outcome == 1], score[outcome == 0])
    ]
    assert auc(outcome, score) == pytest.approx(np.mean(won), abs=1e-15)


def test_auc_depends_on_ranks_only_and_turns_over_with_the_sign():
    outcome, score, _ = cohort(1)
    assert auc(outcome, np.exp(score)) == auc(outcome, score)
    assert auc(outcome, -score) == pytest.approx(1 - auc(outcome, score), abs=1e-15)
    assert auc(1 - outcome, score) == pytest.approx(1 - auc(outcome, score), abs=1e-15)
    assert auc(outcome, np.zeros(outcome.size)) == 0.5


def test_auc_is_fast_enough_for_permutation_loops():
    outcome, score, _ = cohort(2, n=200)
    best = min(timeit.repeat(lambda: auc(outcome, score), number=200, repeat=5)) / 200
    assert best < 2e-4


@pytest.mark.parametrize("seed", range(5))
def test_delong_variance_is_that_of_the_definition(seed):
    outcome, score, _ = cohort(seed)
    v10, v01 = slow_components(outcome, score)
    expected = np.var(v10, ddof=1) / v10.size + np.var(v01, ddof=1) / v01.size
    assert auc_delong(outcome, score).standard_error ** 2 == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_variance_by_patient_is_that_of_obuchowski(seed):
    outcome, score, _ = cohort(seed)
    groups = np.random.default_rng(seed).integers(0, 25, outcome.size)
    expected = slow_cluster_variance(outcome, score, groups)
    measured = auc_delong(outcome, score, groups=groups).standard_error ** 2
    assert measured == pytest.approx(expected, rel=1e-12)
    single = auc_delong(outcome, score, groups=np.arange(outcome.size))
    assert single.standard_error == auc_delong(outcome, score).standard_error


def test_variance_by_patient_tells_the_spread_of_clustered_samples():
    generator = np.random.default_rng(11)
    areas, errors, naive = [], [], []
    for _ in range(400):
        # Three lesions a patient, alike in score and in outcome.
        patient = np.repeat(np.arange(60), 3)
        outcome = np.repeat(generator.integers(0, 2, 60), 3)
        score = outcome + np.repeat(generator.normal(size=60), 3) + 0.3 * generator.normal(size=180)
        estimate = auc_delong(outcome, score, groups=patient)
        areas.append(estimate.value)
        errors.append(estimate.standard_error)
        naive.append(auc_delong(outcome, score).standard_error)
    spread = np.std(areas, ddof=1)
    assert np.mean(errors) == pytest.approx(spread, rel=0.12)
    assert np.mean(naive) < 0.7 * spread


def test_logit_interval_stays_inside_and_is_not_symmetric():
    outcome, score, _ = cohort(3)
    estimate = auc_delong(outcome, score, scale="logit")
    assert 0 < estimate.lower < estimate.value < estimate.upper < 1
    assert estimate.upper - estimate.value < estimate.value - estimate.lower
    assert "logit" in estimate.method


def test_comparison_turns_over_with_the_order_and_sees_equal_rankings():
    outcome, first, second = cohort(4)
    forward, back = compare_aucs(outcome, first, second), compare_aucs(outcome, second, first)
    assert forward.statistic == pytest.approx(-back.statistic, rel=1e-12)
    assert forward.p_value == pytest.approx(back.p_value, rel=1e-12)
    assert forward.first == back.second


def test_comparison_is_sized_right_under_the_null():
    generator = np.random.default_rng(5)
    small = 0
    for _ in range(600):
        outcome = np.repeat([0, 1], 50)
        shared = generator.normal(outcome, 1)
        first, second = (shared + generator.normal(size=100) for _ in range(2))
        small += compare_aucs(outcome, first, second).p_value < 0.05
    # 99.9 % of binomial(600, 0.05) counts lie within 13 to 50.
    assert 13 <= small <= 50


def test_average_precision_of_equal_scores_is_the_prevalence():
    assert average_precision([0, 1, 0, 0], [1, 1, 1, 1]) == 0.25


def test_average_precision_does_not_depend_on_the_order_of_rows():
    outcome, score, _ = cohort(6)
    order = np.random.default_rng(6).permutation(outcome.size)
    assert average_precision(outcome[order], score[order]) == average_precision(outcome, score)


def test_bootstrap_intervals_hold_the_estimate_and_repeat_with_the_seed():
    outcome, score, _ = cohort(7)
    for function in (auc_bootstrap, average_precision_bootstrap):
        first = function(outcome, score, seed=3, resamples=300)
        again = function(outcome, score, seed=3, resamples=300)
        other = function(outcome, score, seed=4, resamples=300)
        assert first.estimate == again.estimate
        assert first.estimate != other.estimate
        assert first.estimate.lower < first.estimate.value < first.estimate.upper
        assert first.undefined == 0


def test_roc_curve_starts_at_nobody_and_ends_at_everybody():
    curve = roc_curve([0, 1, 1], [0.2, 0.2, 0.9])
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.2]
    assert curve.sensitivity.tolist() == [0.0, 0.5, 1.0]
    assert curve.specificity.tolist() == [1.0, 1.0, 0.0]
