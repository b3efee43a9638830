"""Do the tables of a study hold what its analyses ask of them: told before anything is measured."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from radiome.base.errors import UserError
from radiome.model.outcome_reading import make_outcome, require_column
from radiome.model.plan import Plan
from radiome.model.table_joining import join, patient_columns
from radiome.study.analysis_rows import cell_text, require_where
from radiome.study.cases import FACT_NAMES
from radiome.study.protocol import Analysis

#: Columns that the table of cases of a run has of its own; the code stands for a name.
_OF_THE_RUN = ("code", "step")


def refuse_own_names(cohort: pd.DataFrame, where: str) -> None:
    """Refuse columns of the cohort table that the run gives another meaning."""
    taken = [name for name in _OF_THE_RUN if name in cohort]
    if taken:
        raise UserError(
            f"column '{taken[0]}' of the cohort table has a name that a study needs",
            where=where,
            expected=f"names other than {' and '.join(_OF_THE_RUN)}",
            got=", ".join(str(name) for name in cohort.columns),
            do=f"rename '{taken[0]}', in columns.patient too if it is the patient",
        )


def check_columns(
    analysis: Analysis, cohort: pd.DataFrame, table: pd.DataFrame, where: tuple[str, str]
) -> None:
    """Refuse an analysis that names a column which is in no table and no fact of the images.

    Parameters
    ----------
    analysis : Analysis
        The question.
    cohort : DataFrame
        The cohort table.
    table : DataFrame
        The outcome table, cells as text.
    where : (str, str)
        Where they came from, for messages.
    """
    for column in analysis.where:
        require_where(column, [*map(str, cohort.columns), *FACT_NAMES], analysis.name)
    names = dict.fromkeys([*cohort.columns, *table.columns, *FACT_NAMES])
    known = cohort.reindex(columns=list(names))
    for column in _roles(analysis.plan):
        require_column(known, column, where=" and ".join(where), why=f"analysis '{analysis.name}'")


def check_content(
    analysis: Analysis, cohort: pd.DataFrame, table: pd.DataFrame, where: tuple[str, str]
) -> None:
    """Refuse an analysis whose patients or outcomes cannot do, whatever is measured.

    Parameters as for `check_columns`.

    Raises
    ------
    UserError
        If no case belongs to the analysis, a patient has two outcome rows, the tables
        contradict each other, or an outcome cannot be read or does not vary.
    """
    chosen = _chosen(analysis, cohort, where[0])
    patient, other = patient_columns(chosen, table, analysis.plan.columns, where)
    # What the images tell takes the place of a column of the cohort table.
    plain = chosen.drop(columns=[name for name in FACT_NAMES if name in chosen and name != patient])
    joined, _ = join(plain, patient, table, other, where)
    if set(analysis.where) & set(FACT_NAMES):
        return  # which cases are meant, only the images tell
    for outcome in analysis.plan.outcomes:
        if all(column in joined for column in outcome.columns):
            make_outcome(joined, outcome, where=where[1])


def _chosen(analysis: Analysis, cohort: pd.DataFrame, where: str) -> pd.DataFrame:
    """Rows of the cohort table that `where` takes, as far as it tells."""
    chosen = cohort
    for column, wanted in analysis.where.items():
        if column in FACT_NAMES:
            continue
        allowed = {cell_text(v) for v in (wanted if isinstance(wanted, list) else [wanted])}
        present = chosen[column].map(cell_text)
        if not present.isin(allowed).any():
            raise UserError(
                "no case of the cohort table belongs to the analysis",
                where=f"analysis '{analysis.name}', where.{column}, {where}",
                expected="one of " + ", ".join(sorted(set(present))[:10]),
                got=", ".join(sorted(allowed)),
            )
        chosen = chosen[present.isin(allowed)]
    return chosen


def _roles(plan: Plan) -> Iterator[str]:
    """Columns that the plan gives a role, apart from patients and outcomes."""
    columns = plan.columns
    yield from (*columns.clinical, *columns.acquisition)
    if columns.site:
        yield columns.site
    if plan.harmonise:
        yield from (plan.harmonise.batch, *plan.harmonise.covariates)
