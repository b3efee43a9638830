"""Paired tests against SciPy, statsmodels and plain enumeration."""

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from radiome.base.errors import SettingsError, UserError
from radiome.model.response.paired_tests import paired_tests
from radiome.model.response.patient_changes import PatientChanges, patient_changes
from radiome.model.response.sign_flips import sign_flip_test


def patients(before, after, names=None):
    before, after = np.asarray(before, float), np.asarray(after, float)
    rows, columns = before.shape
    return PatientChanges(
        tuple(f"p{row}" for row in range(rows)),
        names or tuple(f"f{place}" for place in range(columns)),
        before,
        after,
        np.ones(rows),
        (),
    )


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    before = rng.lognormal(size=(24, 6))
    after = before * np.exp(rng.normal(size=(24, 6)) * 0.3)
    after[:, 1] += 0.5
    before[3, 2] = after[5, 2] = np.nan
    # Ties and unchanged patients.
    before[:, 3], after[:, 3] = rng.integers(1, 5, 24), rng.integers(1, 6, 24)
    return patients(before, after)


@pytest.mark.parametrize("scale", ["absolute", "log_ratio"])
def test_t_and_wilcoxon_are_those_of_scipy_and_statsmodels(data, scale):
    found = paired_tests(data, scale=scale, flips=99)
    change = data.after - data.before
    if scale == "log_ratio":
        change = np.log(data.after / data.before)
    for place, row in enumerate(found.rows):
        own = change[~np.isnan(change[:, place]), place]
        described = DescrStatsW(own)
        t, p, _ = described.ttest_mean(0)
        low, high = described.tconfint_mean()
        assert row["n"] == own.size
        assert row["mean_change"] == pytest.approx(own.mean())
        assert row["mean_followup"] - row["mean_baseline"] == pytest.approx(row["mean_change"])
        assert [row["t"], row["p_t"], row["low"], row["high"]] == pytest.approx([t, p, low, high])
        assert row["sd_change"] == pytest.approx(described.std_mean * np.sqrt(own.size))
        if scale == "absolute":
            signed = stats.wilcoxon(data.after[:, place], data.before[:, place], nan_policy="omit")
            assert [row["w"], row["p_wilcoxon"]] == pytest.approx(list(signed))
    for name in ("t", "wilcoxon"):
        raw = [row[f"p_{name}"] for row in found.rows]
        expected = multipletests(raw, method="fdr_bh")[1]
        assert [row[f"q_{name}"] for row in found.rows] == pytest.approx(expected)


def test_exact_wilcoxon_by_enumeration():
    change = np.array([1.5, -0.4, 2.2, 3.1, 0.7, -0.1, 1.9])
    (row,) = paired_tests(patients(np.ones((7, 1)), 1 + change[:, None])).rows
    ranks = stats.rankdata(np.abs(change))
    sums = [
        min(ranks @ (np.array(s) > 0), ranks @ (np.array(s) < 0))
        for s in itertools.product((-1, 1), repeat=7)
    ]
    observed = min(ranks @ (change > 0), ranks @ (change < 0))
    assert row["w"] == observed
    assert row["p_wilcoxon"] == pytest.approx(np.mean(np.array(sums) <= observed))


def naive_flips(changes, signs):
    """Raw, single-step and step-down p by loops, from all sign vectors."""
    known = ~np.isnan(changes)

    def t(sign):
        flipped = changes * np.asarray(sign)[:, None]
        return np.abs(
            [stats.ttest_1samp(flipped[k, j], 0).statistic for j, k in enumerate(known.T)]
        )

    observed = t(np.ones(len(changes)))
    null = np.array([t(sign) for sign in signs])
    order = np.argsort(-observed)
    raw = (null >= observed - 1e-9).mean(axis=0)
    single = (null.max(axis=1)[:, None] >= observed - 1e-9).mean(axis=0)
    down, worst = np.empty(len(observed)), 0.0
    for place, j in enumerate(order):
        rest = null[:, order[place:]].max(axis=1)
        worst = max(worst, (rest >= observed[j] - 1e-9).mean())
        down[j] = worst
    return raw, single, down


def test_all_sign_flips_against_loops():
    rng = np.random.default_rng(5)
    changes = rng.normal([0, 0, 1, 0.5, 2], size=(7, 5))
    changes[2, 1] = np.nan
    found = sign_flip_test(changes, flips=128)
    assert (found.flips, found.exact) == (128, True)
    expected = naive_flips(changes, list(itertools.product((-1, 1), repeat=7)))
    for mine, naive in zip(
        (found.p, found.p_single_step, found.p_step_down), expected, strict=True
    ):
        assert mine == pytest.approx(naive, abs=1e-12)


