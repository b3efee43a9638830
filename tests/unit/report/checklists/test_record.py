"""Reading a run folder: what the files say, and nothing where they say nothing."""

import csv
import json

import pytest

from radiome.base.errors import UserError
from radiome.extraction.settings import load_settings
from radiome.model.plan import make_plan
from radiome.report.checklists import Record, fill, read_record
from radiome.report.checklists.header_values import short_values

SETTINGS = {name: load_settings(name).model_dump(mode="json") for name in ("ct", "pet")}
GAIN = {"value": 0.1, "lower": 0.0, "upper": 0.2}
PLAN = make_plan(
    {
        "outcomes": {"name": "y", "kind": "binary", "reference_standard": "sequence"},
        "columns": {"site": "hospital"},
    }
).model_dump(mode="json")
RESULTS = {
    "radiome": "1.0",
    "plan": PLAN,
    "patients": 3,
    "features": 2,
    "outcomes": [
        {
            "name": "y",
            "status": "modelled",
            "reason": None,
            "gates": [{"gate": 3, "status": "FAIL"}],
            "outcome": {"patients": 3, "missing": 1, "classes": {"no": 2, "yes": 1}},
            "null": {"permutations": 99},
            "figures": {
                "concordance": {"features": GAIN, "volume": {"value": 0.5}},
                "gain": {"volume": GAIN},
                "performance": {
                    "calibration": {"reason": "one score only"},
                    "brier": GAIN,
                    "prevalence": 0.3,
                },
                "sample_size": {"patients": 3, "needed": 700},
                "left_out_sites": {"value": 0.5, "centres": [{}, {}]},
                "importance": {"reason": "no folds"},
            },
        }
    ],
}
CASES = [
    # case, modality, hospital, status, step, KVP, spacing z
    ("a", "CT", "X", "measured", "", "120", "1.0"),
    ("b", "CT", "Y", "measured", "", "", "5.0"),
    ("c", "CT", "Y", "failed", "extract", "120", "2.0"),
    ("d", "PET", "X", "measured", "", "", "3.0"),
    ("e", "CT", "X", "measured", "", "100", "2.5"),
]


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_rows(path, rows, headings):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([headings, *rows])


@pytest.fixture
def run(tmp_path):
    """A run with two analyses, the second of which is the primary one, of CT alone."""
    analyses = [
        {"name": "all", "role": "exploratory", "where": {}},
        {"name": "ct", "role": "primary", "where": {"modality": ["CT"]}},
    ]
    write_json(
        tmp_path / "study.json",
        {
            "title": "T",
            "radiome": "1.0",
            "software": {"python": "3"},
            "steps": {"extract": {"status": "done"}},
            "analyses": analyses,
        },
    )
    (tmp_path / "study.yaml").write_text(
        "title: T\ntrust: {repeat: scan, cluster_threshold: 0.9}\n"
    )
    write_json(tmp_path / "lock.json", {"locked": "2026-01-01T00:00:00+00:00"})
    write_json(tmp_path / "deviations.json", [{"what": "seed"}])
    headings = ("case", "modality", "hospital", "status", "step", "KVP", "spacing_z_mm")
    rows = [(*case, "0.9", "0.9", f"{case[0]}.nii.gz", "HU") for case in CASES]
    write_rows(
        tmp_path / "cohort.csv", rows, (*headings, "spacing_y_mm", "spacing_x_mm", "mask", "unit")
    )
    cases = [
        {"case": c[0], "status": "ok" if c[3] == "measured" else "failed",
         "settings": "pet" if c[1] == "PET" else "ct"}
        for c in CASES
    ]  # fmt: skip
    write_json(
        tmp_path / "extraction/run.json", {"radiome": "1.0", "settings": SETTINGS, "cases": cases}
    )
    write_rows(
        tmp_path / "extraction/catalogue.csv",
        [("f1", "glcm", ""), ("f2", "glcm", "log"), ("f3", "morphology", "")],
        ("tag", "family", "image"),
    )
    (tmp_path / "controls/shuffled_roi").mkdir(parents=True)
    folder = tmp_path / "analyses/ct"
    write_json(folder / "model/results.json", RESULTS)
    write_json(folder / "model/models/index.json", [{"file": "y.radiome"}, {"reason": "no"}])
    (folder / "model/predictions.csv").write_text("patient\n")
    write_rows(folder / "trust.csv", [("f1", "0.8"), ("f2", "")], ("feature", "repeatability_icc"))
    write_rows(folder / "clusters.csv", [("f1", "1"), ("f2", "1"), ("f3", "0")],
               ("feature", "cluster"))  # fmt: skip
    return tmp_path


