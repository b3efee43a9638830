"""The rows of one analysis: some cases, with what is known of each beside the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radiome.base.errors import UserError, nearest_name
from radiome.tables.columns import Column
from radiome.tables.feature_table import FeatureTable
from radiome.tables.files import write_parquet


def select_rows(
    table: FeatureTable, where: Mapping[str, Any], *, name: str, of: str = ""
) -> FeatureTable:
    """Measured rows whose cells are as `where` says, with the features that one of them has.

    Parameters
    ----------
    table : FeatureTable
        All cases.
    where : mapping of str to value or list of values
        Wanted cells by column; texts and numbers are compared as text.
    name : str
        Of the analysis, for messages.
    of : str
        What follows it there.

    Raises
    ------
    UserError
        If a column is not there, or no measured case is left.
    """
    frame = table.measured().frame
    for column, wanted in where.items():
        require_where(column, [str(other) for other in frame.columns], name)
        values = wanted if isinstance(wanted, list) else [wanted]
        allowed = {cell_text(value) for value in values}
        present = frame[column].map(cell_text)
        frame = frame[present.isin(allowed)]
        if frame.empty:
            raise UserError(
                "no measured case belongs to the analysis",
                where=f"analysis '{name}'{of}, where.{column}",
                expected="one of " + ", ".join(sorted(set(present))[:10]),
                got=", ".join(sorted(allowed)),
            )
    if frame.empty:
        raise UserError("no case was measured", where=f"analysis '{name}'{of}")
    features = [tag for tag in table.features if frame[tag].notna().any()]
    kept = frame[[*table.identifiers, *features]].reset_index(drop=True)
    return FeatureTable(kept, tuple(features))


def require_where(column: str, known: Sequence[str], name: str) -> None:
    """Raise `UserError` if a column that chooses the cases of analysis `name` is not known."""
    if column in known:
        return
    near = nearest_name(column, known)
    raise UserError(
        f"there is no column '{column}'",
        where=f"analysis '{name}', where",
        expected="a column of the cohort table, or a fact of the images",
        got=column,
        do=f"did you mean '{near}'?" if near else None,
    )


def cell_text(value: Any) -> str:
    """A cell as cases are chosen by it: whole numbers without decimals, gaps empty."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def with_columns(table: FeatureTable, columns: Sequence[Column]) -> FeatureTable:
    """The table with further columns that are no features; those of a name are replaced.

    Parameters
    ----------
    table : FeatureTable
        One row per case.
    columns : sequence of Column
        One cell per row.
    """
    added = pd.DataFrame({column.name: list(column.cells) for column in columns})
    names = [column for column in table.identifiers if column not in added.columns]
    parts = [table.frame[names], added, table.frame[list(table.features)]]
    return FeatureTable(pd.concat(parts, axis="columns"), table.features)


def write_table(path: Path, table: FeatureTable, metadata: Mapping[str, Any]) -> None:
    """Write a feature table as Parquet; equal tables give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = frame_columns(table.frame)
    write_parquet(path, columns, {**metadata, "features": list(table.features)})


def frame_columns(frame: pd.DataFrame) -> list[Column]:
    """The columns of a frame: numbers, whole numbers or text; None where there is nothing."""
    return [_column(str(name), frame[name]) for name in frame.columns]


def _column(name: str, cells: pd.Series[Any]) -> Column:
    plain = [None if cell_text(cell) == "" else cell for cell in cells.tolist()]
    given = [cell for cell in plain if cell is not None]
    if cells.dtype.kind == "f" or (all(isinstance(cell, float) for cell in given) and given):
        return Column(name, "number", tuple(None if c is None else float(c) for c in plain))
    if given and all(isinstance(cell, int) and not isinstance(cell, bool) for cell in given):
        return Column(name, "integer", tuple(plain))
    return Column(name, "text", tuple(None if c is None else str(c) for c in plain))
