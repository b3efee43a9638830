from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from radiome.base.errors import RadiomeError, SettingsError, UserError
from radiome.cohort.engine import Progress, RunResult, available_cores, run_cohort
from radiome.tables.feature_table import FeatureTable
from radiome.tables.files import read_features
from unit.cohort.fake_cases import FUNCTION, calls, write_cohort


def run(cohort: Path, out: Path, **options: Any) -> RunResult:
    return run_cohort(cohort, out, case_function=FUNCTION, **options)


def statuses(result: RunResult) -> dict[str, str]:
    return {outcome.case: outcome.status for outcome in result.outcomes}


def test_one_row_for_every_case_in_cohort_order(tmp_path: Path) -> None:
    orders = {"c": "value 7.1", "a": "fail", "b": "value 3", "d": "break"}
    cohort = write_cohort(tmp_path / "in", orders, extra="007")
    result = run(cohort, tmp_path / "out", jobs=2, csv=True)
    frame = read_features(tmp_path / "out")
    assert list(frame["case"]) == ["c", "a", "b", "d"]
    assert list(frame["status"]) == ["ok", "failed", "ok", "failed"]
    assert list(frame["site"]) == ["007"] * 4
    assert frame["reason"][1] == "the region is empty; where: a; do: draw it"
    assert "internal error: ZeroDivisionError: a bug" in frame["reason"][3]
    assert frame["stat_mean"].tolist()[::2] == [7.1, 3.0]
    assert frame["stat_mean"].isna().tolist() == [False, True, False, True]
    assert result.count("ok") == 2


def test_columns_are_the_union_in_catalogue_order(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "value 7"})
    run(cohort, tmp_path / "out", jobs=1)
    table = FeatureTable.read(tmp_path / "out")
    assert table.features == ("morph_volume", "stat_mean", "stat_cov", "cm_contrast_3D_avg")
    assert table.identifiers == ("case", "image", "mask", "status", "reason")
    lines = (tmp_path / "out" / "catalogue.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == list(table.features)
    nulls = (tmp_path / "out" / "nulls.csv").read_text().splitlines()
    assert nulls == ["case,tag,reason", "b,stat_cov,not applicable: the mean is zero"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_worker_costs_only_the_case_in_hand(tmp_path: Path, jobs: int) -> None:
    orders = {"a": "value 1", "b": "kill", "c": "value 3", "d": "kill SIGSEGV", "e": "value 5"}
    cohort = write_cohort(tmp_path / "in", orders)
    result = run(cohort, tmp_path / "out", jobs=jobs, crash_retries=0)
    assert list(statuses(result).values()) == ["ok", "crashed", "ok", "crashed", "ok"]
    assert "SIGKILL (signal 9)" in result.outcomes[1].reason
    assert "out of memory" in result.outcomes[1].reason
    assert "SIGSEGV" in result.outcomes[3].reason
    assert len(calls(tmp_path / "in")) == 5


def test_a_worker_that_leaves_tells_its_last_words(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "leave", "b": "value 1"})
    result = run(cohort, tmp_path / "out", jobs=1, crash_retries=0)
    assert statuses(result) == {"a": "crashed", "b": "ok"}
    assert "exit status 3: last words" in result.outcomes[0].reason


def test_a_crashed_case_is_tried_again(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "kill-once 2", "b": "kill", "c": "value 3"})
    result = run(cohort, tmp_path / "out", jobs=1)
    assert list(statuses(result).values()) == ["ok", "crashed", "ok"]
    assert "2 attempts" in result.outcomes[1].reason


def test_resume_computes_nothing_twice(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "fail", "c": "value 3"})
    run(cohort, tmp_path / "out", jobs=2)
    before = (tmp_path / "out" / "features.parquet").read_bytes()
    result = run(cohort, tmp_path / "out", jobs=1)
    assert result.resumed == 3
    assert sorted(calls(tmp_path / "in")) == ["a", "b", "c"]
    assert (tmp_path / "out" / "features.parquet").read_bytes() == before


def test_resume_measures_what_changed(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "value 2", "c": "break"})
    run(cohort, tmp_path / "out", jobs=1)
    (tmp_path / "in" / "b").write_text("value 7")
    assert run(cohort, tmp_path / "out", jobs=1).resumed == 1
    # 'c' met a bug, which may be mended by now; 'b' has another content.
    assert calls(tmp_path / "in")[3:] == ["b", "c"]
    assert read_features(tmp_path / "out")["stat_mean"][1] == 7.0
    run(cohort, tmp_path / "out", jobs=1, settings="ct")
    assert calls(tmp_path / "in")[5:] == ["a", "b", "c"]
    run(cohort, tmp_path / "out", jobs=1, settings="ct", resume=False)
    assert calls(tmp_path / "in")[8:] == ["a", "b", "c"]


