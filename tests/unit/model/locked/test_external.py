"""Performance of a locked model on other patients, against figures computed directly."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import brier_score_loss, cohen_kappa_score, roc_auc_score

from radiome.base.errors import UserError
from radiome.model.locked.external_performance import external_performance
from radiome.model.locked.feature_rows import with_outcome_columns
from radiome.model.locked.prediction import predict

KINDS = ("binary", "multiclass", "ordinal", "continuous", "count", "survival")


@pytest.fixture(scope="module")
def studies(made):
    return {kind: made(kind) for kind in KINDS}


def judged(model, frame, outcomes, **options):
    told = external_performance(predict(model, frame, **options), frame, outcomes)
    json.dumps(told, allow_nan=False)  # every figure is a number, a text, or left out
    return told


def scores(model, frame):
    return np.squeeze(np.array([row.scores for row in predict(model, frame).rows]))


def test_figures_of_a_binary_outcome(studies, others):
    model, (frame, outcomes) = studies["binary"].model, others("binary")
    told = judged(model, frame, outcomes)["all_predicted"]
    y, risk = (outcomes["y"] == "yes").to_numpy().astype(int), scores(model, frame)
    assert told["auc"]["value"] == pytest.approx(roc_auc_score(y, risk))
    assert told["auc"]["method"] == "DeLong"
    assert told["brier"]["value"] == pytest.approx(brier_score_loss(y, risk))
    assert told["observed_over_expected"]["value"] == pytest.approx(y.sum() / risk.sum())
    point = told["locked_threshold"]
    called = risk >= model.threshold
    assert point["threshold"] == model.threshold
    assert point["true_positives"] == int((called & (y == 1)).sum())
    assert point["sensitivity"]["method"] == "Wilson"
    assert {"slope", "intercept", "in_the_large"} == set(told["calibration"])


def test_the_stored_recalibration_is_told_apart(studies, others):
    model, (frame, outcomes) = studies["binary"].model, others("binary")
    told = judged(model, frame, outcomes)["all_predicted"]["with_recalibration"]
    risk = scores(model, frame)
    logit = model.correction.intercept + model.correction.slope * np.log(risk / (1 - risk))
    y = (outcomes["y"] == "yes").astype(int)
    assert told["brier"]["value"] == pytest.approx(brier_score_loss(y, 1 / (1 + np.exp(-logit))))
    assert told["name"] == "y-out-of-fold"


def test_figures_of_classes(studies, others):
    for kind, weights in (("multiclass", None), ("ordinal", "quadratic")):
        model, (frame, outcomes) = studies[kind].model, others(kind)
        told = judged(model, frame, outcomes)["all_predicted"]
        y = outcomes["y"].map({name: code for code, name in enumerate(model.classes)})
        found = scores(model, frame)
        kappa = told["kappa" if weights is None else "weighted_kappa"]["value"]
        assert kappa == pytest.approx(cohen_kappa_score(y, found.argmax(1), weights=weights))
        if kind == "multiclass":
            area = roc_auc_score(y == 1, found[:, 1])
            assert told["auc"]["one_vs_rest"][1]["value"] == pytest.approx(area)


@pytest.mark.parametrize("kind", ["continuous", "count"])
def test_figures_of_numbers_take_the_training_mean(studies, others, kind):
    model, (frame, outcomes) = studies[kind].model, others(kind)
    told = judged(model, frame, outcomes)["all_predicted"]
    y, found = outcomes["y"].astype(float), scores(model, frame)
    mean = studies[kind].outcomes["y"].astype(float).mean()
    explained = 1 - ((y - found) ** 2).sum() / ((y - mean) ** 2).sum()
    assert told["errors"]["r_squared"]["value"] == pytest.approx(explained)
    assert told["spearman"]["value"] == pytest.approx(spearmanr(y, found)[0])
    assert ("with_recalibration" in told) is (kind == "continuous")


def test_figures_of_survival_agree_with_scikit_survival(studies, others):
    from sksurv.metrics import concordance_index_censored

    model, (frame, outcomes) = studies["survival"].model, others("survival")
    told = judged(model, frame, outcomes)["all_predicted"]
    event, time = (outcomes["e"] == "1").to_numpy(), outcomes["t"].astype(float).to_numpy()
    expected = concordance_index_censored(event, time, scores(model, frame))[0]
    assert told["harrell"]["value"] == pytest.approx(expected)
    assert told["brier"]["value"] < told["brier_without_model"]
    trained = studies["survival"].outcomes
    died = trained["t"].astype(float)[trained["e"] == "1"]
    assert told["horizon"] == pytest.approx(died.median())


@pytest.mark.parametrize("kind", KINDS)
def test_one_patient_gives_reasons_and_no_error(studies, others, kind):
    model, (frame, outcomes) = studies[kind].model, others(kind)
    events = outcomes.index[outcomes["e"] == "1"] if kind == "survival" else outcomes.index
    told = judged(model, frame, outcomes.loc[events[:1]])["all_predicted"]
    assert told["patients"] == 1
    first = {"continuous": "errors", "count": "errors", "survival": "harrell"}.get(kind)
    first = first or {"binary": "auc", "multiclass": "kappa", "ordinal": "concordance"}[kind]
    assert "reason" in told[first]


def test_a_single_class_leaves_the_figures_that_do_not_need_two(studies, others):
    model, (frame, outcomes) = studies["binary"].model, others()
    told = judged(model, frame, outcomes[outcomes["y"] == "no"])["all_predicted"]
    assert told["auc"]["reason"]
    assert told["brier"]["value"] > 0
    assert told["locked_threshold"]["specificity"]["value"] > 0


def test_classes_keep_their_codes_where_one_is_absent(studies, others):
    model, (frame, outcomes) = studies["multiclass"].model, others("multiclass")
    told = judged(model, frame, outcomes[outcomes["y"] != "a"])["all_predicted"]
    assert told["classes"]["confusion"][0] == [0, 0, 0]
    assert sum(map(sum, told["classes"]["confusion"])) == (outcomes["y"] != "a").sum()


def test_a_class_that_the_model_does_not_know_is_refused(studies, others):
    frame, outcomes = others("multiclass")
    outcomes.loc[3, "y"] = "d"
    with pytest.raises(UserError, match="does not know"):
        judged(studies["multiclass"].model, frame, outcomes)


def test_training_patients_are_left_out_of_the_figures(studies, others):
    study, (frame, outcomes) = studies["binary"], others()
    alone = judged(study.model, frame, outcomes)
    more = pd.concat([frame, study.frame.head(30)], ignore_index=True)
    truth = pd.concat([outcomes, study.outcomes.head(30)], ignore_index=True)
    told = judged(study.model, more, truth)
    assert told["training_patients_left_out"] == 30
    assert told["all_predicted"] == alone["all_predicted"]
    with pytest.raises(UserError, match="no patient is left"):
        judged(study.model, study.frame, study.outcomes)


def test_the_same_names_are_told_even_with_other_values(studies, others):
    study, (frame, outcomes) = studies["binary"], others(n=90)
    names = study.frame["patient"]
    told = judged(study.model, frame.assign(patient=names), outcomes.assign(patient=names))
    assert any("names of the training patients" in note for note in told["notes"])


def test_rows_of_one_patient_count_once(studies, others):
    study, (frame, outcomes) = studies["binary"], others()
    twice = pd.concat([frame, frame], ignore_index=True)
    one, two = judged(study.model, frame, outcomes), judged(study.model, twice, outcomes)
    assert two["all_predicted"] == one["all_predicted"]


def test_in_scope_counts_patients_whose_rows_are_all_in_scope(studies, others):
    study, (frame, outcomes) = studies["binary"], others()
    frame.loc[0, study.model.features[0]] = 1e6
    told = judged(study.model, frame, outcomes)
    inside = sum(row.status == "in_scope" for row in predict(study.model, frame).rows)
    assert told["in_scope"]["patients"] == inside
    assert told["all_predicted"]["patients"] == len(frame)


def test_refused_rows_and_unknown_outcomes_are_not_judged(studies, others):
    study, (frame, outcomes) = studies["binary"], others()
    frame.loc[0, list(study.model.features)] = np.nan
    outcomes.loc[1, "y"] = ""
    told = judged(study.model, frame, outcomes)
    assert told["all_predicted"]["patients"] == len(frame) - 2


def test_tables_that_do_not_fit_are_refused(studies, others):
    model, (frame, outcomes) = studies["binary"].model, others()
    with pytest.raises(UserError, match="no patient is left"):
        judged(model, frame, outcomes.assign(patient="x").head(1))
    with pytest.raises(UserError, match="twice"):
        judged(model, frame, pd.concat([outcomes, outcomes.head(1)]))
    with pytest.raises(UserError, match="names the patient"):
        judged(model, frame, outcomes.drop(columns="patient"))
    with pytest.raises(UserError, match="no column 'y'"):
        judged(model, frame, outcomes.rename(columns={"y": "z"}))


def test_times_that_are_not_positive_are_refused(studies, others):
    frame, outcomes = others("survival")
    outcomes.loc[0, "t"] = "0"
    with pytest.raises(UserError, match="must be positive"):
        judged(studies["survival"].model, frame, outcomes)


def test_nothing_of_the_model_changes(studies, others):
    model, (frame, outcomes) = studies["binary"].model, others()
    before = json.dumps(model.facts, sort_keys=True), scores(model, frame)
    judged(model, frame, outcomes)
    assert json.dumps(model.facts, sort_keys=True) == before[0]
    assert np.array_equal(scores(model, frame), before[1])


def test_a_scanner_told_in_the_outcome_table_is_found_there(made, others):
    study, (frame, outcomes) = made(harmonise={"batch": "scanner"}), others()
    truth = outcomes.assign(scanner=frame["scanner"]).iloc[::-1]
    apart = frame.drop(columns="scanner")
    with pytest.raises(UserError, match="lacks 1 of the columns"):
        predict(study.model, apart)
    together = with_outcome_columns(apart, truth, study.model)
    assert np.array_equal(scores(study.model, together), scores(study.model, frame))
    lacking = with_outcome_columns(apart, truth[truth["patient"] != "patient5-3"], study.model)
    assert predict(study.model, lacking).rows[3].reasons == ("no batch is given",)
