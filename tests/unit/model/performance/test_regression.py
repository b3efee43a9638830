from __future__ import annotations

import numpy as np
import pytest

from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.regression import (
    concordance_correlation,
    linear_calibration,
    mae,
    pearson,
    r_squared,
    regression_errors,
    rmse,
    spearman,
)

GENERATOR = np.random.default_rng(4)
OBSERVED = GENERATOR.normal(20, 5, 80)
PREDICTED = 0.6 * OBSERVED + GENERATOR.normal(9, 3, 80)


def test_explained_variance_is_against_the_training_mean():
    own = r_squared(OBSERVED, PREDICTED)
    far = r_squared(OBSERVED, PREDICTED, training_mean=30)
    assert far > own
    assert r_squared(OBSERVED, np.full(80, 30.0), training_mean=30) == 0
    assert r_squared(OBSERVED, PREDICTED + 50) < 0


def test_errors_by_hand():
    assert rmse([0, 0], [3, 4]) == pytest.approx(np.sqrt(12.5))
    assert mae([0, 0], [3, -4]) == 3.5


def test_intervals_are_those_of_the_bootstrap_of_each():
    result = regression_errors(OBSERVED, PREDICTED, seed=1, resamples=200)
    assert result.rmse == bootstrap(rmse, OBSERVED, PREDICTED, seed=1, resamples=200).estimate
    for part in (result.r_squared, result.rmse, result.mae):
        assert part.lower < part.value < part.upper


def test_concordance_falls_with_bias_where_correlation_does_not():
    shifted = PREDICTED + 10
    assert pearson(OBSERVED, shifted).value == pytest.approx(pearson(OBSERVED, PREDICTED).value)
    assert (
        concordance_correlation(OBSERVED, shifted).value
        < concordance_correlation(OBSERVED, PREDICTED).value
    )
    assert spearman(OBSERVED, np.exp(PREDICTED / 10)).value == spearman(OBSERVED, PREDICTED).value


def test_concordance_does_not_depend_on_which_side_is_which():
    forward = concordance_correlation(OBSERVED, PREDICTED)
    back = concordance_correlation(PREDICTED, OBSERVED)
    assert forward.value == pytest.approx(back.value, rel=1e-14)
    assert forward.lower == pytest.approx(back.lower, rel=1e-12)


@pytest.mark.parametrize("function", [pearson, spearman, concordance_correlation])
def test_intervals_of_correlations_cover_as_often_as_they_say(function):
    generator = np.random.default_rng(5)
    rho = 0.6
    # Spearman's rho of a normal pair is (6/pi) arcsin(r/2).
    truth = 6 / np.pi * np.arcsin(rho / 2) if function is spearman else rho
    hits = 0
    for _ in range(600):
        first, noise = generator.normal(size=(2, 50))
        estimate = function(first, rho * first + np.sqrt(1 - rho**2) * noise)
        hits += estimate.lower <= truth <= estimate.upper
    # 99.9 % of binomial(600, 0.95) counts lie within 551 to 587.
    assert 548 <= hits <= 588


def test_a_line_is_found_exactly():
    result = linear_calibration(3 + 2 * PREDICTED + 1e-9 * OBSERVED, PREDICTED)
    assert result.slope.value == pytest.approx(2, rel=1e-8)
    assert result.intercept.value == pytest.approx(3, rel=1e-6)


def test_overfitted_predictions_have_a_slope_below_one():
    spread = OBSERVED.mean() + 2 * (PREDICTED - PREDICTED.mean())
    assert linear_calibration(OBSERVED, spread).slope.upper < 1
