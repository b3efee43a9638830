"""What selectors promise about false findings, held against repeated samples of known truth.

Seeds are fixed. Each limit states the Monte Carlo error that it rests on: SE is the standard
error of a mean over the samples.
"""

import numpy as np
import pytest
from scipy.special import ndtr

from radiome.select.boruta import BorutaSelector
from radiome.select.knockoff_copies import barrier_sdp, equicorrelated, gaussian_copies
from radiome.select.knockoffs import KnockoffSelector, knockoff_threshold
from radiome.select.multiplicity import adjust
from radiome.select.stability import StabilitySelector, false_selection_bound, unimodal_bound
from unit.select.select_tables import chained

LEVEL = 0.2


def mean_and_error(numbers):
    """Mean over samples, and its standard error."""
    return float(np.mean(numbers)), float(np.std(numbers, ddof=1) / np.sqrt(len(numbers)))


def false_share(found, null):
    """False discoveries over discoveries, along the last axis; 0 without any."""
    return (found & null).sum(axis=-1) / np.maximum(found.sum(axis=-1), 1)


# -- corrections for many tests ---------------------------------------------------------------


def discovered(p, method, level=LEVEL):
    return np.array([adjust(row, method) <= level for row in p])


def one_sided(samples, correlation, *, tests=40, real=10, seed=0):
    """P-values of upper tails of equally correlated normals, of which the first are not null."""
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=(samples, 1)), rng.normal(size=(samples, tests))
    z = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    null = np.arange(tests) >= real
    return ndtr(-(z + 2.5 * ~null)), null


def test_bh_has_the_rate_that_it_promises_for_independent_tests():
    # For independent tests the rate is the share of nulls times the level, not only below it.
    p, null = one_sided(1500, 0.0)
    rate, error = mean_and_error(false_share(discovered(p, "bh"), null))
    assert abs(rate - 0.75 * LEVEL) < 3 * error
    assert error < 0.004


@pytest.mark.parametrize("correlation", [0.3, 0.8])
def test_bh_and_by_keep_the_rate_under_positive_dependence(correlation):
    p, null = one_sided(1500, correlation)
    bh, by = (discovered(p, method) for method in ("bh", "by"))
    for found in (bh, by):
        rate, error = mean_and_error(false_share(found, null))
        assert rate < 0.75 * LEVEL + 3 * error
    # Both find what is there, and the careful one finds less.
    power = [found[:, ~null].mean() for found in (bh, by)]
    assert power[0] > power[1] > 0.3


def worst_case(samples, level, tests=10, seed=0):
    """Null p-values, each uniform, that depend on each other in the worst way for BH at a level.

    With probability level / k, k tests drawn at random lie between (k - 1) and k steps of
    level / tests, and the others above the level: BH then rejects. Its rate is the level times
    Σ 1/k (Guo and Rao 2008).
    """
    rng = np.random.default_rng(seed)
    p = rng.uniform(level, 1, size=(samples, tests))
    sizes = np.arange(1, tests + 1)
    chances = level / sizes
    drawn = rng.choice(tests + 1, size=samples, p=[1 - chances.sum(), *chances])
    for row in np.flatnonzero(drawn):
        chosen = rng.permutation(tests)[: drawn[row]]
        p[row, chosen] = level / tests * (drawn[row] - rng.random(drawn[row]))
    return p, float((1 / sizes).sum())


def test_under_the_worst_dependence_bh_exceeds_the_rate_and_by_keeps_it():
    level = 0.1
    p, harmonic = worst_case(4000, level)
    bh, error = mean_and_error(discovered(p, "bh", level).any(axis=1))
    assert abs(bh - level * harmonic) < 3 * error
    assert bh > 2 * level
    by, error = mean_and_error(discovered(p, "by", level).any(axis=1))
    assert by < level + 3 * error
    # What is worst for BY is the same at its own, lower steps: it then uses all of its level.
    p, _ = worst_case(4000, level / harmonic, seed=1)
    by, error = mean_and_error(discovered(p, "by", level).any(axis=1))
    assert abs(by - level) < 3 * error


# -- stability selection ----------------------------------------------------------------------


@pytest.mark.parametrize(("threshold", "bound"), [(0.6, 12.0), (0.75, 4.8), (0.9, 3.0)])
def test_bounds_of_stability_selection_are_those_of_the_formula(threshold, bound):
    assert false_selection_bound(12, 60, threshold) == pytest.approx(bound, abs=1e-12)
    assert unimodal_bound(12, 60, threshold, 50) < bound


