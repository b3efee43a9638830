"""A small run folder of a study, as `radiome study run` leaves it, for tests of the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from made_cohort import write_cohort
from radiome.cohort.engine import run_cohort
from radiome.cohort.inspection import inspect_cohort
from radiome.model.output import write_study
from radiome.model.plan import make_plan
from radiome.model.provenance import provenance_of
from radiome.model.run import run_plan
from radiome.model.study_inputs import read_inputs
from radiome.select.atlas import AtlasOptions, cluster_table, make_atlas
from radiome.select.atlas_files import write_atlas
from radiome.tables.feature_table import FeatureTable

PLAN = {
    "outcomes": {"name": "coarse texture", "column": "coarse", "kind": "binary", "positive": "1"},
    "columns": {"patient": "patient"},
    "validation": {"folds": 4, "repeats": 2, "inner_folds": 2, "bootstrap": 200},
    "null": {"permutations": 39, "stop_after": 5},
    "select": {"name": "univariate", "options": {"top": 5}},
    "learner": {"name": "logistic", "options": {"strength": 0.1}},
}


def made_run(folder: Path, n: int = 30) -> Path:
    """Virtual lesions, half of them of coarse texture, one of them broken; one analysis."""
    cohort = write_cohort(folder / "in", n + 1, broken=True)
    outcomes = folder / "in/outcomes.csv"
    return assemble(folder / "run", cohort, outcomes, PLAN, settings="basic", jobs=1)


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
