"""Cox regression against R survival 3.x, riskRegression and scikit-survival, on real patients.

Data: the lung cancer data of the North Central Cancer Treatment Group (Loprinzi et al.,
J Clin Oncol 1994; 12:601), complete rows of age, sex and ph.ecog. Training rows are those whose
number, from 1, is no multiple of 3. R 4.2.2 gave the figures.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from radiome.model.learners.cox import CoxRegression
from radiome.model.outcomes import SURVIVAL
from radiome.model.survival_curves import censoring_curve

LUNG = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor" / "lung.csv"


@pytest.fixture(scope="module")
def lung():
    if not LUNG.is_file():
        pytest.skip("the lung data are not beside the repository")
    frame = pd.read_csv(LUNG)
    outcome = np.empty(len(frame), SURVIVAL)
    outcome["time"], outcome["event"] = frame["time"], frame["status"] == 2
    columns = frame[["age", "sex", "ph.ecog"]].to_numpy(np.float64)
    return columns, outcome, np.arange(1, len(frame) + 1) % 3 != 0


def test_all_rows_give_the_coefficients_and_likelihood_of_coxph(lung):
    columns, outcome, _ = lung
    model = CoxRegression(0.0).fit(columns, outcome)
    assert_allclose(model.coef_, [0.01106676456, -0.55261239570, 0.46372847537], atol=1e-9)
    assert_allclose(model.log_likelihood_, -729.2301214, atol=1e-6)


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("efron", [0.01691242106, -0.78239049811, 0.59870675969]),
        ("breslow", [0.01682032302, -0.78240559687, 0.59826025282]),
    ],
)
def test_training_rows_give_the_coefficients_of_coxph(lung, ties, expected):
    columns, outcome, training = lung
    model = CoxRegression(0.0, ties=ties).fit(columns[training], outcome[training])
    assert_allclose(model.coef_, expected, atol=1e-9)


def harrell(outcome, risk):
    event, time = outcome["event"], outcome["time"]
    first = event[:, None] & ((time[:, None] < time) | ((time[:, None] == time) & ~event))
    gap = risk[:, None] - risk
    return np.mean(((gap > 0) + 0.5 * (gap == 0))[first])


def test_concordance_is_that_of_r(lung):
    columns, outcome, training = lung
    assert_allclose(
        harrell(outcome, CoxRegression(0.0).fit(columns, outcome).predict(columns)),
        0.6371355,
        atol=1e-6,
    )
    model = CoxRegression(0.0).fit(columns[training], outcome[training])
    held_out = ~training
    found = harrell(outcome[held_out], model.predict(columns[held_out]))
    assert_allclose(found, 0.5966228893, atol=1e-9)


def brier(outcome, event_free, horizon):
    """Inverse probability of censoring weighted, G from the rows themselves (Graf 1999)."""
    event, time = outcome["event"], outcome["time"]
    uncensored = censoring_curve(time, event)
    died = event & (time <= horizon)
    weight_of_dead = np.where(died, 1 / uncensored.before(time), 0.0)
    weight_of_living = (time > horizon) / uncensored.at([horizon])
    return np.mean(weight_of_dead * event_free**2 + weight_of_living * (1 - event_free) ** 2)


def test_predicted_survival_has_the_brier_scores_of_risk_regression(lung):
    columns, outcome, training = lung
    model = CoxRegression(0.0).fit(columns[training], outcome[training])
    times = [180.0, 365.0, 540.0]
    curves = model.predict_survival(columns[~training], times)
    found = [brier(outcome[~training], curve, t) for curve, t in zip(curves.T, times, strict=True)]
    assert_allclose(found, [0.18373196, 0.27487537, 0.21117191], atol=2e-4)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_ridge_gives_the_coefficients_of_scikit_survival(lung, ties):
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    columns, outcome, _ = lung
    z = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    own = CoxRegression(0.05, ties=ties).fit(z, outcome)
    other = CoxPHSurvivalAnalysis(alpha=0.05 * len(z), ties=ties, tol=1e-12).fit(z, outcome)
    assert_allclose(own.coef_, other.coef_, atol=1e-9)
    expected = other.cum_baseline_hazard_
    assert_allclose(own.baseline_.at(expected.x), expected.y, rtol=1e-7)


@pytest.mark.parametrize("l1_ratio", [0.3, 1.0])
def test_elastic_net_gives_the_coefficients_of_scikit_survival(lung, l1_ratio):
    from sksurv.linear_model import CoxnetSurvivalAnalysis

    columns, outcome, _ = lung
    z = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    own = CoxRegression(0.05, l1_ratio, ties="breslow").fit(z, outcome)
    other = CoxnetSurvivalAnalysis(
        l1_ratio=l1_ratio, alphas=[0.05], tol=1e-14, max_iter=1_000_000
    ).fit(z, outcome)
    assert_allclose(own.coef_, other.coef_[:, 0], atol=5e-5)
