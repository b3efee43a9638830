"""Survival statistics against scikit-survival and statsmodels.

Each test records its largest difference, which a run with --junitxml writes out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sksurv.compare
import sksurv.metrics
import sksurv.nonparametric
import statsmodels.duration.survfunc as duration
from sksurv.util import Surv

from radiome.base.values import NotApplicable
from radiome.model.performance.concordance import harrell_c, pair_counts, uno_c
from radiome.model.performance.cumulative_incidence import cumulative_incidence
from radiome.model.performance.log_rank import log_rank
from radiome.model.performance.time_dependent import (
    brier_at,
    integrated_brier,
    time_dependent_auc,
)
from radiome.model.survival_curves import censoring_curve, kaplan_meier

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor"
Agree = Callable[[str, object, object, float], None]
Sample = tuple[np.ndarray, np.ndarray, np.ndarray]
SEEDS = range(5)


@pytest.fixture
def agree(request) -> Agree:
    def check(name: str, measured: object, reference: object, tolerance: float) -> None:
        apart = np.abs(np.asarray(measured, float) - np.asarray(reference, float))
        request.node.user_properties.append((name, float(np.max(apart))))
        assert np.max(apart) <= tolerance

    return check


def sample(seed: int, *, tied: bool, n: int = 150) -> Sample:
    """Times, events and risks; with ties in time and risk, or with none."""
    generator = np.random.default_rng(seed)
    risk = generator.normal(size=n)
    onset = generator.exponential(np.exp(-0.7 * risk))
    censored = generator.exponential(1.5, size=n)
    time = np.minimum(onset, censored)
    if tied:
        time, risk = np.ceil(time * 8), np.round(risk, 1)
    return time, onset <= censored, risk


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tied", [True, False])
def test_kaplan_meier_is_that_of_scikit_survival(seed, tied, agree):
    time, event, _ = sample(seed, tied=tied)
    curve = kaplan_meier(time, event)
    times, survival, limits = sksurv.nonparametric.kaplan_meier_estimator(
        event, time, conf_type="log-log"
    )
    agree("Kaplan-Meier", curve.at(times), survival, 1e-14)
    inside = (survival > 0) & (survival < 1)
    found = [curve.interval_at(moment) for moment in times[inside]]
    measured = [[part.lower for part in found], [part.upper for part in found]]
    agree("Kaplan-Meier, limits", measured, limits[:, inside], 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tied", [True, False])
def test_censoring_curve_is_that_of_scikit_survival(seed, tied, agree):
    time, event, _ = sample(seed, tied=tied)
    times, survival = sksurv.nonparametric.kaplan_meier_estimator(event, time, reverse=True)
    agree("censoring curve", censoring_curve(time, event).at(times), survival, 1e-14)


def followed_to_an_end(seed: int) -> Sample:
    """Ties, and a censored last time: statsmodels divides by zero where all leave by the event."""
    time, event, risk = sample(seed, tied=True)
    return np.minimum(time, 9), event & (time < 9), risk


@pytest.mark.parametrize("seed", SEEDS)
def test_quantiles_of_survival_are_those_of_statsmodels(seed, agree):
    time, event, _ = sample(seed, tied=False)
    event = event & (time < np.max(time))
    reference = duration.SurvfuncRight(time, event)
    for share in (0.25, 0.5):
        estimate = kaplan_meier(time, event).quantile(share)
        assert not isinstance(estimate, NotApplicable)
        agree("survival quantile", estimate.value, reference.quantile(share), 0)
        lower, upper = reference.quantile_ci(share, method="cloglog")
        agree("survival quantile, limits", [estimate.lower, estimate.upper], [lower, upper], 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_cumulative_incidence_is_that_of_scikit_survival_and_statsmodels(seed, agree):
    time, event, risk = followed_to_an_end(seed)
    cause = np.where(event, np.where(risk > 0, 1, 2), 0)
    _, table = sksurv.nonparametric.cumulative_incidence_competing_risks(cause, time)
    reference = duration.CumIncidenceRight(time, cause)
    for number in (1, 2):
        curve = cumulative_incidence(time, cause, number)
        agree("cumulative incidence", curve.incidence, table[number], 1e-14)
        expected = reference.cinc_se[number - 1]
        agree("cumulative incidence, error", curve.standard_error, expected, 1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tied", [True, False])
def test_harrell_c_is_that_of_scikit_survival(seed, tied, agree):
    time, event, risk = sample(seed, tied=tied)
    value, concordant, discordant, tied_risk, _ = sksurv.metrics.concordance_index_censored(
        event, time, risk
    )
    agree("Harrell C", harrell_c(time, event, risk), value, 1e-14)
    counts = pair_counts(time, event, risk)
    found = (counts.concordant, counts.discordant, counts.tied_risk)
    assert found == (concordant, discordant, tied_risk)


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_statistics_are_those_of_scikit_survival_without_ties(seed, agree):
    train_time, train_event, _ = sample(seed + 100, tied=False, n=400)
    time, event, risk = sample(seed, tied=False)
    horizons = np.quantile(time[event], [0.2, 0.5, 0.7])
    keep = time < train_time.max()
    time, event, risk = time[keep], event[keep], risk[keep]
    train, test = Surv.from_arrays(train_event, train_time), Surv.from_arrays(event, time)
    curve = censoring_curve(train_time, train_event)
    tau = float(horizons[-1])
    expected = sksurv.metrics.concordance_index_ipcw(train, test, risk, tau=tau)[0]
    measured = uno_c(time, event, risk, tau=tau, censoring=curve)
    agree("Uno C", measured, expected, 1e-13)
    expected, _ = sksurv.metrics.cumulative_dynamic_auc(train, test, risk, horizons)
    found = [
        time_dependent_auc(time, event, risk, horizon=horizon, censoring=curve)
        for horizon in horizons
    ]
    agree("AUC(t)", found, expected, 1e-13)
    staying = np.exp(-np.outer(np.exp(0.7 * risk), horizons))
    _, expected = sksurv.metrics.brier_score(train, test, staying, horizons)
    found = [
        brier_at(time, event, staying[:, number], horizon=horizon, censoring=curve)
        for number, horizon in enumerate(horizons)
    ]
    agree("Brier(t)", found, expected, 1e-14)
    expected = sksurv.metrics.integrated_brier_score(train, test, staying, horizons)
    measured = integrated_brier(time, event, staying, horizons=horizons, censoring=curve)
    agree("integrated Brier", measured, expected, 1e-14)


@pytest.mark.skipif(not DATA.is_dir(), reason="the lung data are not beside the repository")
def test_weighted_statistics_are_near_those_of_scikit_survival_with_ties(agree):
    table = pd.read_csv(DATA / "lung.csv")
    test = np.arange(1, len(table) + 1) % 3 == 0
    time, event = table["time"].to_numpy(float), (table["status"] == 2).to_numpy()
    risk = table[["age", "sex", "ph.ecog"]].to_numpy(float)[test] @ [
        0.01691242106,
        -0.78239049811,
        0.59870675969,
    ]
    arrays = time[test], event[test]
    own = Surv.from_arrays(event[test], time[test])
    for tau in (365, 500):
        expected = sksurv.metrics.concordance_index_ipcw(own, own, risk, tau=tau)[0]
        agree("Uno C, ties", uno_c(*arrays, risk, tau=tau), expected, 2e-4)
    horizons = [180, 365, 540]
    expected, _ = sksurv.metrics.cumulative_dynamic_auc(own, own, risk, horizons)
    found = [time_dependent_auc(*arrays, risk, horizon=horizon) for horizon in horizons]
    agree("AUC(t), ties", found, expected, 2e-4)
    grid = np.arange(50.0, 541)
    staying = np.exp(-np.outer(np.exp(risk - risk.mean()), grid / 500))
    expected = sksurv.metrics.integrated_brier_score(own, own, staying, grid)
    measured = integrated_brier(*arrays, staying, horizons=grid)
    agree("integrated Brier, ties", measured, expected, 2e-4)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("count", [2, 3])
def test_log_rank_is_that_of_statsmodels_and_scikit_survival(seed, count, agree):
    time, event, risk = sample(seed, tied=True)
    group = np.digitize(risk, [-0.3, 0.5][: count - 1])
    result = log_rank(time, event, group)
    statistic, p_value = duration.survdiff(time, event, group)
    agree("log-rank statistic", result.statistic, statistic, 1e-10)
    agree("log-rank p", result.p_value, p_value, 1e-12)
    expected, _, table, _ = sksurv.compare.compare_survival(
        Surv.from_arrays(event, time), group, return_stats=True
    )
    agree("log-rank statistic", result.statistic, expected, 1e-10)
    agree("log-rank expected", result.expected, table["expected"], 1e-11)
