"""From two tables and a plan to what is analysed, checked before anything is learned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from radiome.base.errors import UserError, nearest_name
from radiome.model.analysis_table import AnalysisTable, Floats, Texts
from radiome.model.baselines import (
    baseline_blocks,
    drop_constant_blocks,
    refuse_outcome_baselines,
)
from radiome.model.blocks import covariate_columns
from radiome.model.duplicates import alike
from radiome.model.leaks import refuse_copies, refuse_outcome_covariates
from radiome.model.outcome_reading import is_missing, make_outcome, numbers, require_column
from radiome.model.outcomes import Outcome
from radiome.model.plan import Columns, Plan
from radiome.model.table_checks import (
    idle_note,
    merge_note,
    refuse_divided,
    refuse_lone_batches,
    refuse_nothing_varies,
    refuse_row_numbers,
    refuse_site_as_outcome,
    suspect_note,
)
from radiome.model.table_joining import join, patient_columns
from radiome.model.text_table import is_unnamed

#: Columns of a radiome run that are never features or baselines.
_RUN_COLUMNS = ("image", "mask", "roi", "settings", "status", "reason")


def build_table(
    features: pd.DataFrame,
    feature_names: Sequence[str] | None,
    outcomes: pd.DataFrame,
    plan: Plan,
    *,
    where: tuple[str, str] = ("feature table", "outcome table"),
) -> AnalysisTable:
    """Join features and outcomes by patient and check them.

    Parameters
    ----------
    features : DataFrame
        One row per lesion; cells as text, or numbers.
    feature_names : sequence of str or None
        Columns that are features; None if nothing says so, and every column that is not
        named by the plan or the outcome table is one.
    outcomes : DataFrame
        One row per patient, cells as text.
    plan : Plan
        What the columns are.
    where : (str, str)
        Where the tables came from, for messages.

    Raises
    ------
    UserError
        If the tables do not fit together, a column is missing or cannot be read, or an
        outcome is among the features.
    """
    columns = plan.columns
    patient, outcome_patient = patient_columns(features, outcomes, columns, where)
    joined, notes = join(features, patient, outcomes, outcome_patient, where)
    named = _named_columns(plan)
    for column in sorted(named):
        require_column(joined, column, where=" and ".join(where), why="the plan")
    _refuse_outcome_among(feature_names or (), plan, where[0])
    chosen = _choose(joined, feature_names, {patient, *named, *outcomes.columns}, columns, where[0])
    values = _numeric_features(joined, chosen, where[0])
    patients = np.asarray(joined[patient].astype(str), np.str_)
    pairs = alike(values, patients)
    found = {option.name: make_outcome(joined, option, where=where[1]) for option in plan.outcomes}
    notes += idle_note(values, chosen)
    for outcome in found.values():
        refuse_copies(values, chosen, outcome, where=where[0])
        notes += suspect_note(values, chosen, outcome)
    notes += merge_note(pairs, patients, list(found.values()))
    patients = _merge(patients, pairs)
    blocks, block_names = baseline_blocks(joined, plan, where[0])
    refuse_outcome_baselines(blocks, block_names, plan, found.values(), " and ".join(where))
    notes += drop_constant_blocks(blocks, block_names)
    sites, batches = _groups(joined, patients, found.values(), plan, where)
    kept = plan.harmonise.covariates if plan.harmonise else ()
    covariates = covariate_columns(joined, kept, where=where[0]) if kept else None
    if covariates is not None:
        refuse_outcome_covariates(covariates, found.values(), where=where[0])
    return AnalysisTable(
        cases=np.asarray(joined["case" if "case" in joined else patient].astype(str), np.str_),
        patients=patients,
        features=values,
        names=tuple(chosen),
        outcomes=found,
        blocks=blocks,
        block_names=block_names,
        sites=sites,
        batch=batches,
        covariates=covariates,
        notes=tuple(notes),
        merged=tuple(pairs),
    )


def _named_columns(plan: Plan) -> set[str]:
    """Every column that the plan gives a role other than feature."""
    columns = plan.columns
    named = {*columns.clinical, *columns.acquisition}
    named |= {name for outcome in plan.outcomes for name in outcome.columns}
    if columns.site:
        named.add(columns.site)
    if plan.harmonise:
        named |= {plan.harmonise.batch, *plan.harmonise.covariates}
    return named


def _choose(
    frame: pd.DataFrame,
    known: Sequence[str] | None,
    taken: set[str],
    columns: Columns,
    where: str,
) -> list[str]:
    candidates = list(known) if known is not None else [str(name) for name in frame.columns]
    left_out = taken | {"case", "patient", *_RUN_COLUMNS}
    candidates = [name for name in candidates if name not in left_out and not is_unnamed(name)]
    for pattern in (*columns.include, *columns.exclude):
        if not any(fnmatchcase(name, pattern) for name in candidates):
            near = nearest_name(pattern, candidates)
            raise UserError(
                f"no feature column matches '{pattern}'",
                where=where,
                expected="a name or a pattern such as 'cm_*'",
                do=f"did you mean '{near}'?" if near else "correct the pattern in the plan",
            )
    return [
        name
        for name in candidates
        if any(fnmatchcase(name, pattern) for pattern in columns.include)
        and not any(fnmatchcase(name, pattern) for pattern in columns.exclude)
    ]


def _refuse_outcome_among(chosen: Sequence[str], plan: Plan, where: str) -> None:
    for outcome in plan.outcomes:
        leak = [name for name in chosen if name in (*outcome.columns, outcome.name)]
        if leak:
            raise UserError(
                f"outcome '{outcome.name}' is among the features",
                where=where,
                got=", ".join(leak),
                do="add it to columns.exclude",
            )


def _numeric_features(frame: pd.DataFrame, chosen: Sequence[str], where: str) -> Floats:
    if not chosen:
        raise UserError(
            "the table has no feature column",
            where=where,
            expected="columns of numbers beside those that the plan names",
            do="check columns.include and columns.exclude, and the delimiter of the table",
        )
    text = [name for name in chosen if not pd.api.types.is_numeric_dtype(frame[name])]
    values = {name: frame[name].to_numpy(np.float64) for name in chosen if name not in set(text)}
    for name in text:
        what = f"feature column '{name}'"
        values[name] = numbers(frame[name].astype(str), what=what, where=where)
    found = np.column_stack([values[name] for name in chosen])
    if np.isinf(found).any():
        name = chosen[int(np.flatnonzero(np.isinf(found).any(axis=0))[0])]
        raise UserError(
            f"feature column '{name}' holds infinite values",
            where=where,
            expected="finite numbers, or gaps where a feature is not defined",
            do="leave these cells empty, or add the column to columns.exclude",
        )
    refuse_row_numbers(found, chosen, where=where)
    refuse_nothing_varies(found, where=where)
    return found


def _groups(
    frame: pd.DataFrame,
    patients: Texts,
    outcomes: Collection[Outcome],
    plan: Plan,
    where: tuple[str, str],
) -> tuple[Texts | None, Texts | None]:
    """Site and batch of each row, as far as the plan names them."""
    both = " and ".join(where)
    sites = batches = None
    if site := plan.columns.site:
        sites = _labels(frame, site, where[0])
        refuse_divided(sites, patients, column=site, where=both)
        for outcome in outcomes:
            refuse_site_as_outcome(sites, outcome, column=site, where=both)
    if plan.harmonise:
        batches = _labels(frame, plan.harmonise.batch, where[0])
        if plan.harmonise.unseen == "error":
            refuse_lone_batches(batches, patients, column=plan.harmonise.batch, where=both)
    return sites, batches


def _labels(frame: pd.DataFrame, column: str, where: str) -> Texts:
    require_column(frame, column, where=where, why="site or batch")
    cells = frame[column].astype(str)
    empty = np.flatnonzero(is_missing(cells))
    if empty.size:
        raise UserError(
            f"column '{column}' is empty for a patient",
            where=f"{where}, patient '{frame.index[empty[0]]}'",
            expected="a site or batch for each row",
            do="fill it, with a name of its own for an unknown one",
        )
    return np.asarray(cells, np.str_)


def _merge(patients: Texts, pairs: Sequence[tuple[str, str]]) -> Texts:
    """One name for all patients that are linked by pairs."""
    name = {patient: patient for patient in patients.tolist()}

    def root(patient: str) -> str:
        while name[patient] != patient:
            patient = name[patient]
        return patient

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        name[high] = low
    return np.array([root(patient) for patient in patients.tolist()])
