"""Fits that explain, calibrate or leave out a site are in the ledger, and audited like all."""

import json
from copy import deepcopy
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
from click.testing import CliRunner

from made_study import QUICK, made_plan, made_table, made_tables
from radiome.base.errors import UserError
from radiome.cli.audit import audit as audit_command
from radiome.model.audit import audit
from radiome.model.conformal.folds_left_out import leave_two_out
from radiome.model.evaluation import design_of
from radiome.model.explain.fold_models import ask_folds
from radiome.model.explain.importance_figures import SHUFFLES
from radiome.model.ledger import patients_hash
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.output import write_study
from radiome.model.recipe import radiomics_recipe
from radiome.model.run import run_plan
from radiome.model.table_building import build_table

SHAP = find_spec("shap") is not None
FOLDS, REPEATS = 3, 1
VALIDATION = {**QUICK["validation"], "folds": FOLDS, "repeats": REPEATS}
SITES = ("north", "south")
BEYOND = {"importance", "conformal", "left_out_sites"} | ({"shap"} if SHAP else set())


def asked_study(folder):
    """Ledger of a study of two sites that asks for everything, written to a folder."""
    report = {"importance": True, "shap": SHAP, "conformal": 0.8}
    plan = made_plan(
        columns={"site": "hospital"},
        validation=VALIDATION,
        null={"permutations": 19},
        report=report,
    )
    frame, outcome = made_tables(p=6, signal=3.0)
    frame["hospital"] = np.where(np.arange(len(frame)) % 2, "north", "south")
    found = run_plan(build_table(frame, None, outcome, plan), plan, folder)
    write_study(found, folder, provenance={})
    return json.loads((folder / "ledger.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    return folder, asked_study(folder)


def of_model(ledger, model):
    """Purposes of the fits of a model, and the fits of its preparation by purpose."""
    return {
        fit["purpose"]: fit
        for fit in ledger
        if fit["model"] == model and fit["step"] == "preparation"
    }


def test_every_fit_tells_whom_it_saw_and_whom_it_judges(study):
    _, ledger = study
    assert {fit["model"] for fit in ledger if "judged" in fit} == BEYOND
    everyone = {f"p{k}" for k in range(80)}
    for fit in ledger:
        if "judged" in fit:
            seen = everyone - set(fit["judged"])
            assert fit["patients_sha256"] == patients_hash(seen)
            assert fit["n_patients"] == len(seen)
    judged_of = of_model(ledger, "features")
    explained = of_model(ledger, "importance")
    # The models explained are those judged; and all are fitted again to permuted outcomes.
    assert len(explained) == FOLDS * (REPEATS + SHUFFLES)
    for model in BEYOND & {"importance", "shap"}:
        fits = of_model(ledger, model)
        for purpose, fit in judged_of.items():
            assert fits[purpose]["patients_sha256"] == fit["patients_sha256"]
    assert len(of_model(ledger, "conformal")) == FOLDS * (FOLDS - 1) // 2
    assert set(of_model(ledger, "left_out_sites")) == {f"repeat 1, site {s}" for s in SITES}


def test_the_audit_lists_them(study):
    folder, _ = study
    rows = audit(folder)
    assert {row.model for row in rows} > BEYOND
    assert all(row.sound for row in rows)
    told = CliRunner().invoke(audit_command, [str(folder)])
    assert told.exit_code == 0
    assert f"y, importance: {FOLDS * (REPEATS + SHUFFLES)} of" in told.stdout


@pytest.mark.parametrize("model", sorted(BEYOND))
@pytest.mark.parametrize("leak", ["fitted on one it judges", "judges one it was fitted on"])
def test_a_fit_that_saw_whom_it_judges_is_found(study, tmp_path, model, leak):
    folder, ledger = study
    (tmp_path / "predictions.csv").write_bytes((folder / "predictions.csv").read_bytes())
    planted = deepcopy(ledger)
    purpose = list(of_model(planted, model))[-1]
    seen = {f"p{k}" for k in range(80)} - set(of_model(planted, model)[purpose]["judged"])
    for fit in planted:
        if (fit["model"], fit["purpose"]) == (model, purpose):
            if leak == "judges one it was fitted on":
                fit["judged"] = sorted({*fit["judged"], min(seen)})
            else:
                fit["patients_sha256"] = patients_hash({*seen, fit["judged"][0]})
    (tmp_path / "ledger.json").write_text(json.dumps(planted), encoding="utf-8")
    (bad,) = [row for row in audit(tmp_path) if not row.sound]
    assert (bad.model, bad.purpose) == (model, purpose)
    assert "all patients but those judged" in bad.reason
    told = CliRunner().invoke(audit_command, [str(tmp_path)])
    assert told.exit_code == 1
    assert purpose in told.stderr


@pytest.mark.parametrize(
    ("judged", "reason"),
    [
        (["p0", "stranger"], "without outcome: stranger"),
        ([], "without predictions"),
        (None, "without predictions"),
    ],
)
def test_fits_that_judge_nobody_or_a_stranger_are_found(study, tmp_path, judged, reason):
    folder, ledger = study
    (tmp_path / "predictions.csv").write_bytes((folder / "predictions.csv").read_bytes())
    planted = [{**fit, "judged": judged} if fit["model"] == "conformal" else fit for fit in ledger]
    (tmp_path / "ledger.json").write_text(json.dumps(planted), encoding="utf-8")
    bad = [row for row in audit(tmp_path) if not row.sound]
    assert {row.model for row in bad} == {"conformal"}
    assert all(reason in row.reason for row in bad)


def test_steps_of_one_model_judge_the_same_patients(study, tmp_path):
    folder, ledger = study
    (tmp_path / "predictions.csv").write_bytes((folder / "predictions.csv").read_bytes())
    planted = [
        {**fit, "judged": fit["judged"][1:]}
        if fit["model"] == "conformal" and fit["step"] == "preparation"
        else dict(fit)
        for fit in ledger
    ]
    (tmp_path / "ledger.json").write_text(json.dumps(planted), encoding="utf-8")
    assert "same patients" in next(row.reason for row in audit(tmp_path) if not row.sound)
    planted[-1]["judged"] = "p0"
    (tmp_path / "ledger.json").write_text(json.dumps(planted), encoding="utf-8")
    with pytest.raises(UserError, match=r"ledger\.json is not as"):
        audit(tmp_path)


def test_the_ledger_is_the_same_when_its_steps_are_found_again(study):
    folder, ledger = study
    assert asked_study(folder) == ledger


def test_the_fits_of_conformal_prediction_are_the_same_for_any_number_of_workers():
    rows = rows_of_study(RecipeRefit)
    alone, shared = (leave_two_out(rows, folds=3, seed=1, workers=n) for n in (1, 2))
    assert alone.fits
    assert alone.fits == shared.fits


def rows_of_study(kind):
    plan = made_plan()
    table = made_table(plan, signal=2.0)
    recipe = radiomics_recipe(plan, "binary")
    return kind(recipe, design_of(table), table.outcomes["y"], table.patients, 2)


@pytest.mark.parametrize("step", ["explained", "calibrated"])
def test_a_model_that_saw_whom_it_is_asked_about_ends_the_run(step):
    class Leaking(RecipeRefit):
        __slots__ = ()

        def fit(self, rows, seed):
            return super().fit(np.append(rows, np.setdiff1d(np.arange(80), rows)[:1]), seed)

    rows = rows_of_study(Leaking)
    ask = partial(ask_folds, lambda fold: None, repeats=1)
    ask = ask if step == "explained" else leave_two_out
    with pytest.raises(UserError, match="judged by patients that it was fitted on"):
        ask(rows, folds=4, seed=1)
