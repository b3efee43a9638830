"""Predicted survival out of fold: from training patients alone, and what is said of it."""

import json

import numpy as np
import pandas as pd
import pytest

from made_study import QUICK
from radiome.model.crossvalidation import cross_validate
from radiome.model.figures import performance_of
from radiome.model.learners.survival import breslow_hazard
from radiome.model.outcomes import SURVIVAL, Outcome
from radiome.model.performance.results import attempt
from radiome.model.plan import make_plan
from radiome.model.preparation import Design
from radiome.model.recipe import radiomics_recipe
from radiome.model.run import run_plan
from radiome.model.step_store import StepStore
from radiome.model.survival_curves import kaplan_meier
from radiome.model.survival_figures import (
    common_survival,
    survival_figures,
    survival_out_of_fold,
)
from radiome.model.table_building import build_table
from radiome.model.tuning import fit_recipe

PLAN = make_plan(
    {
        "outcomes": {"name": "s", "kind": "survival", "time": "t", "event": "e"},
        **QUICK,
        "learner": {"name": "cox", "options": {"strength": 0.03}},
    }
)


def cohort(n=120, signal=1.0, seed=0, p=6):
    """Rows of features of which two say something, and their outcome."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(n, p))
    rate = np.exp(signal * (features[:, 0] - features[:, 1]) / np.sqrt(2))
    onset, end = generator.exponential(1 / rate), generator.exponential(2.0, size=n)
    values = np.empty(n, SURVIVAL)
    values["time"], values["event"] = np.minimum(onset, end), onset <= end
    return features, Outcome(PLAN.outcomes[0], values, np.ones(n, bool))


def predicted(features, outcome, *, repeats=2):
    patients = np.array([f"p{k}" for k in range(len(features))])
    design = Design(features, tuple(f"f{k}" for k in range(features.shape[1])))
    recipe = radiomics_recipe(PLAN, "survival")
    return cross_validate(
        recipe, design, outcome, patients, folds=4, repeats=repeats, inner_folds=2, seed=1
    )


def test_the_baseline_on_record_is_that_of_the_training_patients():
    features, outcome = cohort()
    found = predicted(features, outcome, repeats=1)
    patients = found.patients
    recipe = radiomics_recipe(PLAN, "survival")
    design = Design(features, tuple(f"f{k}" for k in range(6)))
    times = np.array([0.2, 0.5, 1.0])
    told = survival_out_of_fold(found, times)
    for fold, record in zip(np.unique(found.folds[0]), found.records, strict=True):
        test = np.flatnonzero(found.folds[0] == fold)
        train = np.flatnonzero(found.folds[0] != fold)
        model = fit_recipe(
            recipe,
            design.taken(train),
            outcome.taken(train),
            patients[train],
            inner_folds=2,
            seed=1,
        )
        own = outcome.taken(train).values
        hazard = breslow_hazard(
            own["event"], own["time"], np.exp(model.scores(design.taken(train)))
        )
        np.testing.assert_allclose(record.baseline["values"], hazard.values, rtol=1e-9)
        assert record.baseline["last"] == own["time"].max()
        expected = model.learner.predict_survival(model.inputs(design.taken(test)), times)
        np.testing.assert_allclose(told[test], expected, rtol=1e-9)


def test_the_outcome_of_a_patient_does_not_touch_its_own_prediction():
    features, outcome = cohort(n=60)
    found = predicted(features, outcome, repeats=1)
    fold = found.folds[0] == 0
    changed = outcome.values.copy()
    # Events stay events, so that the folds are dealt alike.
    changed["time"][fold] *= 0.5
    other = predicted(features, Outcome(outcome.options, changed, outcome.known), repeats=1)
    assert np.array_equal(other.folds, found.folds)
    times = np.array([0.1, 0.3])
    for make in (survival_out_of_fold, common_survival):
        before, after = make(found, times), make(other, times)
        assert np.array_equal(before[fold], after[fold])
        assert not np.array_equal(before[~fold], after[~fold])


def test_the_common_curve_is_that_of_the_other_folds_averaged_over_the_repeats():
    features, outcome = cohort(n=60)
    found = predicted(features, outcome)
    time, event = outcome.values["time"], outcome.values["event"]
    curves = [
        kaplan_meier(time[folds != folds[7]], event[folds != folds[7]]).at([0.5])[0]
        for folds in found.folds
    ]
    assert common_survival(found, np.array([0.5]))[7, 0] == pytest.approx(np.mean(curves))


def figures(found):
    return {name: attempt(make) for name, make in survival_figures(found, 1).items()}


def test_a_signal_is_calibrated_and_of_use():
    told = figures(predicted(*cohort(n=300)))
    calibration = told["calibration"]
    assert calibration.slope.lower < 1 < calibration.slope.upper
    assert calibration.in_the_large.lower < 0 < calibration.in_the_large.upper
    assert told["integrated_brier"].scaled.lower > 0
    assert told["integrated_brier"].model < told["integrated_brier"].without_model
    assert told["d_calibration"].p_value > 0.05
    assert len(told["d_calibration"].shares) == 10


def test_noise_is_of_no_use():
    told = figures(predicted(*cohort(n=150, signal=0.0, seed=3)))
    assert told["integrated_brier"].scaled.value < 0
    assert told["calibration"].slope.lower < 0.5


def test_hazards_off_by_a_factor_are_found():
    found = predicted(*cohort(n=300))
    object.__setattr__(found, "scores", found.scores + np.log(2.5))
    told = figures(found)
    assert told["calibration"].in_the_large.upper < -0.5
    assert told["calibration"].observed_over_expected.upper < 1
    assert told["d_calibration"].p_value < 0.01
    assert told["integrated_brier"].scaled.value < 0.1


def test_the_same_from_the_store(tmp_path):
    features, outcome = cohort(n=60)
    found = predicted(features, outcome)
    store = StepStore(tmp_path)
    store.once("step", "key", outcome, lambda: found)
    again = store.once("step", "key", outcome, lambda: pytest.fail("computed again"))
    assert performance_of(again, seed=1) == performance_of(found, seed=1)
    assert again.records == found.records


def test_records_without_a_baseline_give_the_reason():
    found = predicted(*cohort(n=60))
    for record in found.records:
        object.__setattr__(record, "baseline", None)
    told = performance_of(found, seed=1)
    for name in ("calibration", "integrated_brier", "d_calibration"):
        assert told[name] == {"reason": "the models have no baseline hazard on record"}


def test_a_whole_study_tells_the_figures(tmp_path):
    features, outcome = cohort(n=80)
    frame = pd.DataFrame(features, columns=[f"f{k}" for k in range(6)])
    frame.insert(0, "patient", [f"p{k}" for k in range(80)])
    told = pd.DataFrame({"patient": frame["patient"]})
    told["t"] = outcome.values["time"].astype(str)
    told["e"] = outcome.values["event"].astype(int).astype(str)
    result = run_plan(build_table(frame, None, told, PLAN), PLAN, tmp_path).outcomes[0]
    performance = json.loads(json.dumps(result.figures["performance"]))
    assert performance["calibration"]["slope"]["value"] > 0
    assert performance["calibration"]["horizon"] == performance["time_dependent_auc_horizon"]
    assert 0 < performance["integrated_brier"]["model"] < 0.5
    assert 0 <= performance["d_calibration"]["p_value"] <= 1
