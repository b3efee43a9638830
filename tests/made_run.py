"""A small run folder of a study, as `radiome study run` leaves it, for tests of the report."""

from __future__ import annotations

import atexit
import csv
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from made_cohort import write_cohort
from radiome.cohort.engine import run_cohort
from radiome.cohort.inspection import inspect_cohort
from radiome.cohort.manifest import read_manifest
from radiome.model.output import write_study
from radiome.model.plan import make_plan
from radiome.model.provenance import provenance_of
from radiome.model.run import run_plan
from radiome.model.study_inputs import read_inputs
from radiome.select.atlas import AtlasOptions, cluster_table, make_atlas
from radiome.select.atlas_files import write_atlas
from radiome.study.maps import write_maps
from radiome.tables.feature_table import FeatureTable

PLAN = {
    "outcomes": {"name": "coarse texture", "column": "coarse", "kind": "binary", "positive": "1"},
    "columns": {"patient": "patient"},
    "validation": {"folds": 4, "repeats": 2, "inner_folds": 2, "bootstrap": 200},
    "null": {"permutations": 39, "stop_after": 5},
    "select": {"name": "univariate", "options": {"top": 5}},
    "learner": {"name": "logistic", "options": {"strength": 0.1}},
}


#: What an attacker would call a patient.
HOSTILE = """</script><script>window.owned=1</script><img src=x onerror="window.owned=1">'"&"""
#: Patients whose outcome is not that of their texture, for nothing is ever that clear.
_EXCEPTIONS = ("P03", "P08", "P14")


@cache
def shared_run() -> Path:
    """The run that tests read and do not change, made once for all of them."""
    held = tempfile.mkdtemp(prefix="radiome-run-")
    atexit.register(shutil.rmtree, held, ignore_errors=True)
    return made_run(Path(held))


def made_run(folder: Path, n: int = 24) -> Path:
    """Virtual lesions, half of them of coarse texture, one of them broken; one analysis."""
    cohort = write_cohort(folder / "in", n + 1, broken=True)
    outcomes = folder / "in/outcomes.csv"
    told = pd.read_csv(outcomes)
    told["coarse"] ^= told["patient"].isin(_EXCEPTIONS).astype(int)
    told.to_csv(outcomes, index=False)
    run = assemble(folder / "run", cohort, outcomes, PLAN, settings="basic", jobs=1)
    cases = pd.read_csv(run / "cohort.csv")
    cases.merge(told, on="patient").to_csv(run / "cohort.csv", index=False)
    return run


def hostile_run(folder: Path) -> Path:
    """A copy of the run in which every name that a user gives is an attack."""
    run = folder / "hostile"
    shutil.copytree(shared_run(), run, ignore=shutil.ignore_patterns("work", "cases", "models"))
    cases = pd.read_csv(run / "cohort.csv", dtype=str)
    names = {old: f"{HOSTILE}{old}" for old in cases["case"]}
    cases["case"] = cases["code"] = cases["case"].map(names)
    cases["patient"] = HOSTILE + cases["patient"]
    cases["Manufacturer"] = [HOSTILE, *["plain"] * (len(cases) - 1)]
    cases.loc[cases["status"] != "measured", "reason"] = HOSTILE
    cases.to_csv(run / "cohort.csv", index=False)
    pictures = json.loads((run / "pictures.json").read_text())
    told = {names[case]: picture for case, picture in pictures.items()}
    (run / "pictures.json").write_text(json.dumps(told))
    predictions = pd.read_csv(run / "analyses/main/model/predictions.csv", dtype=str)
    predictions["patient"] = HOSTILE + predictions["patient"]
    predictions.to_csv(run / "analyses/main/model/predictions.csv", index=False)
    table = pq.read_table(run / "analyses/main/features.parquet")
    renamed = pa.array([names[case] for case in table["case"].to_pylist()])
    table = table.set_column(table.column_names.index("case"), "case", renamed)
    pq.write_table(table, run / "analyses/main/features.parquet")
    maps = json.loads((run / "analyses/main/maps.json").read_text())
    for each in (each for pair in maps["features"].values() for each in pair):
        each["case"] = names[each["case"]]
    maps["reasons"] = dict.fromkeys(maps["reasons"], HOSTILE)
    maps["colours"] = [HOSTILE]
    (run / "analyses/main/maps.json").write_text(json.dumps(maps))
    for name, keys in (("study.json", ("title",)), ("analyses/main/model/results.json", ())):
        told = json.loads((run / name).read_text())
        told |= dict.fromkeys(keys, HOSTILE)
        for outcome in told.get("outcomes", []):
            outcome["sentence"] = outcome["gates"][0]["evidence"] = HOSTILE
        (run / name).write_text(json.dumps(told))
    (run / "study.yaml").write_text(f"title: {json.dumps(HOSTILE)}\n")
    return run


