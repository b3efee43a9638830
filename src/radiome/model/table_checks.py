"""Rows and columns that are read without complaint and would mislead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.analysis_table import Floats, Texts
from radiome.model.outcomes import Outcome

#: Rows below which a column of 1, 2, 3 may be a measurement.
_MINIMUM_ROWS = 10

#: Area under the ROC curve, and rank correlation, of one feature that a reader should ask about.
_SUSPECT_AREA, _SUSPECT_ORDER = 0.98, 0.95

#: Chance that any feature of a table that knows nothing is suspected.
_FALSE_ALARM = 0.001


def refuse_row_numbers(features: Floats, names: Sequence[str], *, where: str) -> None:
    """Refuse features that count the rows (n, p): they tell how the table was sorted.

    Raises
    ------
    UserError
        With the columns.
    """
    if len(features) < _MINIMUM_ROWS:
        return
    steps = np.diff(features, axis=0)
    counting = [name for name, ones in zip(names, (steps == 1).all(axis=0), strict=True) if ones]
    if counting:
        raise UserError(
            "a feature numbers the rows of the table",
            where=where,
            expected="measurements",
            got=", ".join(counting[:5]),
            do="add it to columns.exclude",
        )


def refuse_nothing_varies(features: Floats, *, where: str) -> None:
    """Refuse features (n, p) that are all constant or missing.

    Raises
    ------
    UserError
        With the number of columns.
    """
    if not _varying(features).any():
        raise UserError(
            "no feature varies: nothing can be learned from them",
            where=where,
            expected="at least one feature with two different values",
            got=f"{counted(features.shape[1], 'feature')}, all constant or missing",
            do="check the table and columns.include",
        )


def idle_note(features: Floats, names: Sequence[str]) -> list[str]:
    """A note on features (n, p) that are constant or missing in every row, if there are any."""
    idle = [name for name, useful in zip(names, _varying(features), strict=True) if not useful]
    if not idle:
        return []
    shown = ", ".join(idle[:5]) + (", ..." if len(idle) > 5 else "")
    are = "is" if len(idle) == 1 else "are"
    of_all = counted(len(names), "feature")
    return [f"{len(idle)} of {of_all} {are} constant or missing in all rows: {shown}"]


def _varying(features: Floats) -> NDArray[np.bool_]:
    given = np.isfinite(features)
    low = np.where(given, features, np.inf).min(axis=0)
    high = np.where(given, features, -np.inf).max(axis=0)
    return np.asarray(high > low)


def refuse_divided(labels: Texts, patients: Texts, *, column: str, where: str) -> None:
    """Refuse a patient with lesions at two sites: leaving a site out would not leave it out.

    Raises
    ------
    UserError
        With the first such patient.
    """
    at: dict[str, str] = {}
    for patient, label in zip(patients.tolist(), labels.tolist(), strict=True):
        if at.setdefault(patient, label) != label:
            raise UserError(
                f"a patient has two values in column '{column}'",
                where=where,
                expected="one site for all rows of a patient, and of patients taken for one",
                got=f"'{at[patient]}' and '{label}' of patient '{patient}'",
                do="correct the site, or the names of the patients",
            )


def refuse_site_as_outcome(sites: Texts, outcome: Outcome, *, column: str, where: str) -> None:
    """Refuse an outcome that does not vary once a site is left out: nothing is left to learn.

    Raises
    ------
    UserError
        With the site.
    """
    known, strata = outcome.known, outcome.strata()
    for site in np.unique(sites[known]):
        rest = strata[known & (sites != site)]
        if rest.size and np.unique(rest).size < 2:
            raise UserError(
                f"outcome '{outcome.options.name}' does not vary without site '{site}': a model "
                "of the other sites learns nothing",
                where=where,
                expected=f"more than one value at the other sites of column '{column}'",
                do="name the column in columns.acquisition in place of columns.site",
            )


def refuse_lone_batches(batches: Texts, patients: Texts, *, column: str, where: str) -> None:
    """Refuse a batch of a single patient: the fold of this patient would not know it.

    Raises
    ------
    UserError
        With the batches.
    """
    alone = [
        str(batch)
        for batch in np.unique(batches)
        if np.unique(patients[batches == batch]).size == 1
    ]
    if alone:
        raise UserError(
            f"a batch of column '{column}' has a single patient and cannot be harmonised",
            where=where,
            expected="several patients in every batch",
            got=", ".join(alone[:5]),
            do="merge batches, or set harmonise.unseen to identity: such patients stay as they are",
        )


def merge_note(
    pairs: Sequence[tuple[str, str]], patients: Texts, outcomes: Sequence[Outcome]
) -> list[str]:
    """A note on patients that were taken for one, and on outcomes that tell them apart.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Patients with almost the same rows.
    patients : str array (n,)
        Patient of each row as the table names it.
    outcomes : sequence of Outcome
        Of the n rows.
    """
    if not pairs:
        return []
    first = {patient: row for row, patient in reversed(list(enumerate(patients.tolist())))}
    rows = np.array([[first[one], first[two]] for one, two in pairs])
    were = "was" if len(pairs) == 1 else "were"
    shown = ", ".join(" = ".join(pair) for pair in pairs[:5])
    notes = [
        f"{counted(len(pairs), 'pair')} of rows under different patients, almost the same, "
        f"{were} taken for one patient: {shown}"
    ]
    for outcome in outcomes:
        both = outcome.known[rows].all(axis=1)
        differ = (outcome.values[rows[:, 0]] != outcome.values[rows[:, 1]]) & both
        if differ.any():
            shown = ", ".join(
                " = ".join(pair) for pair, odd in zip(pairs, differ, strict=True) if odd
            )
            notes.append(
                f"of these, {int(differ.sum())} have different values of '{outcome.options.name}' "
                f"though it should be one patient, and the first row counts: {shown}"
            )
    return notes


def suspect_note(features: Floats, names: Sequence[str], outcome: Outcome) -> list[str]:
    """A note on features that alone tell the outcome almost perfectly, if there are any.

    Parameters
    ----------
    features : float64 array (n, p)
        NaN where missing.
    names : sequence of str
        Names of the p features.
    outcome : Outcome
        Of the n rows.
    """
    known = outcome.known
    found = []
    for name, column in zip(names, features[known].T, strict=True):
        given = np.isfinite(column)
        values = outcome.values[known][given]
        if given.sum() >= 2 * _MINIMUM_ROWS and _suspect(
            rankdata(column[given]), values, outcome, len(names)
        ):
            found.append(name)
    if not found:
        return []
    return [
        f"a single feature tells '{outcome.options.name}' almost perfectly: "
        f"{', '.join(found[:5])}{', ...' if len(found) > 5 else ''}. Make sure that it is "
        "measured without knowing the outcome, or add it to columns.exclude"
    ]


def _suspect(ranks: Floats, values: NDArray[np.generic], outcome: Outcome, tried: int) -> bool:
    if outcome.classes:
        return any(_separates(ranks, values == code, tried) for code in np.unique(values))
    if outcome.kind == "survival":
        if _separates(ranks, np.asarray(values["event"]), tried):  # type: ignore[call-overload]
            return True
        values = values["time"]  # type: ignore[call-overload]
    return _follows(ranks, rankdata(values))


def _separates(ranks: Floats, positive: NDArray[np.bool_], tried: int) -> bool:
    """Whether the area is suspect, and beyond what the best of all features has by chance."""
    n, n_positive = len(ranks), int(positive.sum())
    pairs = n_positive * (n - n_positive)
    if not pairs:
        return False
    area = (ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / pairs
    z = abs(area - 0.5) / np.sqrt((n + 1) / (12 * pairs))
    beyond = 2 * norm.sf(z) * tried < _FALSE_ALARM
    return bool(max(area, 1 - area) >= _SUSPECT_AREA and beyond)


def _follows(ranks: Floats, truth: Floats) -> bool:
    centred = ranks - ranks.mean(), truth - truth.mean()
    spread = np.sqrt((centred[0] ** 2).sum() * (centred[1] ** 2).sum())
    return bool(spread > 0 and abs(centred[0] @ centred[1]) >= _SUSPECT_ORDER * spread)
