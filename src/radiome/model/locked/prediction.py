"""Predict the rows of a table with a locked model, and say how far each can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.locked.feature_rows import FeatureRows, make_rows
from radiome.model.locked.model_file import LockedModel
from radiome.model.locked.row_checks import doubts, notes, refusals
from radiome.model.locked.scope import TOLERANCE, Status
from radiome.model.locked.source import FeatureSource

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RowPrediction:
    """What a model says of one row.

    Parameters
    ----------
    case, patient : str
        Names, as far as the table has them.
    status : {"in_scope", "out_of_scope", "refused"}
        Whether the row is like the training rows; a refused one has no score.
    reasons : tuple of str
        Why not, and what was noticed of a row that is.
    scores : tuple of float
        One, or one per class; empty if refused.
    outside : int
        Needed features outside the training range.
    worst, excess : str, float
        The one furthest outside, and how far as a share of its range; empty and 0 if none.
    missing : int
        Needed features without a value.
    training_row : bool
        Whether its values are those of a training row.
    """

    case: str
    patient: str
    status: Status
    reasons: tuple[str, ...]
    scores: tuple[float, ...] = ()
    outside: int = 0
    worst: str = ""
    excess: float = 0.0
    missing: int = 0
    training_row: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """All rows of a table, in its order.

    Parameters
    ----------
    model : LockedModel
        What predicted.
    rows : tuple of RowPrediction
        One per row.
    notes : tuple of str
        What holds for all rows.
    harmonised : float64 array (n, k)
        What the scores were made from; NaN in refused rows.
    """

    model: LockedModel
    rows: tuple[RowPrediction, ...]
    notes: tuple[str, ...]
    harmonised: Floats

    def counts(self) -> dict[str, int]:
        """Rows by status."""
        told: tuple[Status, ...] = ("in_scope", "out_of_scope", "refused")
        return {status: sum(row.status == status for row in self.rows) for status in told}


def predict(
    model: LockedModel,
    frame: pd.DataFrame,
    *,
    source: FeatureSource | None = None,
    where: str = "feature table",
    tolerance: float = TOLERANCE,
    allow_other_settings: bool = False,
) -> Predictions:
    """Predict every row; a row that cannot be predicted does not stop the others.

    Parameters
    ----------
    model : LockedModel
        From `read_model` or `lock`.
    frame : DataFrame
        One row per lesion; cells as text or numbers, columns in any order.
    source : FeatureSource, optional
        How the features were measured, from `describe_source`.
    where : str
        Where the table came from, for messages.
    tolerance : float
        A row is out of scope if a feature lies beyond its training range by more than this
        share of the range.
    allow_other_settings : bool
        Predict features of other settings too, all of them out of scope.

    Raises
    ------
    UserError
        If a column that the model needs is missing, or the features were measured with other
        settings.

    Notes
    -----
    Refused: a row that was not measured; a cell that is no number; no value at all, or any
    missing where the plan refuses them; no batch or no covariate; a batch that ComBat does
    not know, unless the plan leaves it alone; another modality. Out of scope: a feature beyond
    its range by more than `tolerance`; more gaps than any training row had; a batch left
    alone; an acquisition that the training rows had not; other settings.
    """
    if not 0 <= tolerance < np.inf:
        raise UserError("the tolerance is not valid", expected="0 or more", got=f"{tolerance}")
    source = source or FeatureSource()
    difference = model.scope.source.difference(source)
    if difference and not allow_other_settings:
        raise _other_settings(model, difference, where)
    rows = make_rows(frame, model, where=where)
    refused = [(*fault, *refusals(model, rows, row)) for row, fault in enumerate(rows.faults)]
    usable = np.flatnonzero([not reasons for reasons in refused])
    harmonised = np.full(rows.values.shape, np.nan)
    if usable.size:
        harmonised[usable] = _harmonised(model, rows, usable)
    scores = _scores(model, harmonised, usable, len(rows))
    other = "measured with other settings than the training rows" if difference else ""
    found = tuple(
        _row(model, rows, row, refused[row], harmonised, scores, tolerance, other)
        for row in range(len(rows))
    )
    return Predictions(model, found, notes(model, rows, source), harmonised)


def _other_settings(model: LockedModel, difference: str, where: str) -> UserError:
    trained = model.scope.source
    return UserError(
        "the features were measured with other settings than those of the model",
        where=where,
        expected="settings " + (", ".join(trained.case_settings) or str(trained.settings)),
        got=difference,
        do="extract them again with the settings of the model; --allow-other-settings predicts "
        "them all the same, out of scope",
    )


def _harmonised(model: LockedModel, rows: FeatureRows, usable: NDArray[np.int64]) -> Floats:
    batch = None if rows.batch is None else rows.batch[usable]
    covariates = None if rows.covariates is None else rows.covariates[usable]
    return model.transforms.harmonised(rows.values[usable], batch, covariates)


def _scores(
    model: LockedModel, harmonised: Floats, usable: NDArray[np.int64], n_rows: int
) -> Floats:
    """Scores (n, 1) or (n, classes); NaN in rows that are not predicted."""
    if not usable.size:
        return np.full((n_rows, 1), np.nan)
    found = model.scores(harmonised[usable]).reshape(len(usable), -1)
    scores = np.full((n_rows, found.shape[1]), np.nan)
    scores[usable] = found
    return scores


def _row(
    model: LockedModel,
    rows: FeatureRows,
    row: int,
    refused: tuple[str, ...],
    harmonised: Floats,
    scores: Floats,
    tolerance: float,
    other: str,
) -> RowPrediction:
    case, patient = str(rows.cases[row]), str(rows.patients[row])
    gaps = np.isnan(rows.values[row])
    missing = int(gaps.sum())
    if refused:
        return RowPrediction(case, patient, "refused", refused, missing=missing)
    if not np.isfinite(scores[row]).all():
        reason = "the model gives no finite score: the values are beyond what it can compute"
        return RowPrediction(case, patient, "refused", (reason,), missing=missing)
    excess = np.where(gaps, 0.0, model.scope.excess(harmonised[row]))
    outside, place = int((excess > 0).sum()), int(excess.argmax())
    worst, furthest = (model.features[place], float(excess[place])) if outside else ("", 0.0)
    out = [other] if other else []
    out += doubts(model, rows, row, missing, tolerance)
    told: list[str] = []
    if outside:
        text = f"{outside} of {len(excess)} features outside the training range, worst {worst} "
        text += f"by {furthest:.0%} of it"
        (out if furthest > tolerance else told).append(text)
    if missing:
        told.append(f"{missing} missing values became training medians")
    status: Status = "out_of_scope" if out else "in_scope"
    trained = bool(model.training_rows.found_in(rows.values[row][None])[0])
    score = tuple(scores[row].tolist())
    reasons = (*out, *told)
    return RowPrediction(
        case, patient, status, reasons, score, outside, worst, furthest, missing, trained
    )
