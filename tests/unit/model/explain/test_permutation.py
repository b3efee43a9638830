"""Importance of clusters: against scikit-learn, against an obvious twin, and by what must hold."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from made_study import made_plan, made_table
from radiome.model.crossvalidation import cross_validate
from radiome.model.evaluation import design_of
from radiome.model.explain.fold_models import ask_folds
from radiome.model.explain.groups import Group, feature_groups
from radiome.model.explain.permutation import exchanged_rows, fold_drops
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.performance.discrimination import auc
from radiome.model.recipe import radiomics_recipe

FOLDS = {"folds": 4, "repeats": 2, "seed": 1}


def made_rows(plan=None, *, lesions=1, **truth):
    """A recipe on its rows; with several lesions, patients have one, two, three ... in turn."""
    plan = plan or made_plan()
    table = made_table(plan, **truth)
    taken = np.repeat(np.arange(len(table)), 1 + np.arange(len(table)) % lesions)
    design = design_of(table).taken(taken)
    noise = np.random.default_rng(5).normal(size=design.features.shape)
    design = replace(design, features=design.features + (0.2 * noise if lesions > 1 else 0))
    outcome = table.outcomes["y"].taken(taken)
    return RecipeRefit(radiomics_recipe(plan, "binary"), design, outcome, table.patients[taken], 2)


def singles(rows):
    return tuple(Group(name, (name,)) for name in rows.design.names)


def first_fold(rows):
    return ask_folds(lambda fold: fold, rows, folds=4, repeats=1, seed=1).answers[0]


def test_patients_are_exchanged_as_wholes():
    number = np.array([0, 1, 0, 2, 2, 2])
    donors = {tuple(exchanged_rows(number, np.random.default_rng(s)).tolist()) for s in range(60)}
    # Patient 0 has rows 0 and 2, patient 1 row 1, patient 2 rows 3, 4, 5.
    own = {0: [0, 2], 1: [1], 2: [3, 4, 5]}
    expected = set()
    for given in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        seen = {0: 0, 1: 0, 2: 0}
        rows = []
        for patient in number.tolist():
            source = own[given[patient]]
            rows.append(source[seen[patient] % len(source)])
            seen[patient] += 1
        expected.add(tuple(rows))
    assert donors == expected


def test_the_models_explained_are_the_models_judged():
    """A forest, for it draws: other seeds would give other models."""
    plan = made_plan(learner={"name": "random_forest", "options": {"trees": 15, "min_leaf": 5}})
    rows = made_rows(plan, lesions=3, signal=2.0)
    judged = cross_validate(
        rows.recipe, rows.design, rows.outcome, rows.patients, inner_folds=2, **FOLDS
    )
    told = ask_folds(
        lambda fold: fold.by_patient(fold.score(fold.model.inputs(fold.held_out))), rows, **FOLDS
    )
    for place, scores in enumerate(told.answers):
        repeat, fold = divmod(place, FOLDS["folds"])
        assert np.array_equal(judged.scores[repeat][judged.folds[repeat] == fold], scores)


def naive_drop(fold, members, permutations):
    """Permute raw features and predict by the whole model, one exchange after the other."""
    rng = np.random.default_rng(np.random.SeedSequence(fold.seed, spawn_key=(1,)))

    def area(design):
        scores = fold.model.scores(design)
        mean = [scores[fold.number == patient].mean() for patient in range(len(fold.outcome))]
        return auc(fold.outcome.values, mean)

    columns = [fold.held_out.names.index(name) for name in members]
    found = []
    for _ in range(permutations):
        features = fold.held_out.features.copy()
        donors = exchanged_rows(fold.number, rng)
        features[:, columns] = fold.held_out.features[donors][:, columns]
        found.append(area(replace(fold.held_out, features=features)))
    return area(fold.held_out) - np.mean(found)


@pytest.mark.parametrize("lesions", [1, 3])
def test_a_drop_is_that_of_the_obvious_twin(lesions):
    rows = made_rows(lesions=lesions, signal=2.0)
    fold = first_fold(rows)
    groups = [Group("f1", ("f1", "f7")), Group("f2", ("f2",)), Group("f0", ("f0", "f3", "f9"))]
    found = fold_drops(fold, groups, 7)
    expected = [naive_drop(fold, group.members, 7) for group in groups]
    assert found.drops == pytest.approx(expected, abs=1e-12)
    assert min(np.abs(expected)) > 0.001


def test_single_features_are_as_important_as_scikit_learn_says():
    rows = made_rows(signal=2.0, n=160)
    fold = first_fold(rows)
    found = fold_drops(fold, singles(rows), 2000)
    inputs = fold.model.inputs(fold.held_out)
    theirs = permutation_importance(
        fold.model.learner,
        inputs,
        fold.outcome.values,
        scoring=lambda learner, X, y: auc(y, learner.predict_proba(X)[:, 1]),
        n_repeats=2000,
        random_state=0,
    )
    places = [rows.design.names.index(name) for name in fold.model.selected]
    error = np.sqrt(2) * theirs.importances_std / np.sqrt(2000)
    assert (np.abs(found.drops[places] - theirs.importances_mean) < 4.5 * error + 1e-12).all()
    assert theirs.importances_mean.max() > 0.05


def test_what_was_not_selected_has_exactly_no_importance():
    rows = made_rows(signal=2.0)
    fold = first_fold(rows)
    found = fold_drops(fold, singles(rows), 5)
    assert found.used.sum() == len(fold.model.selected) == 5
    assert (found.drops[~found.used] == 0).all()


def test_twins_hide_each_other_alone_and_not_together():
    plan = made_plan(select={"name": "univariate", "options": {"top": 2}})
    rows = made_rows(plan, signal=4.0, n=120)
    features = rows.design.features.copy()
    features[:, 2] = features[:, 1] + 1e-3 * features[:, 5]
    features[:, 1:3] += 3 * rows.outcome.values[:, None]
    rows = replace(rows, design=replace(rows.design, features=features))
    fold = first_fold(rows)
    assert set(fold.model.selected) == {"f1", "f2"}
    (cluster,) = [g for g in feature_groups(rows.recipe, rows.design) if "f1" in g.members]
    assert set(cluster.members) >= {"f1", "f2"}
    together = fold_drops(fold, [cluster], 50).drops[0]
    alone = fold_drops(fold, [Group("f1", ("f1",)), Group("f2", ("f2",))], 50).drops
    assert together > 2 * alone.max()


def test_every_feature_is_in_one_group_and_constant_ones_are_alone():
    rows = made_rows()
    features = rows.design.features.copy()
    features[:, 4] = 1.0
    features[::7, 6] = np.nan
    groups = feature_groups(rows.recipe, replace(rows.design, features=features))
    members = [name for group in groups for name in group.members]
    assert sorted(members) == sorted(rows.design.names)
    assert ("f4",) in [group.members for group in groups]


def test_a_fold_whose_patients_cannot_be_compared_says_nothing():
    rows = made_rows()
    fold = first_fold(rows)
    same = replace(fold.outcome, values=np.zeros_like(fold.outcome.values))
    assert fold_drops(replace(fold, outcome=same), singles(rows), 3) is None


def test_the_same_for_any_number_of_workers():
    rows = made_rows(signal=1.0)
    ask = partial(ask_folds, partial(fold_drops, groups=singles(rows), permutations=3), rows)
    alone, shared = ask(**FOLDS), ask(**FOLDS, workers=2)
    for one, two in zip(alone.answers, shared.answers, strict=True):
        assert np.array_equal(one.drops, two.drops)
    assert alone.fits == shared.fits
