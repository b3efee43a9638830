"""Facts of the cases of an analysis, from the cohort table and the record of the extraction."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from radiome.cohort.inspection import ACQUISITION_FACTS
from radiome.report.checklists.facts import MeasuredWith, Record, Span
from radiome.report.checklists.header_values import short_values

Row = Mapping[str, str]

#: Other names of DICOM modalities.
_MODALITIES = {"PET": "PT", "MRI": "MR"}
_AXES = ("spacing_z_mm", "spacing_y_mm", "spacing_x_mm")


def rows_of(path: Path) -> list[Row]:
    """Rows of a CSV file, cells as text; none if it is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def of_cases(record: Record, rows: Sequence[Row]) -> Record:
    """Add facts of the cases that were measured and belong to the analysis.

    Parameters
    ----------
    record : Record
        With the plan, and what the analysis takes its cases by.
    rows : sequence of mapping
        Of ``cohort.csv``.
    """
    if not rows or "status" not in rows[0]:
        return record
    measured = [row for row in rows if row["status"] == "measured"]
    left = Counter(row.get("step") or row["status"] for row in rows if row["status"] != "measured")
    here = _of_analysis(rows, record.where)
    of = {name: [row for row in here if _modality(row) == name] for name in _modalities(here)}
    masks = {Path(row["mask"]).suffix.lstrip(".") for row in here if row.get("mask")}
    return replace(
        record,
        cases=len(rows),
        measured=len(measured),
        reasons=dict(left),
        modalities={name: len(part) for name, part in of.items()},
        units=tuple(sorted({row.get("unit") or "" for row in here})) if here else (),
        known={name: _shares(part) for name, part in of.items()},
        values={name: _values(part) for name, part in of.items()},
        spacing_mm=_spans(here),
        mask_formats=tuple(sorted(masks)),
        sites=_distinct(here, (record.plan.get("columns") or {}).get("site")),
    )


def with_settings(
    run: Mapping[str, Any], rows: Sequence[Row], where: Mapping[str, Any]
) -> tuple[MeasuredWith, ...]:
    """Settings of the cases of an analysis, those of most cases first.

    Parameters
    ----------
    run : mapping
        ``run.json`` of the extraction.
    rows : sequence of mapping
        Of ``cohort.csv``; without any, all cases count.
    where : mapping
        Columns and values that an analysis takes its cases by.
    """
    modality = {row["case"]: _modality(row) for row in _of_analysis(rows, where) if "case" in row}
    used: dict[str, list[str]] = {}
    for case in run.get("cases") or ():
        if case.get("status") == "ok" and (not rows or case["case"] in modality):
            used.setdefault(str(case.get("settings")), []).append(modality.get(case["case"], ""))
    stored = run.get("settings") or {}
    found = [
        MeasuredWith(stored[name], tuple(sorted(set(names) - {""})), len(names))
        for name, names in used.items()
        if stored.get(name)
    ]
    return tuple(sorted(found, key=lambda each: -each.cases))


def _of_analysis(rows: Sequence[Row], where: Mapping[str, Any]) -> list[Row]:
    return [row for row in rows if row.get("status") == "measured" and _belongs(row, where)]


def _belongs(row: Row, where: Mapping[str, Any]) -> bool:
    for column, wanted in where.items():
        values = wanted if isinstance(wanted, list | tuple) else [wanted]
        if row.get(column) not in {str(value) for value in values}:
            return False
    return True


def _modality(row: Row) -> str:
    name = (row.get("modality") or "").upper()
    return _MODALITIES.get(name, name)


def _modalities(rows: Sequence[Row]) -> list[str]:
    return sorted({_modality(row) for row in rows} - {""})


def _shares(rows: Sequence[Row]) -> dict[str, float]:
    """For each column the share of rows that have a value."""
    return {name: sum(bool(row[name]) for row in rows) / len(rows) for name in rows[0]}


def _values(rows: Sequence[Row]) -> dict[str, str]:
    """Values of header facts, which bear DICOM keywords, and of the spacing."""
    names = [name for name in rows[0] if name in _AXES or name in ACQUISITION_FACTS]
    told = {name: short_values(name, (row[name] for row in rows)) for name in names}
    return {name: text for name, text in told.items() if text}


def _spans(rows: Sequence[Row]) -> tuple[Span, Span, Span] | None:
    cells = [[row.get(axis) or "" for row in rows] for axis in _AXES]
    if not rows or not all(all(axis) for axis in cells):
        return None
    z, y, x = ((min(map(float, axis)), max(map(float, axis))) for axis in cells)
    return z, y, x


def _distinct(rows: Sequence[Row], column: str | None) -> int | None:
    """How many values a column has; None if it is not there or has gaps."""
    if not column or not rows or not all(row.get(column) for row in rows):
        return None
    return len({row[column] for row in rows})
