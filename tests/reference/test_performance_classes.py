"""Classification and regression statistics against scikit-learn, statsmodels and SciPy.

Each test records its largest difference, which a run with --junitxml writes out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import statsmodels.api as sm
from sklearn.calibration import calibration_curve
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.calibration import brier, recalibration
from radiome.model.performance.calibration_curve import grouped_curve
from radiome.model.performance.discrimination import auc, average_precision, roc_curve
from radiome.model.performance.intervals import exact_binomial, wilson
from radiome.model.performance.multiclass import class_report, hand_till, kappa, multiclass_auc
from radiome.model.performance.ordinal import somers_d
from radiome.model.performance.regression import (
    linear_calibration,
    mae,
    pearson,
    r_squared,
    rmse,
    spearman,
)
from radiome.model.performance.thresholds import operating_point, youden_threshold

Agree = Callable[[str, object, object, float], None]
SEEDS = range(5)


@pytest.fixture
def agree(request) -> Agree:
    def check(name: str, measured: object, reference: object, tolerance: float) -> None:
        apart = np.abs(np.asarray(measured, float) - np.asarray(reference, float))
        request.node.user_properties.append((name, float(np.max(apart))))
        assert np.max(apart) <= tolerance

    return check


def tied_scores(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and risks with many ties."""
    generator = np.random.default_rng(seed)
    outcome = generator.integers(0, 2, n)
    risk = np.round(np.clip(0.3 * outcome + generator.uniform(0, 0.7, n), 0.02, 0.98), 2)
    return outcome, risk


