"""Pooling of effects: published figures, another implementation, and its coverage."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects

from radiome.base.errors import UserError
from radiome.model.performance.random_effects import random_effects
from radiome.model.performance.results import UndefinedStatisticError

#: Trials of the BCG vaccine, ill and well with the vaccine, ill and well without (Colditz et al.,
#: JAMA 1994; 271:698).
BCG = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]


def log_risk_ratios():
    ill, well, ill_without, well_without = np.array(BCG, float).T
    with_, without = ill + well, ill_without + well_without
    effects = np.log(ill / with_) - np.log(ill_without / without)
    return effects, np.sqrt(1 / ill - 1 / with_ + 1 / ill_without - 1 / without)


def drawn(generator, k, tau):
    errors = generator.uniform(0.2, 0.6, k)
    return generator.normal(1.0, np.sqrt(tau**2 + errors**2)), errors


def test_the_vaccine_trials_give_the_published_figures():
    # R metafor: REML tau² 0.3132, mean −0.7145; with Knapp and Hartung −1.1084 to −0.3206.
    found = random_effects(*log_risk_ratios())
    assert found.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert found.mean == pytest.approx(-0.7145, abs=5e-5)
    assert (found.lower, found.upper) == pytest.approx((-1.1084, -0.3206), abs=6e-5)
    assert found.q == pytest.approx(152.2330, abs=5e-5)


@pytest.mark.parametrize("seed", [1, 3, 4, 5])
def test_moments_are_those_of_statsmodels(seed):
    effects, errors = drawn(np.random.default_rng(seed), 6, 1.0)
    found = random_effects(effects, errors, method="dersimonian-laird")
    other = combine_effects(effects, errors**2, method_re="dl", use_t=True)
    assert other.scale_hksj_re > 1
    assert found.tau2 == pytest.approx(other.tau2, rel=1e-12)
    assert (found.q, found.i2) == pytest.approx((other.q, other.i2), rel=1e-12)
    assert found.mean == pytest.approx(other.mean_effect_re, rel=1e-12)
    assert found.standard_error == pytest.approx(other.sd_eff_w_re_hksj, rel=1e-12)
    assert (found.lower, found.upper) == pytest.approx(other.conf_int()[3], rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_reml_is_the_maximum_of_the_restricted_likelihood(seed):
    effects, errors = drawn(np.random.default_rng(seed), 7, 0.5)

    def minus_log_likelihood(tau2):
        weights = 1 / (errors**2 + tau2)
        mean = weights @ effects / weights.sum()
        return (np.log(weights.sum()) - np.log(weights).sum() + weights @ (effects - mean) ** 2) / 2

    best = minimize_scalar(minus_log_likelihood, bounds=(0, 10), options={"xatol": 1e-10}).x
    assert random_effects(effects, errors).tau2 == pytest.approx(best, abs=1e-5)


def test_figures_by_hand():
    # Equal errors of 0.5: Q = 2/0.25, tau² = (Q − 2)/8, and the mean has the variance
    # (tau² + 0.25)/3; t with 2 degrees of freedom is 4.3027, with 1 it is 12.7062.
    found = random_effects([0, 1, 2], [0.5, 0.5, 0.5])
    assert (found.q, found.i2, found.tau2) == pytest.approx((8.0, 0.75, 0.75), rel=1e-9)
    error = np.sqrt(1 / 3)
    assert (found.lower, found.upper) == pytest.approx(
        (1 - 4.30265 * error, 1 + 4.30265 * error), abs=1e-5
    )
    assert found.prediction == pytest.approx(
        (1 - 12.7062 * np.sqrt(0.75 + 1 / 3), 1 + 12.7062 * np.sqrt(0.75 + 1 / 3)), abs=1e-4
    )


def test_effects_that_agree_by_chance_do_not_make_the_interval_narrower():
    errors = np.full(4, 0.4)
    found = random_effects([0.50, 0.51, 0.49, 0.50], errors)
    assert (found.tau2, found.i2) == (0.0, 0.0)
    assert found.standard_error == pytest.approx(0.4 / 2, rel=1e-12)
    unmodified = combine_effects(np.array([0.50, 0.51, 0.49, 0.50]), errors**2, use_t=True)
    assert found.standard_error > 10 * unmodified.sd_eff_w_re_hksj


def coverage(k, tau):
    """Share of 1000 draws whose intervals hold the mean, and the effect of one more centre."""
    generator = np.random.default_rng(1)
    mean, more = 0, 0
    for _ in range(1000):
        found = random_effects(*drawn(generator, k, tau))
        mean += found.lower <= 1.0 <= found.upper
        low, high = found.prediction
        more += low <= generator.normal(1.0, tau) <= high
    return mean / 1000, more / 1000


def test_intervals_hold_what_they_say():
    mean, more = coverage(20, 1.5)
    assert mean == pytest.approx(0.95, abs=0.025)
    assert more == pytest.approx(0.95, abs=0.025)


def test_with_few_centres_the_mean_is_held_and_one_more_centre_less_often():
    mean, more = coverage(8, 0.5)
    assert mean == pytest.approx(0.95, abs=0.025)
    assert more == pytest.approx(0.88, abs=0.03)


def test_what_cannot_be_pooled_is_refused():
    with pytest.raises(UndefinedStatisticError, match="at least two centres"):
        random_effects([1.0], [0.1])
    with pytest.raises(UserError, match="above 0"):
        random_effects([1.0, 2.0], [0.1, 0.0])
    with pytest.raises(UserError, match="differ in length"):
        random_effects([1.0, 2.0], [0.1])
    assert random_effects([1.0, 2.0], [0.1, 0.1]).prediction is None
