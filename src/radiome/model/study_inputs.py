"""Feature tables and outcome tables from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.model.outcome_reading import read_table
from radiome.model.plan import Plan
from radiome.model.table_building import build_table
from radiome.tables.feature_table import FeatureTable


def read_inputs(features: str | Path, outcomes: str | Path, plan: Plan) -> AnalysisTable:
    """Read and join a feature table and an outcome table.

    Parameters
    ----------
    features : path
        A run folder or feature table of radiome, or any CSV file with one row per lesion;
        in the latter every column that has no other role is a feature.
    outcomes : path
        CSV file with one row per patient.
    plan : Plan
        What the columns are.
    """
    frame, names = read_feature_frame(features)
    table = read_table(outcomes)
    return build_table(frame, names, table, plan, where=(str(features), str(outcomes)))


def read_feature_frame(path: str | Path) -> tuple[pd.DataFrame, Sequence[str] | None]:
    """The rows of a feature table, and which columns are features if the file says so.

    Rows of cases that were not measured are left out.

    Raises
    ------
    UserError
        If there is no table, or no case was measured.
    """
    path = Path(path)
    plain = path.is_file() and path.suffix != ".parquet" and not _has_catalogue(path)
    if plain:
        return read_table(path, what="feature table"), None
    table = FeatureTable.read(path).measured()
    if not len(table):
        raise UserError("no case of the feature table was measured", where=str(path))
    return table.frame, table.features


def _has_catalogue(path: Path) -> bool:
    return any(
        beside.is_file()
        for beside in (path.with_name("catalogue.csv"), path.with_suffix(".catalogue.csv"))
    )
