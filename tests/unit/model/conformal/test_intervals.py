"""Intervals of numbers: an obvious twin, the coverage that is promised, and what must fail."""

import numpy as np
import pytest
from scipy.stats import norm

from radiome.base.errors import UserError
from radiome.model.conformal.guarantee import least_coverage
from radiome.model.conformal.intervals import cv_plus_intervals, limits


def left_out_twice(X, y, folds, fit):
    """Predictions of every patient without its own fold and each other one."""
    n_folds = folds.max() + 1
    scores = np.full((n_folds, len(y)), np.nan)
    for other in range(n_folds):
        for own in range(n_folds):
            if own != other:
                train = (folds != own) & (folds != other)
                scores[other, folds == own] = fit(X[train], y[train], X[folds == own])
    return scores


def least_squares(X, y, others):
    return others @ np.linalg.lstsq(X, y, rcond=None)[0]


def nearest(X, y, others):
    return y[((others[:, None] - X) ** 2).sum(axis=2).argmin(axis=1)]


def simulated(seed, n=60, n_folds=5, fit=least_squares, tail=2.0):
    """Heavy-tailed noise that grows with a feature: no model of it is right."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 4))])
    y = X @ [1, 1, 0.5, 0, 0] + (0.3 + np.abs(X[:, 1])) * rng.standard_t(tail, size=n)
    folds = rng.permutation(np.arange(n) % n_folds)
    return y, left_out_twice(X, y, folds, fit), folds


def naive(y, scores, folds, level):
    limits = []
    for i in range(len(y)):
        low, high = [], []
        for j in range(len(y)):
            if folds[j] != folds[i]:
                error = abs(y[j] - scores[folds[i], j])
                low.append(scores[folds[j], i] - error)
                high.append(scores[folds[j], i] + error)
        n = len(low)
        below = int(np.floor((1 - level) * (n + 1) + 1e-9))
        above = int(np.ceil(level * (n + 1) - 1e-9))
        limits.append((sorted(low)[below - 1], sorted(high)[above - 1]))
    return np.array(limits).T


@pytest.mark.parametrize("level", [0.6, 0.8, 0.9])
def test_the_limits_are_those_of_the_obvious_twin(level):
    data = simulated(1)
    lower, upper = cv_plus_intervals(*data, level)
    expected = naive(*data, level)
    assert np.array_equal(lower, expected[0])
    assert np.array_equal(upper, expected[1])


@pytest.mark.parametrize("level", [0.8, 0.9])
@pytest.mark.parametrize(
    "fit, tail, most", [(least_squares, 30, 0.02), (least_squares, 2, 0.03), (nearest, 2, 0.07)]
)
def test_new_patients_are_covered_as_often_as_asked(level, fit, tail, most):
    """300 studies of 60 patients; the standard error of the coverage is below 0.006.

    Models that change much with their training patients, by heavy tails or for having one
    neighbour, cover more than asked: their disagreement widens the interval (Barber 2021,
    section 1.2). A steady one covers the share k / (n + 1) that the k-th smallest of n = 48 is.
    """
    share = np.ceil(level * 49 - 1e-9) / 49
    shares = []
    for seed in range(300):
        y, scores, folds = simulated(seed, fit=fit, tail=tail)
        lower, upper = cv_plus_intervals(y, scores, folds, level)
        shares.append(np.mean((lower <= y) & (y <= upper)))
    assert share - 0.01 < np.mean(shares) < share + most
    assert np.mean(shares) > least_coverage(level, 48, 4)


def test_errors_of_the_training_patients_would_not_cover():
    """One neighbour knows its training patients by heart: calibrated by them it misses."""
    shares = []
    for seed in range(100):
        y, scores, folds = simulated(seed, fit=nearest)
        rows, others = np.flatnonzero(folds == 0), np.flatnonzero(folds != 0)
        middle = scores[np.ix_(folds[others], rows)]
        lower, upper = limits(middle, np.zeros(len(others)), 0.9)
        shares.append(np.mean((lower <= y[rows]) & (y[rows] <= upper)))
    assert np.mean(shares) < 0.7


def test_known_noise_gives_the_width_of_its_quantiles():
    rng = np.random.default_rng(4)
    y, folds = rng.normal(size=2000), np.arange(2000) % 4
    scores = np.zeros((4, 2000))
    lower, upper = cv_plus_intervals(y, scores, folds, 0.9)
    assert upper == pytest.approx(norm.ppf(0.95), abs=0.08)
    assert lower == pytest.approx(-norm.ppf(0.95), abs=0.08)


def test_too_few_patients_leave_the_interval_unbounded():
    y, scores, folds = simulated(0, n=10, n_folds=5)
    lower, upper = cv_plus_intervals(y, scores, folds, 0.9)
    assert np.isneginf(lower).all()
    assert np.isposinf(upper).all()
    assert np.isfinite(cv_plus_intervals(y, scores, folds, 0.8)).all()


def test_the_bound_is_that_of_the_theorem():
    # By hand: 1 - 0.2 - min(2 * 0.75 / 21, (1 - 0.05) / 5), and leave-one-out: K = n.
    assert least_coverage(0.9, 80, 4) == pytest.approx(0.8 - 1.5 / 21, abs=1e-12)
    assert least_coverage(0.9, 80, 80) == pytest.approx(0.8, abs=1e-12)
    assert least_coverage(0.6, 20, 2) < 0.2
    with pytest.raises(UserError, match="no coverage"):
        least_coverage(0.9, 3, 4)
