"""Time and size of the report for cohorts of many cases.

    python benchmarks/report_size.py RUN WORK [CASES ...]

RUN is the run folder of any study. Its cases are repeated, with noise on features and
predictions and a picture of their own each, until there are as many as asked for (50 and 500),
in folders below WORK; then the report is made of each.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from radiome.report.build import build_report
from radiome.report.record import read_record

_LEFT_OUT = shutil.ignore_patterns("cases", "steps", "inspection", "report", "state", "models")


def enlarged(run: Path, target: Path, cases: int) -> Path:
    """A copy of a run with so many cases."""
    shutil.copytree(run, target, ignore=_LEFT_OUT)
    rng = np.random.default_rng(1)
    cohort = pd.read_csv(run / "cohort.csv", dtype=str)
    source = [number % len(cohort) for number in range(cases)]
    more = cohort.iloc[source].reset_index(drop=True)
    width = max(3, len(str(cases)))
    more["code"] = [f"case-{number + 1:0{width}d}" for number in range(cases)]
    suffixes = [f"#{number // len(cohort)}" for number in range(cases)]
    for column in {"case", "patient"} & set(more.columns):
        more[column] += suffixes
    more.to_csv(target / "cohort.csv", index=False)
    pictures = json.loads((run / "pictures.json").read_text())
    told = {
        name: _noisy(pictures[name.rpartition("#")[0]], rng)
        for name in more["case"]
        if name.rpartition("#")[0] in pictures
    }
    (target / "pictures.json").write_text(json.dumps(told))
    for analysis in read_record(run).analyses:
        folder = target / analysis.folder.relative_to(run)
        _more_rows(folder / "features.parquet", cases, rng)
        _more_predictions(folder / "model/predictions.csv", cases, rng)
    return target


def _noisy(picture: str, rng: np.random.Generator) -> str:
    """The picture with other noise, which no two pictures of real lesions share."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    grey = np.asarray(image).astype(int)
    grey[grey < 62] = np.clip(grey[grey < 62] + rng.integers(-1, 2, (grey < 62).sum()), 0, 62)
    noisy = Image.fromarray(grey.astype(np.uint8), mode="P")
    noisy.putpalette(image.getpalette() or [])
    held = io.BytesIO()
    noisy.save(held, "PNG", optimize=True)
    return base64.b64encode(held.getvalue()).decode()


def _more_rows(path: Path, cases: int, rng: np.random.Generator) -> None:
    table = pq.read_table(path)
    features = set(json.loads(table.schema.metadata[b"radiome"])["features"])
    n = len(table)
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        cells = column.to_pylist()
        more = [cells[number % n] for number in range(cases)]
        if name in features:
            known = [cell for cell in cells if cell is not None]
            spread = 0.2 * float(np.std(known)) if known else 0.0
            more = [None if cell is None else cell + spread * rng.normal() for cell in more]
        elif name in ("case", "patient"):
            more = [f"{cell}#{number // n}" for number, cell in enumerate(more)]
        columns.append(pa.array(more, type=column.type))
    pq.write_table(pa.table(columns, schema=table.schema), path)


def _more_predictions(path: Path, cases: int, rng: np.random.Generator) -> None:
    if not path.is_file():
        return
    told = pd.read_csv(path, dtype={"patient": str, "class": str})
    patients = told["patient"].unique()
    parts = []
    for number in range(-(-cases // len(patients))):
        part = told.copy()
        part["patient"] += f"#{number}"
        part["score"] += 0.02 * rng.normal(size=len(part))
        parts.append(part)
    pd.concat(parts).to_csv(path, index=False)


def main() -> None:
    """Make the reports and tell time and size."""
    run, work = Path(sys.argv[1]), Path(sys.argv[2])
    for cases in [int(text) for text in sys.argv[3:]] or [50, 500]:
        folder = enlarged(run, work / f"cases_{cases}", cases)
        build_report(folder)
        start = time.perf_counter()
        path = build_report(folder)
        seconds = time.perf_counter() - start
        print(f"{cases} cases: {seconds:.1f} s, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
