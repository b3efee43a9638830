"""Cox regression against its slow twin, against itself, and on rows that are hard."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from naive import cox as naive
from radiome.base.errors import UserError
from radiome.model.learners.cox import CoxRegression
from radiome.model.learners.partial_likelihood import PartialLikelihood, RiskSets
from radiome.model.learners.survival import breslow_hazard
from radiome.model.outcomes import SURVIVAL


def made(n=60, p=4, seed=0, *, tied=True):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, p))
    time = 10 * rng.exponential(np.exp(-columns[:, 0]))
    outcome = np.empty(n, SURVIVAL)
    outcome["time"] = np.ceil(time) if tied else time + 1e-6
    outcome["event"] = rng.random(n) < 0.7
    return columns, outcome


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("tied", [True, False])
def test_likelihood_is_that_of_the_slow_twin(ties, tied):
    columns, y = made(tied=tied)
    b = np.array([0.5, -0.3, 0.2, 0.0])
    loss = PartialLikelihood(RiskSets(y["event"], y["time"], ties=ties), columns, 0.0)
    expected = naive.log_partial_likelihood(columns, y["event"], y["time"], b, ties=ties)
    assert_allclose(-loss(b)[0] * len(y), expected, rtol=1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_gradient_and_hessian_are_those_of_finite_differences(ties):
    columns, y = made()
    loss = PartialLikelihood(RiskSets(y["event"], y["time"], ties=ties), columns, 0.03)
    b, small = np.array([0.5, -0.3, 0.2, 0.1]), 1e-5
    _, gradient, hessian = loss(b)
    for place, step in enumerate(small * np.eye(4)):
        before, after = loss(b - step), loss(b + step)
        assert_allclose(gradient[place], (after[0] - before[0]) / (2 * small), atol=1e-9)
        assert_allclose(hessian[place], (after[1] - before[1]) / (2 * small), atol=1e-8)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_martingale_residuals_are_the_gradient_in_the_log_risks(ties):
    columns, y = made(n=30)
    log_risk, small = columns[:, 0], 1e-5
    residual, _ = RiskSets(y["event"], y["time"], ties=ties).martingale(log_risk)

    def value(vector):
        one = np.ones(1)
        return naive.log_partial_likelihood(vector[:, None], y["event"], y["time"], one, ties=ties)

    steps = small * np.eye(30)
    expected = [(value(log_risk + s) - value(log_risk - s)) / (2 * small) for s in steps]
    assert_allclose(residual, expected, atol=1e-8)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("p", [4, 90])
def test_optimum_satisfies_the_conditions_of_the_penalised_problem(l1_ratio, p):
    columns, y = made(p=p)
    strength = 0.05
    model = CoxRegression(strength, l1_ratio).fit(columns, y)
    sets = RiskSets(y["event"], y["time"], ties="efron")
    smooth = PartialLikelihood(sets, columns, strength * (1 - l1_ratio))(model.coef_)[1]
    lasso, active = strength * l1_ratio, model.coef_ != 0
    assert_allclose(smooth[active], -lasso * np.sign(model.coef_[active]), atol=1e-8)
    assert np.abs(smooth[~active]).max(initial=0.0) <= lasso + 1e-8
    assert model.converged_
    if l1_ratio and p == 90:
        assert 0 < active.sum() < 60


def test_a_column_of_large_scale_does_not_harm_the_others():
    columns, y = made()
    scales = np.array([1e-3, 1.0, 1e4, 1e6])
    plain, scaled = (CoxRegression(0.0).fit(c, y) for c in (columns, columns * scales + 7 * scales))
    assert_allclose(scaled.coef_ * scales, plain.coef_, atol=1e-7)


def test_more_columns_than_rows_with_ridge_are_predicted_as_by_their_products():
    columns, y = made(n=40, p=200)
    model = CoxRegression(0.1).fit(columns, y)
    assert model.converged_
    # By the representer theorem the coefficients lie in the span of the rows.
    centred = columns - columns.mean(axis=0)
    weights = np.linalg.lstsq(centred.T, model.coef_, rcond=None)[0]
    assert_allclose(centred.T @ weights, model.coef_, atol=1e-10)


def test_constant_and_repeated_columns_are_harmless():
    columns, y = made()
    plain = CoxRegression(0.0).fit(columns, y)
    wide = np.column_stack([columns, np.ones(len(y)), columns[:, 1]])
    model = CoxRegression(0.0).fit(wide, y)
    assert model.converged_
    assert_allclose(model.predict(wide), plain.predict(columns), atol=1e-6)
    assert model.coef_[4] == 0


def test_an_infinite_coefficient_is_recorded_as_not_converged():
    _, y = made(tied=False)
    model = CoxRegression(0.0).fit(-y["time"][:, None], y)
    assert not model.converged_
    assert np.isfinite(model.coef_).all()
    assert CoxRegression(0.01).fit(-y["time"][:, None], y).converged_


def test_too_few_steps_are_recorded_as_not_converged():
    columns, y = made()
    assert not CoxRegression(0.0, max_iter=1).fit(columns, y).converged_


def test_baseline_is_that_of_the_slow_twin():
    _, y = made()
    risk = np.random.default_rng(1).exponential(size=len(y))
    hazard = breslow_hazard(y["event"], y["time"], risk)
    for moment in (0.5, 3.0, 3.5, 20.0):
        expected = naive.breslow_baseline(y["event"], y["time"], risk, moment)
        assert_allclose(hazard.at([moment]), expected, rtol=1e-12)


def test_survival_beyond_the_last_follow_up_is_refused():
    columns, y = made()
    model = CoxRegression().fit(columns, y)
    assert model.predict_survival(columns, [y["time"].max()]).shape == (60, 1)
    with pytest.raises(UserError, match="last follow-up"):
        model.predict_survival(columns, [y["time"].max() + 1])


def test_mean_survival_of_the_training_rows_is_near_kaplan_meier():
    from radiome.model.survival_curves import kaplan_meier

    columns, y = made(n=400)
    model = CoxRegression(0.0).fit(columns, y)
    times = np.array([2.0, 5.0, 10.0, 20.0])
    curve = kaplan_meier(y["time"], y["event"]).at(times)
    assert_allclose(model.predict_survival(columns, times).mean(axis=0), curve, atol=0.03)
