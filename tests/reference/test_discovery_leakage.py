"""Leakage on pure noise: what selecting features on all patients does to AUC and p.

The published simulations select the 10 best of p features by ANOVA, then estimate the AUC
of a logistic model by five-fold cross-validation: outside the folds 0.926, 0.863, 0.782 and
0.790, inside 0.515, 0.509, 0.497 and 0.503. With the 5 best of 200 and 50 patients, a
permutation test of the whole pipeline rejects 0.08 of null data sets if selection is inside
the folds and 0.03 if not; permuting after selection only rejects all.
"""

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from radiome.model.null.permutation import permutation_test
from radiome.model.null.plan import PermutationPlan


def best(table, outcome, number):
    # With two classes, ANOVA's F grows with the size of the correlation.
    centred = table - table.mean(axis=0)
    correlation = (outcome - outcome.mean()) @ centred / np.sqrt((centred**2).sum(axis=0))
    return np.argsort(-np.abs(correlation))[:number]


def cross_validated_auc(table, outcome, number=None, seed=0):
    """AUC of pooled predictions; with `number`, that many features are chosen in each fold."""
    predicted = np.zeros(len(outcome))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for train, test in folds.split(table, outcome):
        chosen = slice(None) if number is None else best(table[train], outcome[train], number)
        mean, spread = table[train].mean(axis=0), table[train].std(axis=0)
        scaled = ((table - mean) / spread)[:, chosen]
        model = LogisticRegression(solver="newton-cholesky").fit(scaled[train], outcome[train])
        predicted[test] = model.decision_function(scaled[test])
    ranks, cases = rankdata(predicted), outcome.sum()
    wins = ranks[outcome == 1].sum() - cases * (cases + 1) / 2
    return wins / (cases * (len(outcome) - cases))


@pytest.mark.parametrize(
    ("patients", "features", "leaky", "honest", "repeats"),
    [
        (60, 1000, 0.926, 0.515, 60),
        (100, 1000, 0.863, 0.509, 40),
        (200, 1000, 0.782, 0.497, 40),
        (60, 100, 0.790, 0.503, 60),
    ],
)
def test_selection_on_all_patients_makes_noise_predict(patients, features, leaky, honest, repeats):
    outcome = np.arange(patients) % 2
    found = []
    for seed in range(repeats):
        table = np.random.default_rng(seed).normal(size=(patients, features))
        chosen = best(table, outcome, 10)
        found.append(
            (
                cross_validated_auc(table[:, chosen], outcome, seed=seed),
                cross_validated_auc(table, outcome, 10, seed=seed),
            )
        )
    outside, inside = np.mean(found, axis=0)
    assert outside == pytest.approx(leaky, abs=0.03)
    assert inside == pytest.approx(honest, abs=0.03)


def rejections(pipeline, data_sets):
    """Share of null data sets with p <= 0.05 of 39 permutations.

    Two exceedances make p greater than 0.05 whatever follows, so a test may stop there.
    """
    plan = PermutationPlan(permutations=39, stop_after=2)
    outcome = np.arange(50) % 2
    found = []
    for seed in range(data_sets):
        table = np.random.default_rng(1000 + seed).normal(size=(50, 200))
        result = permutation_test(pipeline(table, outcome), 50, plan)
        found.append(result.p <= 0.05)
    return np.mean(found)


def test_permuting_the_whole_pipeline_keeps_the_level():
    def honest(table, outcome):
        return lambda order, rng: cross_validated_auc(table, outcome[order], 5)

    def leaky(table, outcome):
        def statistic(order, rng):
            chosen = best(table, outcome[order], 5)
            return cross_validated_auc(table[:, chosen], outcome[order])

        return statistic

    # 60 data sets at a true level of 0.05 have a standard error of 0.028.
    assert rejections(honest, 60) <= 0.08 + 0.03
    assert rejections(leaky, 60) <= 0.08 + 0.03


def test_permuting_after_selection_finds_something_in_all_noise():
    def after(table, outcome):
        chosen = best(table, outcome, 5)
        return lambda order, rng: cross_validated_auc(table[:, chosen], outcome[order])

    assert rejections(after, 10) >= 1.00 - 0.03
