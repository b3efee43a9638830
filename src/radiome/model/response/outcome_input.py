"""The outcome that changes are compared with, from its own table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.outcome_reading import make_outcome, require_column
from radiome.model.outcomes import Outcome, OutcomeOptions
from radiome.model.response.scan_table import ScanTable


@dataclass(frozen=True, slots=True, eq=False)
class ToldOutcome:
    """An outcome with the table it was read from.

    Parameters
    ----------
    outcome : Outcome
        One value per row of the outcome table.
    frame : DataFrame
        Rows of the table that count.
    rows : dict
        Row of each patient in `outcome`.
    """

    outcome: Outcome
    frame: pd.DataFrame
    rows: dict[str, int]

    def rows_of(self, patients: Sequence[str]) -> NDArray[np.intp]:
        """Row of each patient in the outcome, -1 for none."""
        return np.array([self.rows.get(name, -1) for name in patients], dtype=np.intp)


def read_outcome(
    scans: ScanTable, options: OutcomeOptions, outcomes: pd.DataFrame, patient: str, where: str
) -> ToldOutcome:
    """Read the outcome of the patients of a feature table.

    Raises
    ------
    UserError
        If a column is missing or also in the feature table, a patient is there twice, no
        patient is in both tables, or the outcome cannot be read.
    """
    require_column(outcomes, patient, where=where, why="the patient")
    twice = sorted(name for name, n in Counter(outcomes[patient]).items() if n > 1)
    if twice:
        raise UserError(
            "a patient is in the outcome table twice",
            where=where,
            got=", ".join(twice[:5]),
            do="keep one row per patient",
        )
    strays = [name for name in options.columns if name in (*scans.names, *scans.carried)]
    if strays:
        raise UserError(
            "a column of the outcome is in the feature table too",
            where=scans.where,
            expected="outcomes in the outcome table alone: a model would read this one, which "
            "no landmark has touched",
            got=", ".join(strays),
            do="remove it from the feature table",
        )
    rows = {name: row for row, name in enumerate(outcomes[patient])}
    if not set(rows) & set(scans.patients):
        raise UserError(
            "no patient is in both tables",
            where=f"{scans.where} and {where}",
            expected=f"the same names in column '{patient}'",
            got=f"'{scans.patients[0]}' and '{outcomes[patient].iloc[0]}'",
        )
    return ToldOutcome(make_outcome(outcomes, options, where=where), outcomes, rows)
