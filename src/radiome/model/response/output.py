"""Files of an analysis of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.model.response.options import PREFIXES, ResponseOptions
from radiome.model.response.study import Response
from radiome.tables.atomic import write_json
from radiome.tables.columns import Column, number_column, text_column
from radiome.tables.files import write_csv, write_records

_FORMULAS = {
    "absolute": "f1 - f0",
    "relative": "(f1 - f0) / abs(f0)",
    "rate": "(f1 - f0) / (t1 - t0)",
    "log_ratio": "ln(f1 / f0)",
}
_PARTS = ("nulls", "left_out", "tests", "coupling", "outcome_tests", "outcomes")


def check_path(path: Path, inputs: Sequence[Path] = ()) -> None:
    """Refuse a path where the table could not be told from others, or would destroy one.

    Raises
    ------
    UserError
        If it is no CSV file, a run's catalogue lies in its folder (that would be taken for
        the catalogue of this table), or an input would be written over.
    """
    if path.suffix != ".csv":
        raise UserError("the table of changes is a CSV file", where=str(path), expected="NAME.csv")
    if path.with_name("catalogue.csv").exists():
        raise UserError(
            "the folder holds the catalogue of another feature table",
            where=str(path.with_name("catalogue.csv")),
            expected="a folder of its own: the catalogue tells which columns are features",
            do="choose another folder with -o",
        )
    own = [path, *(path.with_suffix(f".{part}.csv") for part in ("catalogue", *_PARTS))]
    lost = {file.resolve() for file in own} & {file.resolve() for file in inputs}
    if lost:
        raise UserError(
            "an input would be written over",
            where=", ".join(sorted(str(file) for file in lost)),
            do="choose another name with -o",
        )


def write_response(
    found: Response, path: Path, options: ResponseOptions, *, provenance: Mapping[str, Any]
) -> list[Path]:
    """Write the table of changes, what explains it, and ``response.json``.

    Parameters
    ----------
    found : Response
        What was found.
    path : Path
        The table; the others are beside it, named after it.
    options : ResponseOptions
        As asked for.
    provenance : mapping
        Files and their hashes, versions, command.

    Returns
    -------
    list of Path
        What was written. Files of an earlier run that have no match are removed.
    """
    check_path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = {part: path.with_suffix(f".{part}.csv") for part in _PARTS}
    baseline = options.delta.with_baseline
    marks = [text_column(f"change_{name}", words) for name, words in found.marks.items()]
    changes = found.table.columns(with_baseline=baseline)
    _write_catalogue(found, path.with_suffix(".catalogue.csv"), baseline)
    write_csv(path, [*found.table.identifiers, *marks, *changes])
    write_records(beside["nulls"], found.table.nulls, ("case", "tag", "reason"))
    left_out = [
        {"patient": item.patient, "lesion": item.lesion, "time": item.time, "reason": item.reason}
        for item in found.table.left_out
    ]
    write_records(beside["left_out"], left_out, ("patient", "lesion", "time", "reason"))
    written = [path, path.with_suffix(".catalogue.csv"), beside["nulls"], beside["left_out"]]
    for part in ("tests", "coupling", "outcome_tests"):
        rows = getattr(found, part)
        written += _write_or_remove(beside[part], _columns(rows) if rows else None)
    kept = found.outcomes
    cells = None if kept is None else [text_column(str(n), list(kept[n])) for n in kept.columns]
    written += _write_or_remove(beside["outcomes"], cells)
    record = path.with_name("response.json")
    values = {
        "radiome": __version__,
        "options": options.model_dump(mode="json"),
        **found.record,
        "files": [other.name for other in written],
        "provenance": dict(provenance),
    }
    write_json(record, values, indent=1)
    return [*written, record]


def _write_catalogue(found: Response, path: Path, with_baseline: bool) -> None:
    rows = [
        {"tag": name, "feature": name, "change": "none: value at baseline", "formula": "f0"}
        for name in (found.table.names if with_baseline else ())
    ]
    rows += [
        {
            "tag": PREFIXES[kind] + name,
            "feature": name,
            "change": kind,
            "formula": _FORMULAS[kind],
        }
        for kind in found.table.kinds
        for name in found.table.names
    ]
    write_records(path, rows, ("tag", "feature", "change", "formula"))


def _write_or_remove(path: Path, columns: Sequence[Column] | None) -> list[Path]:
    if columns is None:
        path.unlink(missing_ok=True)
        return []
    write_csv(path, columns)
    return [path]


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """One column for each key: text, or numbers."""
    found = []
    for name in rows[0]:
        cells = [row[name] for row in rows]
        text = all(isinstance(cell, str) for cell in cells)
        found.append(text_column(name, cells) if text else number_column(name, cells))
    return found


def response_text(found: Response) -> str:
    """A few lines for a person: counts, what was left out, warnings."""
    record = found.record
    interval = record["interval"]
    lines = [
        f"{counted(record['pairs'], 'pair')} of scans of "
        f"{counted(record['patients_with_change'], 'patient')} "
        f"(of {record['patients_in_table']}), {counted(record['features'], 'feature')}",
        f"interval {interval['least']:g} to {interval['greatest']:g}, median "
        f"{interval['median']:g} ({interval['unit']})",
    ]
    lines += [f"left out: {number} x {kind}" for kind, number in record["left_out"].items()]
    lines += [f"empty: {number} x {kind}" for kind, number in record["empty_changes"].items()]
    for part in ("landmark", "repeatability", "tests", "outcome"):
        if part in record:
            told = ", ".join(f"{name} {value}" for name, value in record[part].items())
            lines.append(f"{part}: {told}")
    return "\n".join([*lines, *(f"warning: {text}" for text in record["warnings"])])
