"""Scans paired, columns told apart, and everything accounted for."""

import json

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import SettingsError, UserError
from radiome.base.options import parse_options
from radiome.model.response.delta_table import make_delta_table
from radiome.model.response.options import DeltaOptions
from radiome.model.response.scan_files import ScanFile, read_scan_file
from radiome.model.response.scan_table import make_scan_table
from radiome.tables.columns import number_column, text_column
from radiome.tables.files import write_parquet


def frame(*rows, columns=("patient", "day", "f")):
    return pd.DataFrame([[str(cell) for cell in row] for row in rows], columns=list(columns))


def built(table, **options):
    chosen = parse_options(DeltaOptions, {"time": "day", **options})
    file = table if isinstance(table, ScanFile) else ScanFile(table, None, "scans.csv")
    return make_delta_table(make_scan_table(file, chosen), chosen)


def column(found, name):
    every = [*found.identifiers, *found.columns(with_baseline=True)]
    return list(next(one for one in every if one.name == name).cells)


SCANS = frame(
    ("a", 60, 4.0), ("a", 0, 1.0), ("b", 3, 2.0), ("a", 30, 3.0), ("b", 10, 1.0), ("c", 0, 9.0)
)


def test_each_later_scan_is_compared_with_the_first_of_its_patient():
    found = built(SCANS, kinds=["absolute", "rate"])
    assert found.cases == ("a/30", "a/60", "b/10")
    assert column(found, "delta_f") == [2.0, 3.0, -1.0]
    assert column(found, "rate_f") == pytest.approx([2 / 30, 3 / 60, -1 / 7])
    assert column(found, "f") == [1.0, 1.0, 2.0]
    assert column(found, "interval") == [30.0, 60.0, 7.0]
    assert [(item.patient, item.kind) for item in found.left_out] == [("c", "one time point")]


@pytest.mark.parametrize(
    "follow_up, cases",
    [("first", ("a/30", "b/10")), ("last", ("a/60", "b/10")), ("60", ("a/60",))],
)
def test_one_follow_up(follow_up, cases):
    found = built(SCANS, follow_up=follow_up)
    assert found.cases == cases
    others = [case for case in ("a/30", "a/60", "b/10") if case not in cases]
    told = [f"{i.patient}/{i.time}" for i in found.left_out if i.kind == "other follow-up"]
    assert sorted(told) == others


def test_a_named_baseline_leaves_out_patients_without_it():
    found = built(SCANS, baseline="30.0")
    assert found.cases == ("a/60",)
    kinds = {(item.patient, item.time): item.kind for item in found.left_out}
    assert kinds == {
        ("a", "0"): "before the baseline",
        ("b", "3"): "no baseline",
        ("b", "10"): "no baseline",
        ("c", "0"): "one time point",
    }


def test_lesions_are_compared_with_themselves_and_new_or_lost_ones_are_told():
    rows = [("a", 0, "x", 1), ("a", 0, "y", 5), ("a", 9, "x", 2), ("a", 9, "z", 7)]
    found = built(frame(*rows, columns=("patient", "day", "lesion", "f")), lesion="lesion")
    assert found.cases == ("a/x/9",)
    assert column(found, "lesion") == ["x"]
    kinds = {item.lesion: item.kind for item in found.left_out}
    assert kinds == {"y": "no lesion at follow-up", "z": "new lesion"}
    assert any("best responses" in text for text in found.warnings)


def test_a_lesion_first_seen_later_has_no_baseline_of_its_own():
    rows = [("a", 0, "x", 1), ("a", 5, "z", 7), ("a", 5, "x", 2), ("a", 9, "z", 8)]
    found = built(frame(*rows, columns=("patient", "day", "lesion", "f")), lesion="lesion")
    assert found.cases == ("a/x/5",)


