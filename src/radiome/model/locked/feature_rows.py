"""Rows of a feature table as a locked model needs them, faults kept with the row they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError, nearest_name
from radiome.model.locked.model_file import LockedModel
from radiome.model.outcome_reading import is_missing, read_table
from radiome.tables.files import read_features

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureRows:
    """n rows for a model of k features.

    Parameters
    ----------
    cases, patients : str arrays (n,)
        Names; empty where the table has none.
    values : float64 array (n, k)
        Features as measured; NaN where missing or not readable.
    batch : str array (n,) or None
        Batch of each row, if the model harmonises.
    covariates : float64 array (n, c) or None
        What harmonisation keeps; NaN where missing.
    acquisition : mapping of str to str array (n,)
        Columns of scanner and protocol that the table has; empty cells where nothing is told.
    modalities : str array (n,) or None
        Modality, if the table has it.
    faults : tuple of tuple of str, length n
        Why a row cannot be predicted.
    """

    cases: Texts
    patients: Texts
    values: Floats
    batch: Texts | None
    covariates: Floats | None
    acquisition: Mapping[str, Texts]
    modalities: Texts | None
    faults: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.cases)


def read_rows(path: str | Path) -> pd.DataFrame:
    """Every row of a run folder or feature table, also of cases that were not measured."""
    path = Path(path)
    if path.is_dir() and not (path / "features.parquet").is_file():
        path = path / "features.csv"
    if path.suffix == ".parquet" or path.is_dir():
        return read_features(path)
    return read_table(path, what="feature table")


def patient_column(frame: pd.DataFrame, model: LockedModel) -> str | None:
    """Column that names the patient, if there is one."""
    wanted = model.plan.columns.patient
    candidates = (wanted,) if wanted else ("patient", "case")
    return next((name for name in candidates if name in frame.columns), None)


def with_outcome_columns(
    frame: pd.DataFrame, outcomes: pd.DataFrame, model: LockedModel
) -> pd.DataFrame:
    """The rows with columns of the patient, such as the scanner, that the outcome table has."""
    patient, other = patient_column(frame, model), outcome_patient_column(outcomes, frame, model)
    wanted = [
        name
        for name in (*_beside(model), *model.scope.acquisition)
        if name in outcomes.columns and name not in frame.columns
    ]
    if patient is None or other is None or not wanted:
        return frame
    told = outcomes.drop_duplicates(other).set_index(other)[wanted]
    names = frame[patient].astype("string").fillna("").astype(str)
    beside = told.reindex(names.tolist()).fillna("").set_axis(frame.index)
    return pd.concat([frame, beside], axis=1)


def outcome_patient_column(
    outcomes: pd.DataFrame, frame: pd.DataFrame, model: LockedModel
) -> str | None:
    """Column of the outcome table that names the patient, if there is one."""
    candidates = (model.plan.columns.outcome_patient, patient_column(frame, model), "patient")
    return next((name for name in candidates if name and name in outcomes.columns), None)


def make_rows(frame: pd.DataFrame, model: LockedModel, *, where: str) -> FeatureRows:
    """Take what a model needs from a table; columns may come in any order, more are left aside.

    Parameters
    ----------
    frame : DataFrame
        One row per lesion, cells as text or numbers.
    model : LockedModel
        What needs them.
    where : str
        Where the table came from, for messages.

    Raises
    ------
    UserError
        If a column that the model needs is not there, with the nearest names, or there is
        no row.
    """
    if not len(frame):
        raise UserError("the feature table has no row", where=where)
    _require_columns(frame, model, where)
    faults: list[list[str]] = [[] for _ in range(len(frame))]
    _note_unmeasured(frame, faults)
    columns = [_numbers(frame[name], name, faults) for name in model.features]
    combat = model.transforms.batches
    batch = covariates = None
    if combat is not None and model.plan.harmonise is not None:
        batch = _texts(frame[model.plan.harmonise.batch])
        kept = [_numbers(frame[name], name, faults) for name in combat.covariates]
        covariates = np.column_stack([np.empty((len(frame), 0)), *kept])
    patient = patient_column(frame, model)
    nameless = np.full(len(frame), "", np.str_)
    return FeatureRows(
        _texts(frame["case"]) if "case" in frame else nameless,
        _texts(frame[patient]) if patient else nameless,
        np.column_stack(columns),
        batch,
        covariates,
        {name: _texts(frame[name]) for name in model.scope.acquisition if name in frame},
        _texts(frame["modality"]) if "modality" in frame else None,
        tuple(tuple(texts) for texts in faults),
    )


def _beside(model: LockedModel) -> tuple[str, ...]:
    """Columns other than features that the model cannot do without."""
    combat = model.transforms.batches
    if combat is None or model.plan.harmonise is None:
        return ()
    return (model.plan.harmonise.batch, *combat.covariates)


def _require_columns(frame: pd.DataFrame, model: LockedModel, where: str) -> None:
    absent = [name for name in (*model.features, *_beside(model)) if name not in frame.columns]
    if not absent:
        return
    known = [str(name) for name in frame.columns]
    near = [(name, nearest_name(name, known)) for name in absent[:5]]
    hints = [f"'{other}' for '{name}'" for name, other in near if other]
    raise UserError(
        f"the table lacks {len(absent)} of the columns that the model needs",
        where=where,
        expected=", ".join(model.features[:20] + _beside(model)),
        got="no " + ", ".join(absent[:10]) + (", ..." if len(absent) > 10 else ""),
        do="did you mean " + ", ".join(hints) + "?"
        if hints
        else "extract the features with the settings of the model",
    )


def _note_unmeasured(frame: pd.DataFrame, faults: Sequence[list[str]]) -> None:
    """Rows of a run that failed have no values; their reason is told once."""
    if "status" not in frame or "reason" not in frame:
        return
    status, reason = _texts(frame["status"]), _texts(frame["reason"])
    for row in np.flatnonzero((status != "ok") & (status != "")).tolist():
        faults[row].append(f"not measured: {reason[row] or status[row]}")


def _texts(cells: pd.Series) -> Texts:
    """Cells as text (n,), trimmed, empty where nothing is known."""
    texts = cells.astype("string").fillna("").str.strip().astype(str)
    return np.asarray(texts.mask(is_missing(texts), ""), np.str_)


def _numbers(cells: pd.Series, name: str, faults: Sequence[list[str]]) -> Floats:
    """Cells as numbers (n,); NaN where missing, and where a fault is noted."""
    if pd.api.types.is_numeric_dtype(cells):
        found = cells.to_numpy(np.float64, na_value=np.nan).copy()
        bad = np.flatnonzero(np.isinf(found))
        texts = [f"{value}" for value in found[bad]]
    else:
        written = cells.astype("string").fillna("").str.strip().astype(str)
        missing = is_missing(written)
        numbers = pd.to_numeric(written.mask(missing), errors="coerce")
        found = np.asarray(numbers, np.float64).copy()
        bad = np.flatnonzero(~np.isfinite(found) & ~missing)
        texts = [str(written.iloc[row]) for row in bad]
    for row, text in zip(bad.tolist(), texts, strict=True):
        faults[row].append(f"column '{name}' holds '{text}', which is no number")
    found[bad] = np.nan
    return found
