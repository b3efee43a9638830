"""The unit of a feature or an outcome does not decide what trees see."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from made_study import QUICK, made_plan, made_table
from radiome.model.crossvalidation import cross_validate
from radiome.model.evaluation import design_of
from radiome.model.learners.catalogue import make, scores
from radiome.model.learners.tree_columns import TreeColumns, read_for_trees
from radiome.model.outcomes import SURVIVAL
from radiome.model.recipe import radiomics_recipe

RNG = np.random.default_rng(3)
ROWS, NEW = RNG.normal(size=(90, 6)), RNG.normal(size=(40, 6))
# Some values twice, one feature with a long tail, one of two values, one that is constant.
for part in (ROWS, NEW):
    part[:, 3] = np.exp(2 * part[:, 3])
    part[:, 4] = part[:, 4] > 1
    part[:, 5] = 7.0
ROWS[:, 2] = np.round(ROWS[:, 2], 1)
DRIVER = ROWS[:, 0] - ROWS[:, 1] + 0.5 * np.log(ROWS[:, 3]) / 2
TIMES = np.zeros(90, SURVIVAL)
TIMES["time"], TIMES["event"] = RNG.exponential(np.exp(-DRIVER)) + 0.01, RNG.random(90) < 0.7
OUTCOMES = {
    "binary": (DRIVER > 0).astype(int),
    "multiclass": np.digitize(DRIVER, [-0.7, 0.7]),
    "continuous": DRIVER + 0.3 * RNG.normal(size=90),
    "count": RNG.poisson(np.exp(0.7 * DRIVER)),
    "survival": TIMES,
}
TREES = [
    *[("random_forest", kind) for kind in OUTCOMES if kind != "survival"],
    *[("gradient_boosting", kind) for kind in OUTCOMES if kind != "survival"],
    ("survival_forest", "survival"),
    ("survival_boosting", "survival"),
]


def said(name, kind, *, scale=1.0, shift=0.0, outcome=None):
    """Scores of new rows, all features in another unit."""
    model = make(name, kind, {"trees": 30, "min_leaf": 5}, seed=1)
    model.fit(scale * ROWS + shift, OUTCOMES[kind] if outcome is None else outcome)
    return scores(model, scale * NEW + shift, kind)


@pytest.mark.parametrize(("name", "kind"), TREES)
def test_no_unit_of_the_features_changes_a_prediction(name, kind):
    expected = said(name, kind)
    assert len(np.unique(expected)) > 10
    for scale in (1e-9, 1e9, 1e-40, 1e40):
        np.testing.assert_array_equal(said(name, kind, scale=scale), expected)


@pytest.mark.parametrize(("name", "kind"), TREES)
def test_values_far_from_zero_are_told_apart(name, kind):
    rows, new = ROWS.copy(), NEW.copy()
    rows[:, 3], new[:, 3] = np.log(rows[:, 3]), np.log(new[:, 3])
    model = make(name, kind, {"trees": 30, "min_leaf": 5}, seed=1)
    expected = scores(model.fit(rows, OUTCOMES[kind]), new, kind)
    found = scores(model.fit(rows + 1e6, OUTCOMES[kind]), new + 1e6, kind)
    np.testing.assert_array_equal(found, expected)


def test_a_forest_is_that_of_the_columns_where_their_unit_is_a_usual_one():
    # A leaf of a tree on raw columns may lie 1e-7 elsewhere; no new row is so near.
    options = {"n_estimators": 30, "min_samples_leaf": 5, "max_features": "sqrt", "random_state": 1}
    codes, values = OUTCOMES["binary"], OUTCOMES["continuous"]
    plain = RandomForestClassifier(**options).fit(ROWS, codes).predict_proba(NEW)[:, 1]
    np.testing.assert_array_equal(said("random_forest", "binary"), plain)
    plain = RandomForestRegressor(**options).fit(ROWS, values).predict(NEW)
    np.testing.assert_allclose(said("random_forest", "continuous"), plain, rtol=1e-12)


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**60])
def test_no_unit_of_the_outcome_changes_a_forest(unit):
    expected = said("random_forest", "continuous")
    found = said("random_forest", "continuous", outcome=unit * OUTCOMES["continuous"])
    np.testing.assert_array_equal(found, unit * expected)
    constant = said("random_forest", "continuous", outcome=np.full(90, 3.0))
    np.testing.assert_array_equal(constant, 3.0)


def test_a_value_beyond_all_others_is_finite_and_a_long_tail_hides_nothing():
    reading = TreeColumns().fit(ROWS)
    assert np.isfinite(reading.transform(np.full((1, 6), 1e300))).all()
    for column in range(5):
        seen = reading.transform(ROWS)[:, column]
        assert len(np.unique(seen)) == len(np.unique(ROWS[:, column]))
        assert np.diff(np.unique(seen)).min() > 1e-7


def test_a_learner_locked_before_reads_columns_as_they_are():
    model = make("survival_forest", "survival", {"trees": 5}, seed=1)
    np.testing.assert_array_equal(read_for_trees(model, NEW), NEW.astype(np.float32))


def test_a_whole_recipe_without_scaling_does_not_see_the_unit():
    plan = made_plan(
        learner={"name": "random_forest", "options": {"trees": 10, "min_leaf": 5}},
        preparation={"scale": "none"},
        select=[],
    )
    table = made_table(plan, n=60, p=6, signal=3.0)
    recipe, outcome = radiomics_recipe(plan, "binary"), table.outcomes["y"]
    folds = {"folds": QUICK["validation"]["folds"], "repeats": 1, "inner_folds": 2, "seed": 1}

    def predicted(scale):
        design = design_of(table)
        scaled = type(design)(scale * design.features, design.names)
        return cross_validate(recipe, scaled, outcome, table.patients, **folds).scores

    expected = predicted(1.0)
    np.testing.assert_array_equal(predicted(1e-9), expected)
    np.testing.assert_array_equal(predicted(1e9), expected)