def test_a_baseline_that_was_not_measured_stays_the_baseline():
    table = frame(
        ("a", 0, "", "failed", "the region is empty"),
        ("a", 1, 2, "ok", ""),
        ("a", 2, 3, "ok", ""),
        ("b", 0, 2, "ok", ""),
        ("b", 2, 3, "ok", ""),
        columns=("patient", "day", "f", "status", "reason"),
    )
    found = built(table)
    assert found.cases == ("b/2",)
    assert [item.kind for item in found.left_out] == ["baseline not measured"] * 2
    assert "the region is empty" in found.left_out[0].reason


def test_nothing_to_compare_is_refused_with_counts():
    with pytest.raises(UserError, match="no scan can be compared") as caught:
        built(frame(("a", 0, 1), ("b", 0, 2)))
    assert "one time point: 2" in caught.value.message


def test_two_rows_of_one_time_point_are_refused():
    table = frame(("a", 0, 1), ("a", 7, 1), ("a", "0.0", 2))
    with pytest.raises(UserError, match="two rows of one time point") as caught:
        built(table.assign(roi=["x", "y", "z"]))
    assert "rows 2 and 4" in caught.value.message
    assert "--lesion roi" in caught.value.message


@pytest.mark.parametrize("place", ["patient", "day"])
def test_an_unplaced_row_is_refused_for_it_might_be_the_baseline(place):
    table = SCANS.copy()
    table.loc[3, place] = ""
    with pytest.raises(UserError, match="no entry") as caught:
        built(table)
    assert "row 5" in caught.value.message


def test_other_columns_are_carried_twice_where_they_differ():
    table = frame(
        ("a", 0, 1, "CT1", "m", "007"),
        ("a", 9, 2, "CT2", "m", "007"),
        columns=("patient", "day", "f", "scanner", "sex", "site"),
    )
    found = built(table, keep=["site"])
    assert column(found, "scanner") == ["CT1"]
    assert column(found, "followup_scanner") == ["CT2"]
    assert column(found, "sex") == ["m"]
    assert column(found, "site") == ["007"]
    assert found.names == ("f",)


def test_numbers_that_never_change_are_told():
    table = SCANS.assign(age=["50", "50", "60", "50", "60", "1"])
    assert any("age" in text and "--keep" in text for text in built(table).warnings)
    assert built(table, keep=["age"]).names == ("f",)


def test_a_feature_with_a_stray_text_is_an_error_not_a_carried_column():
    table = SCANS.copy()
    table.loc[1, "f"] = "1,0"
    with pytest.raises(UserError, match="not numbers") as caught:
        built(table)
    assert "row 3" in caught.value.message


def test_infinite_values_are_refused():
    table = SCANS.copy()
    table.loc[1, "f"] = "inf"
    with pytest.raises(UserError, match="not numbers"):
        built(table)


def test_mixed_settings_are_refused_or_told():
    table = SCANS.assign(settings=["ct", "ct", "ct", "ct-2mm", "ct", "pet"])
    with pytest.raises(UserError, match="different settings") as caught:
        built(table)
    assert "1 of 3 pairs" in caught.value.message
    assert "a/30: 'ct' and 'ct-2mm'" in caught.value.message
    found = built(table, mixed_settings="warn")
    assert len(found.cases) == 3
    assert "1 of 3 pairs" in found.warnings[0]
    # The case left out may have settings of its own.
    same = built(table.assign(settings=["ct"] * 5 + ["pet"]))
    assert not any("settings" in text for text in same.warnings)


def test_unknown_settings_are_told():
    assert "not checked" in built(SCANS).warnings[0]


@pytest.mark.parametrize("name", ["delta_f", "interval"])
def test_names_that_would_be_there_twice_are_refused(name):
    with pytest.raises(UserError, match="same name"):
        built(SCANS.assign(**{name: list("abcdef")}))


def test_misspelt_columns_and_options():
    with pytest.raises(UserError, match="no column 'dya'"):
        built(SCANS, time="dya")
    with pytest.raises(UserError, match="no feature column matches"):
        built(SCANS, include=["g*"])
    with pytest.raises(SettingsError, match="kinds"):
        built(SCANS, kinds=["percent"])
    with pytest.raises(UserError, match="not a time point"):
        built(SCANS, baseline="frist")