def test_drawn_flips_come_near_to_all():
    changes = np.random.default_rng(6).normal(size=(12, 8)) + 0.4
    every = sign_flip_test(changes, flips=4096)
    drawn = sign_flip_test(changes, flips=4000, seed=1)
    assert every.exact
    assert not drawn.exact
    for name in ("p", "p_single_step", "p_step_down"):
        assert getattr(drawn, name) == pytest.approx(getattr(every, name), abs=0.03)
    again = sign_flip_test(changes, flips=4000, seed=1)
    assert np.array_equal(drawn.p_step_down, again.p_step_down)


def test_blocks_make_no_difference(monkeypatch):
    changes = np.random.default_rng(8).normal(size=(15, 9))
    whole = sign_flip_test(changes, flips=500)
    monkeypatch.setattr("radiome.model.response.sign_flips._BLOCK", 100)
    parts = sign_flip_test(changes, flips=500)
    assert np.array_equal(whole.p_single_step, parts.p_single_step)


def test_units_of_a_feature_make_no_difference():
    changes = np.random.default_rng(9).normal(size=(14, 4)) + 0.5
    scaled = sign_flip_test(changes * [1e-200, 1e200, 1.0, -3.0], flips=200)
    assert scaled.p_step_down == pytest.approx(sign_flip_test(changes, flips=200).p_step_down)
    assert scaled.p_single_step[0] < 1


def test_step_down_holds_the_chance_of_any_false_positive():
    rng = np.random.default_rng(11)
    false = raw = 0
    for _ in range(200):
        shared = rng.normal(size=(12, 1))
        found = sign_flip_test(shared + rng.normal(size=(12, 20)) * 0.5, flips=199)
        false += (found.p_step_down <= 0.05).any()
        raw += (found.p <= 0.05).any()
    # Nominal 10 of 200; 20 is beyond the 99.8 % quantile of a binomial.
    assert false < 20
    assert raw > 20


def test_features_that_cannot_be_tested_say_why():
    before = np.array([[1.0, 1, 1, 1], [2, 2, np.nan, 2], [3, 3, np.nan, 3], [4, 4, 4, -1]])
    after = before + np.array([[0, 1, 0, x] for x in (0.1, 0.2, 0.4, 0.3)])
    rows = paired_tests(patients(before, after)).rows
    assert [row["not_tested"] for row in rows] == [
        "all changes are the same",
        "all changes are the same",
        "fewer than 3 patients have both values",
        "",
    ]
    assert rows[0]["p_t"] is None
    assert rows[0]["q_t"] is None
    assert rows[3]["p_single_step"] is not None
    logs = paired_tests(patients(before, after), scale="log_ratio").rows
    assert "logarithm" in logs[3]["not_tested"]


def test_summary_counts_what_chance_alone_gives(data):
    summary = paired_tests(data, flips=99).summary
    assert summary["tested"] == 6
    assert summary["expected_by_chance_at_0.05"] == 0.3
    assert summary["smallest_p_possible"] == 0.01
    few = paired_tests(patients(data.before[8:12], data.after[8:12]), flips=99).summary
    assert few["all_flips"]
    assert few["smallest_p_possible"] == 2 / 16


def test_relative_changes_are_not_tested(data):
    with pytest.raises(SettingsError, match="scale"):
        paired_tests(data, scale="relative")


class Table:
    """What `patient_changes` looks at."""

    def __init__(self, patients, interval, before, after):
        self.patients, self.interval = patients, np.array(interval, float)
        self.before, self.after = np.array(before, float), np.array(after, float)
        self.names, self.unit = ("f", "g"), "day"


def test_a_patient_counts_once():
    table = Table(
        ("a", "a", "a", "b", "c"),
        [30, 30, 60, 10, 20],
        [[1, 5], [3, np.nan], [9, 9], [2, 2], [4, np.nan]],
        [[2, 6], [6, 8], [0, 0], [3, 3], [5, 6]],
    )
    found = patient_changes(table)
    assert found.patients == ("a", "b", "c")
    np.testing.assert_array_equal(found.before, [[2, 5], [2, 2], [4, np.nan]])
    # A lesion without a baseline does not count at follow-up either.
    np.testing.assert_array_equal(found.after, [[4, 6], [3, 3], [5, np.nan]])
    assert found.interval.tolist() == [30, 10, 20]
    later, lesions, uneven = found.notes
    assert "1 patient has later follow-ups" in later
    assert "1 patient has several lesions" in lesions
    assert "10 to 30 (day)" in uneven
    with pytest.raises(UserError, match="too few patients"):
        patient_changes(Table(("a", "b"), [1, 1], [[1, 1]] * 2, [[2, 2]] * 2))
