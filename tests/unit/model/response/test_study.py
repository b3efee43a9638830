"""The whole analysis: landmark, immortal time, files."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import SettingsError, UserError
from radiome.base.options import parse_options
from radiome.model.response.options import ResponseOptions
from radiome.model.response.output import check_path, response_text, write_response
from radiome.model.response.scan_files import ScanFile
from radiome.model.response.study import run_response
from radiome.tables.feature_table import FeatureTable

SURVIVAL = {"name": "died", "kind": "survival", "time": "days", "event": "died"}


def scans(patients=12, days=(0, 30, 60)):
    rng = np.random.default_rng(0)
    rows = [
        (f"p{n}", day, *np.exp(rng.normal(size=2)).round(6))
        for n in range(patients)
        for day in days
    ]
    return pd.DataFrame(rows, columns=["patient", "day", "f", "g"]).astype(str)


def deaths():
    days = [10, 30, 45, 45, 50, 61, 100, 200, 300, 400, "", 500]
    died = [1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1]
    names = [f"p{n}" for n in range(12)]
    return pd.DataFrame({"patient": names, "days": days, "died": died}).astype(str)


def run(frame, outcomes=None, limits=None, **options):
    delta = {"time": "day", **options.pop("delta", {})}
    chosen = parse_options(ResponseOptions, {"delta": delta, **options})
    return run_response(ScanFile(frame), chosen, outcomes=outcomes, limits=limits), chosen


def test_without_a_landmark_immortal_time_is_told_and_nothing_tested():
    found, _ = run(scans(), deaths(), outcome=SURVIVAL)
    text = "\n".join(found.record["warnings"])
    assert "immortal time" in text
    # p0, p2 and p4 die, p1 and p3 are censored, by day 60.
    assert "3 patients had the event, and 2 were censored" in text
    assert found.outcome_tests == ()
    assert found.outcomes is None


def test_a_landmark_drops_who_is_no_longer_at_risk_and_later_scans_with_counts():
    found, _ = run(scans(), deaths(), outcome=SURVIVAL, landmark=45)
    counts = found.record["landmark"]
    assert counts["event_before"] == 2
    assert counts["censored_before"] == 2
    assert counts["outcome_not_known"] == 1
    assert counts["at_risk"] == counts["at_risk_with_change"] == 7
    assert counts["events_after_with_change"] == 6
    assert counts["pairs_after_landmark"] == 12
    assert found.table.interval.tolist() == [30.0] * 8
    assert "p10" in found.table.patients
    assert not {"p0", "p1", "p2", "p3"} & set(found.table.patients)
    kept = found.outcomes.set_index("patient")["days"].astype(float)
    assert kept.to_dict() == {
        "p4": 5, "p5": 16, "p6": 55, "p7": 155, "p8": 255, "p9": 355, "p11": 455,
    }  # fmt: skip
    reasons = [item.kind for item in found.table.left_out]
    assert reasons.count("event before the landmark") == 2
    assert reasons.count("scan after the landmark") == 12
    # No scan is lost: a pair, or left out with a reason.
    assert len(found.table.cases) + len(reasons) == 24


def test_the_last_follow_up_is_the_last_one_up_to_the_landmark():
    early, _ = run(scans(), deaths(), outcome=SURVIVAL, landmark=45, delta={"follow_up": "last"})
    assert set(early.table.interval.tolist()) == {30.0}
    late, _ = run(scans(), deaths(), outcome=SURVIVAL, landmark=60, delta={"follow_up": "last"})
    assert set(late.table.interval.tolist()) == {60.0}
    assert len(late.table.cases) == len(set(late.table.patients)) == 7
    assert [i.kind for i in late.table.left_out].count("other follow-up") == 7
    # p10, whose outcome is not known, has changes but no outcome.
    assert len(late.outcomes) == 6


def test_units_of_the_outcome_may_differ_from_those_of_the_scans():
    outcomes = deaths()
    months = pd.to_numeric(outcomes["days"]) / 30.4375
    outcomes["days"] = [f"{value!r}" if value == value else "" for value in months.tolist()]
    found, _ = run(scans(), outcomes, outcome=SURVIVAL, landmark=45.5, outcome_unit=30.4375)
    whole, _ = run(scans(), deaths(), outcome=SURVIVAL, landmark=45.5)
    assert found.record["landmark"] == whole.record["landmark"]
    ratio = found.outcomes["days"].astype(float) / whole.outcomes["days"].astype(float)
    assert ratio.to_numpy() == pytest.approx(1 / 30.4375)


def test_a_landmark_before_every_scan_or_without_a_time_is_refused():
    with pytest.raises(UserError, match="no follow-up scan is left"):
        run(scans(), deaths(), outcome=SURVIVAL, landmark=20)
    with pytest.raises(SettingsError, match="landmark needs"):
        run(scans(), deaths(), outcome={"name": "died", "kind": "binary"}, landmark=20)


def test_an_outcome_without_a_table_is_refused():
    with pytest.raises(SettingsError, match="no table of outcomes"):
        run(scans(), None, outcome=SURVIVAL, landmark=20)


def test_the_outcome_among_the_features_is_refused():
    frame = scans().assign(days="5")
    with pytest.raises(UserError, match="outcome is in the feature table") as caught:
        run(frame, deaths(), outcome=SURVIVAL, landmark=45)
    assert "days" in caught.value.message
    with pytest.raises(UserError, match="outcome is in the feature table"):
        run(scans().assign(died="no"), deaths(), outcome=SURVIVAL)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda o: pd.concat([o, o.head(1)]), "twice"),
        (lambda o: o.assign(patient="x" + o["patient"]), "no patient is in both"),
        (lambda o: o.drop(columns="patient"), "no column 'patient'"),
    ],
)
def test_outcome_tables_that_do_not_fit(change, message):
    with pytest.raises(UserError, match=message):
        run(scans(), change(deaths()), outcome=SURVIVAL)


def test_a_binary_outcome_says_that_its_date_is_not_known():
    outcomes = deaths().assign(response=["y", "n"] * 6)
    options = {"name": "response", "kind": "binary", "positive": "y"}
    found, _ = run(scans(), outcomes, outcome=options, delta={"kinds": ["relative"]})
    text = "\n".join(found.record["warnings"])
    assert "when the outcome was assessed" in text
    assert "has the baseline in its denominator" in text
    assert len(found.outcome_tests) == 2
    assert found.record["outcome"]["tested"] == 2


@pytest.fixture
def written(tmp_path):
    limits = tmp_path / "rc.csv"
    limits.write_text("feature,rc\nf,0.5\n")
    frame = scans()
    frame.loc[4, "g"] = "0"
    found, chosen = run(
        frame,
        deaths(),
        limits,
        tests=True,
        outcome=SURVIVAL,
        landmark=45,
        flips=50,
        delta={"kinds": ["absolute", "log_ratio"], "with_baseline": True},
    )
    path = tmp_path / "out" / "delta.csv"
    write_response(found, path, chosen, provenance={"inputs": {}})
    return found, path


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_of_an_analysis(written):
    found, path = written
    table = FeatureTable.read(path)
    assert table.features == ("f", "g", "delta_f", "delta_g", "log_ratio_f", "log_ratio_g")
    assert "change_f" in table.identifiers
    assert len(table) == len(found.table.cases)
    np.testing.assert_array_equal(
        table.values()["delta_f"], found.table.kinds["absolute"].values[:, 0]
    )
    record = json.loads(path.with_name("response.json").read_text())
    assert record["pairs"] == len(table)
    assert record["repeatability"]["features_with_limit"] == 1
    assert all(path.with_name(name).is_file() for name in record["files"])
    assert len(rows_of(path.with_suffix(".tests.csv"))) == 2
    assert len(rows_of(path.with_suffix(".left_out.csv"))) == len(found.table.left_out)
    assert rows_of(path.with_suffix(".outcomes.csv"))[0] == {
        "patient": "p4", "days": "5.0", "died": "1",
    }  # fmt: skip
    text = response_text(found)
    assert "left out: 12 x scan after the landmark" in text


def test_files_of_an_earlier_run_do_not_stay(written):
    _, path = written
    found, chosen = run(scans())
    write_response(found, path, chosen, provenance={})
    for part in ("tests", "coupling", "outcome_tests", "outcomes"):
        assert not path.with_suffix(f".{part}.csv").exists()


def test_equal_input_gives_equal_bytes(tmp_path):
    tables = []
    for name in ("a", "b"):
        found, chosen = run(scans(), tests=True, flips=99)
        written = write_response(found, tmp_path / name / "d.csv", chosen, provenance={})
        tables.append([path.read_bytes() for path in written])
    assert tables[0] == tables[1]


def test_paths_that_would_mislead_are_refused(tmp_path):
    with pytest.raises(UserError, match="is a CSV file"):
        check_path(tmp_path / "delta.parquet")
    (tmp_path / "catalogue.csv").write_text("tag\n")
    with pytest.raises(UserError, match="catalogue of another"):
        check_path(tmp_path / "delta.csv")