@pytest.fixture
def run_folder(tmp_path):
    names = ["a0", "a1", "b0", "b1"]
    columns = [
        text_column("case", names),
        text_column("patient", ["a", "a", "b", "b"]),
        text_column("date", ["2024-01-01", "2024-01-31"] * 2),
        text_column("status", ["ok"] * 4),
        text_column("reason", [""] * 4),
        number_column("f", [1.0, 2.0, 3.0, None]),
        number_column("g", [1.0, 2.0, 3.0, 5.0]),
    ]
    write_parquet(tmp_path / "features.parquet", columns, {"features": ["f", "g"]})
    (tmp_path / "nulls.csv").write_text(
        "case,tag,reason\nb1,f,not applicable: the region has a single voxel\n"
    )
    cases = [{"case": name, "settings": "abc"} for name in names]
    (tmp_path / "run.json").write_text(json.dumps({"cases": cases}))
    return tmp_path


def test_a_run_folder_brings_reasons_and_fingerprints(run_folder):
    found = built(read_scan_file(run_folder), time="date", kinds=["relative"])
    assert found.unit == "day"
    assert found.names == ("f", "g")
    assert found.warnings == ()
    assert column(found, "relative_f") == [1.0, None]
    assert column(found, "baseline_case") == ["a0", "b0"]
    (null,) = found.nulls
    assert null["case"] == "b/2024-01-31"
    assert null["tag"] == "relative_f"
    assert null["reason"].startswith("not applicable: there is no value at follow-up")
    assert "single voxel" in null["reason"]


def test_a_failed_case_does_not_hide_the_settings_of_the_others(run_folder):
    record = json.loads((run_folder / "run.json").read_text())
    record["cases"][1]["settings"] = "def"
    record["cases"][3]["settings"] = None
    (run_folder / "run.json").write_text(json.dumps(record))
    file = read_scan_file(run_folder)
    file.frame.loc[3, "status"] = "failed"
    with pytest.raises(UserError, match="different settings"):
        built(file, time="date")


def test_empty_values_at_baseline_have_reasons_too(run_folder):
    nulls = (run_folder / "nulls.csv").read_text().replace("b1,", "b0,")
    (run_folder / "nulls.csv").write_text(nulls)
    file = read_scan_file(run_folder)
    file.frame["f"] = file.frame["f"].to_numpy()[[0, 1, 3, 2]]
    found = built(file, time="date", with_baseline=True)
    assert [null["tag"] for null in found.nulls] == ["f", "delta_f"]
    assert all("single voxel" in null["reason"] for null in found.nulls)
    assert all("no value at baseline" in null["reason"] for null in found.nulls)
    assert built(file, time="date").nulls == found.nulls[1:]


def test_fingerprints_of_a_run_that_differ_are_refused(run_folder):
    record = json.loads((run_folder / "run.json").read_text())
    record["cases"][1]["settings"] = "def"
    (run_folder / "run.json").write_text(json.dumps(record))
    with pytest.raises(UserError, match="different settings") as caught:
        built(read_scan_file(run_folder / "features.parquet"), time="date")
    assert "'abc' and 'def'" in caught.value.message


def test_order_of_rows_does_not_matter():
    rng = np.random.default_rng(0)
    known = built(SCANS)
    for _ in range(5):
        mixed = built(SCANS.iloc[rng.permutation(len(SCANS))].reset_index(drop=True))
        values = dict(zip(mixed.cases, column(mixed, "delta_f"), strict=True))
        assert values == dict(zip(known.cases, column(known, "delta_f"), strict=True))


def test_features_left_out_are_not_carried():
    table = SCANS.assign(g=["1"] * 6)
    found = built(table, include=["f"])
    assert found.names == ("f",)
    assert [one.name for one in found.identifiers] == [
        "case", "patient", "baseline_time", "followup_time", "interval",
    ]  # fmt: skip
