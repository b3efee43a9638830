"""What can be told of a study before anything is measured: measuring may take days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from radiome.base.errors import SettingsError, UserError
from radiome.cohort.manifest import Manifest
from radiome.extraction.settings import load_settings
from radiome.model.outcome_reading import read_table, require_column
from radiome.model.recipe import radiomics_recipe
from radiome.model.table_joining import patient_columns
from radiome.study.cases import FACT_NAMES
from radiome.study.protocol import Analysis, Protocol
from radiome.study.table_checks import check_columns, check_content, refuse_own_names


def check_study(
    path: Path, protocol: Protocol, manifest: Manifest, outcomes: Path, settings: Any
) -> None:
    """Refuse a study that is bound to fail, whatever is measured.

    Parameters
    ----------
    path : Path
        The protocol, for messages.
    protocol : Protocol
        What is planned.
    manifest : Manifest
        The cohort.
    outcomes : Path
        The outcome table.
    settings : preset, file, mapping or None
        Of the extraction.

    Raises
    ------
    UserError
        For settings of the extraction, a selector, a learner or an option that do not exist;
        an outcome table that cannot be read, that knows no patient of the cohort, or that
        lacks a column that is asked for; and where tables or outcomes cannot do for any of
        the analyses, as `check_content` tells.
    """
    try:
        load_settings(settings)
    except SettingsError as error:
        raise _placed(error, path, "extraction.settings") from None
    table = read_table(outcomes)
    cohort = pd.DataFrame({column.name: list(column.cells) for column in manifest.columns})
    where = (manifest.source, str(outcomes))
    refuse_own_names(cohort, manifest.source)
    for place, analysis in enumerate(protocol.analyses):
        _check_steps(path, f"analyses.{place}.plan", analysis)
        _check_repeats(path, f"analyses.{place}.plan", protocol, analysis, manifest, cohort)
        _check_outcomes(analysis, cohort, table, where)
    faults = [_fault(analysis, cohort, table, where) for analysis in protocol.analyses]
    if faults[0] is not None and all(faults):  # otherwise the others can be made
        raise faults[0]


def _fault(
    analysis: Analysis, cohort: pd.DataFrame, table: pd.DataFrame, where: tuple[str, str]
) -> UserError | None:
    try:
        check_content(analysis, cohort, table, where)
    except UserError as error:
        return error
    return None


def _check_steps(path: Path, place: str, analysis: Analysis) -> None:
    """Selectors and learners with their options, for every outcome that they shall serve."""
    for outcome in analysis.plan.outcomes:
        try:
            radiomics_recipe(analysis.plan, outcome.kind)
        except SettingsError as error:
            raise _placed(error, path, place) from None


def _check_repeats(
    path: Path,
    place: str,
    protocol: Protocol,
    analysis: Analysis,
    manifest: Manifest,
    cohort: pd.DataFrame,
) -> None:
    """The columns that tell repeats, and a plan that rests on them."""
    trust, columns = protocol.trust, analysis.plan.columns
    if trust.repeat is None:
        if columns.least_repeatability is not None:
            raise SettingsError(
                "features shall be left out by their repeatability, and nothing is repeated",
                where=f"{path}, {place}.columns.least_repeatability",
                expected="trust.repeat, the column that numbers the measurements of a lesion",
                got="trust.repeat: null",
                do="name it, or take columns.least_repeatability out",
            )
        return
    given = cohort.reindex(columns=[*cohort.columns, *set(FACT_NAMES) - set(cohort.columns)])
    lesion = [columns.patient or "patient", *filter(None, [trust.lesion])]
    for name in (*lesion, trust.repeat):
        why = "repeated measurements (trust.repeat, trust.lesion, columns.patient)"
        require_column(given, name, where=manifest.source, why=why)
    if {*lesion, trust.repeat} <= set(cohort.columns):
        _require_repeats(cohort, lesion, trust.repeat, manifest.source)


def _require_repeats(cohort: pd.DataFrame, lesion: list[str], repeat: str, where: str) -> None:
    cells = cohort[repeat]
    numbered = cohort[cells.notna() & (cells.astype(str) != "")]
    if numbered.groupby(lesion, dropna=False).size().max() >= 2:
        return
    raise UserError(
        "no lesion was measured again",
        where=where,
        expected=f"lesions with two or more rows that have a number in '{repeat}'",
        got=f"one row at most of each '{' and '.join(lesion)}'",
        do="add the rows of the repeats, or set trust.repeat to null",
    )


def _placed(error: UserError, path: Path, place: str) -> SettingsError:
    """The same error, said of its place in the protocol."""
    within = f", {error.where}" if error.where and error.where != "settings" else ""
    return SettingsError(
        error.what,
        where=f"{path}, {place}{within}",
        expected=error.expected,
        got=error.got,
        do=error.do,
    )


def _check_outcomes(
    analysis: Analysis, cohort: pd.DataFrame, table: pd.DataFrame, where: tuple[str, str]
) -> None:
    patient, other = patient_columns(cohort, table, analysis.plan.columns, where)
    known = set(cohort[patient].astype(str))
    if not known & set(table[other].astype(str)):
        raise UserError(
            "no patient is in both tables",
            where=" and ".join(where),
            expected=f"the same names in '{patient}' and '{other}'",
            got=f"'{cohort[patient].iloc[0]}' and "
            + (f"'{table[other].iloc[0]}'" if len(table) else "no row"),
            do="write them alike, or name the columns in columns.patient and "
            "columns.outcome_patient",
        )
    measured = set(cohort.columns) | set(FACT_NAMES)
    for outcome in analysis.plan.outcomes:
        for column in outcome.columns:
            if column not in measured:
                why = f"outcome '{outcome.name}'"
                require_column(table, column, where=where[1], why=why)
    check_columns(analysis, cohort, table, where)
