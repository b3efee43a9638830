"""Whole studies: every step once, each case and each analysis with its reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from made_protocol import write_study
from radiome.base.errors import UserError
from radiome.report.build import build_report
from radiome.study.running import StudyRun, run_study
from radiome.study.verification import verify_run
from radiome.tables.feature_table import FeatureTable

STEPS = [
    "inspect", "extract", "controls", "cohort", "rows main", "atlas main", "model main",
    "trust main", "maps main",
]  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def statuses(run: StudyRun) -> dict[str, str]:
    return {name: done.status for name, done in run.steps.items()}


def test_a_study_leaves_what_the_report_is_made_of(finished: Path) -> None:
    run = finished / "run"
    told = json.loads((run / "study.json").read_text())
    assert list(told["steps"]) == STEPS
    assert told["analyses"][0]["status"] == "modelled"
    results = json.loads((run / "analyses/main/model/results.json").read_text())
    steps = results["outcomes"][0]["figures"]["concordance"]
    assert "control shuffled_roi" in steps
    trust = rows(run / "analyses/main/trust.csv")
    table = FeatureTable.read(run / "analyses/main/features.parquet")
    assert [row["feature"] for row in trust] == list(table.features)
    assert {row["ibsi_code"] for row in trust} > {"RNU0"}
    assert any(float(row["selected coarse"]) > 0 for row in trust)


def test_the_case_that_left_has_a_row_a_step_and_a_reason(finished: Path) -> None:
    cohort = rows(finished / "run" / "cohort.csv")
    assert len(cohort) == 24
    assert [row["code"] for row in cohort[:2]] == ["case-001", "case-002"]
    left = [row for row in cohort if row["status"] == "left_out"]
    assert [(row["case"], row["step"]) for row in left] == [("case_24", "inspect")]
    assert "empty" in left[0]["reason"]
    assert float(cohort[0]["volume_ml"]) > 0


def test_a_second_run_finds_every_step_finished(study: Callable[[], Path]) -> None:
    folder = study()
    again = run_study(folder / "study.yaml", folder / "run", jobs=1)
    assert statuses(again) == dict.fromkeys(STEPS, "cached")


def test_a_change_of_plan_redoes_what_depends_on_it(study: Callable[[], Path]) -> None:
    folder = study()
    path = folder / "study.yaml"
    path.write_text(path.read_text().replace("permutations: 19", "permutations: 29"))
    again = run_study(path, folder / "run", jobs=1)
    redone = [name for name, status in statuses(again).items() if status == "done"]
    assert redone == ["model main", "trust main"]
    # The results of the former plan are kept, and the report counts them.
    earlier = folder / "run/analyses/main/model/earlier/0001/results.json"
    assert json.loads(earlier.read_text())["plan"]["null"]["permutations"] == 19
    page = build_report(folder / "run").read_text(encoding="utf-8")
    assert "Earlier results" in page
    assert verify_run(folder / "run", sample=0).findings == []


def test_an_output_that_was_edited_is_made_again(study: Callable[[], Path]) -> None:
    folder = study()
    clusters = folder / "run/analyses/main/clusters.csv"
    before = clusters.read_bytes()
    clusters.write_bytes(before.replace(b"morphology", b"mythology"))
    again = run_study(folder / "study.yaml", folder / "run", jobs=1)
    assert statuses(again)["atlas main"] == "done"
    assert clusters.read_bytes() == before


def test_an_analysis_that_cannot_be_made_does_not_stop_the_others(
    study: Callable[[], Path],
) -> None:
    folder = study()
    path = folder / "study.yaml"
    text = path.read_text()
    plan = text[text.index("- plan:") :].replace("- plan:", "  plan:")
    path.write_text(text + "- name: few\n  role: exploratory\n  where: {case: case_01}\n" + plan)
    run = run_study(path, folder / "run", jobs=1)
    assert list(run.failed) == ["few"]
    told = json.loads((folder / "run/study.json").read_text())["analyses"]
    assert [(one["name"], one["status"]) for one in told] == [
        ("main", "modelled"),
        ("few", "failed"),
    ]
    assert told[1]["reason"]


@pytest.mark.parametrize(
    ("where", "message"),
    [("{modality: PT}", "expected: one of CT"), ("{modalty: CT}", "did you mean 'modality'")],
)
def test_no_analysis_at_all_is_an_error(tmp_path: Path, where: str, message: str) -> None:
    path = write_study(tmp_path, 6)
    path.write_text(path.read_text().replace("- plan:", f"- where: {where}\n  plan:"))
    with pytest.raises(UserError, match=message):
        run_study(path, tmp_path / "run", jobs=1)
