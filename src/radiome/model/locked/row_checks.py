"""What speaks against the prediction of a row: grounds to refuse it, and grounds for doubt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.model.locked.feature_rows import FeatureRows
from radiome.model.locked.model_file import LockedModel
from radiome.model.locked.source import FeatureSource


def refusals(model: LockedModel, rows: FeatureRows, row: int) -> list[str]:
    """Why a row whose cells can be read is not predicted."""
    if rows.faults[row]:
        return []
    gaps = np.isnan(rows.values[row])
    reasons = []
    if gaps.all():
        reasons.append("no needed feature has a value")
    elif gaps.any() and model.scope.missing == "refuse":
        reasons.append("missing values, which the plan refuses: " + _named(model, gaps))
    known = model.scope.source.modalities
    if known and rows.modalities is not None and rows.modalities[row] not in ("", *known):
        reasons.append(f"modality {rows.modalities[row]}, trained on {', '.join(known)}")
    return [*reasons, *_batch_refusals(model, rows, row)]


def _batch_refusals(model: LockedModel, rows: FeatureRows, row: int) -> list[str]:
    combat = model.transforms.batches
    if combat is None or rows.batch is None or rows.covariates is None:
        return []
    reasons = []
    if not rows.batch[row]:
        reasons.append("no batch is given")
    elif rows.batch[row] not in combat.batches and combat.unseen == "error":
        known = ", ".join(combat.batches)
        reasons.append(f"batch '{rows.batch[row]}' is unknown to ComBat, which knows {known}")
    for name, value in zip(combat.covariates, rows.covariates[row], strict=True):
        if np.isnan(value):
            reasons.append(f"covariate '{name}' is missing")
    return reasons


def doubts(
    model: LockedModel, rows: FeatureRows, row: int, missing: int, tolerance: float
) -> list[str]:
    """What of a row is unlike the training rows, beyond the ranges of features."""
    scope, combat = model.scope, model.transforms.batches
    out = []
    if missing / rows.values.shape[1] > scope.most_missing + 1e-12:
        gaps = _named(model, np.isnan(rows.values[row]))
        out.append(f"more gaps than any training row had: {gaps}")
    if combat is not None and rows.batch is not None and rows.batch[row] not in combat.batches:
        out.append(f"batch '{rows.batch[row]}' is unknown to ComBat and was not harmonised")
    for column, cells in rows.acquisition.items():
        cell = str(cells[row])
        fault = scope.acquisition[column].fault(column, cell, tolerance) if cell else None
        if fault:
            out.append(fault)
    return out


def _named(model: LockedModel, which: NDArray[np.bool_]) -> str:
    names = [name for name, flag in zip(model.features, which, strict=True) if flag]
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def notes(model: LockedModel, rows: FeatureRows, source: FeatureSource) -> tuple[str, ...]:
    """What could not be checked, and who was found again."""
    told = []
    if not model.scope.source.comparable(source):
        side = "the table" if model.scope.source.settings else "the model"
        told.append(f"settings of the extraction not compared: {side} does not tell them")
    if model.scope.source.modalities and rows.modalities is None:
        told.append("modality not compared: the table does not tell it")
    absent = [name for name in model.scope.acquisition if name not in rows.acquisition]
    if absent:
        told.append(f"acquisition not compared, for lack of columns: {', '.join(absent)}")
    if model.training_rows.reason:
        reason = model.training_rows.reason
        told.append(f"training rows cannot be recognised: {reason}")
    else:
        trained = int(model.training_rows.found_in(rows.values).sum())
        if trained:
            rows_have = counted(trained, "row has", "rows have")
            known = "it is known" if trained == 1 else "they are known"
            told.append(f"{rows_have} the very values of training rows: {known}")
    return tuple(told)
