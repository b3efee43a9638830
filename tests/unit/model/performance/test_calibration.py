from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from radiome.base.errors import UserError
from radiome.model.performance.calibration import (
    brier,
    brier_interval,
    calibration_in_the_large,
    calibration_slope,
    observed_over_expected,
    recalibration,
    scaled_brier,
)
from radiome.model.performance.calibration_curve import (
    calibration_errors,
    grouped_curve,
    integrated_calibration_index,
    smooth_curve,
)
from radiome.model.performance.loess import loess


def cohort(seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    risk = expit(generator.normal(-0.5, 1.2, n))
    return generator.uniform(size=n) < risk, risk


def test_true_risks_are_calibrated_by_every_measure():
    outcome, risk = cohort(1, n=20000)
    result = recalibration(outcome, risk)
    assert result.slope.lower < 1 < result.slope.upper
    assert result.intercept.lower < 0 < result.intercept.upper
    assert result.in_the_large.lower < 0 < result.in_the_large.upper
    ratio = observed_over_expected(outcome, risk)
    assert ratio.lower < 1 < ratio.upper
    assert calibration_errors(outcome, risk).ici < 0.01


def test_a_known_distortion_is_found_exactly():
    outcome, risk = cohort(2)
    base = recalibration(outcome, risk)
    distorted = recalibration(outcome, expit(2 * logit(risk) + 1))
    assert distorted.slope.value == pytest.approx(base.slope.value / 2, rel=1e-9)
    assert distorted.intercept.value == pytest.approx(
        base.intercept.value - base.slope.value / 2, rel=1e-9
    )


def test_single_figures_are_those_of_the_whole():
    outcome, risk = cohort(3, n=200)
    result = recalibration(outcome, risk)
    assert calibration_slope(outcome, risk) == result.slope.value
    assert calibration_in_the_large(outcome, risk) == result.in_the_large.value
    assert integrated_calibration_index(outcome, risk) == calibration_errors(outcome, risk).ici


def test_a_reversed_model_has_a_negative_slope():
    outcome, risk = cohort(4)
    assert calibration_slope(outcome, 1 - risk) < 0


def test_extreme_risks_settle():
    outcome = np.array([0, 1, 0, 1, 0, 1])
    risk = np.array([1e-12, 1 - 1e-12, 1e-12, 1e-12, 0.5, 1 - 1e-9])
    assert 0 < calibration_slope(outcome, risk) < 0.2


def test_brier_of_the_prevalence_is_its_variance():
    outcome = np.array([0, 0, 0, 1])
    assert brier(outcome, [0.25] * 4) == pytest.approx(0.1875)
    assert scaled_brier(outcome, [0.25] * 4) == pytest.approx(0)
    assert scaled_brier(outcome, outcome) == 1
    assert scaled_brier(outcome, 1 - outcome) < 0


def test_brier_interval_is_that_of_a_mean():
    outcome, risk = cohort(5, n=100)
    losses = (risk - outcome) ** 2
    estimate = brier_interval(outcome, risk)
    half = 1.959963984540054 * losses.std(ddof=1) / 10
    assert [estimate.lower, estimate.upper] == pytest.approx(
        [losses.mean() - half, losses.mean() + half], rel=1e-12
    )


def test_observed_over_expected_by_hand():
    estimate = observed_over_expected([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    half = 1.959963984540054 * np.sqrt(0.5 / 2)
    assert estimate.value == pytest.approx(2.0)
    assert estimate.lower == pytest.approx(2 * np.exp(-half))
    assert estimate.upper == pytest.approx(2 * np.exp(half))


def test_loess_reproduces_a_parabola():
    x = np.sort(np.random.default_rng(6).uniform(0, 1, 80))
    y = 3 - 2 * x + 5 * x**2
    for exact in (True, False):
        np.testing.assert_allclose(loess(x, y, x, exact=exact)[5:-5], y[5:-5], atol=0.02)
    np.testing.assert_allclose(loess(x, y, x, exact=True), y, atol=1e-10)


def test_loess_follows_a_change_of_scale():
    generator = np.random.default_rng(7)
    x, y = generator.uniform(size=60), generator.normal(size=60)
    plain, scaled = loess(x, y, x), loess(1e6 * x, 3 * y, 1e6 * x)
    np.testing.assert_allclose(scaled, 3 * plain, rtol=1e-8)


def test_loess_refuses_to_extrapolate_and_a_bad_span():
    x = np.linspace(0, 1, 20)
    with pytest.raises(UserError, match="extrapolate"):
        loess(x, x, np.array([1.2]))
    with pytest.raises(UserError, match="span"):
        loess(x, x, x, span=1.5)


def test_smooth_curve_at_the_rows_gives_the_errors():
    outcome, risk = cohort(8, n=150)
    error = np.abs(smooth_curve(outcome, risk, risk) - risk)
    result = calibration_errors(outcome, risk)
    assert result.ici == error.mean()
    assert result.emax == error.max()
    assert result.e50 <= result.e90 <= result.emax


def test_groups_hold_every_row_once_and_keep_equal_risks_together():
    outcome, risk = cohort(9, n=103)
    groups = grouped_curve(outcome, risk)
    assert sum(group.observed.n for group in groups) == 103
    assert sum(round(group.observed.value * group.observed.n) for group in groups) == outcome.sum()
    tied = grouped_curve([0, 1, 0, 1, 1], [0.3, 0.3, 0.3, 0.3, 0.9], bins=5)
    assert [group.observed.n for group in tied] == [4, 1]


def test_a_risk_at_a_cut_belongs_to_the_group_below():
    groups = grouped_curve([0, 1, 1], [0.1, 0.2, 0.3], bins=2)
    assert [group.observed.n for group in groups] == [2, 1]
