"""Changes against outcomes, checked with statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.stats.multitest import multipletests

from radiome.base.errors import UserError
from radiome.base.options import parse_options
from radiome.base.values import NotApplicable
from radiome.model.outcome_reading import make_outcome
from radiome.model.outcomes import OutcomeOptions
from radiome.model.response.estimates import cox, least_squares
from radiome.model.response.outcome_tests import outcome_tests, summary
from radiome.model.response.patient_changes import PatientChanges

N = 60


def outcome(frame, **options):
    chosen = parse_options(OutcomeOptions, {"name": "y", **options})
    return make_outcome(pd.DataFrame(frame).astype(str), chosen, where="o.csv")


@pytest.fixture
def data():
    rng = np.random.default_rng(12)
    before = rng.normal(10, 2, size=(N, 5))
    after = 0.6 * before + rng.normal(4, 1, size=(N, 5))
    after[7, 1] = np.nan
    patients = tuple(f"p{row}" for row in range(N))
    return PatientChanges(patients, tuple("abcde"), before, after, np.ones(N), ())


def ols(columns, y):
    fit = sm.OLS(y, sm.add_constant(np.column_stack(columns))).fit()
    return [fit.params[1], *fit.conf_int()[1], fit.pvalues[1]]


@pytest.mark.parametrize("kind", ["binary", "continuous"])
def test_ancova_and_change_score_are_those_of_statsmodels(data, kind):
    y = np.random.default_rng(1).normal(size=N) + data.after[:, 0] * 0.3
    cells = (y > np.median(y)).astype(int) if kind == "binary" else y
    told = outcome({"y": cells}, kind=kind)
    found = outcome_tests(data, told, np.arange(N))
    for place, row in enumerate(found):
        f0, f1 = data.before[:, place], data.after[:, place]
        known = ~np.isnan(f1)
        f0, f1, own = f0[known], f1[known], cells[known].astype(float)
        mine = [[row[m + p] for p in ("", "_low", "_high", "_p")] for m in ("ancova", "change")]
        assert mine[0] == pytest.approx(ols([own, f0], f1), rel=1e-9)
        assert mine[1] == pytest.approx(ols([own], f1 - f0), rel=1e-9)
        assert row["baseline_p"] == pytest.approx(ols([own], f0)[-1], rel=1e-9)
        assert row["n"] == known.sum()
    for model in ("ancova", "change", "baseline"):
        expected = multipletests([row[f"{model}_p"] for row in found], method="fdr_bh")[1]
        assert [row[f"{model}_q"] for row in found] == pytest.approx(expected)
    assert summary(found, told)["tested"] == 5


def test_cox_is_the_one_of_statsmodels_with_ties(data):
    rng = np.random.default_rng(2)
    f0, f1 = data.before[:, 0], data.after[:, 0]
    time = np.ceil(rng.exponential(np.exp(-0.4 * (f1 - 10))) * 5)
    event = rng.random(N) < 0.7
    told = outcome({"t": time, "e": event.astype(int)}, kind="survival", time="t", event="e")
    row = outcome_tests(data, told, np.arange(N))[0]
    assert len(np.unique(time[event])) < event.sum()
    scaled = np.column_stack([f1 / f1.std(ddof=1), f0 / f0.std(ddof=1)])
    fit = PHReg(time, scaled, event.astype(int), ties="efron").fit(disp=0)
    mine = [row["ancova"], row["ancova_low"], row["ancova_high"], row["ancova_p"]]
    assert mine == pytest.approx([fit.params[0], *fit.conf_int()[0], fit.pvalues[0]], rel=1e-5)
    change = (f1 - f0) / (f1 - f0).std(ddof=1)
    fit = PHReg(time, change[:, None], event.astype(int), ties="efron").fit(disp=0)
    assert [row["change"], row["change_p"]] == pytest.approx([fit.params[0], fit.pvalues[0]], 1e-5)


def test_regression_to_the_mean_fools_the_change_score_and_not_the_adjusted_one():
    rng = np.random.default_rng(3)
    patients = 400
    y = np.arange(patients) % 2
    features = 40
    # Groups differ in what lasts; nobody changes but by error, and groups were chosen by the
    # baseline value, as patients with a high marker are.
    true = rng.normal(0, 1, (patients, features))
    before = true + rng.normal(0, 1, true.shape)
    after = true + rng.normal(0, 1, true.shape)
    order = np.argsort(before, axis=0)
    for place in range(features):
        before[:, place] = before[order[:, place], place]
        after[:, place] = after[order[:, place], place]
    y = (np.arange(patients) >= patients // 2).astype(int)
    names = tuple(f"f{place}" for place in range(features))
    rows = tuple(f"p{row}" for row in range(patients))
    data = PatientChanges(rows, names, before, after, np.ones(patients), ())
    found = outcome_tests(data, outcome({"y": y}, kind="binary"), np.arange(patients))
    assert all(row["change_p"] < 1e-4 and row["change"] < 0 for row in found)
    assert sum(row["ancova_p"] < 0.05 for row in found) <= 6
    assert all(row["baseline_q"] < 0.05 for row in found)


def test_patients_are_matched_by_row_and_unknown_outcomes_left_out(data):
    y = np.random.default_rng(4).normal(size=N)
    cells = [f"{value}" for value in y]
    cells[3] = ""
    order = np.random.default_rng(5).permutation(N)
    shuffled = outcome({"y": np.array(cells)[order]}, kind="continuous")
    rows = np.argsort(order)
    rows[10] = -1
    row = outcome_tests(data, shuffled, rows)[0]
    kept = np.setdiff1d(np.arange(N), [3, 10])
    expected = ols([y[kept], data.before[kept, 0]], data.after[kept, 0])
    assert row["n"] == N - 2
    assert row["ancova"] == pytest.approx(expected[0])


def test_what_cannot_be_tested_says_why(data):
    y = outcome({"y": np.arange(N) % 2}, kind="binary")
    before, after = data.before.copy(), data.after.copy()
    after[:, 0] = before[:, 0]
    after[:, 1] = 5
    after[4:, 2] = np.nan
    after[1::2, 3] = np.nan
    before[:, 4] = np.arange(N) % 2
    changed = PatientChanges(data.patients, data.names, before, after, data.interval, ())
    reasons = [row["not_tested"] for row in outcome_tests(changed, y, np.arange(N))]
    assert reasons == [
        "the change does not vary",
        "the follow-up does not vary",
        "too few patients",
        "the outcome is the same for all patients with both values",
        "outcome and baseline cannot be told apart",
    ]


def test_few_events_and_separated_ones_are_not_fitted(data):
    event = np.zeros(N, int)
    event[:4] = 1
    told = outcome({"t": np.arange(N) + 1.0, "e": event}, kind="survival", time="t", event="e")
    assert outcome_tests(data, told, np.arange(N))[0]["not_tested"] == "too few events"
    found = cox(np.arange(20.0)[:, None], np.ones(20, bool), np.arange(20.0, 0, -1))
    assert isinstance(found, NotApplicable)
    assert "converge" in found.reason


def test_a_perfect_fit_has_no_p():
    x = np.arange(8.0)
    found = least_squares(np.column_stack([x % 2, x]), 3 * (x % 2) + 2 * x)
    assert isinstance(found, NotApplicable)


def test_several_classes_are_refused(data):
    with pytest.raises(UserError, match="several classes"):
        outcome_tests(data, outcome({"y": np.arange(N) % 3}, kind="multiclass"), np.arange(N))
