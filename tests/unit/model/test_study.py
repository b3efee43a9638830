"""Whole studies: the truth decides the verdict, and nothing else does."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.preprocessing import StandardScaler

from made_study import QUICK, made_plan, made_table, made_tables
from radiome.base.errors import SettingsError, UserError
from radiome.cli.main import main
from radiome.model.audit import audit
from radiome.model.crossvalidation import cross_validate
from radiome.model.evaluation import design_of
from radiome.model.plan import make_plan, read_plan
from radiome.model.recipe import Stage, radiomics_recipe
from radiome.model.run import run_plan
from radiome.model.table_building import build_table


def statuses(result):
    return {gate.number: str(gate.status) for gate in result.verdict.gates}


def study(folder, plan=None, **truth):
    plan = plan or made_plan()
    return run_plan(made_table(plan, **truth), plan, folder).outcomes[0]


def test_a_planted_signal_is_evidence(tmp_path):
    found = study(tmp_path, signal=4.0)
    assert found.verdict.word == "evidence"
    assert statuses(found)[4] == "PASS"
    assert statuses(found)[5] == "PASS"
    assert "not known, for lack of data" in found.verdict.sentence.lower()


def test_noise_is_none(tmp_path):
    found = study(tmp_path, seed=2)
    assert found.verdict.word == "none"
    assert statuses(found)[4] == "FAIL"


def test_a_scanner_that_goes_with_the_outcome_is_named(tmp_path):
    plan = made_plan(columns={"acquisition": ["scanner"]})
    found = study(tmp_path, plan, scanner=True)
    assert found.evaluation.ladder.concordances()["features"].lower > 0.5
    assert found.verdict.word == "none"
    assert statuses(found)[3] == "FAIL"
    assert "CONFOUNDED" in found.verdict.sentence
    assert found.verdict.alternatives[0].startswith("scanner and protocol alone")


def test_a_proxy_of_volume_does_not_beat_volume(tmp_path):
    found = study(tmp_path, volume=True)
    assert statuses(found)[4] == "PASS"
    assert statuses(found)[5] == "FAIL"
    assert found.verdict.word == "none"


def test_the_same_study_for_any_number_of_workers(tmp_path):
    plan = made_plan()
    table = made_table(plan, signal=1.0)
    one = run_plan(table, plan, tmp_path / "one", workers=1).outcomes[0]
    two = run_plan(table, plan, tmp_path / "two", workers=2).outcomes[0]
    assert one.figures == two.figures
    assert one.evaluation.null.as_dict() == two.evaluation.null.as_dict()
    assert one.verdict == two.verdict


def test_a_second_run_takes_every_step_from_the_folder(tmp_path, monkeypatch):
    first = study(tmp_path, signal=1.0)
    monkeypatch.setattr(
        "radiome.model.outcome_steps.cross_validate", lambda *_, **__: pytest.fail("computed again")
    )
    second = study(tmp_path, signal=1.0)
    assert second.figures == first.figures


def test_other_data_in_the_same_folder_are_computed_anew(tmp_path):
    first = study(tmp_path, signal=1.0)
    second = study(tmp_path, signal=1.0, seed=1)
    assert first.figures["concordance"] != second.figures["concordance"]


def test_rows_in_another_order_or_features_shifted_change_no_concordance_beyond_the_folds(tmp_path):
    plan = made_plan()
    table = made_table(plan, signal=1.0)
    moved = made_table(plan, signal=1.0)
    object.__setattr__(moved, "features", moved.features * 3.0 + 7.0)
    one = run_plan(table, plan, tmp_path / "one").outcomes[0]
    two = run_plan(moved, plan, tmp_path / "two").outcomes[0]
    first = one.figures["concordance"]["features"]["value"]
    assert two.figures["concordance"]["features"]["value"] == pytest.approx(first, abs=1e-9)


def test_a_step_fitted_outside_the_folds_is_refused():
    plan = made_plan()
    table = made_table(plan)
    recipe = radiomics_recipe(plan, "binary")
    fitted = StandardScaler().fit(table.features)
    leaky = Stage("leaky", ({},), lambda *_: fitted)
    with pytest.raises(UserError, match="fitted before the fold"):
        cross_validate(
            type(recipe)("binary", (leaky,), recipe.learner, recipe.preparation),
            design_of(table),
            table.outcomes["y"],
            table.patients,
            folds=4,
            repeats=1,
            inner_folds=2,
            seed=1,
        )


def test_selection_inside_the_folds_finds_nothing_in_noise_and_outside_finds_much():
    """What `radiome` does beside what it refuses to do, on the same noise."""
    plan = made_plan(select={"name": "univariate", "options": {"top": 10}})
    table = made_table(plan, n=60, p=1000, seed=5)
    recipe = radiomics_recipe(plan, "binary")
    outcome, options = table.outcomes["y"], {"folds": 5, "repeats": 3, "inner_folds": 2, "seed": 1}
    honest = cross_validate(recipe, design_of(table), outcome, table.patients, **options)
    selector = recipe.selectors[0].new(0, 1).fit(table.features, outcome.values)
    chosen = np.flatnonzero(selector.get_support())
    design = type(design_of(table))(table.features[:, chosen], tuple(map(str, chosen)))
    leaky = cross_validate(recipe, design, outcome, table.patients, **options)
    assert honest.judged().concordance() < 0.65
    assert leaky.judged().concordance() > honest.judged().concordance() + 0.2


def test_too_few_events_are_not_modelled_and_say_so(tmp_path):
    plan = made_plan()
    frame, outcome = made_tables()
    outcome["y"] = ["1"] * 3 + ["0"] * (len(outcome) - 3)
    with pytest.raises(UserError, match="too few patients with '1'") as caught:
        run_plan(build_table(frame, None, outcome, plan), plan, tmp_path)
    assert "got: 3" in caught.value.message


def test_an_outcome_that_cannot_be_modelled_stops_no_other(tmp_path):
    both = [{"name": "y", "kind": "binary"}, {"name": "rare", "kind": "binary"}]
    plan = made_plan(outcomes=both)
    frame, outcome = made_tables(signal=4.0)
    outcome["rare"] = ["1"] * 3 + ["0"] * (len(outcome) - 3)
    found = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes
    assert [result.status for result in found] == ["modelled", "not_modelled"]
    assert "too few" in found[1].reason


def test_constant_and_empty_columns_are_never_selected(tmp_path):
    plan = made_plan()
    frame, outcome = made_tables(signal=4.0)
    frame["same"], frame["empty"] = 1.0, np.nan
    found = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes[0]
    assert not {"same", "empty"} & set(found.figures["selection"]["frequency"])
    assert found.verdict.word == "evidence"


@pytest.mark.parametrize("kind", ["multiclass", "ordinal", "continuous", "count", "survival"])
def test_every_kind_of_outcome_goes_through(tmp_path, kind):
    frame, outcome = made_tables(n=90, signal=0.0)
    rng = np.random.default_rng(0)
    driver = frame["f1"] + 0.3 * rng.normal(size=len(frame))
    declared = {"name": "y", "kind": kind}
    if kind in ("multiclass", "ordinal"):
        outcome["y"] = pd.qcut(driver, 3, labels=["0", "1", "2"]).astype(str)
    elif kind == "continuous":
        outcome["y"] = driver.astype(str)
    elif kind == "count":
        outcome["y"] = rng.poisson(np.exp(driver)).astype(str)
    else:
        outcome["t"] = np.round(np.exp(-driver) * rng.exponential(10, len(frame)) + 0.1, 3)
        outcome["t"], outcome["e"] = outcome["t"].astype(str), "1"
        outcome.loc[::4, "e"] = "0"
        declared |= {"time": "t", "event": "e"}
    changes = {name: value for name, value in QUICK.items() if name != "learner"}
    plan = make_plan({"outcomes": declared, **changes})
    found = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes[0]
    assert found.verdict.word == "evidence"
    assert found.figures["concordance"]["features"]["value"] > 0.7
    assert all("reason" not in str(figure)[:10] for figure in found.figures["performance"].values())


def test_harmonisation_sites_and_controls_go_through_the_same_folds(tmp_path):
    plan = made_plan(
        columns={"site": "hospital"}, harmonise={"batch": "hospital", "unseen": "identity"}
    )
    frame, outcome = made_tables(n=90, signal=4.0)
    frame["hospital"] = np.tile(["a", "b", "c"], 30)
    moved = frame["hospital"] == "b"
    frame.loc[moved, [f"f{k}" for k in range(20)]] += 3
    shuffled = frame.copy()
    shuffled[[f"f{k}" for k in range(20)]] = np.random.default_rng(99).normal(size=(90, 20))
    tables = [build_table(part, None, outcome, plan) for part in (frame, shuffled)]
    found = run_plan(tables[0], plan, tmp_path, controls={"shuffled_roi": tables[1]}).outcomes[0]
    assert found.figures["concordance"]["features"]["value"] > 0.8
    assert found.figures["left_out_sites"]["value"] > 0.7
    told = statuses(found)
    assert (told[3], told[6], told[11], told[12]) == ("PASS", "PASS", "PASS", "PASS")
    assert found.verdict.sentence.startswith("Externally validated")


def test_a_site_that_no_training_patient_has_is_refused_unless_the_plan_says_otherwise(tmp_path):
    plan = made_plan(columns={"site": "hospital"}, harmonise={"batch": "hospital"})
    frame, outcome = made_tables(n=90, signal=4.0)
    frame["hospital"] = np.tile(["a", "b", "c"], 30)
    found = run_plan(build_table(frame, None, outcome, plan), plan, tmp_path).outcomes[0]
    assert found.figures["left_out_sites"] is None
    assert statuses(found)[11] == "UNKNOWN"


def test_several_lesions_of_a_patient_are_one_patient(tmp_path):
    plan = made_plan()
    frame, outcome = made_tables(n=80, signal=4.0)
    again = frame.copy()
    rng = np.random.default_rng(1)
    again[[f"f{k}" for k in range(20)]] += rng.normal(scale=0.5, size=(80, 20))
    both = pd.concat([frame, again], ignore_index=True)
    both["case"] = [f"lesion {k}" for k in range(len(both))]
    found = run_plan(build_table(both, None, outcome, plan), plan, tmp_path).outcomes[0]
    features = found.evaluation.ladder.steps["features"]
    assert features.scores.shape == (2, 80)
    assert found.verdict.word == "evidence"


def test_command_writes_results_and_the_audit_is_sound(tmp_path):
    frame, outcome = made_tables(signal=4.0)
    frame.to_csv(tmp_path / "features.csv", index=False)
    outcome.to_csv(tmp_path / "outcomes.csv", index=False)
    plan = {"outcomes": {"name": "y", "kind": "binary", "reference_standard": "sequence"}, **QUICK}
    (tmp_path / "plan.yaml").write_text(json.dumps(plan))
    command = ["model", "features.csv", "--outcome", "outcomes.csv", "--plan", "plan.yaml"]
    paths = [str(tmp_path / part) if "." in part else part for part in command]
    out = tmp_path / "study"
    done = CliRunner().invoke(main, [*paths, "-o", str(out), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    told = json.loads((out / "results.json").read_text())
    assert told["verdict"] == "evidence"
    assert told["outcomes"][0]["outcome"]["reference_standard"] == "sequence"
    assert {gate["gate"] for gate in told["outcomes"][0]["gates"]} == set(range(1, 13))
    rows = audit(out)
    assert len(rows) == 8 * len(told["outcomes"][0]["figures"]["concordance"])
    assert all(row.sound for row in rows)
    predictions = (out / "predictions.csv").read_text().replace(",p0,1,", ",stranger,1,")
    (out / "predictions.csv").write_text(predictions)
    assert CliRunner().invoke(main, ["audit", str(out)]).exit_code == 1


def test_an_outcome_may_be_called_y_a_class_no_and_a_section_null(tmp_path):
    (tmp_path / "plan.yaml").write_text(
        "outcomes: {name: y, kind: ordinal, order: [no, on, yes]}\nharmonise: null\n"
        "null: {permutations: 49}\n"
    )
    plan = read_plan(tmp_path / "plan.yaml")
    assert plan.outcomes[0].name == "y"
    assert (plan.null.permutations, plan.harmonise) == (49, None)
    assert plan.outcomes[0].order == ("no", "on", "yes")


def test_unknown_plan_keys_learners_and_selectors_name_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match="repeets"):
        made_plan(validation={"repeets": 3})
    with pytest.raises(SettingsError, match="did you mean 'logistic'"):
        radiomics_recipe(made_plan(learner="logistik"), "binary")
    with pytest.raises(SettingsError, match="did you mean 'univariate'"):
        radiomics_recipe(made_plan(select="univariat"), "binary")
