"""The trust table: what is known of each feature besides its value."""

from __future__ import annotations

import csv
from pathlib import Path

from radiome.robustness.repeatability import Repeatability
from radiome.robustness.repeatability_file import read_repeatability
from radiome.tables.columns import Column, number_column, text_column
from radiome.tables.files import write_csv

#: Columns of the catalogue and of the clusters that are carried over.
_CATALOGUE = ("ibsi_code", "name", "family", "unit", "aggregation", "image")
_CLUSTERS = ("cluster", "cluster_size", "representative", "rho_to_representative",
             "co_membership", "volume_rho", "volume_proxy", "excluded_reason")  # fmt: skip


def write_trust(folder: Path, catalogue: Path) -> None:
    """Write ``trust.csv`` of an analysis: one row per feature, none left out.

    Parameters
    ----------
    folder : Path
        Of the analysis: ``clusters.csv``, ``model/selection.csv`` and, where lesions were
        measured again, ``repeatability.csv`` are read there.
    catalogue : Path
        What each feature is.

    Notes
    -----
    Columns: feature, what the catalogue and the clusters tell of it, ``repeatability_icc``
    with ``icc_low`` and ``icc_high``, ``within_subject_cv``, ``repeatability_coefficient``
    and its reason where there is none, and ``selected NAME``, the share of fits that selected
    it, for each outcome.
    """
    clusters = _by(folder / "clusters.csv", "feature")
    known = _by(catalogue, "tag")
    repeats = folder / "repeatability.csv"
    again = read_repeatability(repeats) if repeats.is_file() else {}
    names = list(clusters)
    columns = [text_column("feature", names)]
    columns += [_cells(name, [known.get(tag, {}) for tag in names]) for name in _CATALOGUE]
    columns += [_cells(name, list(clusters.values())) for name in _CLUSTERS]
    columns += _repeat_columns([again.get(tag) for tag in names])
    columns += _selected(folder / "model" / "selection.csv", names)
    write_csv(folder / "trust.csv", columns)


def _by(path: Path, key: str) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def _cells(name: str, rows: list[dict[str, str]]) -> Column:
    return text_column(name, [row.get(name, "") for row in rows])


def _repeat_columns(found: list[Repeatability | None]) -> list[Column]:
    if not any(found):
        return []
    fields = {
        "repeatability_icc": "icc",
        "icc_low": "lower",
        "icc_high": "upper",
        "within_subject_cv": "within_cv",
        "repeatability_coefficient": "coefficient",
    }
    columns = [
        number_column(name, [getattr(item, field) if item else None for item in found])
        for name, field in fields.items()
    ]
    return [*columns, text_column("repeatability_reason", [i.reason if i else "" for i in found])]


def _selected(path: Path, names: list[str]) -> list[Column]:
    """Share of the fits that selected each feature, a column for each outcome."""
    shares: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            shares.setdefault(row["outcome"], {})[row["feature"]] = float(row["frequency"])
    return [
        number_column(f"selected {outcome}", [found.get(tag, 0.0) for tag in names])
        for outcome, found in shares.items()
    ]
