"""Importance over all folds: what drives the outcome is found, and noise is known for noise."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from made_study import made_plan, made_table
from radiome.base.errors import UserError
from radiome.model.evaluation import design_of
from radiome.model.explain.groups import Group, feature_groups
from radiome.model.explain.importance import importance_of
from radiome.model.explain.importance_figures import importance_figures
from radiome.model.explain.rank_agreement import rank_agreement
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.recipe import radiomics_recipe


def figures(**truth):
    plan = made_plan()
    table = made_table(plan, **truth)
    recipe = radiomics_recipe(plan, "binary")
    rows = RecipeRefit(recipe, design_of(table), table.outcomes["y"], table.patients, 2)
    groups = feature_groups(recipe, rows.design)
    return importance_figures(rows, groups, folds=4, repeats=2, seed=1)[0]


def test_the_features_that_drive_the_outcome_come_first():
    found = figures(signal=4.0, n=120)
    assert {each["representative"] for each in found["clusters"][:2]} == {"f1", "f2"}
    assert found["folds"] == 8
    assert found["permuted_outcome"]["p"] == pytest.approx(1 / 20)
    assert found["rank_agreement"]["value"] > found["permuted_outcome"]["rank_agreement_permuted"]
    drops = [each["drop"] for each in found["clusters"]]
    assert drops == sorted(drops, reverse=True)
    assert len(found["clusters"]) + found["unused_clusters"] == 20


def test_noise_is_not_above_permuted_outcomes():
    found = [figures(seed=seed, n=60)["permuted_outcome"] for seed in range(3)]
    # Uniform p: that all three are at most 0.2 has a chance of 0.008.
    assert max(each["p"] for each in found) > 0.2
    assert all(0.35 < each["concordance_permuted"] < 0.65 for each in found)
    assert all(len(each["largest_drops_permuted"]) == each["shuffles"] == 19 for each in found)


def test_agreement_is_the_mean_of_all_pairs_with_ties():
    values = np.random.default_rng(2).integers(0, 4, size=(6, 9)).astype(float)
    pairs = [spearmanr(a, b).statistic for a, b in combinations(values, 2)]
    assert rank_agreement(values)["value"] == pytest.approx(np.mean(pairs), abs=1e-10)


def test_folds_that_tell_nothing_apart_are_left_out_of_the_agreement():
    values = np.array([[0.0, 0, 0], [1, 2, 3], [2, 3, 4]])
    assert rank_agreement(values) == {"value": 1.0, "folds": 2}
    assert "reason" in rank_agreement(values[:2])
    assert "reason" in rank_agreement(values[:, :1])


def test_outcomes_that_no_fold_can_compare_are_refused():
    plan = made_plan()
    table = made_table(plan, n=20)
    outcome = table.outcomes["y"]
    codes = np.zeros(20, np.int64)
    codes[:2] = 1
    lone = type(outcome)(outcome.options, codes, outcome.known, outcome.classes)
    recipe = radiomics_recipe(plan, "binary")
    rows = RecipeRefit(recipe, design_of(table), lone, table.patients, 2)
    with pytest.raises(UserError, match="fewer than two folds"):
        importance_of(rows, [Group("f1", ("f1",))], folds=20, repeats=1, seed=1)
