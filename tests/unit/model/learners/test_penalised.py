"""Penalised linear models against scikit-learn, statsmodels and the conditions of an optimum."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from radiome.model.learners.linear import PenalisedLinear
from radiome.model.learners.logistic import PenalisedLogistic
from radiome.model.learners.ordinal import ProportionalOdds, _between, _OrdinalLoss
from radiome.model.learners.penalised_newton import lasso_minimum
from radiome.model.learners.perceptron import PerceptronClassifier
from radiome.model.learners.poisson import RidgePoisson


def rows(n=120, p=6, seed=0):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, p))
    return columns, columns[:, 0] - 0.5 * columns[:, 1] + rng.logistic(size=n), rng


@pytest.mark.parametrize("strength", [1.0, 0.01, 0.0001])
def test_ridge_logistic_has_the_coefficients_of_scikit_learn(strength):
    columns, latent, _ = rows()
    y = (latent > 0.3).astype(int)
    own = PenalisedLogistic(strength).fit(columns + 5.0, y)
    inner = LogisticRegression(C=1 / (len(y) * strength), tol=1e-12, solver="newton-cholesky")
    other = inner.fit(columns + 5.0, y)
    assert own.converged_
    assert_allclose(own.coef_, other.coef_, atol=1e-7)
    assert_allclose(own.intercept_, other.intercept_, atol=1e-6)
    chances = other.predict_proba(columns + 5.0)
    assert_allclose(own.predict_proba(columns + 5.0), chances, atol=1e-7)


def test_many_columns_are_fitted_to_the_same_optimum():
    columns, latent, _ = rows(p=150)
    y = (latent > 0).astype(int)
    own = PenalisedLogistic(0.05).fit(columns, y)
    error = own.predict_proba(columns)[:, 1] - y
    assert own.converged_
    assert_allclose(error @ columns / len(y), -0.05 * own.coef_[0], atol=1e-5)


@pytest.mark.parametrize("l1_ratio", [0.5, 1.0])
@pytest.mark.parametrize("p", [6, 150])
def test_elastic_net_logistic_satisfies_the_conditions_of_its_optimum(l1_ratio, p):
    columns, latent, _ = rows(p=p)
    y = (latent > 0).astype(int)
    own = PenalisedLogistic(0.05, l1_ratio).fit(columns, y)
    b = own.coef_[0]
    error = own.predict_proba(columns)[:, 1] - y
    smooth = error @ columns / len(y) + 0.05 * (1 - l1_ratio) * b
    assert own.converged_
    assert abs(error.mean()) < 1e-9
    assert_allclose(smooth[b != 0], -0.05 * l1_ratio * np.sign(b[b != 0]), atol=1e-8)
    assert np.abs(smooth[b == 0]).max(initial=0.0) <= 0.05 * l1_ratio + 1e-8
    assert 0 < np.count_nonzero(b) < min(p + 1, 80)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_three_classes_satisfy_the_conditions_of_their_optimum(l1_ratio):
    columns, latent, _ = rows()
    y = np.digitize(latent, [-0.5, 0.8])
    own = PenalisedLogistic(0.05, l1_ratio).fit(columns, y)
    error = own.predict_proba(columns) - np.eye(3)[y]
    smooth = error.T @ columns / len(y) + 0.05 * (1 - l1_ratio) * own.coef_
    active = own.coef_ != 0
    aim = -0.05 * l1_ratio * np.sign(own.coef_[active])
    assert own.converged_
    assert_allclose(smooth[active], aim, atol=1e-5)
    assert np.abs(smooth[~active]).max(initial=0.0) <= 0.05 * l1_ratio + 1e-5


def test_separable_classes_without_penalty_are_recorded_as_not_converged():
    columns = np.linspace(-1, 1, 20)[:, None]
    y = (columns[:, 0] > 0).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not PenalisedLogistic(0.0).fit(columns, y).converged_
        assert PenalisedLogistic(0.001).fit(columns, y).converged_


def test_scikit_learns_failure_to_converge_is_recorded_and_not_warned_of():
    columns, latent, _ = rows()
    y = np.digitize(latent, [-0.5, 0.8])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = PerceptronClassifier(max_iter=2).fit(columns, y)
    assert not model.converged_


@pytest.mark.parametrize("p", [6, 200])
def test_linear_ridge_is_that_of_scikit_learn_on_the_scaled_outcome(p):
    columns, latent, _ = rows(p=p)
    y = 40 * latent + 1000
    own = PenalisedLinear(0.1).fit(columns, y)
    other = Ridge(0.1 * len(y), tol=1e-12).fit(columns, y)
    assert_allclose(own.coef_, other.coef_, rtol=1e-7, atol=1e-7)
    assert_allclose(own.predict(columns), other.predict(columns), rtol=1e-8)


def test_linear_lasso_is_the_same_in_any_unit_of_the_outcome():
    columns, latent, _ = rows()
    one, other = (PenalisedLinear(0.1, 1.0).fit(columns, y) for y in (latent, 50 * latent + 7))
    assert_allclose(other.coef_, 50 * one.coef_, rtol=1e-6)
    z = (latent - latent.mean()) / latent.std()
    reference = ElasticNet(alpha=0.1, l1_ratio=1.0, tol=1e-10).fit(columns, z)
    assert_allclose(one.coef_, latent.std() * reference.coef_, atol=1e-6)


def test_poisson_ridge_satisfies_the_conditions_of_its_optimum():
    columns, _, rng = rows()
    y = rng.poisson(np.exp(0.5 * columns[:, 0]))
    model = RidgePoisson(0.05).fit(columns, y)
    error = model.predict(columns) - y
    assert abs(error.mean()) < 1e-5
    assert_allclose(error @ columns / len(y), -0.05 * model.estimator_.coef_, atol=1e-5)


def test_counts_that_are_all_zero_are_refused():
    columns, _, _ = rows()
    with pytest.raises(ValueError, match="no counts"):
        RidgePoisson().fit(columns, np.zeros(len(columns)))


def test_proportional_odds_are_those_of_statsmodels():
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    columns, latent, _ = rows(n=300)
    y = np.digitize(latent, [-1.0, 0.2, 1.5])
    own = ProportionalOdds(0.0).fit(columns, y)
    model = OrderedModel(y, columns, distr="logit")
    fitted = model.fit(method="bfgs", disp=False, gtol=1e-7, maxiter=500)
    parameters = np.asarray(fitted.params)
    assert own.converged_
    assert_allclose(own.coef_, parameters[:6], atol=1e-5)
    assert_allclose(own.thresholds_, model.transform_threshold_params(parameters)[1:-1], atol=1e-5)
    assert_allclose(own.predict_proba(columns), fitted.predict(columns), atol=1e-5)


def test_proportional_odds_of_two_classes_are_logistic_regression():
    columns, latent, _ = rows()
    y = (latent > 0.3).astype(int)
    ordinal = ProportionalOdds(0.03).fit(columns, y)
    logistic = PenalisedLogistic(0.03).fit(columns, y)
    assert_allclose(ordinal.coef_, logistic.coef_[0], atol=1e-8)
    assert_allclose(-ordinal.thresholds_, logistic.intercept_, atol=1e-8)


def test_ordinal_gradient_and_hessian_are_those_of_finite_differences():
    columns, latent, _ = rows(n=40, p=2)
    loss = _OrdinalLoss(columns, np.digitize(latent, [-1.0, 1.0]), 0.1)
    b, small = np.array([-0.8, 1.2, 0.4, -0.2]), 1e-5
    _, gradient, hessian = loss(b)
    for place, step in enumerate(small * np.eye(4)):
        before, after = loss(b - step), loss(b + step)
        assert_allclose(gradient[place], (after[0] - before[0]) / (2 * small), atol=1e-9)
        assert_allclose(hessian[place], (after[1] - before[1]) / (2 * small), atol=1e-8)


def test_ordinal_thresholds_ascend_and_more_columns_than_rows_work():
    columns, latent, _ = rows(n=40, p=100)
    model = ProportionalOdds(0.1).fit(columns, np.digitize(latent, [-2.0, -1.8, 0.0, 1.0]))
    assert model.converged_
    assert np.all(np.diff(model.thresholds_) > 0)
    assert_allclose(model.predict_proba(columns).sum(axis=1), 1.0, rtol=1e-12)


def test_reversing_the_order_of_classes_reverses_the_model():
    columns, latent, _ = rows()
    y = np.digitize(latent, [-1.0, 1.0])
    one, other = ProportionalOdds(0.05).fit(columns, y), ProportionalOdds(0.05).fit(columns, 2 - y)
    assert_allclose(other.coef_, -one.coef_, atol=1e-8)
    assert_allclose(other.predict_proba(columns)[:, ::-1], one.predict_proba(columns), atol=1e-8)


def test_probability_between_far_thresholds_keeps_its_digits():
    lower, upper = np.array([40.0, -41.0]), np.array([41.0, -40.0])
    assert_allclose(_between(lower, upper), expit(-40.0) - expit(-41.0), rtol=1e-12)


@pytest.mark.parametrize("rank", [3, 8])
def test_lasso_minimum_satisfies_its_conditions_even_where_the_matrix_is_singular(rank):
    rng = np.random.default_rng(2)
    root = rng.normal(size=(rank, 8))
    matrix, lasso = root.T @ root, np.full(8, 0.7)
    linear = root.T @ rng.normal(size=rank) * 2
    b = lasso_minimum(matrix, linear, lasso, np.zeros(8))
    residual = linear - matrix @ b
    active = b != 0
    assert active.any()
    assert_allclose(residual[active], 0.7 * np.sign(b[active]), atol=1e-7)
    assert np.abs(residual[~active]).max(initial=0.0) <= 0.7 + 1e-7
