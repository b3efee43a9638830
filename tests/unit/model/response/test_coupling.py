"""Change against baseline: what error alone does, and what is left without it."""

import numpy as np
import pytest
from scipy import stats

from radiome.model.response.coupling import coupling, summary, warnings
from radiome.model.response.patient_changes import PatientChanges
from radiome.model.response.repeatability import FACTOR, Limit


def rows_of(before, after, limits=None):
    before, after = np.atleast_2d(before).T, np.atleast_2d(after).T
    names = tuple(f"f{place}" for place in range(before.shape[1]))
    patients = tuple(map(str, range(len(before))))
    data = PatientChanges(patients, names, before, after, np.ones(len(before)), ())
    return coupling(data, limits or {})


def test_error_alone_correlates_the_change_with_the_baseline_but_not_with_the_mean():
    rng = np.random.default_rng(2)
    n, sd, error = 20000, 2.0, 1.5
    true = rng.normal(50, sd, n)
    f0, f1 = true + rng.normal(0, error, n), true + rng.normal(0, error, n)
    (row,) = rows_of(f0, f1, {"f0": Limit(FACTOR * error, share=False)})
    reliability = sd**2 / (sd**2 + error**2)
    assert row["r_change_baseline"] == pytest.approx(-np.sqrt((1 - reliability) / 2), abs=0.02)
    assert row["r_from_coupling_alone"] == pytest.approx(row["r_change_baseline"], abs=0.02)
    assert row["r_relative_baseline"] < -0.3
    assert row["slope"] == pytest.approx(reliability - 1, abs=0.02)
    assert row["r_oldham"] == pytest.approx(0, abs=0.02)
    assert row["slope_blomqvist"] == pytest.approx(0, abs=0.04)


def test_a_true_dependence_is_found_without_the_error():
    rng = np.random.default_rng(4)
    n, error = 20000, 1.0
    true = rng.normal(50, 2, n)
    f0 = true + rng.normal(0, error, n)
    f1 = true - 0.5 * (true - 50) + rng.normal(0, error, n)
    (row,) = rows_of(f0, f1, {"f0": Limit(FACTOR * error, share=False)})
    assert row["slope_blomqvist"] == pytest.approx(-0.5, abs=0.03)
    assert row["slope"] < -0.55
    assert row["p_oldham"] < 1e-6


def test_oldham_is_the_test_of_pitman_and_morgan():
    rng = np.random.default_rng(7)
    f0 = rng.normal(size=30)
    f1 = 0.7 * f0 + rng.normal(size=30) * 1.4
    (row,) = rows_of(f0, f1)
    # By the ratio of variances: Pitman 1939, Morgan 1939.
    f, r = f1.var(ddof=1) / f0.var(ddof=1), np.corrcoef(f0, f1)[0, 1]
    t = (f - 1) * np.sqrt(28) / (2 * np.sqrt(f * (1 - r**2)))
    assert row["p_oldham"] == pytest.approx(2 * stats.t.sf(abs(t), 28))
    assert row["slope"] == pytest.approx(stats.linregress(f0, f1 - f0).slope)
    assert row["r_change_baseline"] == pytest.approx(stats.pearsonr(f1 - f0, f0).statistic)


def test_undefined_figures_say_why():
    f0 = np.array([1.0, 2, 3, 4, 5])
    same, shifted, few, wide = rows_of(
        [f0, f0, [1.0, 2, 3, np.nan, np.nan], f0],
        [np.ones(5), f0 + 1, f0, f0[::-1] * 1.1],
        {"f3": Limit(100.0, share=False), "f2": Limit(0.1, share=True)},
    )
    assert "the same" in same["reason"]
    assert "all changes are the same" in shifted["reason"]
    assert "fewer than 4" in few["reason"]
    assert "no more than repeated scans" in wide["reason"]
    assert wide["slope_blomqvist"] is None
    assert wide["r_change_baseline"] < -0.9


def test_the_warning_counts_features():
    rng = np.random.default_rng(1)
    f0, f1 = rng.normal(size=(2, 50))
    rows = rows_of([f0, f0], [f1, f0 * 2])
    counts = summary(rows)
    assert counts["features"] == 2
    assert counts["r_change_baseline_below_-0.3"] == 1
    assert "1 of 2" in warnings(counts)[0]
    assert warnings(summary(rows[1:])) == []
