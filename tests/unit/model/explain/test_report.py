"""The plan's section report: what it adds to the results, and that it changes nothing else."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from made_study import QUICK, made_plan, made_table, made_tables
from radiome.base.errors import SettingsError
from radiome.model.class_concordance import class_concordances
from radiome.model.evaluation import design_of
from radiome.model.optimism.estimate_632 import estimate_632
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.optimism.resamples import resample
from radiome.model.out_of_fold import OutOfFold
from radiome.model.outcomes import Outcome, OutcomeOptions
from radiome.model.output import write_study
from radiome.model.performance.discrimination import auc
from radiome.model.performance.multiclass import hand_till, multiclass_auc
from radiome.model.performance.reclassification import categorical_nri
from radiome.model.plan import make_plan
from radiome.model.recipe import radiomics_recipe
from radiome.model.reclassification_figures import reclassification_figures
from radiome.model.run import record_of, run_plan
from radiome.model.table_building import build_table

ASKED = {"importance": True, "conformal": 0.8, "bootstrap_632": 100, "reclassification": [0.3, 0.6]}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A study with everything asked for but SHAP, and where it was run."""
    plan = made_plan(report=ASKED)
    folder = tmp_path_factory.mktemp("asked")
    return run_plan(made_table(plan, signal=3.0), plan, folder), folder


def test_what_is_asked_for_is_in_the_results_and_changes_nothing_else(asked, tmp_path):
    found, _ = asked
    plan = made_plan()
    plain = run_plan(made_table(plan, signal=3.0), plan, tmp_path).outcomes[0]
    told = dict(found.outcomes[0].figures)
    more = {name: told.pop(name) for name in ASKED}
    assert told == plain.figures
    (first, *gates), (plain_first, *plain_gates) = (
        outcome.verdict.gates for outcome in (found.outcomes[0], plain)
    )
    assert gates == plain_gates
    assert first.status == plain_first.status
    assert first.figures["fits"] > plain_first.figures["fits"]  # Those that explain count too.
    assert found.outcomes[0].verdict.sentence == plain.verdict.sentence
    assert json.loads(json.dumps(more)) == more
    assert not set(ASKED) & set(plain.figures)


def test_a_second_run_fits_nothing_again(asked, monkeypatch):
    found, folder = asked
    for step in ("importance_figures", "leave_two_out", "resample"):
        monkeypatch.setattr(
            f"radiome.model.report_steps.{step}", lambda *_, **__: pytest.fail("computed again")
        )
    again = run_plan(made_table(found.plan, signal=3.0), found.plan, folder)
    assert again.outcomes[0].figures == found.outcomes[0].figures


def test_the_bootstrap_is_that_of_the_whole_recipe(asked):
    found, _ = asked
    table = found.table
    rows = RecipeRefit(
        radiomics_recipe(found.plan, "binary"),
        design_of(table),
        table.outcomes["y"],
        table.patients,
        found.plan.validation.inner_folds,
    )
    expected = estimate_632(resample(rows, samples=100, seed=found.plan.seed), "concordance")
    told = found.outcomes[0].figures["bootstrap_632"]
    assert told["concordance"] == expected.as_dict()
    assert told["concordance"]["apparent"] > told["concordance"]["b632_plus"]
    assert told["optimism"]["concordance"]["optimism"] > 0


def test_reclassification_is_against_volume_in_both_parts(asked):
    result = asked[0].outcomes[0]
    steps = result.evaluation.ladder.steps
    told = result.figures["reclassification"]["against"]["volume"]
    expected = categorical_nri(
        steps["volume"].outcome.values,
        steps["volume"].mean_scores(),
        steps["features"].mean_scores(),
        (0.3, 0.6),
    )
    for part in ("events", "non_events", "total"):
        assert told["categories"][part]["value"] == getattr(expected, part).value
    assert "Not a headline" in result.figures["reclassification"]["note"]
    assert "reason" in reclassification_figures({"features": steps["features"]}, (0.5,))


