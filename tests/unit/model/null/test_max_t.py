import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.duration.hazard_regression import PHReg

from radiome.base.errors import SettingsError, UserError
from radiome.model.null import max_t as module
from radiome.model.null.linear_tests import linear_tests
from radiome.model.null.max_t import max_t
from radiome.model.null.scheme import permutation_rng
from radiome.model.null.scores import log_rank_scores


def features(rows=30, columns=8, seed=0):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, columns))
    table[:, 1] = table[:, 0] + 0.1 * rng.normal(size=rows)
    return table


def outcomes(kind, rows=30, seed=1):
    rng = np.random.default_rng(seed)
    if kind == "binary":
        return np.arange(rows) % 2
    if kind == "continuous":
        return rng.integers(0, 12, rows).astype(float)
    return rng.integers(1, 20, rows).astype(float), np.arange(rows) % 3 > 0


def slow_statistic(values, outcome, kind, strata):
    """Standardised sum over strata, from scipy's ranks and the moments of permutation."""
    total, variance = 0.0, 0.0
    for label in np.unique(strata):
        rows = np.flatnonzero(strata == label)
        x = values[rows]
        if kind == "survival":
            a = log_rank_scores(outcome[0][rows], outcome[1][rows])
        else:
            x = stats.rankdata(x) / (rows.size + 1)
            y = outcome[rows]
            a = stats.rankdata(y) / (rows.size + 1) if kind == "continuous" else y
        total += (x * a).sum() - x.sum() * a.mean()
        variance += x.var(ddof=1) * a.var() * rows.size
    return total / np.sqrt(variance)


@pytest.mark.parametrize("kind", ["binary", "continuous", "survival"])
@pytest.mark.parametrize("stratified", [False, True])
def test_p_values_are_those_of_a_plain_loop(kind, stratified):
    table, outcome = features(), outcomes(kind)
    strata = np.repeat([0, 1], [12, 18]) if stratified else np.zeros(30, int)
    if kind == "binary":
        table[:, 0] += 1.2 * outcome
    result = max_t(table, outcome, kind, strata=strata, permutations=60, seed=9)

    def all_features(order):
        permuted = (outcome[0][order], outcome[1][order]) if kind == "survival" else outcome[order]
        return np.array([slow_statistic(x, permuted, kind, strata) for x in table.T])

    observed = all_features(np.arange(30))
    scheme = linear_tests(table, outcome, kind, strata=strata).scheme
    null = np.abs([all_features(scheme.draw(permutation_rng(9, b))) for b in range(1, 61)])
    size = np.abs(observed) - 1e-9
    np.testing.assert_allclose(result.statistic, observed, atol=1e-10)
    np.testing.assert_allclose(result.p, (1 + (null >= size).sum(axis=0)) / 61)
    single = [(1 + (null.max(axis=1) >= level).sum()) / 61 for level in size]
    np.testing.assert_allclose(result.p_single_step, single)
    step_down, greatest = np.empty(8), 0.0
    for place in np.argsort(-size):
        rivals = null[:, size <= size[place]].max(axis=1)
        greatest = max(greatest, (1 + (rivals >= size[place]).sum()) / 61)
        step_down[place] = greatest
    np.testing.assert_allclose(result.p_step_down, step_down)
    np.testing.assert_allclose(result.null_maximum, null.max(axis=1), atol=1e-10)


def test_order_of_p_values():
    result = max_t(features(), outcomes("binary"), "binary", permutations=99)
    assert (result.p <= result.p_step_down).all()
    assert (result.p_step_down <= result.p_single_step).all()
    assert result.p.min() >= 1 / 100


def test_blocks_change_nothing(monkeypatch):
    whole = max_t(features(), outcomes("survival"), "survival", permutations=50)
    monkeypatch.setattr(module, "_BLOCK", 8 * 7)
    parts = max_t(features(), outcomes("survival"), "survival", permutations=50)
    np.testing.assert_array_equal(whole.p_step_down, parts.p_step_down)
    np.testing.assert_array_equal(whole.p_single_step, parts.p_single_step)
    np.testing.assert_allclose(whole.null_maximum, parts.null_maximum, rtol=1e-12)


