"""Predictions and their performance as files and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from radiome.model.locked.model_file import LockedModel
from radiome.model.locked.prediction import Predictions, RowPrediction
from radiome.tables.columns import Column, number_column, text_column
from radiome.tables.files import write_csv


def write_predictions(
    predictions: Predictions, path: str | Path, *, recalibrated: bool = False
) -> None:
    """Write one row for each row of the feature table, in its order.

    Parameters
    ----------
    predictions : Predictions
        What to write.
    path : path
        CSV file.
    recalibrated : bool
        Add the column ``recalibrated``, of the correction that is kept beside the model.
    """
    model, rows = predictions.model, predictions.rows
    columns = [
        text_column("case", [row.case for row in rows]),
        text_column("patient", [row.patient for row in rows]),
        text_column("status", [row.status for row in rows]),
        *_score_columns(model, rows),
        text_column("call", [_call(model, row) for row in rows]),
        _counted("outside_range", [row.outside for row in rows]),
        text_column("worst_feature", [row.worst for row in rows]),
        number_column("worst_excess", [row.excess for row in rows]),
        _counted("missing", [row.missing for row in rows]),
        text_column("training_row", ["yes" if row.training_row else "no" for row in rows]),
        text_column("reasons", ["; ".join(row.reasons) for row in rows]),
    ]
    if recalibrated and model.correction.slope is not None:
        columns.append(number_column("recalibrated", [_corrected(model, row) for row in rows]))
    write_csv(Path(path), columns)


def _counted(name: str, numbers: list[int]) -> Column:
    return Column(name, "integer", tuple(numbers))


def _score_columns(model: LockedModel, rows: tuple[RowPrediction, ...]) -> list[Column]:
    if model.outcome.kind in ("multiclass", "ordinal"):
        return [
            number_column(
                f"probability_{name}", [row.scores[code] if row.scores else None for row in rows]
            )
            for code, name in enumerate(model.classes)
        ]
    return [number_column("score", [row.scores[0] if row.scores else None for row in rows])]


def _call(model: LockedModel, row: RowPrediction) -> str:
    """The class that a row is called, where the outcome has classes."""
    if not row.scores or not model.classes:
        return ""
    if model.outcome.kind == "binary":
        threshold = model.threshold
        return "" if threshold is None else model.classes[int(row.scores[0] >= threshold)]
    return model.classes[int(np.argmax(row.scores))]


def _corrected(model: LockedModel, row: RowPrediction) -> float | None:
    return float(model.correction.apply(np.array(row.scores))[0]) if row.scores else None


def summary_text(predictions: Predictions) -> str:
    """What was predicted, for the terminal."""
    model = predictions.model
    counts = predictions.counts()
    standard = model.outcome.reference_standard.replace("_", " ")
    lines = [
        f"{model.outcome.name} ({model.outcome.kind}, by {standard}), locked "
        f"{model.facts['created']} on {model.facts['training']['patients']} patients",
        f"  {model.facts['verdict']['sentence']}",
        "  " + ", ".join(f"{number} {status}" for status, number in counts.items()),
    ]
    lines += [f"  note: {note}" for note in predictions.notes]
    return "\n".join(lines)


def performance_text(told: Mapping[str, Any]) -> str:
    """The main figures of an external validation, for the terminal."""
    lines = []
    for title, key in (("all predicted patients", "all_predicted"), ("in scope", "in_scope")):
        part = told[key]
        lines.append(f"{title}: {part['patients']}")
        lines += [f"  {name}: {text}" for name, text in _estimates(part)]
    extra = [note for note in told["notes"] if note]
    return "\n".join([*lines, *(f"note: {note}" for note in extra)])


def _estimates(part: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every figure with a value and an interval, and the reasons of those without."""
    for name, value in part.items():
        if not isinstance(value, Mapping):
            continue
        label = f"{prefix}{name}".replace("_", " ")
        if "reason" in value:
            yield label, f"not defined: {value['reason']}"
        elif "value" in value and "method" in value:
            yield label, _with_interval(value)
        else:
            yield from _estimates(value, f"{prefix}{name} ")


def _with_interval(value: Mapping[str, Any]) -> str:
    if value["lower"] is None or value["upper"] is None:
        return f"{value['value']:.3f}"
    return f"{value['value']:.3f} ({value['lower']:.3f} to {value['upper']:.3f})"
