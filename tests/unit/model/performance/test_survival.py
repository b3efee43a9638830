from __future__ import annotations

import numpy as np
import pytest

from radiome.base.values import NotApplicable
from radiome.model.performance.concordance import (
    harrell_c,
    harrell_interval,
    largest_horizon,
    pair_counts,
    uno_c,
    uno_interval,
)
from radiome.model.performance.cumulative_incidence import cumulative_incidence
from radiome.model.performance.discrimination import auc
from radiome.model.performance.log_rank import log_rank
from radiome.model.performance.results import UndefinedStatisticError
from radiome.model.performance.time_dependent import (
    brier_at,
    brier_null,
    integrated_brier,
    scaled_brier_at,
    time_dependent_auc,
)
from radiome.model.survival_curves import censoring_curve, kaplan_meier


def cohort(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, events and risks with ties of every kind."""
    generator = np.random.default_rng(seed)
    risk = np.round(generator.normal(size=n), 1)
    onset = generator.exponential(np.exp(-risk))
    censored = generator.exponential(1.5, size=n)
    time = np.ceil(np.minimum(onset, censored) * 6)
    return time, onset <= censored, risk


def slow_concordance(time, event, risk, weight):
    """Pair by pair: right orderings and pairs, shared out to both patients of a pair."""
    right, pairs = np.zeros(time.size), np.zeros(time.size)
    for i in range(time.size):
        for j in range(time.size):
            outlasts = time[j] > time[i] or (time[j] == time[i] and not event[j])
            if i != j and event[i] and outlasts:
                good = 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
                for k in (i, j):
                    right[k] += weight[i] * good
                    pairs[k] += weight[i]
    return right, pairs


@pytest.mark.parametrize("seed", range(3))
def test_harrell_c_and_its_error_are_those_of_the_pairs(seed):
    time, event, risk = cohort(seed)
    right, pairs = slow_concordance(time, event, risk, np.ones(time.size))
    value = right.sum() / pairs.sum()
    estimate = harrell_interval(time, event, risk)
    assert estimate.value == pytest.approx(value, rel=1e-13)
    error = np.sqrt(np.sum(((right - value * pairs) / (pairs.sum() / 2)) ** 2))
    assert estimate.standard_error == pytest.approx(error, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_uno_c_is_that_of_the_weighted_pairs(seed):
    time, event, risk = cohort(seed)
    curve, tau = censoring_curve(time, event), float(np.quantile(time, 0.7))
    weight = np.where(time < tau, 1 / np.maximum(curve.before(time), 1e-9) ** 2, 0)
    right, pairs = slow_concordance(time, event, risk, weight)
    assert uno_c(time, event, risk, tau=tau) == pytest.approx(right.sum() / pairs.sum(), rel=1e-12)


def test_uno_c_without_censoring_is_harrell_c():
    time, _, risk = cohort(1)
    event = np.ones(time.size)
    late = float(time.max()) + 1
    assert uno_c(time, event, risk, tau=late) == pytest.approx(
        harrell_c(time, event, risk), rel=1e-14
    )


def test_concordance_turns_over_with_the_sign_and_keeps_with_ranks():
    time, event, risk = cohort(2)
    value = harrell_c(time, event, risk)
    assert harrell_c(time, event, -risk) == pytest.approx(1 - value, rel=1e-13)
    assert harrell_c(time**2, event, np.exp(risk)) == value


def test_ties_count_as_the_definition_says():
    # One pair of events at one time, one of event and censoring at one time.
    counts = pair_counts([1, 1, 2, 2], [1, 1, 1, 0], [4, 3, 2, 2])
    assert (counts.concordant, counts.discordant) == (4, 0)
    assert (counts.tied_risk, counts.tied_time) == (1, 1)
    assert harrell_c([1, 1, 2, 2], [1, 1, 1, 0], [4, 3, 2, 2]) == 0.9


def test_large_samples_go_through_in_blocks():
    generator = np.random.default_rng(3)
    time, risk = generator.exponential(size=4000), generator.normal(size=4000)
    event = generator.uniform(size=4000) < 0.7
    assert harrell_c(time, event, -time) == 1.0
    assert harrell_c(time, event, risk) == pytest.approx(0.5, abs=0.03)


def test_the_error_by_patient_sees_repeated_rows():
    time, event, risk = cohort(4)
    twice = [np.repeat(array, 2) for array in (time, event, risk)]
    patient = np.repeat(np.arange(time.size), 2)
    single = harrell_interval(time, event, risk).standard_error
    by_row = harrell_interval(*twice).standard_error
    by_patient = harrell_interval(*twice, groups=patient).standard_error
    assert by_patient == pytest.approx(single, rel=0.05)
    assert by_row < 0.8 * by_patient
    assert uno_interval(*twice, tau=6, groups=patient).n == 160


def test_the_jackknife_error_is_that_of_repeated_sampling():
    generator = np.random.default_rng(5)
    values, errors = [], []
    for _ in range(300):
        risk = generator.normal(size=80)
        onset, censored = generator.exponential(np.exp(-risk)), generator.exponential(1.5, 80)
        estimate = harrell_interval(np.minimum(onset, censored), onset <= censored, risk)
        values.append(estimate.value)
        errors.append(estimate.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.15)


def test_the_largest_horizon_keeps_enough_uncensored():
    time, event, _ = cohort(6)
    curve, horizon = censoring_curve(time, event), largest_horizon(time, event, least=0.3)
    assert curve.before([horizon])[0] > 0.3
    later = curve.times[curve.times > horizon]
    assert later.size == 0 or curve.before(later[:1])[0] <= 0.3


def test_survival_by_hand_with_a_tie_of_event_and_censoring():
    curve = kaplan_meier([1, 2, 2, 3, 4], [1, 1, 0, 0, 1])
    assert curve.at([0.5, 1, 2, 3, 4, 9]).tolist() == pytest.approx([1, 0.8, 0.6, 0.6, 0, 0])
    assert curve.before([1, 2, 4]).tolist() == pytest.approx([1, 0.8, 0.6])
    assert curve.at_risk.tolist() == [5, 4, 2, 1]
    assert curve.greenwood[1] == pytest.approx(1 / 20 + 1 / 12)


def test_censoring_leaves_out_those_with_the_event_at_that_time():
    curve = censoring_curve([1, 2, 2, 3, 4], [1, 1, 0, 0, 1])
    assert curve.at([1, 2, 3]).tolist() == pytest.approx([1, 2 / 3, 1 / 3])


def test_curves_end_with_the_follow_up():
    curve = kaplan_meier([1, 2, 3], [1, 1, 0])
    with pytest.raises(UndefinedStatisticError, match="beyond the last follow-up"):
        curve.at([3.5])
    assert kaplan_meier([1, 2, 3], [1, 1, 1]).at([3.5]).tolist() == [0.0]


def test_no_interval_where_the_curve_is_at_one_or_zero():
    curve = kaplan_meier([1, 2, 3], [1, 1, 1])
    for time in (0.5, 3):
        assert curve.interval_at(time).lower is None
    for scale in ("log-log", "log", "plain"):
        estimate = curve.interval_at(1, scale=scale)
        assert 0 <= estimate.lower < estimate.value < estimate.upper <= 1


def test_the_median_is_the_middle_of_a_flat_stretch():
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).quantile().value == 2.5
    assert kaplan_meier([1, 2, 3], [1, 1, 1]).quantile().value == 2
    assert isinstance(kaplan_meier([1, 2, 3], [1, 0, 0]).quantile(), NotApplicable)


def test_a_limit_of_the_median_that_is_not_reached_is_named():
    estimate = kaplan_meier([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 0]).quantile()
    assert estimate.upper is None
    assert estimate.note == "the upper limit is not reached"


def test_incidence_of_a_single_cause_is_the_complement_of_survival():
    time, event, _ = cohort(7)
    curve, whole = cumulative_incidence(time, event.astype(int)), kaplan_meier(time, event)
    np.testing.assert_allclose(curve.incidence, 1 - whole.survival, atol=1e-14)
    error = whole.survival * np.sqrt(whole.greenwood)
    np.testing.assert_allclose(curve.standard_error[:-1], error[:-1], atol=1e-12)


def test_incidences_of_all_causes_and_survival_add_to_one():
    time, event, risk = cohort(8)
    cause = np.where(event, np.where(risk > 0, 1, 2), 0)
    total = sum(cumulative_incidence(time, cause, number).incidence for number in (1, 2))
    np.testing.assert_allclose(total + kaplan_meier(time, event).survival, 1, atol=1e-14)


def test_incidence_has_an_interval_inside_the_follow_up_only():
    time, event, _ = cohort(9)
    curve = cumulative_incidence(time, event.astype(int))
    middle = curve.interval_at(float(np.median(time)))
    assert 0 < middle.lower < middle.value < middle.upper < 1
    assert curve.interval_at(0.1).lower is None
    short = cumulative_incidence([1, 2, 3], [1, 2, 0])
    with pytest.raises(UndefinedStatisticError, match="beyond"):
        short.interval_at(4)


def test_statistics_at_a_horizon_without_censoring_are_the_plain_ones():
    time, _, risk = cohort(10)
    event, horizon = np.ones(time.size), float(np.median(time))
    beyond = time > horizon
    assert time_dependent_auc(time, event, risk, horizon=horizon) == pytest.approx(
        auc(~beyond, risk), rel=1e-14
    )
    staying = 1 / (1 + np.exp(risk))
    assert brier_at(time, event, staying, horizon=horizon) == pytest.approx(
        np.mean((beyond - staying) ** 2), rel=1e-14
    )


def test_weights_stand_for_the_censored():
    # Someone censored at 1 of 4 at risk: the three others weigh 4/3.
    time, event = [1, 2, 3, 4], [0, 1, 1, 0]
    assert brier_at(time, event, [0.9, 0.0, 1.0, 0.0], horizon=2) == pytest.approx(4 / 3 / 4)


def test_scaled_brier_of_the_null_model_is_zero():
    time, event, _ = cohort(11)
    horizon = float(np.median(time))
    same = np.full(time.size, kaplan_meier(time, event).at([horizon])[0])
    assert scaled_brier_at(time, event, same, horizon=horizon) == 0
    assert brier_null(time, event, horizon=horizon) == brier_at(time, event, same, horizon=horizon)


def test_integrated_brier_of_a_constant_error_is_that_error():
    time, event = np.arange(1.0, 11), np.ones(10)
    half = np.full((10, 3), 0.5)
    assert integrated_brier(time, event, half, horizons=[2, 5, 9]) == pytest.approx(0.25)


def test_log_rank_does_not_depend_on_the_names_of_groups():
    time, event, risk = cohort(12)
    group = np.digitize(risk, [-0.5, 0.5])
    first = log_rank(time, event, group)
    other = log_rank(time, event, np.array(["z", "a", "m"])[group])
    assert first.statistic == pytest.approx(other.statistic, rel=1e-10)
    assert sum(first.observed) == pytest.approx(sum(first.expected), rel=1e-12)
    assert first.degrees_of_freedom == 2


def test_log_rank_is_sized_right_under_the_null():
    generator = np.random.default_rng(13)
    small = 0
    for _ in range(600):
        time, event = generator.exponential(size=80), generator.uniform(size=80) < 0.7
        small += log_rank(time, event, np.arange(80) % 2).p_value < 0.05
    # 99.9 % of binomial(600, 0.05) counts lie within 13 to 50.
    assert 13 <= small <= 50