def test_a_half_written_result_is_measured_again(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    run(cohort, tmp_path / "out")
    (stored,) = (tmp_path / "out" / "cases").glob("*.json")
    stored.write_text(stored.read_text()[:100])
    assert statuses(run(cohort, tmp_path / "out")) == {"a": "ok"}
    assert calls(tmp_path / "in") == ["a", "a"]


def test_a_result_without_its_parts_is_measured_again(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    run(cohort, tmp_path / "out")
    (stored,) = (tmp_path / "out" / "cases").glob("*.json")
    stored.write_text('{"answer": {}}')
    assert statuses(run(cohort, tmp_path / "out")) == {"a": "ok"}
    assert calls(tmp_path / "in") == ["a", "a"]


@pytest.mark.parametrize("edit", ['"stat_mean": 1.0', '"status": "ok"'])
def test_a_result_that_was_edited_is_measured_again(tmp_path: Path, edit: str) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    run(cohort, tmp_path / "out")
    (stored,) = (tmp_path / "out" / "cases").glob("*.json")
    text = stored.read_text()
    assert edit in text
    stored.write_text(text.replace(edit, edit.replace("1.0", "2.0").replace("ok", "failed")))
    result = run(cohort, tmp_path / "out")
    assert (statuses(result), result.resumed) == ({"a": "ok"}, 0)
    assert stored.read_text() != text, "with the time of now"
    assert FeatureTable.read(tmp_path / "out").frame["stat_mean"].tolist() == [1.0]


def test_a_result_that_cannot_be_stored_fails_its_case_only(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "value 2"})
    first = run(cohort, tmp_path / "out")
    stored = tmp_path / "out" / "cases" / f"{first.outcomes[0].answer['key']}.json"
    stored.unlink()
    stored.mkdir()  # nothing can be moved onto a folder
    result = run(cohort, tmp_path / "out", jobs=1)
    assert statuses(result) == {"a": "failed", "b": "ok"}
    assert result.outcomes[0].reason.startswith("its result cannot be stored: a file or folder")


def test_a_worker_that_ends_slowly_tells_how_it_ended(tmp_path: Path) -> None:
    # Its pipe closes a moment before the process is gone.
    cohort = write_cohort(tmp_path / "in", {"a": "leave-slowly"})
    result = run(cohort, tmp_path / "out", jobs=1, crash_retries=0)
    assert "exit status 4" in result.outcomes[0].reason


def test_a_file_that_may_not_be_read_is_no_internal_error(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "forbid", "b": "value 1"})
    result = run(cohort, tmp_path / "out")
    assert statuses(result) == {"a": "failed", "b": "ok"}
    assert result.outcomes[0].reason.startswith("a file or folder cannot be used; where: scan.nii;")
    assert run(cohort, tmp_path / "out").resumed == 1


def test_moved_inputs_are_recognised(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    run(cohort, tmp_path / "out")
    (tmp_path / "in").rename(tmp_path / "elsewhere")
    result = run(tmp_path / "elsewhere" / "cohort.csv", tmp_path / "out")
    assert result.resumed == 1


def test_missing_files_fail_their_case_only(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "value 2"})
    (tmp_path / "in" / "a").unlink()
    result = run(cohort, tmp_path / "out", jobs=1)
    assert statuses(result) == {"a": "failed", "b": "ok"}
    assert "no such file or folder" in result.outcomes[0].reason


def test_prints_and_warnings_do_not_disturb_the_protocol(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "chat"})
    result = run(cohort, tmp_path / "out")
    assert statuses(result) == {"a": "ok"}
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert record["cases"][0]["warnings"] == ["UserWarning: odd header"]


def test_several_workers_have_one_thread_each_and_linear_algebra_always_one(
    tmp_path: Path,
) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "threads 1", "b": "threads 2"})
    run(cohort, tmp_path / "two", jobs=2)
    frame = read_features(tmp_path / "two")
    assert frame["stat_mean"].tolist() == frame["stat_max"].tolist() == [1.0, 1.0]
    run(cohort, tmp_path / "one", jobs=1)
    frame = read_features(tmp_path / "one")
    assert frame["stat_mean"].tolist() == [available_cores()] * 2
    assert frame["stat_max"].tolist() == [1.0, 1.0]


def test_run_record_is_enough_to_do_it_again(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "fail"})
    run(cohort, tmp_path / "out", jobs=2, settings="ct")
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    case = record["cases"][0]
    assert len(case["key"]) == len(case["image_sha256"]) == len(case["mask_sha256"]) == 64
    assert case["seconds"] > 0
    assert record["counts"] == {"ok": 1, "failed": 1}
    assert record["jobs"] == 2
    assert record["threads_per_worker"] == 1
    assert record["started"].endswith("+00:00")
    assert set(record["software"]["packages"]) >= {"numpy", "scipy", "numba"}
    (fingerprint,) = record["settings"]
    assert record["settings_fingerprint"] == fingerprint
    metadata = json.loads(
        pq.read_schema(tmp_path / "out" / "features.parquet").metadata[b"radiome"]
    )
    assert metadata["settings"] == fingerprint
    assert "discretisation" in record["settings"][fingerprint]


