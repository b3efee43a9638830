"""A run to share holds no name, and tells what everything was made from."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from html import escape
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from markupsafe import Markup

from radiome.base.errors import UserError
from radiome.cli.main import main
from radiome.report.build import build_report
from radiome.study.coding import Codes, holders
from radiome.study.export import export_run
from radiome.study.lock import lock_study
from radiome.study.occupied import note_record
from radiome.study.running import Telling, run_study
from radiome.tables.feature_table import FeatureTable


@pytest.fixture(scope="module")
def crate(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(finished / "run", tmp_path_factory.mktemp("shared") / "crate")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_file_holds_a_case_a_patient_or_a_path(finished: Path, crate: Path) -> None:
    cohort = rows(finished / "cohort.csv")
    assert cohort[0]["case"] == "case_01"
    for path in crate.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")  # all of it is plain text
            assert str(finished) not in text, path
            assert "nii.gz" not in text, path
            for row in cohort:
                assert row["case"] not in text, path
                assert row["patient"] not in text.split(","), path


def test_values_and_predictions_are_those_of_the_run(finished: Path, crate: Path) -> None:
    table = FeatureTable.read(finished / "run" / "extraction")
    shared = rows(crate / "features.csv")
    assert [row["code"] for row in shared[:2]] == ["case-001", "case-002"]
    for tag in ("stat_mean", "cm_contrast_3D_avg"):
        told = [float(row[tag]) if row[tag] else None for row in shared]
        assert told[:-1] == table.frame[tag].tolist()[:-1]
        assert told[-1] is None
    ours = rows(finished / "run/analyses/main/model/predictions.csv")
    theirs = rows(crate / "analyses/main/predictions.csv")
    assert [row["score"] for row in theirs] == [row["score"] for row in ours]
    assert {row["patient"] for row in theirs} == {f"patient-{n:03d}" for n in range(1, 24)}


def test_every_value_leads_to_image_mask_settings_and_software(crate: Path) -> None:
    made = rows(crate / "provenance.csv")
    settings = json.loads((crate / "settings.json").read_text())["settings"]
    measured = [row for row in made if row["status"] == "ok"]
    assert len(measured) == 23
    for row in measured:
        assert len(row["image_sha256"]) == len(row["mask_sha256"]) == 64
        assert row["settings"] in settings
        assert row["radiome"]


def test_the_metadata_name_every_file_with_its_hash(crate: Path) -> None:
    told = json.loads((crate / "ro-crate-metadata.json").read_text())
    context, own = told["@context"]
    assert context == "https://w3id.org/ro/crate/1.1/context"
    assert own == {"sha256": "https://schema.org/sha256"}, "which that one does not know"
    entities = {entity["@id"]: entity for entity in told["@graph"]}
    assert len(entities) == len(told["@graph"])
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    root = entities["./"]
    # What RO-Crate 1.1 demands of the root.
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "datePublished", "license"))
    assert datetime.fromisoformat(root["datePublished"])
    assert {"name", "description"} <= entities[root["license"]["@id"]].keys()
    assert "author" not in root, "the study names none"
    files = {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}
    files.remove("ro-crate-metadata.json")
    assert {part["@id"] for part in entities["./"]["hasPart"]} == files
    for name in files:
        content = (crate / name).read_bytes()
        assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert entities[name]["contentSize"] == str(len(content))
    for entity in told["@graph"]:
        for part in [value for value in entity.values() if isinstance(value, list)]:
            for link in part:
                if isinstance(link, dict):
                    assert link["@id"] in entities


def test_a_name_that_would_get_out_stops_the_export(
    study: Callable[[], Path], tmp_path: Path
) -> None:
    run = study() / "run"
    (run / "report.html").write_text("<p>case_07</p>")
    done = CliRunner().invoke(main, ["study", "export", str(run), "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "where: report.html" in done.output
    assert "got: case_07" in done.output
    assert not (tmp_path / "out").exists()


def test_names_are_found_in_archives_and_replaced_as_whole_words(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr("inside.json", '{"patient": "Jane-Doe"}')
    assert list(holders([tmp_path / "model.zip"], {"Jane-Doe"})) == [
        (tmp_path / "model.zip", "Jane-Doe")
    ]
    assert list(holders([tmp_path / "model.zip"], set())) == []
    page = tmp_path / "page.html"
    page.write_text(f"<img src='data:image/png;base64,{'iVBORw0P39' * 60}'>")
    assert list(holders([page], {"0P39"})) == []
    page.write_text(page.read_text() + "<p>0P39</p>")
    assert list(holders([page], {"0P39"})) == [(page, "0P39")]
    codes = Codes({"P1_CT": "case-001"}, {"P1": "patient-001", "P10": "patient-002"})
    assert codes.text("P1 = P10, not P1_CT or XP1") == (
        "patient-001 = patient-002, not case-001 or XP1"
    )


@pytest.mark.parametrize("name", ['O\'Brien & "Söhne"', "Müller <1>", "Ünal, A."])
def test_names_are_found_however_a_format_spells_them(tmp_path: Path, name: str) -> None:
    file = tmp_path / "told"
    for spelled in (
        name,
        json.dumps(name),
        json.dumps(name, ensure_ascii=False),
        escape(name),
        str(Markup.escape(name)),
        name.encode("ascii", "xmlcharrefreplace").decode(),
    ):
        file.write_text(f"<p>{spelled}</p>", encoding="utf-8")
        assert [path for path, _ in holders([file], {name})] == [file], spelled
    with file.open("w", newline="", encoding="utf-8") as table:
        csv.writer(table).writerow(["a", name])
    assert [path for path, _ in holders([file], {name})] == [file]
    file.write_text("another name", encoding="utf-8")
    assert list(holders([file], {name})) == []


def test_a_table_that_was_edited_is_not_shared(study: Callable[[], Path], tmp_path: Path) -> None:
    run = study() / "run"
    results = run / "analyses/main/model/results.json"
    results.write_text(results.read_text() + " ")
    with pytest.raises(UserError, match="not as its steps left it") as caught:
        export_run(run, tmp_path / "out")
    assert caught.value.got == (
        "analyses/main/model/results.json: is not the file that its step left"
    )
    assert not (tmp_path / "out").exists()


def test_tables_of_two_runs_are_not_shared_as_one(
    study: Callable[[], Path], tmp_path: Path
) -> None:
    folder = study()
    path, run = folder / "study.yaml", folder / "run"
    path.write_text(path.read_text().replace(", glcm]", "]"))

    def stop(name: str, _done: object) -> None:
        if name == "model main":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(path, run, jobs=1, telling=Telling(step=stop))
    with pytest.raises(UserError, match="not as its steps left it") as caught:
        export_run(run, tmp_path / "out")
    assert "is not the file that step 'model main' was made from" in str(caught.value.got)


def test_paths_that_were_locked_stay_at_home_too(study: Callable[[], Path], tmp_path: Path) -> None:
    folder = study()
    path, run = folder / "study.yaml", folder / "run"
    text = path.read_text()
    other = shutil.copy(folder / "outcomes.csv", tmp_path / "jane.doe.csv")
    path.write_text(text.replace("outcomes: outcomes.csv", f"outcomes: {other}"))
    lock_study(path)
    path.write_text(text)
    run_study(path, run, jobs=1)
    build_report(run)
    assert str(tmp_path) in (run / "report.html").read_text(), "in the difference"
    out = export_run(run, tmp_path / "out")
    for file in out.rglob("*"):
        assert file.is_dir() or os.fsencode(tmp_path) not in file.read_bytes(), file
    assert "jane.doe.csv" in (out / "deviations.json").read_text()


def test_a_folder_that_is_no_run_and_one_that_exists_are_refused(
    finished: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="no run of a study"):
        export_run(tmp_path, tmp_path / "out")
    with pytest.raises(UserError, match="exists already"):
        export_run(finished / "run", tmp_path)


def test_names_that_are_numbers_or_words_leave_sentences_alone() -> None:
    patients = {"1": "patient-001", "12": "patient-002", "none": "patient-003", "P1": "patient-004"}
    codes = Codes({"A": "case-001"}, patients)
    same = "12 of 24 patients: none. A slope of 0.12 (-1.1 to 1.00), p = 0.1 from 12; case-12"
    assert codes.text(same) == same
    assert codes.text("'12' and patient 1, case A; P1") == (
        "'patient-002' and patient patient-001, case case-001; patient-004"
    )
    # Some of these are in the outcome table alone.
    for left in ("2 patients have no features and were left out", "1 patient ... was left out"):
        assert codes.text(f"{left}: Jane, 77") == left


def test_numbers_are_names_only_where_they_stand_alone(tmp_path: Path) -> None:
    table = tmp_path / "features.csv"
    table.write_text("a,b\n0.123456,1234567\n123456.5,x123456\n")
    names = Codes({"1234": "case-001"}, {"123456": "patient-001"}).names()
    assert names == {"123456"}
    assert list(holders([table], names)) == []
    table.write_text("123456,1\n")
    assert list(holders([table], names)) == [(table, "123456")]


def test_results_of_an_earlier_run_and_paths_of_the_protocol_stay_at_home(
    study: Callable[[], Path], tmp_path: Path
) -> None:
    folder = study()
    path, run = folder / "study.yaml", folder / "run"
    path.write_text(path.read_text().replace("cohort.csv", str(folder / "cohort.csv")))
    lock_study(path)
    run_study(path, run, jobs=1)
    told = json.loads((run / "study.json").read_text())
    told["analyses"][0] |= {"status": "failed", "reason": "too few"}
    (run / "study.json").write_text(json.dumps(told))
    note_record(run)
    build_report(run)
    assert str(folder) in (run / "report.html").read_text()
    out = export_run(run, tmp_path / "out")
    assert not (out / "analyses").exists()
    assert 'cohort: "cohort.csv"' in json.loads((out / "lock.json").read_text())["protocol"]
    for file in out.rglob("*"):
        assert file.is_dir() or os.fsencode(folder) not in file.read_bytes(), file
