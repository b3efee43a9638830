"""Performance against figures of R 4.2.2: pROC, rms, loess, Hmisc, survival, riskRegression.

Each test records its largest difference, which a run with --junitxml writes out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import norm

from radiome.model.performance.calibration import brier, recalibration
from radiome.model.performance.calibration_curve import calibration_errors
from radiome.model.performance.concordance import (
    harrell_c,
    harrell_interval,
    pair_counts,
    uno_c,
    uno_interval,
)
from radiome.model.performance.discrimination import auc, auc_delong, compare_aucs
from radiome.model.performance.reclassification import continuous_nri, integrated_discrimination
from radiome.model.performance.regression import concordance_correlation
from radiome.model.performance.results import Estimate
from radiome.model.performance.time_dependent import brier_at, brier_null, time_dependent_auc
from radiome.model.performance.utility import decision_curve, net_benefit

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the R figures are not beside it")

Agree = Callable[[str, object, object, float], None]

#: Cox coefficients of age, sex and ph.ecog by R's coxph (Efron), all rows and training rows.
ALL_ROWS = [0.01106676456, -0.55261239570, 0.46372847537]
TRAINING = [0.01691242106, -0.78239049811, 0.59870675969]


@pytest.fixture
def agree(request) -> Agree:
    def check(name: str, measured: object, reference: object, tolerance: float) -> None:
        apart = np.abs(np.asarray(measured, float) - np.asarray(reference, float))
        request.node.user_properties.append((name, float(np.max(apart))))
        assert np.max(apart) <= tolerance

    return check


def flat(estimate: Estimate) -> list[float]:
    assert estimate.lower is not None
    assert estimate.upper is not None
    return [estimate.value, estimate.lower, estimate.upper]


@pytest.fixture
def asah() -> tuple[np.ndarray, pd.DataFrame]:
    table = pd.read_csv(DATA / "aSAH.csv")
    return (table["outcome"] == "Poor").to_numpy(), table


@pytest.fixture
def calib() -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(DATA / "calib.csv")
    return table["y"].to_numpy(), table["p"].to_numpy()


@pytest.fixture
def lung() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    table = pd.read_csv(DATA / "lung.csv")
    covariates = table[["age", "sex", "ph.ecog"]].to_numpy(float)
    test = np.arange(1, len(table) + 1) % 3 == 0
    return table["time"].to_numpy(float), (table["status"] == 2).to_numpy(), covariates, test


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("wfns", [0.8236788618, 0.7485349, 0.8988228]),
        ("s100b", [0.7313685637, 0.6301182, 0.8326189]),
        ("ndka", [0.6119579946, 0.501245, 0.722671]),
    ],
)
def test_auc_and_delong_interval_are_those_of_proc(asah, agree, marker, expected):
    outcome, table = asah
    estimate = auc_delong(outcome, table[marker])
    agree("AUC", estimate.value, expected[0], 1e-10)
    agree("AUC, DeLong limits", [estimate.lower, estimate.upper], expected[1:], 6e-8)
    assert estimate.value == auc(outcome, table[marker])


def test_delong_variance_is_that_of_proc(asah, agree):
    outcome, table = asah
    error = auc_delong(outcome, table["s100b"]).standard_error
    agree("AUC, DeLong variance", error**2, 0.002668682457, 1e-12)


def test_paired_delong_test_is_that_of_proc(asah, agree):
    outcome, table = asah
    first = compare_aucs(outcome, table["wfns"], table["s100b"])
    agree("DeLong paired, Z", first.statistic, 2.2089836, 5e-8)
    agree("DeLong paired, p", first.p_value, 0.02717578, 5e-9)
    limits = [first.difference.lower, first.difference.upper]
    agree("DeLong paired, limits", limits, [0.01040617696, 0.17421441925], 1e-10)
    second = compare_aucs(outcome, table["s100b"], table["ndka"])
    agree("DeLong paired, Z", second.statistic, 1.39077, 5e-6)
    agree("DeLong paired, p", second.p_value, 0.1642952, 5e-8)
    limits = [second.difference.lower, second.difference.upper]
    agree("DeLong paired, limits", limits, [-0.04887060642, 0.28769174463], 1e-10)


def test_recalibration_and_brier_are_those_of_glm_and_val_prob(calib, agree):
    outcome, risk = calib
    result = recalibration(outcome, risk)
    agree("calibration slope", result.slope.value, 0.6528393492, 1e-8)
    agree("calibration intercept", result.intercept.value, -0.5560125887, 1e-8)
    agree("calibration in the large", result.in_the_large.value, -0.5862592355, 1e-8)
    agree("Brier", brier(outcome, risk), 0.1990387470, 1e-9)
    # val.prob appears to take one discordant pair, 3e-6 apart in risk, for a tie.
    half_a_pair = 0.5 / (outcome.sum() * (1 - outcome).sum())
    agree("AUC", auc(outcome, risk) + half_a_pair, 0.7597933210, 1e-10)


def test_ici_e50_and_e90_are_those_of_r_loess(calib, agree):
    result = calibration_errors(*calib)
    agree("ICI", result.ici, 0.1011487327, 1e-9)
    agree("E50", result.e50, 0.0777072811, 1e-9)
    agree("E90", result.e90, 0.2163185573, 1e-9)


def test_exact_loess_is_that_of_a_direct_evaluation(calib, agree):
    result = calibration_errors(*calib, exact=True)
    # An independent evaluation in Python with surface "direct": t15.out.
    expected = [0.1013629315754946, 0.08043137397565978, 0.21697170865701287]
    agree("ICI, exact loess", [result.ici, result.e50, result.e90], expected, 1e-12)


def test_net_benefit_is_that_of_dcurves(calib, agree):
    outcome, risk = calib
    thresholds = [0.1, 0.2, 0.3, 0.5]
    expected = [0.27222222, 0.2065, 0.15942857, 0.046]
    measured = [net_benefit(outcome, risk, threshold) for threshold in thresholds]
    agree("net benefit", measured, expected, 5e-9)
    curve = decision_curve(outcome, risk, thresholds)
    agree("net benefit", [point.model.value for point in curve], expected, 5e-9)
    everybody = [point.treat_all.value for point in curve]
    agree("net benefit, treat all", everybody, [0.27111111, 0.18, 0.06285714, -0.312], 5e-9)


def r_uniforms(seed: int, count: int) -> np.ndarray:
    """Uniform numbers of R's default generator after set.seed."""
    state = []
    scrambled = seed
    for step in range(50 + 625):
        scrambled = (69069 * scrambled + 1) % 2**32
        if step >= 50:
            state.append(scrambled)
    generator = np.random.MT19937()
    generator.state = {
        "bit_generator": "MT19937",
        "state": {"key": np.array(state[1:], dtype=np.uint32), "pos": 624},
    }
    return generator.random_raw(count) * 2.3283064365386963e-10