def assemble(
    run: Path, cohort: Path, outcomes: Path, plan: dict[str, Any], *, settings: str | None = None,
    where: dict[str, str] | None = None, jobs: int = 2,
) -> Path:  # fmt: skip
    """Every file of a run, made by the functions that the commands call."""
    run.mkdir(parents=True)
    _, seen = inspect_cohort(cohort, run / "work/inspection", jobs=jobs)
    pictures = {each.case: each.picture for each in seen if each.picture}
    (run / "pictures.json").write_text(json.dumps(pictures))
    result = run_cohort(cohort, run / "extraction", settings=settings, jobs=jobs)
    _write_cohort(run / "cohort.csv", cohort, seen, result)
    _analysis(run / "analyses/main", run / "extraction", outcomes, plan, where or {})
    write_maps(run / "analyses/main", run, read_manifest(cohort), cards=12, workers=1)
    _write_study(run, plan, where or {})
    return run


def _write_cohort(path: Path, cohort: Path, seen: Any, result: Any) -> None:
    with cohort.open(newline="") as file:
        rows = list(csv.DictReader(file))
    ends = {outcome.case: outcome for outcome in result.outcomes}
    for number, (row, look) in enumerate(zip(rows, seen, strict=True), start=1):
        end, facts = ends[row["case"]], dict(look.facts)
        spacing = facts.pop("spacing_zyx_mm", ["", "", ""])
        facts.pop("shape_zyx", None)
        row |= {"code": f"case-{number:03d}", "status": "measured", "step": "", "reason": ""}
        if end.status != "ok":
            row |= {"status": "left_out", "step": "extract", "reason": end.reason}
        row |= dict(zip(("spacing_z_mm", "spacing_y_mm", "spacing_x_mm"), spacing, strict=True))
        row |= facts
    pd.DataFrame(rows).to_csv(path, index=False)


def _analysis(
    folder: Path, extraction: Path, outcomes: Path, plan: dict[str, Any], where: dict[str, str]
) -> None:
    folder.mkdir(parents=True)
    rows = pq.read_table(extraction / "features.parquet")
    for column, value in {"status": "ok", **where}.items():
        rows = rows.filter(pc.equal(rows[column], value))
    pq.write_table(rows, folder / "features.parquet")
    atlas = make_atlas(FeatureTable.read(folder / "features.parquet"), AtlasOptions(resamples=20))
    write_atlas(atlas, folder)
    made = make_plan(plan)
    table = read_inputs(folder / "features.parquet", outcomes, made)
    result = run_plan(table, made, folder / "model", workers=1)
    inputs = provenance_of([folder / "features.parquet", outcomes])
    write_study(result, folder / "model", provenance=inputs)
    _write_trust(folder, extraction, cluster_table(atlas))


def _write_trust(folder: Path, extraction: Path, clusters: pd.DataFrame) -> None:
    known = pd.read_csv(extraction / "catalogue.csv").set_index("tag")
    selection = pd.read_csv(folder / "model/selection.csv")
    table = pd.DataFrame({"feature": clusters["feature"]})
    for name in ("ibsi_code", "name", "family", "unit", "aggregation", "image"):
        table[name] = table["feature"].map(known[name])
    for name in ("cluster", "cluster_size", "representative", "volume_rho", "volume_proxy"):
        table[name] = clusters[name]
    for outcome, found in selection.groupby("outcome"):
        share = found.set_index("feature")["frequency"]
        table[f"selected {outcome}"] = table["feature"].map(share).fillna(0.0)
    table["excluded_reason"] = clusters["excluded_reason"]
    table.to_csv(folder / "trust.csv", index=False)


def _write_study(run: Path, plan: dict[str, Any], where: dict[str, str]) -> None:
    extraction = json.loads((run / "extraction/run.json").read_text())
    steps = ("inspect", "extract", "join", "trust", "model")
    analysis = {"name": "main", "role": "primary", "where": where, "folder": "analyses/main"}
    study = {
        "title": "Coarse texture in virtual lesions",
        "authors": ["A. Author", "B. Author"],
        "created": "2026-01-31T12:00:00+00:00",
        "radiome": extraction["radiome"],
        "software": extraction["software"],
        "steps": {name: {"status": "done", "seconds": 1.5, "reason": ""} for name in steps},
        "analyses": [{**analysis, "status": "modelled", "reason": ""}],
    }
    (run / "study.json").write_text(json.dumps(study))
    (run / "study.yaml").write_text("title: Coarse texture in virtual lesions\n")
