"""ComBat as an estimator: columns, folds, new batches and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from radiome.base.errors import SettingsError, UserError
from radiome.harmonise import ComBat

FEATURES = [f"f{place}" for place in range(8)]


def cohort(sizes: tuple[int, ...] = (30, 25, 35), seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    batch = np.repeat([f"site{place}" for place in range(len(sizes))], sizes)
    age = rng.normal(60, 10, len(batch))
    values = rng.normal(size=(len(batch), 8)) + 0.05 * age[:, None]
    for place in range(len(sizes)):
        rows = batch == f"site{place}"
        values[rows] = values[rows] * rng.uniform(0.6, 1.8, 8) + rng.normal(0, 2, 8)
    return pd.DataFrame(values, columns=FEATURES).assign(batch=batch, age=age)


@parametrize_with_checks([ComBat()])
def test_scikit_learn_conventions_hold_without_a_batch(estimator, check):
    check(estimator)


def test_one_batch_is_returned_to_the_bit():
    table = cohort((20,))[[*FEATURES, "batch"]]
    harmonised = ComBat(batch="batch").fit_transform(table)
    assert np.array_equal(harmonised, table[FEATURES].to_numpy())


def test_the_reference_batch_is_returned_to_the_bit():
    table = cohort()
    combat = ComBat(batch="batch", covariates=("age",), reference="site1")
    harmonised = combat.fit_transform(table)
    rows = (table["batch"] == "site1").to_numpy()
    assert np.array_equal(harmonised[rows], table.loc[rows, FEATURES].to_numpy())
    assert not np.allclose(harmonised[~rows], table.loc[~rows, FEATURES].to_numpy())


def test_batch_and_covariates_are_dropped_and_names_follow():
    combat = ComBat(batch="batch", covariates=("age",)).set_output(transform="pandas")
    harmonised = combat.fit_transform(cohort()[["age", *FEATURES, "batch"]])
    assert list(harmonised.columns) == FEATURES
    assert combat.batches_ == ("site0", "site1", "site2")


def test_fitting_on_all_rows_changes_the_training_rows():
    table = cohort()
    train = np.arange(len(table)) % 3 != 0
    honest = ComBat(batch="batch", covariates=("age",)).fit(table[train])
    leaky = ComBat(batch="batch", covariates=("age",)).fit(table)
    difference = honest.transform(table[train]) - leaky.transform(table[train])
    assert np.abs(difference).max() > 0.01


def test_a_case_is_transformed_alike_whoever_comes_with_it():
    table = cohort()
    combat = ComBat(batch="batch", covariates=("age",)).fit(table[::2])
    together = combat.transform(table[1::2])
    alone = np.vstack([combat.transform(table.iloc[[row]]) for row in range(1, len(table), 2)])
    changed = table[1::2].copy()
    changed.iloc[1:, :8] = 1e6
    assert np.array_equal(together, alone)
    assert np.array_equal(together[0], combat.transform(changed)[0])


def test_a_pipeline_refits_the_step_in_every_fold():
    table = cohort()
    label = (np.random.default_rng(3).random(len(table)) < 0.5).astype(int)
    folds = KFold(4, shuffle=True, random_state=0)
    model = make_pipeline(ComBat(batch="batch"), LogisticRegression(max_iter=1000))
    features = table[[*FEATURES, "batch"]]
    inside = cross_val_predict(model, features, label, cv=folds, method="decision_function")
    by_hand = np.empty(len(table))
    for train, test in folds.split(features):
        combat = ComBat(batch="batch").fit(features.iloc[train])
        classifier = LogisticRegression(max_iter=1000)
        classifier.fit(combat.transform(features.iloc[train]), label[train])
        by_hand[test] = classifier.decision_function(combat.transform(features.iloc[test]))
    assert np.array_equal(inside, by_hand)


def test_a_covariate_can_still_be_a_predictor_beside_the_features():
    table = cohort()
    everything = list(table.columns)
    combat = ComBat(batch="batch", covariates=("age",))
    both = ColumnTransformer([("harmonised", combat, everything), ("age", "passthrough", ["age"])])
    output = both.fit_transform(table)
    assert output.shape == (len(table), 9)
    assert np.array_equal(output[:, 8], table["age"])


def test_an_unseen_batch_is_an_error_that_names_it():
    table = cohort()
    known = table["batch"] != "site2"
    combat = ComBat(batch="batch", covariates=("age",)).fit(table[known])
    with pytest.raises(UserError, match=r"(?s)did not see.*'site2'"):
        combat.transform(table)


def test_identity_leaves_an_unseen_batch_as_it_came_and_says_so():
    table = cohort()
    known = (table["batch"] != "site2").to_numpy()
    combat = ComBat(batch="batch", covariates=("age",), unseen="identity").fit(table[known])
    with pytest.warns(UserWarning, match="'site2' was not fitted"):
        harmonised = combat.transform(table)
    assert np.array_equal(harmonised[~known], table.loc[~known, FEATURES].to_numpy())
    assert np.array_equal(harmonised[known], combat.transform(table[known]))


def test_calibration_after_a_one_site_fit_equals_a_fit_to_that_reference():
    table = cohort((40, 30))[[*FEATURES, "batch"]]
    home = table["batch"] == "site0"
    together = ComBat(batch="batch", reference="site0").fit_transform(table)
    combat = ComBat(batch="batch").fit(table[home]).calibrate(table[~home])
    assert np.allclose(combat.transform(table), together, rtol=0, atol=1e-12)


def test_calibration_records_the_batch_and_leaves_the_others_alone():
    table = cohort()
    known = table["batch"] != "site2"
    combat = ComBat(batch="batch", covariates=("age",)).fit(table[known])
    before = combat.transform(table[known])
    assert combat.calibrations_ == ()
    combat.calibrate(table[~known])
    assert [(item.batch, item.cases) for item in combat.calibrations_] == [("site2", 35)]
    assert np.array_equal(combat.transform(table[known]), before)
    centred = combat.transform(table[~known]).mean(axis=0) - before.mean(axis=0)
    raw = table.loc[~known, FEATURES].mean() - table.loc[known, FEATURES].mean()
    assert np.abs(centred).max() < 0.3 * np.abs(raw).max()


def test_calibration_keeps_a_feature_that_is_constant_at_the_new_site():
    table = cohort()
    table.loc[table["batch"] == "site2", "f3"] = 5.0
    known = table["batch"] != "site2"
    combat = ComBat(batch="batch", covariates=("age",)).fit(table[known]).calibrate(table[~known])
    harmonised = combat.transform(table[~known])
    assert np.all(harmonised[:, 3] == 5.0)
    assert not np.allclose(harmonised[:, 2], table.loc[~known, "f2"])


def test_calibration_refuses_few_cases_and_fitted_batches():
    table = cohort()
    known = table["batch"] != "site2"
    combat = ComBat(batch="batch", covariates=("age",)).fit(table[known])
    with pytest.raises(UserError, match="too few cases to calibrate batch 'site2'"):
        combat.calibrate(table[~known].head(19))
    with pytest.raises(UserError, match="calibration is for batches"):
        combat.calibrate(table[known])
    assert combat.batches_ == ("site0", "site1")


def test_an_outcome_is_refused_as_covariate_of_a_predictive_model():
    table = cohort().assign(response=[0, 1] * 45)
    with pytest.raises(SettingsError, match="outcome 'response' is a preserved covariate"):
        ComBat(batch="batch", covariates=("response",), outcomes=("response",)).fit(table)
    descriptive = ComBat(
        batch="batch", covariates=("response",), outcomes=("response",), purpose="descriptive"
    )
    assert descriptive.fit_transform(table).shape == (90, 9)


def test_a_declared_outcome_among_the_features_is_refused():
    table = cohort().assign(response=[0, 1] * 45)
    with pytest.raises(SettingsError, match="'response' is among the features"):
        ComBat(batch="batch", covariates=("age",), outcomes=("response",)).fit(table)


@pytest.mark.parametrize("outcome", [[0, 1] * 45, ["no", "yes"] * 45])
def test_a_covariate_that_repeats_y_is_refused_under_any_name(outcome):
    table = cohort().assign(group=["a", "b"] * 45)
    with pytest.raises(SettingsError, match="'group' says the same as the outcome"):
        ComBat(batch="batch", covariates=("age", "group")).fit(table, outcome)


def test_a_continuous_covariate_that_is_y_is_refused_and_another_is_not():
    table = cohort()
    combat = ComBat(batch="batch", covariates=("age",))
    with pytest.raises(SettingsError, match="'age' says the same"):
        combat.fit(table, table["age"].to_numpy())
    assert combat.fit(table, table["age"].to_numpy()[::-1]).batches_


def test_the_event_of_a_survival_outcome_is_refused_as_covariate():
    table = cohort().assign(died=[True, False] * 45)
    kinds = [("event", bool), ("time", float)]
    outcome = np.array([(died, 3.0) for died in table["died"]], dtype=kinds)
    with pytest.raises(SettingsError, match="'died' says the same"):
        ComBat(batch="batch", covariates=("age", "died")).fit(table, outcome)


@pytest.mark.parametrize(
    "column, cause",
    [
        (lambda table: table["batch"].map({"site0": 0, "site1": 1, "site2": 4}), "the batch det"),
        (lambda table: np.ones(90), "does not vary"),
        (lambda table: 3 * table["age"] + (table["batch"] == "site1"), "covariates before it"),
        (lambda table: ["x" if b == "site0" else "y" for b in table["batch"]], "the batch det"),
    ],
)
def test_a_covariate_inseparable_from_the_batch_is_named(column, cause):
    table = cohort()
    table["dose"] = column(table)
    with pytest.raises(UserError, match=rf"(?s)'dose.*cannot be told apart.*{cause}"):
        ComBat(batch="batch", covariates=("age", "dose")).fit(table)


def test_a_single_case_batch_forces_mean_only():
    table = cohort((30, 1, 20))
    assert ComBat(batch="batch", covariates=("age",)).fit(table).mean_only_
    with pytest.raises(UserError, match="'site1' has a single case"):
        ComBat(batch="batch", covariates=("age",), reference="site1").fit(table)


def test_a_feature_that_a_covariate_explains_wholly_passes_through():
    table = cohort()
    table["f5"] = 2 * table["age"] + 1
    combat = ComBat(batch="batch", covariates=("age",))
    harmonised = combat.fit_transform(table)
    assert combat.unadjusted_ == {"f5": "batch and covariates leave no variation to scale by"}
    assert np.array_equal(harmonised[:, 5], table["f5"])


def test_a_feature_unmeasured_in_one_batch_passes_through():
    table = cohort()
    table.loc[table["batch"] == "site1", "f2"] = np.nan
    combat = ComBat(batch="batch", covariates=("age",))
    harmonised = combat.fit_transform(table)
    assert combat.unadjusted_ == {"f2": "fewer than 2 values in batch 'site1'"}
    assert np.array_equal(harmonised[:, 2], table["f2"], equal_nan=True)
    others = combat.fit_transform(table.drop(columns="f2"))
    assert np.array_equal(np.delete(harmonised, 2, axis=1), others)


def test_features_far_from_zero_keep_their_digits():
    table = cohort()
    near = ComBat(batch="batch", covariates=("age",)).fit_transform(table)
    far = table.copy()
    far[FEATURES] += 2.0**30
    harmonised = ComBat(batch="batch", covariates=("age",)).fit_transform(far) - 2.0**30
    assert np.abs(harmonised - near).max() < 2e-6


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch": "bacth"}, r"(?s)'bacth' is in the table 0 times.*mean 'batch'"),
        ({"batch": "batch", "covariates": ("batch",)}, "listed twice"),
        ({"batch": "batch", "categorical": ("age",)}, "is no covariate"),
        ({"batch": "batch", "reference": "site9"}, "'site9' is not among the training rows"),
        ({"reference": "site0"}, "needs a batch column"),
        ({"batch": "batch", "unseen": "pool"}, "unseen is not known"),
        ({"batch": "batch", "purpose": "any"}, "purpose is not known"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, message):
    with pytest.raises(SettingsError, match=message):
        ComBat(**options).fit(cohort())


def test_missing_labels_text_features_and_new_categories_are_refused():
    table = cohort().assign(sex=["f", "m"] * 45)
    combat = ComBat(batch="batch", covariates=("age", "sex"))
    with pytest.raises(UserError, match="'sex' is not numeric"):
        ComBat(batch="batch", covariates=("age",)).fit(table)
    with pytest.raises(UserError, match="'batch' has missing values"):
        combat.fit(table.assign(batch=[None, *table["batch"][1:]]))
    with pytest.raises(UserError, match="'age' has missing values"):
        combat.fit(table.assign(age=[np.nan, *table["age"][1:]]))
    combat.fit(table)
    with pytest.raises(UserError, match=r"(?s)'sex' has categories.*got: x"):
        combat.transform(table.assign(sex="x"))
    with pytest.raises(UserError, match="'age' was numeric"):
        combat.transform(table.assign(age="old"))


def test_numbers_can_be_declared_categories():
    table = cohort().assign(stage=[1, 2, 3] * 30)
    as_text = table.assign(stage=table["stage"].map({1: "I", 2: "II", 3: "III"}))
    numbers = ComBat(batch="batch", covariates=("stage",), categorical=("stage",))
    text = ComBat(batch="batch", covariates=("stage",))
    continuous = ComBat(batch="batch", covariates=("stage",)).fit_transform(table)
    assert np.array_equal(numbers.fit_transform(table), text.fit_transform(as_text))
    assert not np.allclose(numbers.fit_transform(table), continuous)


def test_two_features_are_needed_and_a_clone_carries_every_option():
    with pytest.raises(UserError, match="too few features"):
        ComBat(batch="batch").fit(cohort()[["f0", "batch"]])
    combat = ComBat(batch="batch", covariates=("age",), reference="site0", mean_only=True)
    assert clone(combat).get_params() == combat.get_params()


@pytest.mark.parametrize("mean_only", [False, True])
def test_features_that_are_copies_of_one_another_have_a_limit(mean_only):
    table = cohort()
    for name in FEATURES[1:]:
        table[name] = table["f0"]
    harmonised = ComBat(batch="batch", mean_only=mean_only).fit_transform(
        table[[*FEATURES, "batch"]]
    )
    assert np.isfinite(harmonised).all()
    means = pd.DataFrame(harmonised).groupby(table["batch"].to_numpy()).mean()
    assert np.ptp(means.to_numpy(), axis=0).max() < 1e-9


def test_mean_only_shrinks_as_if_each_batch_had_one_case():
    # sva's rule: 1 / (τ² + 1) of a batch's own shift stays, however many cases it has.
    table = cohort((200, 200))[[*FEATURES, "batch"]]
    combat = ComBat(batch="batch", mean_only=True).fit(table)
    z = combat.model_.standardisation.standardised(table[FEATURES].to_numpy(), np.empty((400, 0)))
    after = combat.model_.standardisation.standardised(combat.transform(table), np.empty((400, 0)))
    mean, left = z[:200].mean(axis=0), after[:200].mean(axis=0)
    assert left == pytest.approx((mean - mean.mean()) / (mean.var(ddof=1) + 1), abs=1e-12)
