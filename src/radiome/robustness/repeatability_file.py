"""Repeatability of features as a table in a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from radiome.base.errors import UserError
from radiome.robustness.repeatability import Repeatability
from radiome.tables.columns import Column, number_column, text_column
from radiome.tables.files import write_csv

#: Columns of numbers, and the fields that they hold.
NUMBERS = {
    "icc": "icc",
    "icc_lower": "lower",
    "icc_upper": "upper",
    "within_subject_sd": "within_sd",
    "within_subject_cv": "within_cv",
    "repeatability_coefficient": "coefficient",
}


def write_repeatability(path: Path, found: Sequence[Repeatability]) -> None:
    """Write one row per feature, none left out.

    Columns: feature, lesions, measurements (of each lesion), the figures of `Repeatability`,
    band, and the reason where there is no figure.
    """
    columns: list[Column] = [
        text_column("feature", [item.feature for item in found]),
        Column("lesions", "integer", tuple(item.subjects for item in found)),
        Column("measurements", "integer", tuple(item.repeats for item in found)),
    ]
    columns += [
        number_column(name, [getattr(item, field) for item in found])
        for name, field in NUMBERS.items()
    ]
    columns += [
        text_column("band", [item.band for item in found]),
        text_column("reason", [item.reason for item in found]),
    ]
    write_csv(path, columns)


def read_repeatability(path: str | Path) -> dict[str, Repeatability]:
    """Read what `write_repeatability` wrote, by feature.

    Raises
    ------
    UserError
        If the file cannot be read, or is another table.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            absent = {"feature", "lesions", *NUMBERS} - set(table.fieldnames or ())
            if not absent:
                return {row["feature"]: _of(row) for row in table}
        got = f"no column '{min(absent)}'"
    except OSError as error:
        got = error.strerror or str(error)
    except (ValueError, TypeError, KeyError) as error:
        got = str(error)
    raise UserError(
        "the table of repeatability cannot be read",
        where=str(path),
        expected="repeatability.csv, as 'radiome repeatability' wrote it",
        got=got,
        do="make it from a feature table of lesions that were measured again",
    )


def _of(row: dict[str, str]) -> Repeatability:
    figures = {field: float(row[name]) if row[name] else None for name, field in NUMBERS.items()}
    return Repeatability(
        row["feature"],
        int(row["lesions"]),
        int(row["measurements"]),
        reason=row["reason"],
        **figures,
    )