@pytest.mark.parametrize("seed", SEEDS)
def test_ranking_is_that_of_scikit_learn(seed, agree):
    outcome, risk = tied_scores(seed)
    agree("AUC", auc(outcome, risk), sklearn.metrics.roc_auc_score(outcome, risk), 1e-14)
    expected = sklearn.metrics.average_precision_score(outcome, risk)
    agree("average precision", average_precision(outcome, risk), expected, 1e-14)
    false, true, thresholds = sklearn.metrics.roc_curve(outcome, risk, drop_intermediate=False)
    curve = roc_curve(outcome, risk)
    agree("ROC curve, sensitivity", curve.sensitivity, true, 1e-15)
    agree("ROC curve, specificity", 1 - curve.specificity, false, 2e-16)
    np.testing.assert_array_equal(curve.thresholds, thresholds)


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_at_a_threshold_are_those_of_scikit_learn(seed, agree):
    outcome, risk = tied_scores(seed)
    point = operating_point(outcome, risk, 0.45)
    called = risk >= 0.45
    counts = sklearn.metrics.confusion_matrix(outcome, called).ravel()
    found = [
        point.true_negatives,
        point.false_positives,
        point.false_negatives,
        point.true_positives,
    ]
    assert found == counts.tolist()
    for name, measured, expected in (
        ("sensitivity", point.sensitivity, sklearn.metrics.recall_score(outcome, called)),
        ("PPV", point.positive_predictive_value, sklearn.metrics.precision_score(outcome, called)),
        (
            "balanced accuracy",
            point.balanced_accuracy,
            sklearn.metrics.balanced_accuracy_score(outcome, called),
        ),
    ):
        agree(name, measured.value, expected, 1e-15)
    expected = sklearn.metrics.matthews_corrcoef(outcome, called)
    agree("Matthews correlation", point.matthews, expected, 1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_youden_threshold_is_the_best_corner_of_scikit_learn(seed, agree):
    outcome, risk = tied_scores(seed)
    false, true, _ = sklearn.metrics.roc_curve(outcome, risk, drop_intermediate=False)
    chosen = youden_threshold(outcome, risk)
    agree("Youden index", chosen.sensitivity + chosen.specificity - 1, np.max(true - false), 1e-14)


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (1, 7), (7, 7), (41, 113), (999, 1000)])
def test_intervals_of_proportions_are_those_of_statsmodels(successes, n, agree):
    for name, function, method in (
        ("Wilson", wilson, "wilson"),
        ("Clopper-Pearson", exact_binomial, "beta"),
    ):
        estimate = function(successes, n, level=0.9)
        expected = proportion_confint(successes, n, alpha=0.1, method=method)
        agree(name, [estimate.lower, estimate.upper], expected, 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_bca_limits_are_those_of_scipy_for_the_same_replicates(seed, agree):
    values = np.random.default_rng(seed).lognormal(size=40)
    own = bootstrap(np.mean, values, seed=seed, interval="bca", resamples=999)

    class Known:
        bootstrap_distribution = own.replicates

    reference = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=0, bootstrap_result=Known, method="BCa"
    ).confidence_interval
    found = [own.estimate.lower, own.estimate.upper]
    agree("BCa", found, [reference.low, reference.high], 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_recalibration_is_that_of_statsmodels(seed, agree):
    outcome, risk = tied_scores(seed)
    logits = np.log(risk / (1 - risk))
    joint = sm.Logit(outcome, sm.add_constant(logits)).fit(disp=0, tol=1e-14)
    result = recalibration(outcome, risk)
    found = [result.intercept.value, result.slope.value]
    agree("calibration slope and intercept", found, joint.params, 1e-8)
    limits = [[part.lower, part.upper] for part in (result.intercept, result.slope)]
    agree("calibration slope and intercept, limits", limits, joint.conf_int(), 1e-8)
    large = sm.GLM(outcome, np.ones_like(logits), family=sm.families.Binomial(), offset=logits).fit(
        tol=1e-14
    )
    found = [result.in_the_large.value, result.in_the_large.standard_error]
    expected = [large.params[0], large.bse[0]]
    agree("calibration in the large and its error", found, expected, 1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_brier_and_grouped_curve_are_those_of_scikit_learn(seed, agree):
    outcome, risk = tied_scores(seed)
    risk = risk + np.linspace(0, 0.009, risk.size)
    agree("Brier", brier(outcome, risk), sklearn.metrics.brier_score_loss(outcome, risk), 1e-15)
    observed, predicted = calibration_curve(outcome, risk, n_bins=8, strategy="quantile")
    groups = grouped_curve(outcome, risk, bins=8)
    agree("grouped curve", [group.observed.value for group in groups], observed, 1e-14)
    agree("grouped curve", [group.predicted for group in groups], predicted, 1e-14)


def three_classes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    outcome = generator.choice(3, size=180, p=[0.5, 0.3, 0.2])
    scores = generator.dirichlet([1, 1, 1], size=180) + 0.5 * np.eye(3)[outcome]
    return outcome, np.round(scores / scores.sum(axis=1, keepdims=True), 14)


@pytest.mark.parametrize("seed", SEEDS)
def test_multiclass_aucs_are_those_of_scikit_learn(seed, agree):
    outcome, scores = three_classes(seed)
    result = multiclass_auc(outcome, scores)
    for average, found in (("macro", result.macro), ("weighted", result.weighted)):
        expected = sklearn.metrics.roc_auc_score(
            outcome, scores, multi_class="ovr", average=average
        )
        agree(f"multiclass AUC, {average}", found, expected, 1e-14)
    expected = sklearn.metrics.roc_auc_score(outcome, scores, multi_class="ovo")
    agree("Hand-Till M", hand_till(outcome, scores), expected, 1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_confusion_and_macro_f1_are_those_of_scikit_learn(seed, agree):
    outcome, scores = three_classes(seed)
    called = scores.argmax(axis=1)
    report = class_report(outcome, called)
    np.testing.assert_array_equal(
        report.confusion, sklearn.metrics.confusion_matrix(outcome, called)
    )
    expected = sklearn.metrics.f1_score(outcome, called, average="macro")
    agree("macro F1", report.macro_f1, expected, 1e-15)
    precision, recall, _, _ = sklearn.metrics.precision_recall_fscore_support(outcome, called)
    agree("precision and recall", [report.precision, report.recall], [precision, recall], 1e-15)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("weights", "wt"), [("none", None), ("linear", "linear"), ("quadratic", "quadratic")]
)
def test_kappa_and_its_error_are_those_of_statsmodels(seed, weights, wt, agree):
    outcome, scores = three_classes(seed)
    called = scores.argmax(axis=1)
    estimate = kappa(outcome, called, weights=weights)
    reference = cohens_kappa(sklearn.metrics.confusion_matrix(outcome, called), wt=wt)
    agree(f"kappa, {weights}", estimate.value, reference.kappa, 1e-14)
    agree(f"kappa, {weights}, error", estimate.standard_error, reference.std_kappa, 1e-14)
    expected = sklearn.metrics.cohen_kappa_score(outcome, called, weights=wt)
    agree(f"kappa, {weights}", estimate.value, expected, 1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_somers_d_is_that_of_scipy(seed, agree):
    generator = np.random.default_rng(seed)
    outcome = generator.integers(0, 4, 120)
    score = np.round(outcome + generator.normal(0, 2, 120))
    expected = scipy.stats.somersd(outcome, score).statistic
    agree("Somers' D", somers_d(outcome, score), expected, 1e-14)


def pairs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    observed = generator.normal(50, 10, 60)
    return observed, 0.7 * observed + np.round(generator.normal(10, 6, 60))


@pytest.mark.parametrize("seed", SEEDS)
def test_errors_and_explained_variance_are_those_of_scikit_learn(seed, agree):
    y, fitted = pairs(seed)
    agree("R²", r_squared(y, fitted), sklearn.metrics.r2_score(y, fitted), 1e-14)
    agree("RMSE", rmse(y, fitted), sklearn.metrics.root_mean_squared_error(y, fitted), 1e-13)
    agree("MAE", mae(y, fitted), sklearn.metrics.mean_absolute_error(y, fitted), 1e-13)


@pytest.mark.parametrize("seed", SEEDS)
def test_correlations_are_those_of_scipy(seed, agree):
    y, fitted = pairs(seed)
    fitted = np.round(fitted)
    estimate, reference = pearson(y, fitted), scipy.stats.pearsonr(y, fitted)
    limits = reference.confidence_interval(0.95)
    agree("Pearson", estimate.value, reference.statistic, 1e-14)
    agree("Pearson, limits", [estimate.lower, estimate.upper], [limits.low, limits.high], 1e-14)
    expected = scipy.stats.spearmanr(y, fitted).statistic
    agree("Spearman", spearman(y, fitted).value, expected, 1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_linear_calibration_is_that_of_statsmodels(seed, agree):
    y, fitted = pairs(seed)
    reference = sm.OLS(y, sm.add_constant(fitted)).fit()
    result = linear_calibration(y, fitted)
    parts = (result.intercept, result.slope)
    agree("linear calibration", [part.value for part in parts], reference.params, 1e-11)
    limits = [[part.lower, part.upper] for part in parts]
    agree("linear calibration, limits", limits, reference.conf_int(), 1e-11)
