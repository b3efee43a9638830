from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from radiome.base.errors import UserError
from radiome.model.performance.intervals import exact_binomial, normal_interval, wilson
from radiome.model.performance.results import UndefinedStatisticError
from radiome.model.performance.thresholds import (
    figure_at,
    operating_point,
    threshold_at_sensitivity,
    threshold_at_specificity,
    youden_threshold,
)

OUTCOME = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])
SCORE = np.array([0.1, 0.2, 0.2, 0.5, 0.7, 0.3, 0.5, 0.8, 0.9])


def test_limits_at_the_ends_are_exactly_0_and_1():
    for function in (wilson, exact_binomial):
        assert function(0, 12).lower == 0.0
        assert function(12, 12).upper == 1.0


def test_exact_interval_has_the_tails_it_promises():
    estimate = exact_binomial(7, 20)
    assert binom.sf(6, 20, estimate.lower) == pytest.approx(0.025, rel=1e-9)
    assert binom.cdf(7, 20, estimate.upper) == pytest.approx(0.025, rel=1e-9)


def test_wilson_limits_solve_the_score_equation():
    estimate = wilson(7, 20)
    for limit in (estimate.lower, estimate.upper):
        distance = abs(0.35 - limit) / math.sqrt(limit * (1 - limit) / 20)
        assert distance == pytest.approx(1.959963984540054, rel=1e-12)


@pytest.mark.parametrize("scale", ["plain", "logit", "log", "fisher"])
def test_scales_agree_for_small_errors(scale):
    estimate = normal_interval(0.6, 1e-5, 100, method="x", scale=scale)
    assert estimate.upper - estimate.lower == pytest.approx(2 * 1.959964e-5, rel=1e-4)


def test_no_interval_where_the_variance_is_zero():
    estimate = normal_interval(1.0, 0.0, 10, method="x", scale="logit")
    assert estimate.lower is None
    assert estimate.note is not None


def test_counts_and_shares_at_a_threshold():
    point = operating_point(OUTCOME, SCORE, 0.5)
    counts = (point.true_positives, point.false_positives, point.true_negatives)
    assert (*counts, point.false_negatives) == (3, 2, 3, 1)
    assert point.sensitivity == wilson(3, 4)
    assert point.specificity == wilson(3, 5)
    assert point.positive_predictive_value == wilson(3, 5)
    assert point.negative_predictive_value == wilson(3, 4)
    assert point.accuracy == wilson(6, 9)
    assert point.balanced_accuracy.value == pytest.approx(0.675)
    assert operating_point(OUTCOME, SCORE, 0.5, interval="exact").specificity == exact_binomial(
        3, 5
    )


def test_balanced_accuracy_limits_square_and_add():
    point = operating_point(OUTCOME, SCORE, 0.5)
    down = math.hypot(0.75 - point.sensitivity.lower, 0.6 - point.specificity.lower) / 2
    up = math.hypot(point.sensitivity.upper - 0.75, point.specificity.upper - 0.6) / 2
    assert point.balanced_accuracy.lower == pytest.approx(0.675 - down, rel=1e-12)
    assert point.balanced_accuracy.upper == pytest.approx(0.675 + up, rel=1e-12)


def test_balanced_accuracy_interval_covers_as_often_as_it_says():
    generator = np.random.default_rng(1)
    hits = 0
    outcome = np.repeat([0, 1], [60, 30])
    for _ in range(1000):
        called = generator.uniform(size=90) < np.where(outcome == 1, 0.8, 0.3)
        estimate = operating_point(outcome, called, 0.5).balanced_accuracy
        hits += estimate.lower <= 0.75 <= estimate.upper
    # 99.9 % of binomial(1000, 0.95) counts lie within 925 to 971.
    assert 925 <= hits <= 980


def test_youden_takes_the_highest_of_equal_thresholds():
    chosen = youden_threshold(OUTCOME, SCORE)
    # Thresholds 0.8 and 0.3 give 0.5 + 1 and 1 + 0.6; the second is larger.
    assert (chosen.value, chosen.sensitivity, chosen.specificity) == (0.3, 1.0, 0.6)
    equal = youden_threshold([0, 1, 0, 1], [1, 2, 3, 4])
    assert equal.value == 4


def test_aims_are_reached_by_the_least_costly_threshold():
    chosen = threshold_at_sensitivity(OUTCOME, SCORE, 0.75)
    assert (chosen.value, chosen.sensitivity, chosen.specificity) == (0.5, 0.75, 0.6)
    full = threshold_at_sensitivity(OUTCOME, SCORE, 1.0)
    assert (full.value, full.sensitivity) == (0.3, 1.0)
    specific = threshold_at_specificity(OUTCOME, SCORE, 0.8)
    assert (specific.value, specific.specificity) == (0.7, 0.8)
    assert operating_point(OUTCOME, SCORE, specific.value).specificity.value == 0.8


def test_aims_that_cannot_be_reached_are_refused():
    with pytest.raises(UserError, match="no threshold"):
        threshold_at_specificity([0, 1, 1], [3, 1, 2], 0.9)
    with pytest.raises(UserError, match="outside"):
        threshold_at_sensitivity(OUTCOME, SCORE, 80)


def test_single_figures_are_those_of_the_point_and_refuse_what_it_lacks():
    point = operating_point(OUTCOME, SCORE, 0.5)
    for figure in ("sensitivity", "specificity", "balanced_accuracy"):
        value = figure_at(OUTCOME, SCORE, threshold=0.5, figure=figure)
        assert value == getattr(point, figure).value
    assert figure_at(OUTCOME, SCORE, threshold=0.5, figure="matthews") == point.matthews
    with pytest.raises(UndefinedStatisticError, match="no row is called positive"):
        figure_at(OUTCOME, SCORE, threshold=2, figure="positive_predictive_value")
