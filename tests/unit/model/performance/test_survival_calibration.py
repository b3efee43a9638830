"""Calibration of predicted survival: other implementations, hand figures, known truth."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import kstest
from sksurv.metrics import integrated_brier_score
from sksurv.nonparametric import kaplan_meier_estimator
from sksurv.util import Surv

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.brier_over_time import brier_over_time
from radiome.model.performance.calibration import observed_over_expected
from radiome.model.performance.d_calibration import d_calibration
from radiome.model.performance.results import UndefinedStatisticError
from radiome.model.performance.survival_calibration import (
    EDGE,
    horizon_calibration,
    pseudo_values,
)
from radiome.model.performance.time_dependent import integrated_brier

HORIZON = 0.7


def cohort(generator, n=150, *, censored=True):
    """Log hazards, times and events; a baseline hazard of 1."""
    x = generator.normal(size=n)
    onset = generator.exponential(np.exp(-x))
    end = generator.exponential(1.5, size=n) if censored else np.full(n, np.inf)
    return x, np.minimum(onset, end), onset <= end


def staying(x, horizon=HORIZON):
    return np.exp(-horizon * np.exp(x))


def test_pseudo_values_are_those_of_leaving_each_patient_out():
    _, time, event = cohort(np.random.default_rng(0), 60)
    time = np.ceil(time * 5)

    def risk(times, events):
        at, curve = kaplan_meier_estimator(events, times)
        return 1 - np.concatenate([[1.0], curve])[np.searchsorted(at, 4.0, "right")]

    rows = np.arange(60)
    slow = [
        60 * risk(time, event) - 59 * risk(time[rows != row], event[rows != row]) for row in rows
    ]
    found = pseudo_values(time, event, horizon=4.0)
    np.testing.assert_allclose(found, slow, atol=1e-12)
    assert found.min() < 0
    assert found.max() > 1


def test_without_censoring_the_outcome_at_the_horizon_decides_alone():
    x, time, event = cohort(np.random.default_rng(1), censored=False)
    had = time <= HORIZON
    np.testing.assert_allclose(pseudo_values(time, event, horizon=HORIZON), had, atol=1e-11)
    found = horizon_calibration(time, event, staying(x), horizon=HORIZON).observed_over_expected
    plain = observed_over_expected(had, 1 - staying(x))
    assert found.value == pytest.approx(plain.value, rel=1e-12)
    # Greenwood without censoring is the binomial variance of the observed share.
    assert (found.lower, found.upper) == pytest.approx((plain.lower, plain.upper), rel=1e-9)


@pytest.mark.filterwarnings("ignore:The CLogLog link")
@pytest.mark.parametrize("seed", range(3))
def test_slope_and_intercept_are_those_of_statsmodels(seed):
    x, time, event = cohort(np.random.default_rng(seed))
    found = horizon_calibration(time, event, staying(1.4 * x), horizon=HORIZON)
    pseudo = pseudo_values(time, event, horizon=HORIZON)
    linear = np.log(-np.log(np.clip(staying(1.4 * x), EDGE, 1)))
    design = sm.add_constant(linear)
    family = sm.families.Gaussian(sm.families.links.CLogLog(), check_link=False)
    other = sm.GLM(pseudo, design, family=family).fit(maxiter=500, tol=1e-14)
    values = (found.intercept.value, found.slope.value)
    assert values == pytest.approx(other.params, abs=1e-6)
    # The sandwich is that of the model made linear where it settled.
    hazard = np.exp(design @ other.params)
    rates = design * (hazard * np.exp(-hazard))[:, None]
    near = sm.OLS(pseudo - other.fittedvalues + rates @ other.params, rates).fit(cov_type="HC1")
    errors = (found.intercept.standard_error, found.slope.standard_error)
    assert errors == pytest.approx(near.bse, rel=1e-5)
    alone = sm.GLM(pseudo, np.ones(len(x)), family=family, offset=linear).fit(tol=1e-14)
    assert found.in_the_large.value == pytest.approx(alone.params[0], abs=1e-6)


def test_a_true_model_is_found_calibrated_as_often_as_the_intervals_say():
    generator = np.random.default_rng(2)
    slopes, held = [], np.zeros(3)
    for _ in range(200):
        x, time, event = cohort(generator)
        found = horizon_calibration(time, event, staying(x), horizon=HORIZON)
        slopes.append(found.slope.value)
        ideal = (found.slope, 1.0), (found.in_the_large, 0.0), (found.observed_over_expected, 1.0)
        held += [estimate.lower <= value <= estimate.upper for estimate, value in ideal]
    assert np.median(slopes) == pytest.approx(1.0, abs=0.06)
    assert held / 200 == pytest.approx([0.95] * 3, abs=0.04)


def test_faults_of_a_model_are_found_as_what_they_are():
    x, time, event = cohort(np.random.default_rng(3), 2000)
    extreme = horizon_calibration(time, event, staying(2 * x), horizon=HORIZON)
    assert extreme.slope.value == pytest.approx(0.5, abs=0.06)
    # All hazards doubled: the intercept is −log 2.
    high = horizon_calibration(time, event, staying(x + np.log(2)), horizon=HORIZON)
    assert high.in_the_large.value == pytest.approx(-np.log(2), abs=0.1)
    assert high.slope.value == pytest.approx(1.0, abs=0.1)
    assert high.observed_over_expected.upper < 1
    true = horizon_calibration(time, event, staying(x), horizon=HORIZON)
    assert true.errors.ici < 0.03 < 0.1 < min(extreme.errors.ici, high.errors.ici)
    gap = np.mean(np.abs(staying(x + np.log(2)) - staying(x)))
    assert high.errors.ici == pytest.approx(gap, abs=0.03)
    assert true.errors.e50 <= true.errors.e90 <= true.errors.emax


def test_equal_risks_have_no_slope_but_a_place():
    _, time, event = cohort(np.random.default_rng(4))
    found = horizon_calibration(time, event, np.full(150, 0.5), horizon=HORIZON)
    assert isinstance(found.slope, NotApplicable)
    assert isinstance(found.errors, NotApplicable)
    risk = pseudo_values(time, event, horizon=HORIZON).mean()
    place = np.log(-np.log(1 - risk)) - np.log(np.log(2))
    assert found.in_the_large.value == pytest.approx(place, abs=1e-8)


def test_certain_predictions_are_bounded():
    x, time, event = cohort(np.random.default_rng(5))
    survival = staying(x)
    survival[:5], survival[5:10] = 0.0, 1.0
    found = horizon_calibration(time, event, survival, horizon=HORIZON)
    assert np.isfinite([found.slope.value, found.intercept.value]).all()


def test_a_horizon_beyond_the_follow_up_is_refused():
    x, time, event = cohort(np.random.default_rng(6))
    event[time.argmax()] = False
    with pytest.raises(UndefinedStatisticError, match="beyond the last follow-up"):
        horizon_calibration(time, event, staying(x), horizon=time.max() + 1)


def curves(x, time):
    grid = np.unique(time[time <= np.quantile(time, 0.9)])[1:]
    own = np.exp(-np.outer(np.exp(x), grid))
    return grid, own, np.broadcast_to(own.mean(axis=0), own.shape)


@pytest.mark.parametrize("seed", range(3))
def test_the_integrated_brier_score_is_that_of_scikit_survival(seed):
    x, time, event = cohort(np.random.default_rng(seed))
    grid, own, common = curves(x, time)
    found = brier_over_time(time, event, own, common, horizons=grid, seed=1, resamples=200)
    known = Surv.from_arrays(event, time)
    assert found.model == pytest.approx(integrated_brier_score(known, known, own, grid), rel=1e-9)
    assert found.model == pytest.approx(
        integrated_brier(time, event, own, horizons=grid), rel=1e-12
    )
    assert found.without_model == pytest.approx(
        integrated_brier_score(known, known, common, grid), rel=1e-9
    )
    assert found.scaled.value == pytest.approx(1 - found.model / found.without_model, rel=1e-12)
    assert (found.start, found.end) == (grid[0], grid[-1])


def test_knowing_the_risk_is_worth_something_and_noise_is_not():
    generator = np.random.default_rng(7)
    x, time, event = cohort(generator, 300)
    grid, own, common = curves(x, time)
    good = brier_over_time(time, event, own, common, horizons=grid, seed=1).scaled
    assert 0 < good.lower < good.value < good.upper < 1
    noise = np.exp(-np.outer(np.exp(generator.normal(size=300)), grid))
    assert brier_over_time(time, event, noise, common, horizons=grid, seed=1).scaled.upper < 0


def test_the_interval_of_the_scaled_score_is_that_of_repeated_sampling():
    generator = np.random.default_rng(8)
    values, errors = [], []
    for _ in range(80):
        x, time, event = cohort(generator)
        grid = np.linspace(0.05, 1.2, 30)
        own = np.exp(-np.outer(np.exp(x), grid))
        common = np.broadcast_to(own.mean(axis=0), own.shape)
        found = brier_over_time(time, event, own, common, horizons=grid, seed=1, resamples=200)
        values.append(found.scaled.value)
        errors.append(found.scaled.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.25)


def test_brier_over_time_refuses_what_does_not_fit():
    x, time, event = cohort(np.random.default_rng(9))
    grid, own, common = curves(x, time)
    with pytest.raises(UserError, match="ascend"):
        brier_over_time(time, event, own, common, horizons=grid[::-1], seed=1)
    with pytest.raises(UserError, match="does not fit"):
        brier_over_time(time, event, own[:, 1:], common, horizons=grid, seed=1)
    with pytest.raises(UserError, match="outside 0 to 1"):
        brier_over_time(time, event, own + 1, common, horizons=grid, seed=1)
    late = np.append(grid, time.max() + 1)
    with pytest.raises(UndefinedStatisticError, match="beyond the last follow-up"):
        brier_over_time(time, event, own[:, :2], common[:, :2], horizons=late[-2:], seed=1)


def test_d_calibration_by_hand():
    # Five events at a survival of 0.15 fall in the lowest of two bins; five patients censored at
    # 0.75 are spread over 0 to 0.75: two thirds of each in the lower bin, one third above.
    survival = np.repeat([0.15, 0.75], 5)
    found = d_calibration(np.ones(10), np.repeat([1, 0], 5), survival, bins=2)
    lower = 5 + 5 * 2 / 3
    assert found.shares == pytest.approx((lower / 10, 1 - lower / 10), rel=1e-12)
    assert found.statistic == pytest.approx(2 * (lower - 5) ** 2 / 5, rel=1e-12)
    # The 0.95 quantile of χ² with one degree of freedom is 3.8415.
    even = d_calibration(np.ones(20), np.ones(20), np.repeat([0.2, 0.7], [10, 10]), bins=2)
    assert (even.statistic, even.p_value) == (0.0, 1.0)


def test_d_calibration_at_the_ends():
    event = np.repeat([1, 0], 10)
    survival = np.tile([0.0, 1.0], 10)
    found = d_calibration(np.ones(20), event, survival, bins=2)
    # Events: five each end; censored at 0 in the lowest bin, at 1 half and half.
    assert found.shares == pytest.approx(((5 + 5 + 2.5) / 20, (5 + 2.5) / 20), rel=1e-12)


def test_d_calibration_of_a_true_model_has_the_level_it_says_without_censoring():
    generator = np.random.default_rng(10)
    p = []
    for _ in range(300):
        x, time, event = cohort(generator, censored=False)
        p.append(d_calibration(time, event, np.exp(-time * np.exp(x))).p_value)
    assert kstest(p, "uniform").pvalue > 0.001
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_d_calibration_under_censoring_is_careful_and_still_sees_a_fault():
    generator = np.random.default_rng(11)
    true, wrong = [], []
    for _ in range(100):
        x, time, event = cohort(generator)
        true.append(d_calibration(time, event, np.exp(-time * np.exp(x))).p_value)
        wrong.append(d_calibration(time, event, np.exp(-3 * time * np.exp(x))).p_value)
    assert np.mean(np.array(true) < 0.05) <= 0.05
    assert np.mean(np.array(wrong) < 0.05) > 0.9


def test_d_calibration_needs_patients_for_its_bins():
    with pytest.raises(UndefinedStatisticError, match="too few patients"):
        d_calibration(np.ones(49), np.ones(49), np.full(49, 0.5))
    with pytest.raises(UserError, match="needs bins"):
        d_calibration(np.ones(49), np.ones(49), np.full(49, 0.5), bins=1)
