"""Tests of single features against SciPy and statsmodels, and against obvious slow twins."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff

from naive.selection import mrmr, score_test
from radiome.select.mrmr import MinimumRedundancySelector
from radiome.select.outcome_values import read_outcome
from radiome.select.univariate import UnivariateSelector
from radiome.select.univariate_tests import (
    kruskal_wallis,
    log_rank_trend,
    mann_whitney,
    spearman,
    univariate_tests,
)

#: Ratio to another program that does the same sums in another order.
ROUNDING = 1e-12


def features(rows=41, seed=0):
    """Columns without ties, with some, and with two values only."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, 5))
    values[:, 1] = np.round(values[:, 1], 0)
    values[:, 2] = values[:, 2] > 0.6
    values[:, 3] = np.exp(3 * values[:, 3])
    return values


def follow_up(rows=41, seed=1, *, tied=True):
    rng = np.random.default_rng(seed)
    time = rng.exponential(size=rows)
    time = np.ceil(5 * time) if tied else time
    return time, rng.random(rows) < 0.7


def test_mann_whitney_equals_that_of_scipy():
    values = features()
    codes = (np.random.default_rng(2).random(41) < 0.4).astype(float)
    found = mann_whitney(values, codes)
    for place, column in enumerate(values.T):
        expected = stats.mannwhitneyu(column[codes == 1], column[codes == 0], method="asymptotic")
        pairs = codes.sum() * (1 - codes).sum()
        assert found.effect[place] == pytest.approx(expected.statistic / pairs, rel=ROUNDING)
        assert found.pvalue[place] == pytest.approx(expected.pvalue, rel=ROUNDING)


def test_kruskal_wallis_equals_that_of_scipy():
    values = features()
    codes = np.random.default_rng(3).integers(0, 4, 41).astype(float)
    found = kruskal_wallis(values, codes)
    for place, column in enumerate(values.T):
        expected = stats.kruskal(*(column[codes == code] for code in range(4)))
        assert found.statistic[place] == pytest.approx(expected.statistic, rel=ROUNDING)
        assert found.pvalue[place] == pytest.approx(expected.pvalue, rel=ROUNDING)


@pytest.mark.parametrize("decimals", [8, 0])
def test_spearman_equals_that_of_scipy(decimals):
    values = features()
    numbers = np.round(np.random.default_rng(4).normal(values[:, 0], 2), decimals)
    found = spearman(values, numbers)
    for place, column in enumerate(values.T):
        expected = stats.spearmanr(column, numbers)
        assert found.effect[place] == pytest.approx(expected.statistic, rel=ROUNDING)
        assert found.pvalue[place] == pytest.approx(expected.pvalue, rel=1e-10)


def test_the_score_test_of_two_groups_is_the_log_rank_test_of_statsmodels():
    time, event = follow_up()
    group = features()[:, 2]
    chi_square, p = survdiff(time, event, group)
    found = log_rank_trend(group[:, None], time, event.astype(float))
    assert found.effect[0] ** 2 == pytest.approx(chi_square, rel=1e-8)
    assert found.pvalue[0] == pytest.approx(p, rel=1e-8)


def test_the_score_test_without_ties_is_that_of_the_cox_model_of_statsmodels():
    values = features()
    time, event = follow_up(tied=False)
    found = log_rank_trend(values, time, event.astype(float))
    for place, column in enumerate(values.T):
        model = PHReg(time, column[:, None], status=event.astype(int))
        none = np.zeros(1)
        information = -model.hessian(none)[0, 0]
        expected = model.score(none)[0] / np.sqrt(information)
        assert found.effect[place] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("tied", [True, False])
def test_the_score_test_is_that_of_its_definition(tied):
    values = features()
    time, event = follow_up(tied=tied)
    found = log_rank_trend(values, time, event.astype(float)).effect
    expected = [score_test(column, time, event) for column in values.T]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous", "survival"])
@pytest.mark.parametrize("scheme", ["difference", "quotient"])
def test_mrmr_takes_what_its_definition_takes(kind, scheme):
    rng = np.random.default_rng(5)
    values = rng.normal(size=(50, 9)) + rng.normal(size=(50, 1))
    values[:, 3] = np.round(values[:, 0] + 0.3 * values[:, 3], 1)
    risk = values[:, 0] - values[:, 5] + rng.normal(size=50)
    y = outcome_like(kind, risk)
    relevance = univariate_tests(values, read_outcome(y, kind, values)).strength
    step = MinimumRedundancySelector(6, scheme=scheme, outcome=kind).fit(values, y)
    order, criteria = mrmr(values, relevance, 6, quotient=scheme == "quotient")
    assert step.order_.tolist() == order
    assert step.criterion_ == pytest.approx(criteria, rel=1e-10)
    assert step.get_support(indices=True).tolist() == sorted(order)


def outcome_like(kind, risk):
    if kind == "binary":
        return (risk > 0).astype(int)
    if kind == "multiclass":
        return np.digitize(risk, [-1, 1])
    if kind == "continuous":
        return risk
    found = np.zeros(risk.size, dtype=[("event", bool), ("time", float)])
    found["time"], found["event"] = np.ceil(10 * np.exp(-risk)), risk > -1
    return found


def test_adjusted_p_values_of_the_selector_are_those_of_scipy():
    values = np.random.default_rng(6).normal(size=(60, 30))
    y = (values[:, 0] > 0.2).astype(int)
    step = UnivariateSelector(correction="bh").fit(values, y)
    p = [
        stats.mannwhitneyu(column[y == 1], column[y == 0], method="asymptotic").pvalue
        for column in values.T
    ]
    expected = stats.false_discovery_control(p, method="bh")
    assert step.adjusted_ == pytest.approx(expected, rel=1e-10)
    assert step.get_support().tolist() == (expected <= 0.05).tolist()
