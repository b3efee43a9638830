"""Controls that lack rows: missing there, left out if too many, refused if of other cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from made_study import made_plan, made_table
from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.model.control_rows import beside
from radiome.model.run import record_of, run_plan


def rows_of(table: AnalysisTable, rows: list[int]) -> AnalysisTable:
    return replace(
        table, cases=table.cases[rows], patients=table.patients[rows], features=table.features[rows]
    )


def test_a_whole_control_is_taken_as_it_is() -> None:
    plan = made_plan()
    table = made_table(plan)
    told, controls = beside(table, {"shuffled_roi": table}, plan)
    assert told.notes == table.notes
    assert np.array_equal(controls["shuffled_roi"].features, table.features)


def test_rows_that_could_not_be_measured_are_missing_and_the_others_stay_in_place() -> None:
    plan = made_plan()
    table = made_table(plan)
    some = rows_of(table, [*range(len(table) - 1, 3, -1), 1, 0])  # not 2 and 3, and turned round
    told, controls = beside(table, {"shuffled_roi": some}, plan)
    found = controls["shuffled_roi"]
    assert np.isnan(found.features[2:4]).all()
    rest = np.r_[0:2, 4 : len(table)]
    assert np.array_equal(found.features[rest], table.features[rest])
    assert np.array_equal(found.cases, table.cases)
    assert told.notes[-1] == (
        f"control 'shuffled_roi' could not be measured for 2 of {len(table)} rows: "
        "there its values are missing"
    )


def test_a_control_that_lacks_more_than_a_tenth_is_left_out_with_a_note() -> None:
    plan = made_plan()
    table = made_table(plan)
    n = len(table)
    tenth = n // 10
    _, kept = beside(table, {"c": rows_of(table, list(range(tenth, n)))}, plan)
    assert list(kept) == ["c"]
    told, kept = beside(table, {"c": rows_of(table, list(range(tenth + 1, n)))}, plan)
    assert not kept
    assert told.notes[-1].endswith("and was left out")


def test_where_nothing_may_be_missing_one_row_is_too_many() -> None:
    plan = made_plan(preparation={"missing": "refuse"})
    table = made_table(plan)
    told, kept = beside(table, {"c": rows_of(table, list(range(1, len(table))))}, plan)
    assert not kept
    assert told.notes[-1].endswith("and was left out")


def test_a_control_of_other_cases_is_refused() -> None:
    plan = made_plan()
    table = made_table(plan)
    other = replace(table, cases=np.array([f"x{name}" for name in table.cases]))
    with pytest.raises(UserError, match="not of the rows") as caught:
        beside(table, {"c": other}, plan)
    assert "such as x" in caught.value.message
    twice = replace(table, cases=np.array(["p0", *table.cases[:-1]]))
    with pytest.raises(UserError, match="several rows of one name"):
        beside(table, {"c": twice}, plan)


def test_a_study_goes_on_when_a_control_lacks_a_case(tmp_path: Path) -> None:
    plan = made_plan()
    table = made_table(plan)
    control = replace(table, features=np.random.default_rng(0).normal(size=table.features.shape))
    lacking = rows_of(control, list(range(1, len(table))))
    result = run_plan(table, plan, tmp_path, controls={"shuffled_roi": lacking})
    told = record_of(result, provenance={})
    assert "control shuffled_roi" in told["outcomes"][0]["figures"]["concordance"]
    assert any("could not be measured for 1 of" in note for note in told["notes"])
