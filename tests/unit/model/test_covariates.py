"""Covariates that ComBat keeps in a plan: text and numbers, what is refused and how it is said."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from made_study import QUICK, made_plan, made_tables
from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.harmonise import ComBat
from radiome.model.evaluation import design_of
from radiome.model.plan import make_plan
from radiome.model.preparation import FeaturePreparation
from radiome.model.step_store import table_fingerprint
from radiome.model.table_building import build_table

STAGES = ("I", "II", "III")


def cohort(n=60, seed=0):
    """Features that follow the stage and the scanner, and an outcome."""
    frame, outcomes = made_tables(n=n, p=8, signal=2.0, seed=seed)
    rng = np.random.default_rng(seed)
    frame["scanner"] = np.where(np.arange(n) % 2, "A", "B")
    frame["stage"] = rng.permutation(np.resize(STAGES, n))
    frame["age"] = rng.normal(60, 9, n).round(1)
    features = [name for name in frame if name.startswith("f")]
    frame[features] += 2.0 * (frame[["stage"]].to_numpy() == "III")
    frame[features] += 1.5 * (frame[["scanner"]].to_numpy() == "B")
    return frame, outcomes


def prepared(frame, outcomes, covariates):
    """What models see of the features, fitted on two thirds of the rows and applied to all."""
    plan = made_plan(harmonise={"batch": "scanner", "covariates": covariates})
    left_out = {"stage", "age", "is II", "is III"} - set(covariates)
    table = build_table(frame.drop(columns=left_out, errors="ignore"), None, outcomes, plan)
    design = design_of(table)
    preparation = FeaturePreparation(plan.preparation, plan.harmonise)
    preparation.fit_transform(design.taken(np.arange(len(frame)) % 3 > 0))
    return preparation.transform(design)


def refusal(frame, outcomes, *covariates):
    with pytest.raises(UserError) as caught:
        prepared(frame, outcomes, list(covariates))
    return caught.value


def written(folder, frame, outcomes, covariates):
    """The arguments of `radiome model` for a small study."""
    frame.to_csv(folder / "features.csv", index=False)
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    plan = {
        "outcomes": {"name": "y", "kind": "binary"},
        **QUICK,
        "validation": {"folds": 3, "repeats": 1, "inner_folds": 2, "bootstrap": 200},
        "null": {"permutations": 19},
        "columns": {"clinical": ["age", "stage"]},
        "harmonise": {"batch": "scanner", "covariates": covariates},
    }
    make_plan(plan)
    (folder / "plan.json").write_text(json.dumps(plan))
    names = {name: str(folder / name) for name in ("features.csv", "outcomes.csv", "plan.json")}
    arguments = ["model", names["features.csv"], "--outcome", names["outcomes.csv"]]
    return [*arguments, "--plan", names["plan.json"], "-o", str(folder / "study"), "--jobs", "1"]


def test_a_study_with_a_covariate_of_text_comes_to_its_end(tmp_path):
    result = CliRunner().invoke(main, written(tmp_path, *cohort(), ["stage", "age"]))
    assert result.exit_code == 0, result.output
    fits = json.loads((tmp_path / "study" / "ledger.json").read_text())
    kept = [fit["options"]["covariates"] for fit in fits if fit["step"] == "combat"]
    assert len(kept) >= 3
    assert all(names == ["stage", "age"] for names in kept)
    outcome = json.loads((tmp_path / "study" / "results.json").read_text())["outcomes"][0]
    assert 0.5 < outcome["figures"]["concordance"]["features"]["value"] <= 1


def test_a_study_whose_covariate_is_the_batch_says_which(tmp_path):
    frame, outcomes = cohort()
    frame["stage"] = np.where(frame["scanner"] == "A", "north", "south")
    result = CliRunner().invoke(main, written(tmp_path, frame, outcomes, ["stage"]))
    assert result.exit_code == 2
    assert "covariate 'stage[south]' cannot be told apart from the batch" in result.stderr
    assert "got: the batch determines it" in result.stderr
    assert "do: leave the covariate out" in result.stderr


def test_text_is_the_same_as_a_column_for_each_value_but_the_first():
    frame, outcomes = cohort()
    for stage in STAGES[1:]:
        frame[f"is {stage}"] = (frame["stage"] == stage).astype(int)
    text = prepared(frame, outcomes, ["stage", "age"])
    numbers = prepared(frame, outcomes, ["is II", "is III", "age"])
    assert text == pytest.approx(numbers, abs=1e-10)
    assert np.abs(text - prepared(frame, outcomes, ["age"])).max() > 0.1


def test_the_plan_harmonises_as_the_step_alone_does():
    frame, outcomes = cohort()
    names = [name for name in frame if name.startswith(("f", "morph"))]
    train = np.arange(len(frame)) % 3 > 0
    wanted = frame[[*names, "scanner", "stage"]]
    combat = ComBat("scanner", covariates=["stage"]).fit(wanted[train])
    expected = combat.transform(wanted)
    expected = (expected - expected[train].mean(axis=0)) / expected[train].std(axis=0)
    assert prepared(frame, outcomes, ["stage"]) == pytest.approx(expected, abs=1e-10)


def test_a_covariate_that_covariates_before_it_determine_is_named():
    frame, outcomes = cohort()
    frame["is II"] = (frame["stage"] == "II").astype(int)
    found = refusal(frame, outcomes, "stage", "is II")
    assert "'is II' cannot be told apart" in found.what
    assert found.got == "the batch and the covariates before it determine it"


def test_a_value_that_the_training_rows_lack_is_named():
    frame, outcomes = cohort()
    frame.loc[[0, 3], "stage"] = "IV"
    found = refusal(frame, outcomes, "stage")
    assert "covariate 'stage' has categories that the training rows lack" in found.what
    assert found.got == "IV"


def test_a_value_of_a_single_row_is_refused_before_any_fold():
    frame, outcomes = cohort()
    frame.loc[1, "stage"] = "IV"
    found = refusal(frame, outcomes, "stage")
    assert "a single row" in found.what
    assert found.got == "'IV'"


@pytest.mark.parametrize("column", ["stage", "age"])
def test_a_gap_in_a_covariate_is_refused_with_its_row(column):
    frame, outcomes = cohort()
    frame[column] = frame[column].astype(object)
    frame.loc[4, column] = ""
    found = refusal(frame, outcomes, column)
    assert found.what == f"covariate '{column}' is empty for a patient"
    assert found.where.endswith("row 6")


def test_texts_of_nearly_every_row_are_refused():
    frame, outcomes = cohort()
    frame["stage"] = [f"s{number // 2}" for number in range(len(frame))]
    assert "too many different texts to be a covariate" in refusal(frame, outcomes, "stage").what


@pytest.mark.parametrize("codes", [("no", "yes"), ("3.5", "-1")])
def test_an_outcome_is_no_covariate_under_any_name(codes):
    frame, outcomes = cohort()
    assert "is the outcome 'y'" in refusal(frame, outcomes, "y").what
    frame["stage"] = [codes[int(y)] for y in outcomes["y"]]
    found = refusal(frame, outcomes, "stage")
    assert "is the outcome 'y'" in found.what
    assert found.got == "stage"


def test_steps_are_kept_apart_by_every_covariate():
    frame, outcomes = cohort()
    plan = made_plan(harmonise={"batch": "scanner", "covariates": ["stage"]})

    def mark(stages):
        changed = frame.drop(columns="age").assign(stage=stages)
        return table_fingerprint(build_table(changed, None, outcomes, plan), "y")

    stages = frame["stage"].to_numpy(object)
    swapped = pd.Series(stages).replace({"I": "II", "II": "I"}).to_numpy(object)
    assert mark(stages) == mark(stages.copy())
    assert mark(stages) != mark(swapped)