def test_reclassification_is_that_of_hmisc(calib, agree):
    outcome, risk = calib
    # The inputs of r3.R are drawn again: normals by inversion of two uniforms each.
    pairs = r_uniforms(7, 3000).reshape(-1, 2)
    big = 134217728
    drawn = norm.ppf((np.floor(big * pairs[:, 0]) + pairs[:, 1]) / big).reshape(3, 500)
    again = expit(-0.4 + 1.4 * (drawn[0] + 0.5 * drawn[1] + 0.3 * drawn[2]))
    np.testing.assert_allclose(again, risk, rtol=0, atol=1e-14)
    old = expit(drawn[0] - 0.5)
    result = continuous_nri(outcome, old, risk)
    parts = [result.events, result.non_events, result.total]
    agree("NRI", [part.value for part in parts], [0.465, 0.104, 0.569], 5e-4)
    errors = [part.standard_error for part in parts]
    agree("NRI, standard error", errors, [0.0675, 0.0549, 0.0870], 5e-5)
    agree("NRI, limits", flat(parts[2])[1:], [0.39822, 0.739], 5e-4)
    agree("NRI, limits", flat(parts[1])[1:], [-0.00398, 0.211], 5e-4)
    gain = integrated_discrimination(outcome, old, risk)
    agree("IDI", [gain.events.value, gain.non_events.value], [0.0816, -0.0042], 5e-5)
    agree("IDI", gain.total.value, 7.73e-2, 5e-5)
    agree("IDI, standard error", gain.total.standard_error, 1.41e-2, 5e-5)
    agree("IDI, limits", flat(gain.total)[1:], [4.96e-2, 1.05e-1], 5e-4)


