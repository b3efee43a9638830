"""Shapley values: known in closed form, sum to the score, and need an extra that says so."""

import importlib.util
import sys
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from made_study import made_plan, made_table
from radiome.base.errors import UserError
from radiome.model.evaluation import design_of
from radiome.model.explain.fold_models import ask_folds
from radiome.model.explain.groups import Group, columns_of
from radiome.model.explain.shap_figures import shap_figures
from radiome.model.explain.shapley import fold_shapley, require_shap, shapley_values
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.recipe import radiomics_recipe
from radiome.model.run import run_plan

needs_shap = pytest.mark.skipif(
    importlib.util.find_spec("shap") is None, reason="the extra 'explain' is not installed"
)
RNG = np.random.default_rng(3)
COEFFICIENTS = RNG.normal(size=12)
BACKGROUND, ROWS = RNG.normal(size=(30, 12)), RNG.normal(size=(6, 12))
GROUPS = ([0, 3], [1], [2, 4, 5, 6], [7, 8, 9, 10, 11])


@needs_shap
@pytest.mark.parametrize("players", [GROUPS, [[column] for column in range(12)]])
def test_of_a_linear_score_it_is_the_coefficient_times_the_distance_from_the_mean(players):
    found = shapley_values(lambda X: X @ COEFFICIENTS, BACKGROUND, ROWS, players, seed=1)
    each = COEFFICIENTS * (ROWS - BACKGROUND.mean(axis=0))
    expected = np.column_stack([each[:, columns].sum(axis=1) for columns in players])
    assert found == pytest.approx(expected, abs=1e-12)


def bent(X):
    return 1 / (1 + np.exp(-(X[:, 0] * X[:, 1] + X[:, 2] ** 2 - X[:, 7])))


@needs_shap
def test_of_any_score_it_is_the_mean_gain_over_all_orders_of_the_players():
    found = shapley_values(bent, BACKGROUND, ROWS, GROUPS, seed=1)

    def shown(row, players):
        filled = BACKGROUND.copy()
        for player in players:
            filled[:, GROUPS[player]] = row[GROUPS[player]]
        return bent(filled).mean()

    for row, values in zip(ROWS, found, strict=True):
        gains = np.zeros(4)
        for order in permutations(range(4)):
            for place, player in enumerate(order):
                gains[player] += shown(row, order[: place + 1]) - shown(row, order[:place])
        assert values == pytest.approx(gains / 24, abs=1e-12)


@needs_shap
def test_values_add_up_and_the_global_random_state_is_left_alone():
    players = [[column] for column in range(12)]
    state = np.random.get_state()[1].tolist()
    found = shapley_values(bent, BACKGROUND, ROWS, players, seed=1)
    assert np.random.get_state()[1].tolist() == state
    assert found.sum(axis=1) == pytest.approx(bent(ROWS) - bent(BACKGROUND).mean(), abs=1e-12)
    assert np.array_equal(found, shapley_values(bent, BACKGROUND, ROWS, players, seed=1))


def made_rows(**truth):
    plan = made_plan()
    table = made_table(plan, **truth)
    recipe = radiomics_recipe(plan, "binary")
    return RecipeRefit(recipe, design_of(table), table.outcomes["y"], table.patients, 2)


@needs_shap
def test_held_out_patients_are_explained_from_training_rows():
    rows = made_rows(signal=3.0)
    fold = ask_folds(lambda fold: fold, rows, folds=4, repeats=1, seed=1).answers[0]
    groups = [Group(name, (name,)) for name in rows.design.names]
    found = fold_shapley(fold, groups)
    used = [bool(columns) for columns in columns_of(groups, fold.model.selected)]
    assert (found[used] > 0).all()
    assert (found[~np.array(used)] == 0).all()
    # Held-out rows all alike are explained all the same: nothing is filled from them.
    same = fold.held_out.taken(np.zeros(len(fold.number), np.int64))
    alone = fold_shapley(replace(fold, held_out=same), groups)
    assert alone.max() > 0.01


@needs_shap
def test_what_drives_the_outcome_comes_first():
    rows = made_rows(signal=4.0, n=120)
    groups = [Group(name, (name,)) for name in rows.design.names]
    found, fits = shap_figures(rows, groups, folds=4, repeats=1, seed=1)
    assert {each["representative"] for each in found["clusters"][:2]} == {"f1", "f2"}
    assert "interventional" in found["kind"]
    assert found["folds"] == 4
    assert (found, fits) == shap_figures(rows, groups, folds=4, repeats=1, seed=1)


def test_without_the_package_the_extra_is_named_before_anything_is_fitted(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(UserError, match=r"radiome\[explain\]"):
        require_shap()
    monkeypatch.setattr(
        "radiome.model.outcome_steps.cross_validate", lambda *_, **__: pytest.fail("fitted")
    )
    plan = made_plan(report={"shap": True})
    with pytest.raises(UserError, match=r"the extra 'explain'"):
        run_plan(made_table(plan), plan, tmp_path)
