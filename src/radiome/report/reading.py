"""The files of a run folder as plain values; a file that is not there is nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError

#: A row of a table: every cell as the text that the file holds.
Row = dict[str, str]

_KINDS: dict[type, str] = {dict: "a JSON object", list: "a JSON list"}


def read_json(path: Path, default: Any = None) -> Any:
    """Read a JSON file, or return `default` if there is none.

    Raises
    ------
    UserError
        If the file cannot be read as JSON, or is no object or list where `default` is one.
    """
    if not path.is_file():
        return default
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unreadable(path, "JSON", str(error)) from None
    if isinstance(default, dict | list) and not isinstance(found, type(default)):
        raise _unreadable(path, _KINDS[type(default)], type(found).__name__)
    return found


def _unreadable(path: Path, expected: str, got: str) -> UserError:
    return UserError(
        "a file of the run cannot be read",
        where=str(path),
        expected=expected,
        got=got,
        do="run the study again; only what is missing is computed",
    )


def read_rows(path: Path, needed: Sequence[str] = ()) -> list[Row]:
    """Read the rows of a CSV file, or nothing if there is none.

    Parameters
    ----------
    path : Path
        The file.
    needed : sequence of str
        Columns without which the rows say nothing.

    Raises
    ------
    UserError
        If the file is not text in UTF-8, a row is longer than the headings, or a column that
        is needed is not there.
    """
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            "a table of the run cannot be read", where=str(path), got=str(error)
        ) from None
    missing = [name for name in needed if rows and name not in rows[0]]
    if missing:
        raise _unreadable(path, f"the columns {', '.join(needed)}", ", ".join(map(str, rows[0])))
    for number, row in enumerate(rows, start=2):
        if None in row:
            raise UserError(
                "a row of the table has more cells than the table has columns",
                where=f"{path}, line {number}",
            )
    return [{name: cell or "" for name, cell in row.items()} for row in rows]


def read_text(path: Path) -> str:
    """Read a text file; empty if there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def number_of(cell: str | None) -> float | None:
    """The number in a cell, or None where it is empty or no finite number."""
    try:
        value = float(cell or "")
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
