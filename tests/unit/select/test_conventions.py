"""What holds for every selector: scikit-learn's conventions, refusals, constants, seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from radiome.base.errors import SettingsError, UserError
from radiome.select.boruta import BorutaSelector
from radiome.select.catalogue import SELECTORS, options_of, selector
from radiome.select.knockoffs import KnockoffSelector
from radiome.select.mrmr import MinimumRedundancySelector
from radiome.select.penalised import PenalisedSelector
from radiome.select.representatives import ClusterRepresentatives
from radiome.select.stability import StabilitySelector
from radiome.select.univariate import UnivariateSelector
from radiome.select.volume_residual import VolumeResidual
from unit.select.select_tables import chained, outcomes

QUICK = {
    "univariate": {"top": 3},
    "cluster_representatives": {},
    "mrmr": {"top": 3},
    "penalised": {"rule": "best"},
    "stability": {"pairs": 5, "threshold": 0.6, "first": 3},
    "boruta": {"rounds": 12, "trees": 15},
    "knockoffs": {"rate": 0.5},
}


@pytest.mark.filterwarnings("ignore:No features were selected:UserWarning")
@parametrize_with_checks(
    [
        UnivariateSelector(),
        MinimumRedundancySelector(top=2),
        ClusterRepresentatives(),
        PenalisedSelector(folds=2),
        StabilitySelector(pairs=3, first=1),
        BorutaSelector(rounds=2, trees=3),
        KnockoffSelector(),
        VolumeResidual(),
    ]
)
def test_scikit_learn_conventions_hold(estimator, check):
    check(estimator)


def test_the_quick_options_cover_the_catalogue():
    assert set(QUICK) == set(SELECTORS)


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(5)
    values = chained(120, 12, 0.3, rng)
    return values, outcomes(1.5 * values[:, 2] - 1.5 * values[:, 8], rng)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous", "survival"])
@pytest.mark.parametrize("name", sorted(set(QUICK) - {"cluster_representatives"}))
def test_every_selector_finds_what_matters_in_every_outcome(name, kind, cohort):
    values, found = cohort
    # Knockoffs at a rate of 0.5 still need two that stand out together.
    step = selector(name, QUICK[name], outcome=kind, seed=1).fit(values, found[kind])
    assert set(np.argsort(step.ranking_)[:2]) == {2, 8}
    assert step.get_support()[[2, 8]].all()


@pytest.mark.parametrize("name", sorted(QUICK))
def test_constant_columns_are_recorded_and_change_nothing(name, cohort):
    values, found = cohort
    plain = selector(name, QUICK[name], seed=1).fit(values, found["binary"])
    wider = np.insert(values, [0, 5], 7.0, axis=1)
    step = selector(name, QUICK[name], seed=1).fit(wider, found["binary"])
    expected = ["x00", "x06"] if name == "cluster_representatives" else ["x0", "x6"]
    assert list(step.excluded_) == expected
    assert not step.get_support()[[0, 6]].any()
    assert np.array_equal(np.delete(step.get_support(), [0, 6]), plain.get_support())


@pytest.mark.parametrize("name", sorted(QUICK))
def test_missing_values_are_refused_by_name(name, cohort):
    values, found = cohort
    frame = pd.DataFrame(values, columns=[f"f{place}" for place in range(12)])
    frame.loc[3, "f4"] = np.nan
    with pytest.raises(UserError, match=r"missing \(NaN\)") as refusal:
        selector(name, QUICK[name]).fit(frame, found["binary"])
    assert refusal.value.where == "columns f4"


@pytest.mark.parametrize("name", sorted(QUICK))
def test_equal_seeds_give_equal_choices_and_names_follow(name, cohort):
    values, found = cohort
    frame = pd.DataFrame(values, columns=[f"f{place:02d}" for place in range(12)])
    step = selector(name, QUICK[name], seed=3)
    first = step.fit(frame, found["continuous"])
    again = clone(step).fit(frame, found["continuous"])
    assert np.array_equal(first.get_support(), again.get_support())
    assert list(first.get_feature_names_out()) == list(frame.columns[first.get_support()])


@pytest.mark.parametrize("name", sorted(QUICK))
def test_more_features_than_patients_are_handled(name):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(24, 90))
    outcome = np.arange(24) % 2
    values[:, 40] += 4 * outcome
    # Twelve rounds of fifteen trees look at too few of 90 columns to confirm one.
    options = {"rounds": 40} if name == "boruta" else QUICK[name]
    step = selector(name, options, seed=0).fit(values, outcome)
    assert step.get_support().shape == (90,)
    if name not in ("cluster_representatives", "knockoffs"):
        assert step.get_support()[40]


@pytest.mark.parametrize("name", sorted(QUICK))
def test_all_columns_constant_select_nothing(name):
    step = selector(name, QUICK[name]).fit(np.ones((20, 4)), np.arange(20) % 2)
    assert not step.get_support().any()
    assert len(step.excluded_) == 4


def test_a_pipeline_refits_the_selector():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(60, 30))
    outcome = (values[:, 4] > 0).astype(int)
    chain = make_pipeline(ClusterRepresentatives(), UnivariateSelector(1), LogisticRegression())
    assert chain.fit(values[:40], outcome[:40]).score(values[40:], outcome[40:]) > 0.9


def test_equal_columns_rank_by_column_order():
    rng = np.random.default_rng(0)
    column = rng.normal(size=40)
    outcome = (column + rng.normal(size=40) > 0).astype(int)
    values = np.column_stack([rng.normal(size=40), column, column, column])
    step = UnivariateSelector(top=2).fit(values, outcome)
    assert step.get_support(indices=True).tolist() == [1, 2]
    assert step.ranking_.tolist() == [4, 1, 2, 3]


def test_unknown_selectors_and_options_name_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'univariate'"):
        selector("univarate")
    with pytest.raises(SettingsError, match="did you mean 'top'"):
        selector("mrmr", {"topp": 3})
    with pytest.raises(SettingsError, match="not valid"):
        selector("knockoffs", {"rate": 2})


@pytest.mark.parametrize("name", sorted(SELECTORS))
def test_every_option_of_the_catalogue_reaches_the_selector(name):
    options = options_of(name)()
    built = options.build(outcome="binary", seed=7).get_params()
    assert {key: built[key] for key in type(options).model_fields} == options.model_dump()
    assert built.get("random_state", 7) == 7
    assert built.get("outcome", "binary") == "binary"


def test_outcomes_that_cannot_be_used_say_why():
    values = np.random.default_rng(0).normal(size=(6, 2))
    step = UnivariateSelector(1)
    with pytest.raises(UserError, match="same in all rows"):
        step.fit(values, np.ones(6))
    with pytest.raises(UserError, match="no event happened"):
        step.fit(values, np.array([(False, 1.0)] * 6, dtype=[("event", bool), ("time", float)]))
    with pytest.raises(UserError, match="needs two values"):
        UnivariateSelector(1, outcome="survival").fit(values, np.arange(6))
    with pytest.raises(SettingsError, match="type of outcome"):
        UnivariateSelector(1, outcome="ordered").fit(values, np.arange(6))
