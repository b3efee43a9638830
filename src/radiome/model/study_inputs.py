"""Feature tables and outcome tables from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.model.deep.framework import require_framework
from radiome.model.outcome_reading import read_table
from radiome.model.plan import Plan
from radiome.model.table_building import build_table
from radiome.tables.crops import Crops, read_crops
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


def read_plan_crops(plan: Plan, table: AnalysisTable, folder: str | Path = ".") -> Crops | None:
    """The crops that the networks of a plan learn from, or None if it has no section ``deep``.

    Parameters
    ----------
    plan : Plan
        Whose ``deep.crops`` names the file.
    table : AnalysisTable
        All rows.
    folder : path
        What that name is relative to.

    Raises
    ------
    UserError
        If there is no such file, or no package for networks, or a row whose outcome is known has
        no crop: networks are compared with the features on the same patients or not at all.
    """
    if plan.deep is None:
        return None
    require_framework()
    path = Path(folder) / plan.deep.crops
    crops = read_crops(path)
    known = np.any([outcome.known for outcome in table.outcomes.values()], axis=0)
    crops.of(table.cases[known].tolist(), where=str(path))
    return crops


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