def test_effects_and_statistics_agree_with_other_packages():
    table = np.round(features(), 1)
    binary, numbers, survival = (outcomes(kind) for kind in ("binary", "continuous", "survival"))
    found = max_t(table, binary, "binary", permutations=1)
    for column, area in zip(table.T, found.effect, strict=True):
        assert area == pytest.approx(roc_auc_score(binary, column), abs=1e-12)
    rank_sum = stats.mannwhitneyu(
        table[binary == 1], table[binary == 0], use_continuity=False, method="asymptotic"
    )
    np.testing.assert_allclose(2 * stats.norm.sf(np.abs(found.statistic)), rank_sum.pvalue)
    found = max_t(table, numbers, "continuous", permutations=1)
    for column, correlation in zip(table.T, found.effect, strict=True):
        assert correlation == pytest.approx(stats.spearmanr(column, numbers)[0], abs=1e-12)
    found = max_t(table, survival, "survival", permutations=1)
    score = PHReg(survival[0], table[:, :1], status=survival[1], ties="breslow").score([0.0])[0]
    scores = log_rank_scores(*survival)
    variance = table[:, 0].var(ddof=1) * (scores**2).sum()
    assert found.statistic[0] == pytest.approx(score / np.sqrt(variance), rel=1e-9)
    assert found.effect[0] == pytest.approx(score / variance, rel=1e-9)


def test_the_auc_within_strata_counts_pairs_of_the_same_stratum():
    table, outcome = features(), outcomes("binary")
    strata = np.repeat([0, 1], [12, 18])
    found = max_t(table, outcome, "binary", strata=strata, permutations=1).effect[2]
    wins = pairs = 0
    for case in np.flatnonzero(outcome == 1):
        for control in np.flatnonzero(outcome == 0):
            if strata[case] == strata[control]:
                pairs += 1
                wins += table[case, 2] > table[control, 2]
    assert found == pytest.approx(wins / pairs)


def test_a_patient_counts_once_whatever_its_rows():
    table, outcome = features(), outcomes("binary")
    rows = np.repeat(np.arange(30), np.arange(30) % 3 + 1)
    once = max_t(table, outcome, "binary", permutations=99)
    often = max_t(table[rows], outcome[rows], "binary", groups=rows, permutations=99)
    np.testing.assert_allclose(often.statistic, once.statistic)
    np.testing.assert_array_equal(often.p_step_down, once.p_step_down)


def test_a_site_that_shifts_features_and_outcome_is_no_finding_within_strata():
    rng = np.random.default_rng(0)
    site = np.repeat([0, 1], 50)
    outcome = (rng.random(100) < np.where(site == 0, 0.2, 0.8)).astype(int)
    table = rng.normal(size=(100, 20)) + 3.0 * site[:, None]
    assert max_t(table, outcome, "binary", permutations=199).p_single_step.max() < 0.05
    within = max_t(table, outcome, "binary", strata=site, permutations=199)
    assert within.p_single_step.min() > 0.05


def test_features_that_do_not_vary_are_not_tested_and_say_so():
    table = features()
    table[:, 2] = 0.1
    names = tuple("abcdefgh")
    result = max_t(table, outcomes("survival"), "survival", names=names, permutations=19)
    assert result.not_tested == {"c": "its values are all the same"}
    assert np.flatnonzero(np.isnan(result.p_step_down)).tolist() == [2]
    rows = result.as_rows()
    assert rows[2] == {
        "feature": "c",
        "statistic": None,
        "effect": None,
        "p": None,
        "p_single_step": None,
        "p_step_down": None,
        "not_tested": "its values are all the same",
    }
    assert rows[3]["p"] == result.p[3]


def test_a_table_without_any_feature_that_varies_is_refused():
    with pytest.raises(UserError, match="no feature"):
        max_t(np.ones((30, 2)), outcomes("binary"), "binary")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.full((30, 2), np.nan)}, "missing or infinite"),
        ({"features": np.zeros(30)}, "not a table"),
        ({"names": ("a",)}, "names do not fit"),
        ({"outcome": np.arange(20) % 2}, "does not fit"),
        ({"kind": "survival"}, "two columns"),
        ({"kind": "ordinal"}, "unknown kind"),
        ({"strata": np.arange(30) % 2}, "every stratum"),
        ({"groups": np.arange(30) // 3}, "same patient differ"),
        ({"permutations": 0}, "too few"),
    ],
)
def test_input_that_cannot_be_used_is_refused(change, message):
    usual = {"features": features(), "outcome": outcomes("binary"), "kind": "binary"}
    with pytest.raises((UserError, SettingsError), match=message):
        max_t(**(usual | change))
