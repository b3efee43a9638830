import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from radiome.base.errors import SettingsError, UserError
from radiome.model.discovery.detectable_auc import auc_power, auc_variance, detectable_auc
from radiome.model.discovery.explained_variation import (
    greatest_r2_binary,
    greatest_r2_survival,
    r2_of_auc,
)
from radiome.model.discovery.sample_size import (
    binary_sample_size,
    continuous_sample_size,
    survival_sample_size,
)
from radiome.model.discovery.validation_size import (
    events_per_variable,
    most_parameters,
    validation_sample_size,
)


def test_the_size_found_is_the_least_that_shrinks_so_little():
    for parameters in (5, 25, 60):
        size = continuous_sample_size(parameters, r2=0.3)
        wanted = next(item.patients for item in size.criteria if item.name == "shrinkage")

        def shrinkage(patients, parameters=parameters):
            apparent = 1 - (1 - 0.3) * (patients - parameters - 1) / (patients - 1)
            return 1 + (parameters - 2) / (patients * np.log(1 - apparent))

        assert shrinkage(wanted) >= 0.9 > shrinkage(wanted - 1)


def test_the_risk_of_survival_is_within_five_per_cent():
    size = survival_sample_size(2, rate=0.4, horizon=3, mean_follow_up=2, r2=0.3)
    wanted = next(item.patients for item in size.criteria if item.name == "overall risk")

    def off(patients):
        half = 1.96 * np.sqrt(0.4 / (2 * patients))
        rates = np.array([0.4 - half, 0.4 + half])
        return np.abs(np.exp(-3 * rates) - np.exp(-1.2)).max()

    assert off(wanted) <= 0.05 < off(wanted - 1)


def test_r2_of_an_auc_is_that_of_a_fitted_model():
    rng = np.random.default_rng(0)
    outcome = (rng.random(400_000) < 0.3).astype(int)
    # Normal predictors 0.9539 standard deviations apart have an AUC of 0.75.
    predictor = rng.normal(size=400_000) + 0.9538726 * outcome
    model = LogisticRegression(C=np.inf).fit(predictor[:, None], outcome)
    risk = model.predict_proba(predictor[:, None])[:, 1]
    gained = np.log(np.where(outcome == 1, risk, 1 - risk)).mean()
    empty = np.log(np.where(outcome == 1, outcome.mean(), 1 - outcome.mean())).mean()
    assert r2_of_auc(0.75, 0.3) == pytest.approx(1 - np.exp(-2 * (gained - empty)), abs=0.002)


def test_r2_grows_with_the_auc_up_to_the_greatest():
    found = [r2_of_auc(auc, 0.2) for auc in (0.51, 0.6, 0.8, 0.95, 0.9999)]
    assert found == sorted(found)
    assert found[-1] < greatest_r2_binary(0.2)
    assert found[-1] == pytest.approx(greatest_r2_binary(0.2), abs=0.01)
    assert greatest_r2_survival(0.1, 2) > greatest_r2_survival(0.05, 2)


def test_more_parameters_need_more_patients():
    sizes = [binary_sample_size(p, prevalence=0.3, r2=0.2).patients for p in (5, 10, 20)]
    assert sizes == sorted(sizes)
    assert most_parameters(sizes[1], lambda p: binary_sample_size(p, prevalence=0.3, r2=0.2)) == 10


def test_the_export_is_plain_json():
    size = binary_sample_size(10, prevalence=0.3, r2=0.2)
    values = json.loads(json.dumps(size.as_dict()))
    assert max(values["criteria"].values()) == values["patients"] == size.patients
    assert values["events"] == size.events


def test_the_variance_at_chance_is_that_of_the_rank_sum():
    exact = (30 + 50 + 1) / (12 * 30 * 50)
    assert auc_variance(0.5, 30, 50) == pytest.approx(exact, rel=1e-12)
    # Obuchowski's constant at chance is 0.0792, where that of many patients is 1 / 12.
    rounded = 0.0792 * (1 / 30 + 1 / 50)
    assert auc_variance(0.5, 30, 50, variance="obuchowski") == pytest.approx(rounded, rel=1e-12)


