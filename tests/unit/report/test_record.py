"""A run folder as plain values."""

import json
import shutil

import pytest

from radiome.base.errors import UserError
from radiome.report.reading import read_rows
from radiome.report.record import read_record


def test_the_record_holds_the_run(run):
    record = read_record(run)
    assert record.title == "Coarse texture in virtual lesions"
    assert len(record.cases) == 25
    assert [case.code for case in record.cases[:2]] == ["case-001", "case-002"]
    (analysis,) = record.analyses
    assert analysis.outcomes[0].modelled
    assert "null" in analysis.outcomes[0].plots
    assert len(analysis.trust) == len(analysis.clusters) == 215


def test_patients_are_told_by_code(run):
    record = read_record(run)
    assert record.codes_of_patients("patient")["P02"] == "case-002"
    assert record.coded("left out: P02, P03") == "left out: case-002, case-003"
    assert record.coded("left out: P02, Jane, ...") == "left out: case-002, ..."
    assert record.coded("left out: Jane") == "left out: ..."
    assert record.coded("one of: P02, other") == "one of: P02, other"
    assert record.coded("no list") == "no list"


def test_the_primary_analysis_comes_first(run, tmp_path):
    study = json.loads((run / "study.json").read_text())
    study["analyses"].insert(0, {"name": "more", "role": "exploratory", "status": "failed"})
    (tmp_path / "study.json").write_text(json.dumps(study))
    record = read_record(tmp_path)
    assert [each.name for each in record.analyses] == ["main", "more"]
    assert record.analyses[1].outcomes == ()


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(UserError, match="not the run folder of a study") as refusal:
        read_record(tmp_path)
    assert refusal.value.do is not None


def test_files_that_cannot_be_read_are_named(run, tmp_path):
    shutil.copy(run / "study.json", tmp_path)
    (tmp_path / "pictures.json").write_text("{")
    with pytest.raises(UserError, match=r"pictures\.json"):
        read_record(tmp_path)
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2,3\n")
    with pytest.raises(UserError, match="line 2"):
        read_rows(table)
    assert read_rows(tmp_path / "none.csv") == []