def test_concordance_and_its_error_are_those_of_survival(lung, agree):
    time, event, covariates, _ = lung
    risk = covariates @ ALL_ROWS
    counts = pair_counts(time, event, risk)
    found = (counts.concordant, counts.discordant, counts.tied_risk, counts.tied_time)
    assert found == (12544, 7117, 126, 28)
    harrell = harrell_interval(time, event, risk)
    agree("Harrell C", harrell.value, 0.6371355, 5e-8)
    agree("Harrell C, standard error", harrell.standard_error, 0.02506797, 5e-9)
    uno = uno_interval(time, event, risk, tau=float(time.max()) + 1)
    agree("Uno C", uno.value, 0.6261483, 5e-8)
    agree("Uno C, standard error", uno.standard_error, 0.02356243, 5e-9)


def test_test_set_concordance_is_that_of_survival(lung, agree):
    time, event, covariates, test = lung
    arrays = time[test], event[test], covariates[test] @ TRAINING
    agree("Harrell C", harrell_c(*arrays), 0.5966228893, 1e-10)
    uno = [uno_c(*arrays, tau=365), uno_c(*arrays, tau=500)]
    agree("Uno C", uno, [0.5995360137, 0.5733682512], 1e-9)


def efron_survival(time, event, risk, at, new_risk):
    """Survival of Cox's model from Efron's baseline hazard."""
    hazard = 0.0
    for moment in np.unique(time[event & (time <= at)]):
        dying = event & (time == moment)
        everybody, lost = np.exp(risk[time >= moment]).sum(), np.exp(risk[dying]).sum()
        count = dying.sum()
        hazard += sum(1 / (everybody - step / count * lost) for step in range(count))
    return np.exp(-hazard * np.exp(new_risk))


def test_auc_and_brier_at_horizons_are_those_of_risk_regression(lung, agree):
    time, event, covariates, test = lung
    risk = covariates @ TRAINING
    arrays = time[test], event[test]
    horizons = (180, 365, 540)
    aucs = [time_dependent_auc(*arrays, risk[test], horizon=horizon) for horizon in horizons]
    agree("AUC(t)", aucs, [0.6935629652, 0.5466076921, 0.5263618686], 1e-9)
    null = [brier_null(*arrays, horizon=horizon) for horizon in horizons]
    agree("Brier(t), null", null, [0.2038841577, 0.2489007578, 0.1858979908], 1e-9)
    known = ~test
    model = [
        brier_at(
            *arrays,
            efron_survival(time[known], event[known], risk[known], horizon, risk[test]),
            horizon=horizon,
        )
        for horizon in horizons
    ]
    agree("Brier(t)", model, [0.1837319569, 0.2748753673, 0.2111719120], 1e-8)


def test_concordance_correlation_of_peak_flow(agree):
    # Bland and Altman 1986, Lancet 1:307: peak flow by Wright and by mini Wright meter.
    wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    second = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]
    # t1.out holds an evaluation of Lin's formula by other code, to nine digits in the limits.
    first = concordance_correlation(wright, mini)
    agree("CCC", first.value, 0.9427424314274846, 1e-14)
    agree("CCC, limits", flat(first)[1:], [0.850491872068208, 0.9787262793375432], 2e-9)
    other = concordance_correlation(wright, second)
    agree("CCC", other.value, 0.9821305618827371, 1e-14)
    agree("CCC, limits", flat(other)[1:], [0.9521831315354661, 0.9933856369652236], 2e-9)