def test_cases_of_the_primary_analysis(run):
    record = read_record(run)
    assert (record.analysis, record.cases, record.measured) == ("ct", 5, 4)
    assert record.reasons == {"extract": 1}
    assert record.modalities == {"CT": 3}
    assert record.sites == 2
    assert record.known["CT"]["KVP"] == pytest.approx(2 / 3)
    assert record.values["CT"]["KVP"] == "100 to 120 kV"
    assert set(record.values["CT"]) == {"KVP", "spacing_z_mm", "spacing_y_mm", "spacing_x_mm"}
    assert record.spacing_mm == ((1.0, 5.0), (0.9, 0.9), (0.9, 0.9))
    assert (record.mask_formats, record.units) == (("gz",), ("HU",))


@pytest.mark.parametrize(
    ("keyword", "cells", "said"),
    [
        ("KVP", ["120", "120.0", ""], "120 kV"),
        ("FlipAngle", ["15", "90"], "15 to 90°"),
        ("ScanningSequence", ["SE", "GR", "SE"], "SE (2), GR (1)"),
        ("Manufacturer", ["A"], "A"),
        ("Manufacturer", list("abcdef"), "a (1), b (1), c (1), d (1), 2 others"),
        ("EchoTime", ["", ""], ""),
        ("SequenceVariant", ["1", "nan"], "1 (1), nan (1)"),
        ("NumberOfAverages", ["1", "2"], "1 to 2"),
    ],
)
def test_values_in_short(keyword, cells, said):
    assert short_values(keyword, cells) == said


def test_settings_are_those_of_its_cases(run):
    (group,) = read_record(run).settings
    assert (group.values, group.modalities, group.cases) == (SETTINGS["ct"], ("CT",), 3)


def test_features_trust_and_models(run):
    record = read_record(run)
    assert (record.features, record.families, record.maps) == (2, ("glcm", "morphology"), ("log",))
    assert (record.repeatable, record.clusters, record.models) == (1, 1, 1)
    assert record.predictions
    assert record.controls == ("shuffled_roi",)
    assert record.trust == {"repeat": "scan", "cluster_threshold": 0.9}
    assert (record.locked[:10], record.deviations) == ("2026-01-01", 1)


def test_outcomes(run):
    (outcome,) = read_record(run).outcomes
    assert (outcome.name, outcome.kind, outcome.modelled) == ("y", "binary", True)
    assert outcome.reference_standard == "sequence"
    assert outcome.gates == {3: "FAIL"}
    assert outcome.compared == {"features"}  # Volume alone has no interval.
    assert outcome.gains == {"volume"}
    assert outcome.defined == {"brier", "prevalence"}  # Calibration has only a reason.
    assert outcome.explained == frozenset()
    assert (outcome.needed, outcome.left_out_sites, outcome.permutations) == (700, 2, 99)


def test_the_author_may_state_what_no_file_tells(run):
    assert read_record(run, segmentation="manual").segmentation == "manual"


def test_an_empty_folder_tells_nothing(tmp_path):
    assert read_record(tmp_path) == Record()


@pytest.mark.parametrize(
    "name",
    ["study.json", "study.yaml", "cohort.csv", "extraction/run.json", "lock.json",
     "extraction/catalogue.csv", "analyses/ct/model/results.json", "analyses/ct/trust.csv",
     "analyses/ct/clusters.csv", "analyses/ct/model/models/index.json", "deviations.json"],
)  # fmt: skip
def test_a_missing_file_never_adds_a_pass(run, name):
    def passed():
        answers = [each for checklist in fill(read_record(run)) for each in checklist.answers]
        return {(id(a.item), a.item.number) for a in answers if a.answer.status == "PASS"}

    before = passed()
    (run / name).unlink()
    assert passed() <= before


def test_a_column_of_sites_with_gaps_is_not_counted(run):
    results = run / "analyses/ct/model/results.json"
    results.write_text(results.read_text().replace('"centres": [{}, {}]', '"centres": []'))
    text = (run / "cohort.csv").read_text().replace("b,CT,Y", "b,CT,")
    (run / "cohort.csv").write_text(text)
    assert read_record(run).sites is None


def test_sites_of_the_outcome_table_are_those_that_were_left_out_in_turn(run):
    text = (run / "cohort.csv").read_text().replace("hospital", "ward")
    (run / "cohort.csv").write_text(text)
    assert read_record(run).sites == 2


@pytest.mark.parametrize("name", ["study.json", "extraction/run.json"])
def test_a_broken_file_is_refused_by_name(run, name):
    (run / name).write_text("{")
    with pytest.raises(UserError, match=name.rsplit("/", 1)[-1]):
        read_record(run)


def test_results_of_something_else_are_refused(run):
    write_json(run / "analyses/ct/model/results.json", {"accuracy": 1.0})
    with pytest.raises(UserError, match="no 'plan'"):
        read_record(run)


def test_no_folder(tmp_path):
    with pytest.raises(UserError, match="no such run folder"):
        read_record(tmp_path / "absent")
