"""The one rule for undefined statistics: refused with a reason, never NaN."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance import calibration as cal
from radiome.model.performance import regression as reg
from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.calibration_curve import calibration_errors
from radiome.model.performance.concordance import harrell_c, uno_c
from radiome.model.performance.cumulative_incidence import cumulative_incidence
from radiome.model.performance.discrimination import (
    auc,
    auc_delong,
    average_precision,
    compare_aucs,
)
from radiome.model.performance.intervals import wilson
from radiome.model.performance.log_rank import log_rank
from radiome.model.performance.multiclass import hand_till, kappa
from radiome.model.performance.ordinal import ordinal_c
from radiome.model.performance.reclassification import continuous_nri
from radiome.model.performance.results import Estimate, UndefinedStatisticError, attempt
from radiome.model.performance.thresholds import operating_point
from radiome.model.performance.time_dependent import brier_at, time_dependent_auc

UNDEFINED: list[Callable[[], object]] = [
    lambda: auc([1, 1, 1], [0.1, 0.2, 0.3]),
    lambda: auc([], []),
    lambda: auc_delong([0, 0], [0.1, 0.2]),
    lambda: auc_delong([0, 1, 1], [0.1, 0.2, 0.3]),
    lambda: compare_aucs([0, 0, 1, 1], [1, 2, 3, 4], [10, 20, 30, 40]),
    lambda: average_precision([0, 0], [0.1, 0.2]),
    lambda: bootstrap(np.mean, [1.0, 2.0], seed=1, groups=["a", "a"]),
    lambda: bootstrap(auc, [0, 0, 0, 0, 1], [1, 2, 3, 4, 5], seed=1, resamples=200),
    lambda: bootstrap(np.mean, [1.0, 1.0, 1.0], seed=1, interval="bca"),
    lambda: wilson(0, 0),
    lambda: cal.recalibration([0, 0], [0.2, 0.4]),
    lambda: cal.calibration_slope([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),
    lambda: cal.calibration_slope([0, 0, 1, 1], [0.4, 0.4, 0.4, 0.4]),
    lambda: cal.scaled_brier([1, 1], [0.5, 0.9]),
    lambda: cal.observed_over_expected([0, 0], [0.5, 0.9]),
    lambda: cal.brier_interval([0], [0.5]),
    lambda: calibration_errors([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]),
    lambda: calibration_errors([0, 1, 0, 1, 1], [0.2, 0.2, 0.5, 0.5, 0.5]),
    lambda: continuous_nri([0, 0, 1], [0.1, 0.2, 0.3], [0.2, 0.2, 0.4]),
    lambda: harrell_c([1, 2, 3], [0, 0, 0], [1, 2, 3]),
    lambda: harrell_c([2, 2, 2], [1, 1, 1], [1, 2, 3]),
    lambda: uno_c([1, 2, 3], [1, 1, 1], [1, 2, 3], tau=1),
    lambda: time_dependent_auc([1, 2, 3], [0, 1, 1], [1, 2, 3], horizon=1),
    lambda: time_dependent_auc([1, 2, 3], [1, 1, 1], [1, 2, 3], horizon=3),
    lambda: brier_at([1, 2, 3], [1, 1, 0], [0.5, 0.5, 0.5], horizon=4),
    lambda: log_rank([1, 2], [1, 1], ["a", "a"]),
    lambda: log_rank([1, 2], [0, 0], ["a", "b"]),
    lambda: log_rank([1, 2, 3, 4], [0, 0, 1, 1], ["a", "a", "b", "b"]),
    lambda: cumulative_incidence([1, 2], [0, 2], 1),
    lambda: hand_till(["a", "a"], [[1.0], [1.0]]),
    lambda: kappa(["a", "a"], ["a", "a"]),
    lambda: kappa(["a", "a"], ["a", "a"], classes=["a", "b"]),
    lambda: ordinal_c([2, 2], [1, 2]),
    lambda: reg.r_squared([1, 1], [1, 2]),
    lambda: reg.pearson([1, 2, 3], [5, 5, 5]),
    lambda: reg.concordance_correlation([1, 1, 1], [1, 1, 1]),
    lambda: reg.linear_calibration([1, 2], [1, 2]),
]

UNUSABLE: list[Callable[[], object]] = [
    lambda: auc([0, 1], [0.1, np.nan]),
    lambda: auc([0, 1, 1], [0.1, 0.2]),
    lambda: auc([0, 2], [0.1, 0.2]),
    lambda: auc([-1, 1], [0.1, 0.2]),
    lambda: auc([0.5, 1], [0.1, 0.2]),
    lambda: auc(["no", "yes"], [0.1, 0.2]),
    lambda: auc([[0, 1]], [[0.1, 0.2]]),
    lambda: cal.brier([0, 1], [0.1, 1.2]),
    lambda: cal.recalibration([0, 1, 1], [0.0, 0.5, 0.4]),
    lambda: wilson(3, 2),
    lambda: wilson(1, 2, level=95),
    lambda: harrell_c([-1, 2], [1, 1], [1, 2]),
    lambda: log_rank([1, 2, 3], [1, 1, 1], ["a", "b"]),
    lambda: kappa(["a", "c"], ["a", "a"], classes=["a", "b"]),
    lambda: cumulative_incidence([1, 2], [0.5, 1]),
    lambda: bootstrap(np.mean, [1.0, 2.0], seed=1, resamples=1),
]


@pytest.mark.parametrize("call", UNDEFINED)
def test_an_undefined_statistic_is_refused_with_a_reason(call):
    with pytest.raises(UndefinedStatisticError) as refused:
        call()
    assert refused.value.what
    assert attempt(call) == NotApplicable(refused.value.what)


@pytest.mark.parametrize("call", UNUSABLE)
def test_input_that_cannot_be_used_is_not_taken_for_an_undefined_statistic(call):
    with pytest.raises(UserError) as refused:
        attempt(call)
    assert not isinstance(refused.value, UndefinedStatisticError)


def test_the_refusal_travels_between_processes():
    with pytest.raises(UndefinedStatisticError) as refused:
        auc([1, 1], [1, 2])
    again = pickle.loads(pickle.dumps(refused.value))
    assert isinstance(again, UndefinedStatisticError)
    assert again.message == refused.value.message


def test_attempt_gives_the_value_where_there_is_one():
    assert attempt(auc, [0, 1], [1, 2]) == 1.0


def test_parts_without_rows_hold_a_reason():
    point = operating_point([0, 0, 0], [0.1, 0.2, 0.3], 0.5)
    assert isinstance(point.specificity, Estimate)
    assert point.sensitivity == NotApplicable("no row has the event")
    assert point.positive_predictive_value == NotApplicable("no row is called positive")
    assert isinstance(point.balanced_accuracy, NotApplicable)
    assert isinstance(point.matthews, NotApplicable)


def test_a_perfect_auc_has_no_delong_interval_and_says_so():
    estimate = auc_delong([0, 0, 1, 1], [1, 2, 3, 4])
    assert (estimate.value, estimate.lower, estimate.upper) == (1.0, None, None)
    assert "variance is 0" in estimate.note


def test_slope_is_not_applicable_where_the_risks_separate_or_are_equal():
    separate = cal.recalibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert isinstance(separate.slope, NotApplicable)
    assert abs(separate.in_the_large.value) < 1e-9
    level = cal.recalibration([0, 0, 1, 1], [0.5] * 4)
    assert level.slope == NotApplicable("all predicted risks are equal")


def test_correlation_of_one_has_no_interval():
    estimate = reg.pearson([1, 2, 3, 4], [2, 4, 6, 8])
    assert (estimate.value, estimate.lower) == (1.0, None)
    assert reg.concordance_correlation([1, 2, 3], [1, 2, 3]).lower is None
