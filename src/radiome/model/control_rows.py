"""Control images beside the images themselves: the same rows, or what is missing of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.model.plan import Plan

#: A control that lacks more than this share of the rows would be beaten for that alone.
_MOST_MISSING = 0.1


def beside(
    table: AnalysisTable, controls: Mapping[str, AnalysisTable], plan: Plan
) -> tuple[AnalysisTable, dict[str, AnalysisTable]]:
    """Controls in the rows of the features, and the table with notes on what they lack.

    Parameters
    ----------
    table : AnalysisTable
        The features.
    controls : mapping of str to AnalysisTable
        Features of control images by name, such as ``shuffled_roi``.
    plan : Plan
        Whose ``preparation.missing`` may forbid missing values.

    Returns
    -------
    table : AnalysisTable
        With a note on every control that lacks a row.
    controls : dict of str to AnalysisTable
        Each with the rows of `table`. A row whose control image could not be measured has
        missing values. A control that lacks more than a tenth of the rows is left out: its
        models would be worse for that reason, and easy to beat.

    Rows of a control that the features do not have are passed over.

    Raises
    ------
    UserError
        If a control has none of the cases, or other numbers of rows of one name.
    """
    notes, kept = [], {}
    for name, control in controls.items():
        places = _places(name, control, table)
        absent = table.cases[places < 0].tolist()
        values = np.where((places < 0)[:, None], np.nan, control.features[places])
        told = f"control '{name}' could not be measured for {len(absent)} of {len(table)} rows"
        if absent and (plan.preparation.missing == "refuse" or _too_many(absent, table)):
            notes.append(f"{told}, and was left out")
            continue
        if absent:
            notes.append(f"{told}: there its values are missing")
        kept[name] = replace(table, features=values, names=control.names)
    return replace(table, notes=(*table.notes, *notes)), kept


def _too_many(absent: list[str], table: AnalysisTable) -> bool:
    return len(absent) > _MOST_MISSING * len(table)


def _places(
    name: str, control: AnalysisTable, table: AnalysisTable
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Row of the control for each row of the table, -1 where there is none."""
    if np.array_equal(control.cases, table.cases):
        return np.arange(len(table))
    rows = {case: place for place, case in enumerate(control.cases.tolist())}
    known = set(table.cases.tolist())
    twice = len(rows) < len(control) or len(known) < len(table)
    if twice or not known & set(rows):
        shown = "several rows of one name" if twice else f"such as {', '.join(list(rows)[:3])}"
        raise UserError(
            f"control '{name}' is not of the rows of the features",
            where=f"control '{name}'",
            expected=f"rows of the same {len(table)} cases",
            got=f"{len(control)} rows, {shown}",
            do="extract the control images of the same cohort table",
        )
    return np.array([rows.get(case, -1) for case in table.cases.tolist()], np.intp)
