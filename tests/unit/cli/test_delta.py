"""`radiome delta` from files to files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from radiome.cli.main import main
from radiome.model.plan import make_plan
from radiome.model.study_inputs import read_inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows, told = [], []
    for n in range(20):
        responds = n % 2
        base = 5 + 0.5 * rng.normal(size=3)
        for date in ("2024-01-01", "2024-02-01", "2024-03-01"):
            factor = 0.7 if responds and date > "2024-01-15" else 1.0
            values = base * np.exp(rng.normal(size=3) * 0.05) * [factor, 1, 1]
            rows.append((f"p{n}", date, "AB"[n % 2], *values.round(6)))
        told.append((f"p{n}", "CR" if responds else "PD", 20 + 10 * n, int(n % 3 > 0)))
    features = pd.DataFrame(rows, columns=["patient", "date", "site", "f", "g", "h"])
    features.to_csv(tmp_path / "features.csv", index=False)
    names = ["patient", "response", "days", "died"]
    pd.DataFrame(told, columns=names).to_csv(tmp_path / "outcomes.csv", index=False)
    (tmp_path / "rc.csv").write_text("feature,rc_relative\nf,0.2\ng,0.2\nh,0.2\n")
    return tmp_path


def call(folder: Path, *arguments: str, table: str = "features.csv") -> Result:
    out = str(folder / "response" / "delta.csv")
    start = ["delta", str(folder / table), "-o", out, "--time", "date"]
    return CliRunner().invoke(main, [*start, *arguments])


def test_changes_with_marks_and_tests(folder: Path) -> None:
    result = call(
        folder, "--kind", "relative,rate", "--kind", "absolute", "--test", "--flips", "199",
        "--repeatability", str(folder / "rc.csv"), "--outcome", str(folder / "outcomes.csv"),
        "--outcome-column", "response", "--positive", "CR",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "40 pairs of scans of 20 patients" in result.stdout
    table = pd.read_csv(folder / "response" / "delta.csv")
    assert set(table["interval"]) == {31.0, 60.0}
    np.testing.assert_allclose(table["rate_f"] * table["interval"], table["delta_f"])
    responders = table["patient"].str[1:].astype(int) % 2 == 1
    assert (table.loc[responders, "change_f"] == "decrease").mean() > 0.9
    assert (table.loc[~responders, "change_f"] == "within_repeatability").mean() > 0.8
    tests = pd.read_csv(folder / "response" / "delta.tests.csv").set_index("feature")
    assert tests["p_step_down"].idxmin() == "f"
    related = pd.read_csv(folder / "response" / "delta.outcome_tests.csv").set_index("feature")
    assert related.loc["f", "ancova_q"] < 0.001
    assert related.loc["f", "ancova"] < 0
    record = json.loads((folder / "response" / "response.json").read_text())
    assert record["options"]["delta"]["kinds"] == ["relative", "rate", "absolute"]
    assert len(record["provenance"]["inputs"]) == 3


def test_the_table_feeds_a_model_from_the_landmark_on(folder: Path) -> None:
    result = call(
        folder, "--with-baseline", "--outcome", str(folder / "outcomes.csv"),
        "--event-time", "days", "--event", "died", "--landmark", "40",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    record = json.loads((folder / "response" / "response.json").read_text())
    # Of days 20, 30 and 40 the first is censored.
    assert record["landmark"]["event_before"] == 2
    assert record["landmark"]["censored_before"] == 1
    plan = make_plan(
        {
            "outcomes": {"name": "os", "kind": "survival", "time": "days", "event": "died"},
            "columns": {"include": ["delta_*"], "exclude": ["delta_h"]},
        }
    )
    response = folder / "response"
    table = read_inputs(response / "delta.csv", response / "delta.outcomes.csv", plan)
    assert table.names == ("delta_f", "delta_g")
    assert len(table.cases) == 17
    assert table.outcomes["os"].values["time"].min() == 10


def test_survival_without_a_landmark_warns(folder: Path) -> None:
    given = ("--outcome", str(folder / "outcomes.csv"), "--event-time", "days", "--event", "died")
    result = call(folder, *given)
    assert result.exit_code == 0
    assert "immortal time" in result.stdout
    assert not (folder / "response" / "delta.outcome_tests.csv").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--kind", "percent"), "'delta.kinds.0' is not valid"),
        (("--landmark", "3"), "need --outcome"),
        (("--outcome", "o.csv"), "--outcome-column"),
        (("--outcome", "o.csv", "--event", "died"), "go together"),
        (("--outcome", "o.csv", "--event", "d", "--outcome-column", "r"), "--event-time and"),
        (("--time", "day"), "did you mean 'date'"),
        (("--patient", "pat"), "no column 'pat'"),
        (("--lesion", "roi"), "no column 'roi'"),
        (("--baseline", "week 1"), "not a time point"),
    ],
)
def test_faults_of_the_call_are_explained(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = call(folder, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (folder / "response").exists()


@pytest.mark.parametrize("taken", ["delta.csv", "delta.outcomes.csv", "delta.tests.csv"])
def test_an_input_is_not_written_over(folder: Path, taken: str) -> None:
    (folder / "response").mkdir()
    path = folder / "response" / taken
    path.write_bytes((folder / "features.csv").read_bytes())
    result = call(folder, table=f"response/{taken}")
    assert result.exit_code == 2
    assert "written over" in result.stderr
    assert path.read_bytes() == (folder / "features.csv").read_bytes()


def test_the_event_may_have_a_name(folder: Path) -> None:
    outcomes = pd.read_csv(folder / "outcomes.csv")
    outcomes["died"] = outcomes["died"].map({0: "no", 1: "dead"})
    outcomes.to_csv(folder / "outcomes.csv", index=False)
    result = call(
        folder, "--outcome", str(folder / "outcomes.csv"), "--event-time", "days",
        "--event", "died", "--positive", "dead", "--landmark", "40",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    record = json.loads((folder / "response" / "response.json").read_text())
    assert record["landmark"]["event_before"] == 2


def test_an_output_beside_the_catalogue_of_a_run_is_refused(folder: Path) -> None:
    (folder / "response").mkdir()
    (folder / "response" / "catalogue.csv").write_text("tag\n")
    result = call(folder)
    assert result.exit_code == 2
    assert "catalogue of another feature table" in result.stderr
