"""Locked models: what went in comes out, and nothing that was changed is believed."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from made_study import QUICK, made_tables
from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.model.evaluation import design_of
from radiome.model.locked.locking import lock, refit
from radiome.model.locked.model_file import read_model, write_model
from radiome.model.locked.prediction import predict
from radiome.model.performance.discrimination import auc
from radiome.model.plan import make_plan
from radiome.model.run import run_plan
from radiome.model.table_building import build_table

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
WITHOUT_LEARNER = {name: value for name, value in QUICK.items() if name != "learner"}


def made(folder: Path, kind="binary", *, batches=False):
    """Frame, study result, fitted model and locked file of a made-up study."""
    frame, outcome = made_tables(n=90, signal=4.0)
    driver = frame["f1"] + np.random.default_rng(0).normal(scale=0.3, size=90)
    declared = {"name": "y", "kind": kind}
    if kind == "multiclass":
        outcome["y"] = pd.qcut(driver, 3, labels=["a", "b", "c"]).astype(str)
    if kind == "continuous":
        outcome["y"] = driver.astype(str)
    if kind == "survival":
        outcome["t"] = np.round(np.exp(-driver) * 10 + 0.1, 3).astype(str)
        outcome["e"] = np.where(np.arange(90) % 4, "1", "0")
        declared |= {"time": "t", "event": "e"}
    more = {}
    if batches:
        frame["scanner"] = np.tile(["one", "two", "two"], 30)
        frame.loc[frame["scanner"] == "one", [f"f{k}" for k in range(20)]] += 3
        more = {"harmonise": {"batch": "scanner"}}
    plan = make_plan({"outcomes": declared, **WITHOUT_LEARNER, **more})
    table = build_table(frame, None, outcome, plan)
    result = run_plan(table, plan, folder / "study").outcomes[0]
    found = result.evaluation
    model = lock(found, plan, figures=result.figures, verdict=result.verdict, created=CREATED)
    write_model(model, folder / "y.radiome")
    return frame, outcome, refit(found, plan).scores(design_of(found.table)), folder / "y.radiome"


def scores(predictions):
    return np.squeeze(np.array([row.scores for row in predictions.rows]))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "continuous", "survival"])
@pytest.mark.parametrize("batches", [False, True])
def test_predictions_are_those_of_the_fitted_model(tmp_path, kind, batches):
    frame, _, expected, path = made(tmp_path, kind, batches=batches)
    found = predict(read_model(path), frame)
    assert found.counts() == {"in_scope": 90, "out_of_scope": 0, "refused": 0}
    assert scores(found) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.fixture(scope="module")
def binary(tmp_path_factory):
    return made(tmp_path_factory.mktemp("binary"))


def test_columns_may_come_in_any_order_with_others_between_and_one_row_alone(binary):
    frame, _, expected, path = binary
    model = read_model(path)
    shuffled = frame[frame.columns[::-1]].assign(note="text", age=50)
    assert scores(predict(model, shuffled)) == pytest.approx(expected, abs=1e-12)
    assert scores(predict(model, frame.iloc[[7]])) == pytest.approx(expected[7], abs=1e-12)


def test_a_missing_column_is_named_with_the_nearest(binary):
    frame, _, _, path = binary
    model = read_model(path)
    needed = model.features[0]
    with pytest.raises(UserError, match=needed):
        predict(model, frame.rename(columns={needed: f"{needed}_new"}))


def test_a_row_beyond_the_training_range_is_out_of_scope_and_stops_no_other(binary):
    frame, _, expected, path = binary
    model = read_model(path)
    changed = frame.copy()
    changed.loc[3, model.features[0]] = 1000.0
    changed[model.features[0]] = changed[model.features[0]].astype(object)
    changed.loc[5, model.features[0]] = "much"
    found = predict(model, changed)
    assert found.counts() == {"in_scope": 88, "out_of_scope": 1, "refused": 1}
    assert found.rows[3].status == "out_of_scope"
    assert found.rows[3].worst == model.features[0]
    assert found.rows[5].status == "refused"
    assert found.rows[5].scores == ()
    kept = [row for row in range(90) if row not in (3, 5)]
    assert [found.rows[row].scores[0] for row in kept] == pytest.approx(expected[kept], abs=1e-12)


def test_a_scanner_that_the_model_does_not_know_is_refused(tmp_path):
    frame, _, _, path = made(tmp_path, batches=True)
    frame.loc[0, "scanner"] = "three"
    found = predict(read_model(path), frame)
    assert found.rows[0].status == "refused"
    assert "three" in " ".join(found.rows[0].reasons)
    assert found.counts()["in_scope"] == 89


def test_equal_models_give_equal_bytes_and_no_patient_is_in_them(binary, tmp_path):
    _, _, _, path = binary
    made(tmp_path)
    assert (tmp_path / "y.radiome").read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        text = archive.read("model.json").decode()
    assert '"p17"' not in text


@pytest.mark.parametrize("member", ["model.json", "model.skops", "recalibration.json"])
def test_a_model_that_was_changed_is_refused(binary, tmp_path, member):
    path = binary[-1]
    changed = tmp_path / "changed.radiome"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:-3] + b" " + data[-3:] if name == member else data)
    with pytest.raises(UserError):
        read_model(changed)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "x.radiome").write_text("no zip")
    with pytest.raises(UserError):
        read_model(tmp_path / "x.radiome")
    with pytest.raises(UserError):
        read_model(tmp_path / "absent.radiome")


def test_command_predicts_and_judges(binary, tmp_path):
    path = binary[-1]
    new, truth = made_tables(n=60, signal=4.0, seed=8)
    new["patient"] = truth["patient"] = [f"other {k}" for k in range(60)]
    new.to_csv(tmp_path / "new.csv", index=False)
    truth.to_csv(tmp_path / "truth.csv", index=False)
    command = ["predict", str(path), str(tmp_path / "new.csv"), "-o", str(tmp_path / "out.csv")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    told = pd.read_csv(tmp_path / "out.csv")
    assert len(told) == 60
    done = CliRunner().invoke(main, [*command, "--outcome", str(tmp_path / "truth.csv")])
    assert done.exit_code == 0, done.output
    performance = json.loads((tmp_path / "performance.json").read_text())
    assert "auc" in json.dumps(performance)
    known = told["score"].notna()
    y = truth["y"].astype(int)[known]
    assert f"{auc(y, told['score'][known]):.3f}" in done.output
