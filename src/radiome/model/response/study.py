"""The whole analysis: changes, marks of repeatability, tests, landmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radiome.base.errors import SettingsError
from radiome.model.response import coupling, outcome_tests, repeatability
from radiome.model.response.delta_table import DeltaTable, make_delta_table
from radiome.model.response.landmark import (
    apply_landmark,
    immortal_time,
    last_of_patients,
    shifted_outcome,
)
from radiome.model.response.options import DeltaOptions, ResponseOptions
from radiome.model.response.outcome_input import ToldOutcome, read_outcome
from radiome.model.response.paired_tests import paired_tests
from radiome.model.response.patient_changes import patient_changes
from radiome.model.response.scan_files import ScanFile
from radiome.model.response.scan_table import ScanTable, make_scan_table

_TIMING = (
    "nothing tells when the outcome was assessed: a change predicts it only if the follow-up "
    "scan came before"
)
_COUPLED = (
    "a relative change has the baseline in its denominator and depends on it without any cause "
    "but error: compare it with an outcome only beside the baseline"
)


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What was found.

    Parameters
    ----------
    table : DeltaTable
        Changes.
    marks : dict
        Word for each pair, by feature with a known repeatability.
    tests, coupling, outcome_tests : list of dict
        One row per feature; empty if not asked for.
    outcomes : DataFrame or None
        Outcome table from the landmark on.
    record : dict
        Counts and warnings.
    """

    table: DeltaTable
    marks: dict[str, list[str]]
    tests: Sequence[dict[str, Any]]
    coupling: Sequence[dict[str, Any]]
    outcome_tests: Sequence[dict[str, Any]]
    outcomes: pd.DataFrame | None
    record: dict[str, Any]


def run_response(
    file: ScanFile,
    options: ResponseOptions,
    *,
    outcomes: pd.DataFrame | None = None,
    limits: str | Path | None = None,
    where: str = "outcome table",
) -> Response:
    """Compare the scans of each patient.

    Parameters
    ----------
    file : ScanFile
        Features.
    options : ResponseOptions
        What to do.
    outcomes : DataFrame, optional
        One row per patient, cells as text; needed if the options name an outcome.
    limits : path, optional
        Repeatability of the features; see `read_limits`.
    where : str
        Where the outcomes came from, for messages.

    Raises
    ------
    UserError
        If the tables cannot be used, or the outcome is among the features.
    """
    scans = make_scan_table(file, options.delta)
    table = make_delta_table(scans, _before_landmark(options))
    notes = _Notes(_scan_counts(scans), list(table.warnings))
    if "relative" in options.delta.kinds:
        notes.warnings.append(_COUPLED)
    told = None
    if options.outcome is not None:
        if outcomes is None:
            raise SettingsError("an outcome is named, and there is no table of outcomes")
        told = read_outcome(scans, options.outcome, outcomes, options.delta.patient, where)
        table, told = _from_landmark(table, told, options, notes)
    known = {} if limits is None else repeatability.read_limits(limits, table.names)
    marks = {
        name: repeatability.mark(table.before[:, at], table.after[:, at], known[name])
        for at, name in enumerate(table.names)
        if name in known
    }
    if limits is not None:
        notes.record["repeatability"] = repeatability.summary(marks, len(table.names))
    tests, coupled, related = _tests(table, told, known, options, notes)
    record = {**notes.record, **_pair_counts(table), "warnings": notes.warnings}
    kept = told.frame if told is not None and options.landmark is not None else None
    return Response(table, marks, tests, coupled, related, kept, record)


def _before_landmark(options: ResponseOptions) -> DeltaOptions:
    """With a landmark the last follow-up is the last one up to it, so that all are needed."""
    if options.landmark is None or options.delta.follow_up != "last":
        return options.delta
    return options.delta.model_copy(update={"follow_up": "all"})


@dataclass(frozen=True, slots=True)
class _Notes:
    """What is gathered on the way."""

    record: dict[str, Any]
    warnings: list[str]


def _from_landmark(
    table: DeltaTable, told: ToldOutcome, options: ResponseOptions, notes: _Notes
) -> tuple[DeltaTable, ToldOutcome | None]:
    """The table and outcome that can be compared; no outcome where they cannot."""
    if told.outcome.kind != "survival":
        notes.warnings.append(_TIMING)
        return table, told
    unit = options.outcome_unit
    if options.landmark is None:
        rows = told.rows_of(table.patients)
        notes.warnings.extend(immortal_time(table, told.outcome, rows, unit))
        return table, None
    cut = apply_landmark(
        table,
        told.frame,
        told.outcome,
        options.delta.patient,
        landmark=options.landmark,
        unit=unit,
    )
    notes.record["landmark"] = cut.counts
    if options.delta.follow_up == "last":
        cut = replace(cut, table=last_of_patients(cut.table))
    shifted = shifted_outcome(told.outcome, landmark=options.landmark, unit=unit)
    return cut.table, ToldOutcome(shifted, cut.outcomes, told.rows)


_Rows = Sequence[dict[str, Any]]


def _tests(
    table: DeltaTable,
    told: ToldOutcome | None,
    limits: dict[str, repeatability.Limit],
    options: ResponseOptions,
    notes: _Notes,
) -> tuple[_Rows, _Rows, _Rows]:
    """Paired tests, coupling, tests against the outcome; empty where not asked for."""
    if not options.tests and told is None:
        return (), (), ()
    data = patient_changes(table)
    notes.warnings.extend(data.notes)
    coupled = coupling.coupling(data, limits)
    notes.record["coupling"] = coupling.summary(coupled)
    notes.warnings.extend(coupling.warnings(notes.record["coupling"]))
    tests: _Rows = ()
    if options.tests:
        found = paired_tests(data, scale=options.scale, flips=options.flips, seed=options.seed)
        tests, notes.record["tests"] = found.rows, found.summary
    related: _Rows = ()
    if told is not None:
        related = outcome_tests.outcome_tests(data, told.outcome, told.rows_of(data.patients))
        notes.record["outcome"] = outcome_tests.summary(related, told.outcome)
    return tests, coupled, related


def _scan_counts(scans: ScanTable) -> dict[str, Any]:
    return {
        "patients_in_table": len(set(scans.patients)),
        "rows_in_table": len(scans),
        "rows_not_measured": sum(bool(fault) for fault in scans.faults),
        "features": len(scans.names),
        "carried_columns": list(scans.carried),
        "time": "dates, in days" if scans.times.dates else "numbers, as given",
    }


def _pair_counts(table: DeltaTable) -> dict[str, Any]:
    reasons = Counter(
        (null["reason"].removeprefix("not applicable: ").split(" (")[0]) for null in table.nulls
    )
    return {
        "pairs": len(table.cases),
        "patients_with_change": len(set(table.patients)),
        "interval": {
            "unit": table.unit,
            "least": float(table.interval.min()),
            "median": float(np.median(table.interval)),
            "greatest": float(table.interval.max()),
        },
        "left_out": dict(Counter(item.kind for item in table.left_out)),
        "empty_changes": dict(reasons),
    }
