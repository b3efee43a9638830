from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.reclassification import (
    categorical_nri,
    continuous_nri,
    integrated_discrimination,
)
from radiome.model.performance.results import UndefinedStatisticError
from radiome.model.performance.utility import (
    decision_curve,
    decision_curve_survival,
    net_benefit,
    net_benefit_survival,
)

GENERATOR = np.random.default_rng(1)
RISK = GENERATOR.uniform(0.02, 0.98, 150)
OUTCOME = (GENERATOR.uniform(size=150) < RISK).astype(int)
THRESHOLDS = [0.1, 0.25, 0.5, 0.8]


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_net_benefit_is_that_of_the_counts(threshold):
    treated = np.greater_equal(RISK, threshold)
    true, false = np.sum(treated & (OUTCOME == 1)), np.sum(treated & (OUTCOME == 0))
    expected = true / 150 - false / 150 * threshold / (1 - threshold)
    assert net_benefit(OUTCOME, RISK, threshold) == pytest.approx(expected, abs=1e-15)


def test_treating_nobody_is_worth_nothing_and_perfect_risks_all_there_is():
    assert net_benefit(OUTCOME, np.zeros(150), 0.2) == 0
    (point,) = decision_curve(OUTCOME, OUTCOME, [0.2])
    assert point.model.value == pytest.approx(OUTCOME.mean())
    assert point.standardised.value == pytest.approx(1)


def test_a_curve_without_a_seed_says_that_it_has_no_intervals():
    (point,) = decision_curve(OUTCOME, RISK, [0.3])
    assert point.model.lower is None
    assert point.model.note == "no bootstrap was asked for"
    assert point.over_treat_all.value == point.model.value - point.treat_all.value


def test_intervals_hold_the_estimates_and_the_difference_is_paired():
    points = decision_curve(OUTCOME, RISK, THRESHOLDS, seed=1, resamples=300)
    for point in points:
        for part in (point.model, point.treat_all, point.over_treat_all, point.standardised):
            assert part.lower <= part.value <= part.upper
    low = points[0]
    # At 0.1 the model treats nearly everybody: the two rise and fall together.
    assert low.over_treat_all.standard_error < 0.5 * low.model.standard_error


def test_intervals_by_patient_are_wider_for_repeated_rows():
    twice, patient = np.repeat(np.arange(150), 2), np.repeat(np.arange(150), 2)
    options = {"seed": 1, "resamples": 300}
    (by_row,) = decision_curve(OUTCOME[twice], RISK[twice], [0.3], **options)
    (by_patient,) = decision_curve(OUTCOME[twice], RISK[twice], [0.3], groups=patient, **options)
    (single,) = decision_curve(OUTCOME, RISK, [0.3], **options)
    assert by_patient.model.standard_error == pytest.approx(single.model.standard_error, rel=1e-12)
    assert by_row.model.standard_error < 0.85 * by_patient.model.standard_error


def test_net_benefit_of_survival_without_censoring_is_that_of_the_outcome():
    time = np.where(OUTCOME == 1, 1.0, 3.0) + np.arange(150) / 1000
    event = np.ones(150)
    for threshold in THRESHOLDS:
        assert net_benefit_survival(time, event, RISK, threshold, horizon=2) == pytest.approx(
            net_benefit(OUTCOME, RISK, threshold), abs=1e-14
        )


def test_net_benefit_of_survival_uses_kaplan_meier_of_the_treated():
    time, event = [1, 2, 3, 4, 5], [1, 0, 1, 0, 0]
    risk = [0.9, 0.8, 0.7, 0.6, 0.1]
    # Treated: the first four; their survival at 3.5 is 3/4 * 1/2.
    share = 0.8 * (1 - 0.375)
    expected = share - (0.8 - share) * 0.5 / 0.5
    measured = net_benefit_survival(time, event, risk, 0.5, horizon=3.5)
    assert measured == pytest.approx(expected, rel=1e-14)


def test_follow_up_that_ends_before_the_horizon_is_not_applicable():
    time, event, risk = [1, 2, 3, 9], [0, 1, 0, 0], [0.9, 0.8, 0.7, 0.1]
    with pytest.raises(UndefinedStatisticError, match="before the horizon"):
        net_benefit_survival(time, event, risk, 0.5, horizon=5)
    first, second = decision_curve_survival(time, event, risk, [0.05, 0.5], horizon=5)
    assert second.model == NotApplicable(
        "there are no events, or follow-up ends before the horizon"
    )
    assert first.model.value == pytest.approx(first.treat_all.value)


def test_a_survival_curve_has_intervals():
    time = np.where(OUTCOME == 1, 1.0, 3.0) + RISK
    event = np.arange(150) % 4 > 0
    points = decision_curve_survival(
        time, event, RISK, [0.2, 0.4], horizon=2.5, seed=1, resamples=100
    )
    for point in points:
        assert point.model.lower < point.model.value < point.model.upper


@pytest.mark.parametrize("thresholds", [[], [0.0], [1.0], [0.2, 20]])
def test_thresholds_outside_the_unit_interval_are_refused(thresholds):
    with pytest.raises(UserError, match="threshold"):
        decision_curve(OUTCOME, RISK, thresholds)


def test_reclassification_by_hand():
    outcome = [1, 1, 1, 1, 0, 0, 0, 0, 0]
    old = [0.1, 0.1, 0.3, 0.6, 0.1, 0.3, 0.3, 0.6, 0.6]
    new = [0.3, 0.6, 0.1, 0.6, 0.3, 0.1, 0.1, 0.3, 0.6]
    result = categorical_nri(outcome, old, new, [0.2, 0.5])
    # Events: two up, one down of four; non-events: one up, three down of five.
    assert result.events.value == pytest.approx(1 / 4)
    assert result.non_events.value == pytest.approx(2 / 5)
    assert result.total.value == pytest.approx(13 / 20)
    variance = (3 / 4 - 1 / 16) / 4
    assert result.events.standard_error == pytest.approx(np.sqrt(variance))


def test_a_risk_at_a_cut_belongs_above_it():
    result = categorical_nri([1, 1, 0, 0], [0.1, 0.1, 0.1, 0.1], [0.2, 0.2, 0.1, 0.1], [0.2])
    assert result.events.value == 1


def test_exchanged_models_exchange_the_sign():
    old, outcome = np.clip(RISK + 0.1 * np.sin(np.arange(150)), 0, 1), OUTCOME
    for function in (continuous_nri, integrated_discrimination):
        forward, back = function(outcome, old, RISK), function(outcome, RISK, old)
        assert forward.total.value == pytest.approx(-back.total.value, rel=1e-12)
        assert forward.total.standard_error == pytest.approx(back.total.standard_error, rel=1e-12)


def test_discrimination_gain_is_the_change_of_the_slope():
    old = np.clip(RISK + 0.2 * np.cos(np.arange(150)), 0, 1)
    gain = integrated_discrimination(OUTCOME, old, RISK)
    positive = OUTCOME == 1

    def slope(risk):
        return risk[positive].mean() - risk[~positive].mean()

    assert gain.total.value == pytest.approx(slope(RISK) - slope(old), rel=1e-12)
    assert gain.total.value == gain.events.value + gain.non_events.value


def test_cuts_must_ascend():
    with pytest.raises(UserError, match="ascend"):
        categorical_nri(OUTCOME, RISK, RISK, [0.5, 0.2])