def test_intervals_and_sets_are_written_by_patient(asked, tmp_path):
    found, _ = asked
    write_study(found, tmp_path, provenance={})
    with (tmp_path / "conformal.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    hit = np.mean([row["observed"] in row["labels"].split("|") for row in rows])
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    figures = told["outcomes"][0]["figures"]
    assert figures["conformal"]["coverage"]["value"] == pytest.approx(hit)
    assert "patients" not in figures["conformal"]
    assert record_of(found, provenance={})["plan"]["report"]["conformal"] == 0.8


def test_folds_that_outcomes_share_are_those_that_are_explained(tmp_path):
    """The mean concordance of the folds explained is that of the folds judged."""
    both = [{"name": "y", "kind": "binary"}, {"name": "other", "kind": "binary"}]
    validation = {**QUICK["validation"], "stratify_panel": True}
    asked = {"importance": True, "conformal": 0.8}
    plan = made_plan(outcomes=both, validation=validation, report=asked)
    frame, outcome = made_tables(signal=3.0)
    outcome["other"] = np.where(np.arange(len(outcome)) % 3, "1", "0")
    result = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes[0]
    found = result.evaluation.ladder.steps["features"]
    alone = made_plan(report=asked)
    separate = run_plan(made_table(alone, signal=3.0), alone, tmp_path / "alone").outcomes[0]
    assert not np.array_equal(found.folds, separate.evaluation.ladder.steps["features"].folds)
    each = [
        auc(found.outcome.values[folds == fold], scores[folds == fold])
        for scores, folds in zip(found.scores, found.folds, strict=True)
        for fold in range(4)
    ]
    assert result.figures["importance"]["concordance"] == pytest.approx(np.mean(each), abs=1e-12)
    told = [row["fold"] - 1 for row in result.evaluation.report["conformal"]["patients"]]
    assert np.array_equal(told, found.folds[0])


def test_survival_says_why_it_has_no_intervals(tmp_path):
    options = {"name": "y", "kind": "survival", "time": "t", "event": "e"}
    quick = {key: value for key, value in QUICK.items() if key != "learner"}
    asked = {"conformal": 0.9, "reclassification": [0.5]}
    quick["null"] = {"permutations": 19}
    plan = make_plan({"outcomes": options, **quick, "report": asked})
    frame, _ = made_tables()
    rng = np.random.default_rng(0)
    outcome = pd.DataFrame({"patient": frame["patient"], "t": rng.exponential(size=80).round(3)})
    outcome["t"] = (outcome["t"] + 0.01).astype(str)
    outcome["e"] = np.where(np.arange(80) % 3, "1", "0")
    result = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes[0]
    assert "censored" in result.figures["conformal"]["reason"]
    assert "not one of kind survival" in result.figures["reclassification"]["reason"]


def test_limits_and_samples_that_make_no_sense_are_refused():
    for wrong in ({"reclassification": [0.5, 0.2]}, {"reclassification": [0, 0.2]}):
        with pytest.raises(SettingsError, match="ascend between 0 and 1"):
            made_plan(report=wrong)
    with pytest.raises(SettingsError, match="fewer than 100 samples"):
        made_plan(report={"bootstrap_632": 20})


def classes_out_of_fold(folds):
    rng = np.random.default_rng(1)
    codes = np.repeat([0, 1, 2], [30, 20, 10])
    scores = rng.dirichlet(np.ones(3), size=(2, 60)) + 0.4 * np.eye(3)[codes]
    names = ("a", "b", "c")
    outcome = Outcome(OutcomeOptions(name="y", kind="multiclass"), codes, np.ones(60, bool), names)
    patients = np.arange(60).astype(str)
    return OutOfFold(scores, folds, patients, np.arange(60), outcome)


def test_with_a_single_fold_classes_are_judged_as_hand_and_till_do():
    found = classes_out_of_fold(np.zeros((2, 60), np.int64))
    told = class_concordances(found, seed=1)
    y = found.outcome.values
    each = [hand_till(y, scores) for scores in found.scores]
    assert told["hand_till"]["value"] == pytest.approx(np.mean(each), abs=1e-12)
    aucs = [multiclass_auc(y, scores) for scores in found.scores]
    assert told["weighted"]["value"] == pytest.approx(np.mean([a.weighted for a in aucs]))
    for place, name in enumerate("abc"):
        expected = np.mean([a.one_vs_rest[place].value for a in aucs])
        assert told["one_vs_rest"][name]["value"] == pytest.approx(expected)
    assert told["hand_till"]["lower"] < told["hand_till"]["value"] < told["hand_till"]["upper"]


def test_scores_of_other_folds_are_not_compared_with():
    folds = np.tile(np.arange(60) % 3, (2, 1))
    found = classes_out_of_fold(folds)
    shifted = found.scores + 10.0 * folds[..., None]
    moved = OutOfFold(shifted, folds, found.patients, found.first_rows, found.outcome)
    told, expected = class_concordances(moved, seed=1), class_concordances(found, seed=1)
    assert told["hand_till"]["value"] == pytest.approx(expected["hand_till"]["value"], abs=1e-12)