def test_false_selections_stay_within_both_bounds():
    # Noise alone: the first 4 of all patients, without halving, would be 4 false ones.
    false = []
    for seed in range(24):
        rng = np.random.default_rng([1, seed])
        values, y = chained(50, 20, 0.5, rng), rng.normal(size=50)
        step = StabilitySelector(0.6, first=4, pairs=8, random_state=seed).fit(values, y)
        false.append(step.get_support().sum())
    mean, error = mean_and_error(false)
    assert 0 < error < 0.2
    assert step.unimodal_bound_ < step.bound_ == pytest.approx(4.0)
    assert mean + 3 * error < step.unimodal_bound_ < 3


# -- knockoffs --------------------------------------------------------------------------------


def test_knockoffs_keep_the_false_discovery_rate():
    # Null features stand between real ones and go with both.
    samples, features = 24, 20
    real = np.isin(np.arange(features), np.arange(0, 15, 2))
    shares, power, signs = [], [], []
    for seed in range(samples):
        rng = np.random.default_rng([2, seed])
        values = chained(150, features, 0.7, rng)
        y = values @ np.where(real, 0.4, 0) + rng.normal(size=150)
        step = KnockoffSelector(LEVEL, random_state=seed).fit(values, y)
        support = step.get_support()
        shares.append(false_share(support, ~real))
        power.append(support[real].mean())
        signs.extend(np.sign(step.statistics_[0, ~real]))
    rate, error = mean_and_error(shares)
    assert rate < LEVEL + 2 * error
    assert error < 0.05
    assert np.mean(power) > 0.5
    # What the bound rests on: W of a null feature falls to either side like a fair coin.
    tossed = np.array(signs)[np.array(signs) != 0]
    assert abs((tossed > 0).mean() - 0.5) < 3 * 0.5 / np.sqrt(tossed.size)


@pytest.mark.parametrize("real", [0, 6])
def test_the_threshold_of_knockoffs_keeps_the_rate_of_fair_coins(real):
    rng = np.random.default_rng(7)
    null = np.arange(20) >= real
    shares = []
    for _ in range(1500):
        w = rng.exponential(size=20) * rng.choice([-1, 1], size=20)
        w[~null] = 2 + rng.exponential(size=real)
        threshold = knockoff_threshold(w, LEVEL)
        found = w >= (np.inf if threshold is None else threshold)
        shares.append(false_share(found, null))
    rate, error = mean_and_error(shares)
    assert rate < LEVEL + 3 * error
    assert error < 0.01


@pytest.mark.parametrize("method", [barrier_sdp, equicorrelated])
def test_imitations_correlate_as_the_features_do_except_with_their_own(method):
    rng = np.random.default_rng(8)
    correlation = 0.6 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    values = rng.multivariate_normal(np.zeros(5), correlation, size=20000)
    s = method(correlation)
    both = np.hstack([values, gaussian_copies(values, correlation, s, rng)])
    crossed = correlation - np.diag(s)
    expected = np.block([[correlation, crossed], [crossed, correlation]])
    assert s.min() > 0.1
    # A covariance of unit normals over n rows has an error of at most sqrt(2 / n).
    assert np.abs(np.cov(both.T) - expected).max() < 4 * np.sqrt(2 / 20000)


# -- Boruta -----------------------------------------------------------------------------------


def test_a_hit_of_boruta_is_as_rare_as_the_number_of_copies_says():
    # Noise and its shuffled copies are exchangeable: one of p features beats the best of p
    # copies with probability 1 / (p + 1).
    features, samples = 6, 150
    hits = []
    for seed in range(samples):
        rng = np.random.default_rng([3, seed])
        values, y = rng.normal(size=(30, features)), np.arange(30) % 2
        step = BorutaSelector(1, trees=4, random_state=seed).fit(values, y)
        hits.append(step.scores_.mean())
    rate, error = mean_and_error(hits)
    assert abs(rate - 1 / (features + 1)) < 3 * error
    assert error < 0.02


def test_boruta_confirms_hardly_any_noise():
    confirmed, features, samples = 0, 15, 6
    for seed in range(samples):
        rng = np.random.default_rng([4, seed])
        values, y = rng.normal(size=(40, features)), np.arange(40) % 2
        step = BorutaSelector(15, trees=8, random_state=seed).fit(values, y)
        confirmed += step.get_support().sum()
    # At the level of its tests, 0.05, 4.5 of 90.
    assert confirmed <= 4
