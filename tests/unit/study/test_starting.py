"""A protocol that is written from the data reads back, and says what was guessed."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from made_cohort import write_cohort
from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.cohort.engine import Progress
from radiome.phantoms.demo_study import write_demo_study
from radiome.study.protocol import read_protocol
from radiome.study.starting import Started, start_study


def outcomes(path: Path, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])


def test_a_folder_of_dicom_and_a_table_of_outcomes_is_enough(tmp_path: Path) -> None:
    source = write_demo_study(tmp_path / "made", "scanner", patients=8).parent
    folder = tmp_path / "study"
    shutil.copytree(source / "scans", folder / "scans")
    shutil.copy(source / "outcomes.csv", folder)
    done = CliRunner().invoke(main, ["study", "new", str(folder), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert "columns.acquisition: ConvolutionKernel" in done.output
    protocol = read_protocol(folder / "study.yaml")
    (analysis,) = protocol.analyses
    assert [(one.name, one.kind) for one in analysis.plan.outcomes] == [("response", "binary")]
    assert analysis.plan.columns.patient == "patient"
    assert analysis.plan.columns.acquisition == ("ConvolutionKernel",)
    text = (folder / "study.yaml").read_text()
    assert "# Facts of scanner and protocol that must not predict the outcome." in text


def test_modalities_get_an_analysis_each_and_columns_their_roles(tmp_path: Path) -> None:
    table = write_cohort(tmp_path, 10)
    with table.open(newline="") as file:
        rows = list(csv.reader(file))
    for place, row in enumerate(rows[1:]):
        row[3] = "MR" if place < 3 else "CT"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    (tmp_path / "outcomes.csv").unlink()
    told = [(f"P{n:02d}", 40 + n, "north" if n % 2 else "south", n * 30, n % 2, n * 1.5, "x")
            for n in range(1, 11)]  # fmt: skip
    outcomes(
        tmp_path / "clinic.csv", ("patient", "age", "site", "time", "event", "ki67", "same"), told
    )
    started = start_study(tmp_path, jobs=1)
    protocol = read_protocol(started.path)
    assert [(one.name, one.role, one.where) for one in protocol.analyses] == [
        ("CT", "primary", {"modality": "CT"}),
        ("MR", "exploratory", {"modality": "MR"}),
    ]
    plan = protocol.analyses[0].plan
    assert [(one.name, one.kind) for one in plan.outcomes] == [
        ("survival", "survival"),
        ("ki67", "continuous"),
    ]
    assert (plan.columns.site, plan.columns.clinical) == ("site", ("age",))
    assert any("exploratory" in text or "is primary" in text for text in started.guesses)


def test_what_is_missing_or_there_already_is_told(tmp_path: Path) -> None:
    write_cohort(tmp_path, 4)
    (tmp_path / "outcomes.csv").unlink()
    with pytest.raises(UserError, match="no table of outcomes"):
        start_study(tmp_path, jobs=1)
    outcomes(tmp_path / "outcomes.csv", ("patient", "name"), [("P01", "a"), ("P02", "a")])
    with pytest.raises(UserError, match="can be an outcome"):
        start_study(tmp_path, jobs=1)
    (tmp_path / "study.yaml").write_text("title: mine")
    with pytest.raises(UserError, match="protocol already"):
        start_study(tmp_path, jobs=1)
    assert (tmp_path / "study.yaml").read_text() == "title: mine"


def test_a_table_that_cannot_be_the_one_is_told_with_the_reason(tmp_path: Path) -> None:
    write_cohort(tmp_path, 4)
    rows: list[tuple[object, ...]] = [("P01", 1), ("P02", 0), ("P03", 1), ("P04", 0)]
    outcomes(tmp_path / "outcomes.csv", ("patient", "y"), [*rows, rows[0]])
    outcomes(tmp_path / "other.csv", ("patient", "y"), [("p-1", 1), ("p-2", 0)])
    outcomes(tmp_path / "third.csv", ("name", "y"), rows)
    (tmp_path / "void.csv").write_text("")
    with pytest.raises(UserError) as caught:
        start_study(tmp_path, jobs=1)
    told = caught.value.got or ""
    assert "outcomes.csv: 'P01' is in column 'patient' twice" in told
    assert "other.csv: 'p-1' in column 'patient', 'P01' in cohort.csv" in told
    assert "third.csv: no column is called patient," in told
    assert "void.csv: " in told


def test_other_tables_and_patients_without_a_row_are_told(tmp_path: Path) -> None:
    write_cohort(tmp_path, 5)
    rows: list[tuple[object, ...]] = [("P01", 1), ("P02", 0), ("P03", 1), ("P04", 0)]
    outcomes(tmp_path / "outcomes.csv", ("patient", "y"), rows)
    outcomes(tmp_path / "clinic.csv", ("patient", "z"), rows[:2])
    guesses = start_study(tmp_path, jobs=1).guesses
    assert "1 of 5 patients has no row in outcomes.csv" in guesses
    assert "not taken, though patients are in them too: clinic.csv" in guesses


def started(folder: Path, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> Started:
    outcomes(folder / "outcomes.csv", names, rows)
    (folder / "study.yaml").unlink(missing_ok=True)
    return start_study(folder, jobs=1)


def test_what_is_amiss_with_the_outcomes_is_told_before_an_image_is_read(tmp_path: Path) -> None:
    write_cohort(tmp_path, 4)
    (tmp_path / "outcomes.csv").rename(tmp_path / "outcomes.txt")
    (tmp_path / "clinic.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "old.csv").write_bytes("patient,y\nMüller,1\n".encode("latin-1"))
    with pytest.raises(UserError, match="no table of outcomes") as caught:
        start_study(tmp_path, jobs=1)
    assert "clinic.xlsx: a workbook: save the sheet as CSV UTF-8" in str(caught.value.got)
    assert "in line 2, save it as CSV UTF-8" in str(caught.value.got)
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match="can be an outcome") as caught:
        started(tmp_path, ("patient", "y", "z", "age"), [(f"P0{n}", 1, n, n) for n in range(1, 5)])
    assert caught.value.got == (
        "y: '1' of every patient; z: 4 values, some of a single patient; "
        "age: by its name no outcome"
    )


@pytest.mark.parametrize("name", ["Outcomes.CSV", "outcomes.tsv", "clinic.Tsv"])
def test_tables_are_found_whatever_their_ending_and_heading(tmp_path: Path, name: str) -> None:
    write_cohort(tmp_path, 4)
    (tmp_path / "outcomes.csv").unlink()
    tab = "\t" if name.casefold().endswith("tsv") else ";"
    rows = [f"P{n:02d}{tab}{n % 2}" for n in range(1, 5)]
    (tmp_path / name).write_text("\r\n".join([f"Patient ID{tab}y", *rows]), encoding="utf-8-sig")
    protocol = read_protocol(start_study(tmp_path, jobs=1).path)
    assert protocol.outcomes == name
    assert protocol.analyses[0].plan.columns.outcome_patient == "Patient ID"


def test_a_time_and_an_event_of_one_endpoint_are_one_outcome(tmp_path: Path) -> None:
    write_cohort(tmp_path, 6)
    names = ("patient", "OS_MONTHS", "OS_STATUS", "PFS.time", "pfs", "DFS_days", "DFS_event", "y")
    rows = [(f"P{n:02d}", n, ("0:LIVING", "1:DECEASED")[n % 2], n + 1, n % 2, n + 2, 1 + n % 2,
             n % 2) for n in range(1, 7)]  # fmt: skip
    found = started(tmp_path, names, rows)
    told = {
        one.name: (one.kind, one.time, one.event, one.event_of_interest)
        for one in read_protocol(found.path).analyses[0].plan.outcomes
    }
    assert told == {
        "os": ("survival", "OS_MONTHS", "OS_STATUS", "1:DECEASED"),
        "pfs": ("survival", "PFS.time", "pfs", "1"),
        "dfs": ("survival", "DFS_days", "DFS_event", "?"),
        "y": ("binary", None, None, "1"),
    }
    unclear = (
        "DFS_event of outcome dfs has 1, 2: say in event_of_interest which of them is the event"
    )
    assert unclear in found.guesses


def test_the_outcome_under_another_name_is_no_clinical_column(tmp_path: Path) -> None:
    write_cohort(tmp_path, 6)
    rows = [(f"P{n:02d}", n % 2, 60 + n, "low" if n % 2 else "high", n % 3) for n in range(1, 7)]
    found = started(tmp_path, ("patient", "response", "age", "grade", "stage"), rows)
    (analysis,) = read_protocol(found.path).analyses
    assert analysis.plan.columns.clinical == ("age", "stage")
    assert "not in columns.clinical: grade, an outcome under another name" in found.guesses


def test_cases_without_a_patient_are_named(tmp_path: Path) -> None:
    table = write_cohort(tmp_path, 6)
    table.write_text(table.read_text().replace(",P01", ",").replace(",P04", ",NA"))
    rows = [(f"P{n:02d}", n % 2) for n in range(1, 7)]
    (told,) = [text for text in started(tmp_path, ("patient", "y"), rows).guesses if "NA" in text
               or "names no patient" in text]  # fmt: skip
    assert "names no patient for case_01, case_04: fill it" in told


def test_several_regions_of_a_patient_are_told(tmp_path: Path) -> None:
    table = write_cohort(tmp_path, 6)
    rows: list[tuple[object, ...]] = [(f"P{n:02d}", n % 2) for n in range(1, 7)]
    alone = started(tmp_path, ("patient", "y"), rows).guesses
    assert not any("several rows" in text for text in alone)
    head, *cases = table.read_text().splitlines()
    cases = [case.replace(",P02", ",P01") + "," for case in cases]
    table.write_text("\n".join([head + ",roi", cases[0] + "1", *cases[1:]]))
    found = started(tmp_path, ("patient", "y"), rows).guesses
    assert (
        "1 patient has several rows of a modality, and all of them are analysed: "
        "to choose, where: {roi: ...} of 1"
    ) in found


def test_an_interruption_leaves_no_protocol_of_half_the_data(tmp_path: Path) -> None:
    write_cohort(tmp_path, 6)

    def stop(state: Progress) -> None:
        if state.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_study(tmp_path, jobs=1, progress=stop)
    assert not (tmp_path / "study.yaml").exists()
    assert start_study(tmp_path, jobs=1).guesses[0].startswith("6 cases")
