"""How the features of a table were measured: settings and modality."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiome.tables.files import METADATA_KEY


@dataclass(frozen=True, slots=True)
class FeatureSource:
    """What a feature table tells of the measurement.

    Parameters
    ----------
    settings : str or None
        Fingerprint of the settings of the run; None if nothing tells.
    case_settings : tuple of str
        Fingerprints that single cases were measured with, sorted; empty if nothing tells.
    modalities : tuple of str
        Distinct modalities, sorted; empty if nothing tells.
    """

    settings: str | None = None
    case_settings: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "settings": self.settings,
            "case_settings": list(self.case_settings),
            "modalities": list(self.modalities),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FeatureSource:
        """The source that `as_dict` told of."""
        return cls(values["settings"], tuple(values["case_settings"]), tuple(values["modalities"]))

    def difference(self, other: FeatureSource) -> str | None:
        """How `other` was measured otherwise; None if it was not, or nothing tells.

        Settings of single cases count where both tables tell them; else those of the run.
        """
        if self.case_settings and other.case_settings:
            strange = sorted(set(other.case_settings) - set(self.case_settings))
            return ", ".join(strange) or None
        if self.settings and other.settings and self.settings != other.settings:
            return other.settings
        return None

    def comparable(self, other: FeatureSource) -> bool:
        """Whether both tables tell of their settings."""
        both_cases = bool(self.case_settings and other.case_settings)
        return both_cases or bool(self.settings and other.settings)


def describe_source(path: str | Path | None) -> FeatureSource:
    """What a run folder or feature table tells of its measurement; nothing where it does not.

    Parameters
    ----------
    path : path or None
        Run folder, ``features.parquet`` or ``features.csv``; a ``run.json`` beside it is read.
    """
    if path is None:
        return FeatureSource()
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    table = path if path.is_file() else _table_in(folder)
    run = _run_record(folder) if table is None or table.stem == "features" else {}
    stored = _parquet_metadata(table)
    cases = {case.get("settings") for case in run.get("cases", ()) if case.get("status") == "ok"}
    return FeatureSource(
        stored.get("settings") or run.get("settings_fingerprint"),
        tuple(sorted(str(value) for value in cases if value))
        or tuple(stored.get("case_settings", ())),
        _modalities(table),
    )


def _table_in(folder: Path) -> Path | None:
    candidates = (folder / "features.parquet", folder / "features.csv")
    return next((path for path in candidates if path.is_file()), None)


def _run_record(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        return {}
    return record if isinstance(record, dict) else {}


def _parquet_metadata(table: Path | None) -> dict[str, Any]:
    if table is None or table.suffix != ".parquet":
        return {}
    import pyarrow.parquet as pq

    stored = (pq.read_schema(table).metadata or {}).get(METADATA_KEY)
    return json.loads(stored) if stored else {}


def _modalities(table: Path | None) -> tuple[str, ...]:
    """Of the column ``modality``, which a cohort table may bring."""
    if table is None:
        return ()
    if table.suffix == ".parquet":
        import pyarrow.parquet as pq

        if "modality" not in pq.read_schema(table).names:
            return ()
        cells = pq.read_table(table, columns=["modality"]).column("modality").to_pylist()
    else:
        from radiome.model.outcome_reading import read_table

        frame = read_table(table, what="feature table")
        cells = frame["modality"].tolist() if "modality" in frame else []
    return tuple(sorted({str(cell).strip() for cell in cells if cell and str(cell).strip()}))
