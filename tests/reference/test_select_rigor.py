"""Stability index and corrections for many tests against published figures and R.

Nogueira, Sechidis and Brown, JMLR 2018; R 4.2.2 `p.adjust`, qvalue 2.30, on p-values of 900
null and 100 other tests.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.outliers_influence import variance_inflation_factor

from radiome.select.agreement import selection_stability
from radiome.select.correlation import correlation_matrix
from radiome.select.effective_number import effective_number
from radiome.select.inflation import variance_inflation
from radiome.select.multiplicity import adjust

P_VALUES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor" / "pvals.csv"


@pytest.fixture(scope="module")
def p_values():
    if not P_VALUES.is_file():
        pytest.skip("the p-values are not beside the repository")
    return pd.read_csv(P_VALUES).select_dtypes("number").iloc[:, -1].to_numpy()


@pytest.mark.parametrize(
    ("method", "expected"),
    [("bh", 46), ("by", 32), ("bonferroni", 27), ("holm", 27), ("storey", 47)],
)
def test_discoveries_are_those_of_r(p_values, method, expected):
    assert int((adjust(p_values, method) < 0.05).sum()) == expected


@pytest.mark.parametrize(
    ("method", "name"),
    [("bh", "fdr_bh"), ("by", "fdr_by"), ("holm", "holm"), ("bonferroni", "bonferroni")],
)
def test_adjusted_p_values_equal_those_of_statsmodels(method, name):
    p = np.random.default_rng(0).beta(0.5, 3, 200)
    expected = multipletests(p, method=name)[1]
    assert adjust(p, method) == pytest.approx(expected, rel=1e-12)


def test_stability_of_three_selections_of_pairs_is_minus_a_half():
    found = selection_stability([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    assert found.value == pytest.approx(-0.5, abs=1e-12)


def test_stability_of_equal_selections_is_one():
    found = selection_stability([[1, 0, 1, 0]] * 4)
    assert found.value == pytest.approx(1, abs=1e-12)
    assert found.variance == pytest.approx(0, abs=1e-12)


#: The third example of the authors' demonstration: 4 of 10 features, drawn at random 10 times.
RANDOM_SELECTIONS = (
    "0123", "3567", "1567", "0146", "1245", "1236", "0389", "3567", "2345", "4789"
)  # fmt: skip


def test_stability_of_random_selections_and_its_variance_are_those_of_the_authors():
    selections = [[str(place) in row for place in range(10)] for row in RANDOM_SELECTIONS]
    found = selection_stability(selections)
    assert found.value == pytest.approx(-0.037037037, abs=1e-9)
    assert found.variance == pytest.approx(0.005166666667, abs=1e-12)
    half = 1.959963984540054 * 0.005166666666666667**0.5
    assert (found.low, found.high) == pytest.approx((-1 / 27 - half, -1 / 27 + half), abs=1e-12)


def test_effective_numbers_of_equal_correlations_are_those_of_their_eigenvalues():
    # One eigenvalue of 180.1 and 199 of 0.1, put into each formula by hand.
    matrix = np.full((200, 200), 0.9)
    np.fill_diagonal(matrix, 1)
    found = effective_number(matrix)
    variance = (179.1**2 + 199 * 0.9**2) / 199
    assert found.nyholt == pytest.approx(1 + 199 * (1 - variance / 200), abs=1e-9)
    assert found.li_ji == pytest.approx(1 + 0.1 + 199 * 0.1, abs=1e-6)
    assert found.galwey == pytest.approx((180.1**0.5 + 199 * 0.1**0.5) ** 2 / 200, abs=1e-6)


def test_effective_numbers_of_samples_lie_about_those_of_a_published_one():
    # One sample of 200 rows gave 38.9, 21.0 and 22.2. Galwey's is far below the 29.1 of the
    # true matrix: small eigenvalues of a sample are uneven.
    draws = np.array([_effective_numbers_of_a_sample(seed) for seed in range(40)])
    centre, spread = draws.mean(axis=0), draws.std(axis=0, ddof=1)
    assert (np.abs(centre - [38.893, 21.0, 22.243]) < 2 * spread).all()
    assert (spread < [5, 3, 3]).all()


def _effective_numbers_of_a_sample(seed):
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=(200, 1)), rng.normal(size=(200, 200))
    values = np.sqrt(0.9) * shared + np.sqrt(0.1) * own
    found = effective_number(correlation_matrix(values, method="pearson"))
    return found.nyholt, found.li_ji, found.galwey


def test_spearman_matrix_equals_that_of_scipy():
    values = np.round(np.random.default_rng(1).normal(size=(40, 6)), 1)
    expected = stats.spearmanr(values).statistic
    assert correlation_matrix(values, method="spearman") == pytest.approx(expected, abs=1e-12)


def test_variance_inflation_equals_that_of_statsmodels():
    values = np.random.default_rng(2).normal(size=(50, 4))
    values[:, 3] += values[:, 0]
    design = np.column_stack([np.ones(50), values])
    expected = [variance_inflation_factor(design, k) for k in range(1, 5)]
    assert variance_inflation(values, list("abcd")).factors == pytest.approx(expected, rel=1e-9)