@pytest.mark.parametrize("variance", ["hanley-mcneil", "obuchowski"])
def test_power_is_about_that_of_simulated_rank_sum_tests(variance):
    rng = np.random.default_rng(0)
    apart = np.sqrt(2) * 0.5244005  # AUC 0.70
    events = rng.normal(apart, 1, size=(4000, 30, 1))
    others = rng.normal(0, 1, size=(4000, 1, 50))
    areas = (events > others).mean(axis=(1, 2))
    found = (np.abs(areas - 0.5) > 1.959964 * np.sqrt(81 / (12 * 30 * 50))).mean()
    assert auc_power(0.7, 30, 50, variance=variance) == pytest.approx(found, abs=0.03)


def test_the_least_auc_has_the_power_asked_for():
    least = detectable_auc(40, 60, alpha=0.01, power=0.9)
    assert auc_power(least, 40, 60, alpha=0.01) == pytest.approx(0.9, abs=1e-6)
    assert detectable_auc(80, 120, alpha=0.01, power=0.9) < least
    assert detectable_auc(2, 2) is None


def test_events_per_variable_has_three_answers():
    assert events_per_variable(100, 10)[0] == 10
    answers = {events_per_variable(events, 10)[1] for events in (100, 70, 30)}
    assert len(answers) == 3
    assert events_per_variable(3, 1)[1] == events_per_variable(70, 10)[1]


def test_validation_needs_more_for_narrower_intervals():
    wide = validation_sample_size(prevalence=0.3, auc=0.75, slope_width=0.4)
    narrow = validation_sample_size(prevalence=0.3, auc=0.75)
    assert narrow.patients > wide.patients
    assert narrow.events == int(np.ceil(0.3 * narrow.patients))


def test_the_slope_varies_as_in_fitted_recalibrations():
    size = validation_sample_size(prevalence=0.3, auc=0.75, slope_width=0.4)
    patients = {item.name: item.patients for item in size.criteria}["calibration slope"]
    rng = np.random.default_rng(1)
    apart, slopes = 0.9538726, []
    for _ in range(300):
        outcome = (rng.random(patients) < 0.3).astype(int)
        linear = apart * (rng.normal(size=patients) + apart * outcome)
        slopes.append(LogisticRegression(C=np.inf).fit(linear[:, None], outcome).coef_[0, 0])
    # The standard deviation of 300 values is known to about 4 %.
    assert 2 * 1.96 * np.std(slopes) == pytest.approx(0.4, rel=0.12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: binary_sample_size(0, prevalence=0.3, r2=0.2),
        lambda: binary_sample_size(5, prevalence=1.0, r2=0.2),
        lambda: binary_sample_size(5, prevalence=0.3, r2=0.9),
        lambda: binary_sample_size(5, prevalence=0.3, r2=0.0),
        lambda: binary_sample_size(5, prevalence=0.3, r2=0.2, shrinkage=1.0),
        lambda: survival_sample_size(5, rate=0.0, horizon=1, mean_follow_up=1, r2=0.1),
        lambda: continuous_sample_size(5, r2=0.2, intercept=1.0),
        lambda: r2_of_auc(0.5, 0.3),
        lambda: auc_variance(1.0, 10, 10),
        lambda: auc_variance(0.7, 0, 10),
        lambda: detectable_auc(10, 10, power=0.01),
        lambda: most_parameters(0, lambda p: binary_sample_size(p, prevalence=0.3, r2=0.2)),
        lambda: events_per_variable(0, 5),
        lambda: validation_sample_size(prevalence=0.3, auc=0.4),
        lambda: validation_sample_size(prevalence=0.3, auc=0.7, auc_width=0.0),
    ],
)
def test_plans_that_make_no_sense_are_refused(call):
    with pytest.raises(UserError):
        call()


def test_an_unknown_variance_is_refused():
    with pytest.raises(SettingsError):
        auc_variance(0.7, 10, 10, variance="delong")