def test_an_interruption_while_tables_are_written_keeps_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    run(cohort, tmp_path / "out")
    before = (tmp_path / "out" / "features.parquet").read_bytes()

    def interrupt(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pyarrow.parquet.write_table", interrupt)
    (tmp_path / "in" / "a").write_text("value 2")
    with pytest.raises(KeyboardInterrupt):
        run(cohort, tmp_path / "out")
    assert (tmp_path / "out" / "features.parquet").read_bytes() == before


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 7.1", "b": "fail"}, extra="4.50")
    run(cohort, tmp_path / "out", jobs=1, csv=True)
    parquet = read_features(tmp_path / "out" / "features.parquet")
    text = read_features(tmp_path / "out" / "features.csv")
    assert text.columns.tolist() == parquet.columns.tolist()
    features = parquet.attrs["radiome"]["features"]
    assert text.attrs["radiome"]["features"] == features
    assert (text[features].fillna(-1) == parquet[features].fillna(-1)).all(axis=None)
    assert text["site"].tolist() == parquet["site"].tolist() == [4.5, 4.5]


def test_carried_columns_stay_as_the_user_wrote_them(tmp_path: Path) -> None:
    orders = {"a": "value 1", "b": "fail", "c": "value 3"}
    cohort = write_cohort(tmp_path / "in", orders)
    cohort.write_text(
        "case,image,mask,age,stage,dose,site\n"
        "a,a,mask,61,2,60,01\nb,b,mask,61.5,,59.40,2\nc,c,mask,,4,60.0,\n"
    )
    run(cohort, tmp_path / "out", jobs=2, csv=True)
    with (tmp_path / "out" / "features.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    with cohort.open(newline="") as file:
        given = list(csv.DictReader(file))
    assert [{name: row[name] for name in given[0]} for row in written] == given
    schema = pq.read_schema(tmp_path / "out" / "features.parquet")
    kinds = [str(schema.field(name).type) for name in ("age", "stage", "dose", "site")]
    assert kinds == ["double", "int64", "double", "string"]
    assert read_features(tmp_path / "out")["stage"].dtype == "Int64"


def test_a_stale_csv_does_not_outlive_its_table(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    run(cohort, tmp_path / "out", csv=True)
    run(cohort, tmp_path / "out")
    assert not (tmp_path / "out" / "features.csv").exists()


def test_fail_fast_leaves_the_rest_pending(tmp_path: Path) -> None:
    orders = {"a": "value 1", "b": "fail", "c": "wait 30", "d": "wait 30"}
    cohort = write_cohort(tmp_path / "in", orders)
    start = time.monotonic()
    result = run(cohort, tmp_path / "out", jobs=1, fail_fast=True)
    assert list(statuses(result).values()) == ["ok", "failed", "pending", "pending"]
    assert "stopped at the first case" in result.outcomes[2].reason
    assert time.monotonic() - start < 15


def test_progress_counts_up(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "fail", "c": "value 3"})
    seen: list[Progress] = []
    run(cohort, tmp_path / "out", jobs=1, progress=seen.append)
    assert [(state.done, state.failed) for state in seen] == [(0, 0), (1, 0), (2, 1), (3, 1)]


def test_an_interruption_keeps_what_is_finished(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "wait 30", "c": "value 3"})

    def interrupt(state: Progress) -> None:
        if state.done == 1:
            raise KeyboardInterrupt

    result = run(cohort, tmp_path / "out", jobs=1, progress=interrupt)
    assert result.interrupted
    assert list(statuses(result).values()) == ["ok", "pending", "pending"]
    assert read_features(tmp_path / "out")["stat_mean"][0] == 1.0


def test_a_worker_that_cannot_start_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radiome.cohort.supervisor._BOOTSTRAP", "raise SystemExit('no numpy')")
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    with pytest.raises(RadiomeError, match=r"could be started: .*no numpy"):
        run(cohort, tmp_path / "out")


def test_unusable_arguments(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1"})
    with pytest.raises(UserError, match="at least 1"):
        run(cohort, tmp_path / "out", jobs=0)
    with pytest.raises(SettingsError, match="no settings file or preset"):
        run(cohort, tmp_path / "out", settings="nonsense")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="run folder cannot be made"):
        run(cohort, tmp_path / "file")


def test_settings_by_case(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "in", {"a": "value 1", "b": "value 2"})
    cohort.write_text("case,image,mask,settings\na,a,mask,ct\nb,b,mask,\n")
    run(cohort, tmp_path / "out", settings="pet", jobs=1)
    assert len(json.loads((tmp_path / "out" / "run.json").read_text())["settings"]) == 2
