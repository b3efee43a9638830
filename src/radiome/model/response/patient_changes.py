"""One baseline and one follow-up value for each patient: the unit of every test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.response.delta_table import DeltaTable

Floats = NDArray[np.float64]

#: A longest interval of more than so many shortest ones is told.
_UNEVEN = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class PatientChanges:
    """Values of patients at two scans.

    Parameters
    ----------
    patients, names : tuple of str
        Rows and columns.
    before, after : array of float, shape (patients, features)
        NaN where a patient lacks one of the two.
    interval : array of float, shape (patients,)
        Time between the scans.
    notes : tuple of str
        How rows became patients.
    """

    patients: tuple[str, ...]
    names: tuple[str, ...]
    before: Floats
    after: Floats
    interval: Floats
    notes: tuple[str, ...]


def patient_changes(table: DeltaTable) -> PatientChanges:
    """The first follow-up of each patient in the table, averaged over its lesions.

    Rows of a patient are not independent, so that each patient counts once. A lesion
    counts for a feature where both scans have a value.

    Raises
    ------
    UserError
        If fewer than three patients are left.
    """
    rows: dict[str, list[int]] = {}
    for row, patient in enumerate(table.patients):
        rows.setdefault(patient, []).append(row)
    if len(rows) < 3:
        raise UserError(
            "too few patients to test a change",
            expected="3 or more with a baseline and a follow-up",
            got=str(len(rows)),
        )
    first = {
        patient: [row for row in own if table.interval[row] == table.interval[own].min()]
        for patient, own in rows.items()
    }
    both = ~np.isnan(table.after - table.before)
    before = _means(np.where(both, table.before, np.nan), list(first.values()))
    after = _means(np.where(both, table.after, np.nan), list(first.values()))
    notes = []
    later = sum(len(rows[patient]) > len(first[patient]) for patient in rows)
    if later:
        have = counted(later, "patient has", "patients have")
        notes.append(
            f"{have} later follow-ups too: tests take the first one of each "
            "patient; choose another with --follow-up"
        )
    several = sum(len(own) > 1 for own in first.values())
    if several:
        told = counted(several, "patient has", "patients have")
        notes.append(f"{told} several lesions: tests take their mean")
    interval = np.array([table.interval[own[0]] for own in first.values()])
    if interval.max() > _UNEVEN * interval.min():
        notes.append(
            f"follow-ups that are tested lie {interval.min():g} to {interval.max():g} "
            f"({table.unit}) after the baseline: changes over such different times are not alike"
        )
    return PatientChanges(tuple(rows), table.names, before, after, interval, tuple(notes))


def _means(values: Floats, groups: list[list[int]]) -> Floats:
    """Mean over the rows of each group that have a value, NaN where none has."""
    found = np.full((len(groups), values.shape[1]), np.nan)
    for place, rows in enumerate(groups):
        part = values[rows]
        known = ~np.isnan(part)
        sums = np.where(known, part, 0.0).sum(axis=0)
        np.divide(sums, known.sum(axis=0), out=found[place], where=known.any(axis=0))
    return found
