"""Feature tables with what lies beside them: reasons of nulls, settings of each case."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from radiome.base.errors import UserError
from radiome.model.outcome_reading import read_table
from radiome.tables.feature_table import FeatureTable


@dataclass(frozen=True, slots=True, eq=False)
class ScanFile:
    """A feature table as it was read.

    Parameters
    ----------
    frame : DataFrame
        All rows, those that were not measured too.
    features : sequence of str or None
        Columns that are features; None if nothing says so.
    where : str
        The file.
    reasons : dict
        Why a cell is empty, by case and feature.
    case_settings : dict
        Fingerprint of the settings that each case was measured with.
    """

    frame: pd.DataFrame
    features: Sequence[str] | None = None
    where: str = "feature table"
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    case_settings: dict[str, str] = field(default_factory=dict)


def read_scan_file(path: str | Path) -> ScanFile:
    """Read a run folder, a feature table that radiome wrote, or any CSV file.

    Of a run, ``nulls.csv`` and ``run.json`` beside the table are read too.

    Raises
    ------
    UserError
        If there is no table, it has no row, or it cannot be read.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    catalogues = (path.with_name("catalogue.csv"), path.with_suffix(".catalogue.csv"))
    known = path.is_dir() or path.suffix == ".parquet" or any(p.is_file() for p in catalogues)
    if known:
        table = FeatureTable.read(path)
        frame, features = table.frame, table.features
    else:
        frame, features = read_table(path, what="feature table"), None
    if not len(frame):
        raise UserError("the feature table has no row", where=str(path))
    # Files of a run tell of the table that the run wrote, not of others in its folder.
    of_run = path.is_dir() or path.stem == "features"
    return ScanFile(
        frame,
        features,
        str(path),
        _null_reasons(folder / "nulls.csv") if of_run else {},
        _case_settings(folder / "run.json") if of_run else {},
    )


def _null_reasons(path: Path) -> dict[tuple[str, str], str]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {(row["case"], row["tag"]): row["reason"] for row in csv.DictReader(file)}


def _case_settings(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(
            "the record of the run cannot be read", where=str(path), got=str(error)
        ) from None
    cases = [case for case in record.get("cases", ()) if case.get("settings")]
    return {str(case["case"]): str(case["settings"]) for case in cases}
