"""From a run folder through a study to the predictions of another run, on the command line."""

import json

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from made_study import QUICK, made_tables
from radiome.cli.main import main
from radiome.tables.columns import number_column, text_column
from radiome.tables.files import write_parquet


def run_folder(folder, frame, *, settings):
    """A run as `radiome extract` leaves it; the last case was not measured."""
    folder.mkdir()
    features = [name for name in frame.columns if name != "patient"]
    last = len(frame) - 1
    columns = [
        text_column("case", [f"case {name}" for name in frame["patient"]]),
        text_column("patient", frame["patient"].tolist()),
        text_column("modality", ["CT"] * len(frame)),
        text_column("status", ["ok"] * last + ["failed"]),
        text_column("reason", [""] * last + ["the mask is empty"]),
        *(number_column(name, [*frame[name].tolist()[:-1], None]) for name in features),
    ]
    metadata = {"settings": settings, "features": features}
    write_parquet(folder / "features.parquet", columns, metadata)
    return folder


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    frame, outcomes = made_tables(n=80, signal=4.0)
    run_folder(folder / "run", frame, settings="aaa")
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    plan = {**QUICK, "null": {"permutations": 19, "stop_after": 3}}
    plan |= {"outcomes": {"name": "y", "kind": "binary"}}
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    told = ("--outcome", folder / "outcomes.csv", "--plan", folder / "plan.yaml")
    done = call("model", folder / "run", *told, "-o", folder / "out", "--jobs", 1)
    assert done.exit_code == 0, done.output
    return folder / "out" / "models" / "y.radiome"


@pytest.fixture
def truth(tmp_path):
    frame, outcomes = made_tables(n=60, signal=4.0, seed=8)
    for table in (frame, outcomes):
        table["patient"] = [f"other {k}" for k in range(60)]
    outcomes.to_csv(tmp_path / "truth.csv", index=False)
    run_folder(tmp_path / "same", frame, settings="aaa")
    run_folder(tmp_path / "different", frame, settings="bbb")
    return tmp_path / "truth.csv"


def test_a_run_of_the_same_settings_is_predicted_and_judged(study, truth, tmp_path):
    out = tmp_path / "new" / "p.csv"
    done = call("predict", study, tmp_path / "same", "-o", out, "--outcome", truth)
    assert done.exit_code == 0, done.output
    assert "not compared" not in done.output
    table = pd.read_csv(out)
    assert table["status"].iloc[-1] == "refused"
    assert table["reasons"].iloc[-1] == "not measured: the mask is empty"
    assert table["score"].notna().sum() == 59
    told = json.loads((out.parent / "performance.json").read_text())
    assert told["all_predicted"]["patients"] == 59
    assert told["model_sha256"]
    assert f"auc: {told['all_predicted']['auc']['value']:.3f}" in done.output


def test_a_run_of_other_settings_is_refused_unless_allowed(study, truth, tmp_path):
    command = ("predict", study, tmp_path / "different", "-o", tmp_path / "p.csv")
    done = call(*command)
    assert done.exit_code == 2
    assert "other settings" in done.output
    assert not (tmp_path / "p.csv").exists()
    done = call(*command, "--allow-other-settings", "--outcome", truth)
    assert done.exit_code == 0, done.output
    assert set(pd.read_csv(tmp_path / "p.csv")["status"]) == {"out_of_scope", "refused"}
    told = json.loads((tmp_path / "performance.json").read_text())
    assert told["in_scope"] == {"patients": 0, "reason": "no patient"}


def test_the_recalibrated_column_comes_only_when_asked_for(study, truth, tmp_path):
    command = ("predict", study, tmp_path / "same", "-o", tmp_path / "p.csv")
    assert call(*command).exit_code == 0
    plain = pd.read_csv(tmp_path / "p.csv")
    assert call(*command, "--recalibrated").exit_code == 0
    more = pd.read_csv(tmp_path / "p.csv")
    assert set(more.columns) - set(plain.columns) == {"recalibrated"}
    assert more["score"].equals(plain["score"])
    assert more["recalibrated"].notna().sum() == 59


def test_a_tolerance_below_0_is_refused(study, truth, tmp_path):
    command = ("predict", study, tmp_path / "same", "-o", tmp_path / "p.csv")
    assert call(*command, "--tolerance", -1).exit_code == 2
