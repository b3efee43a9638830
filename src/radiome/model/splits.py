"""Splits of patients into folds: stratified, repeated, never through a patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows to learn from and rows to predict.

    Parameters
    ----------
    train, test : int64 arrays
        Row numbers, ascending; no patient has rows in both.
    name : str
        What is left out, for the record.
    """

    train: Rows
    test: Rows
    name: str


def patient_index(patients: NDArray[np.str_]) -> tuple[Rows, Rows]:
    """First row of each patient (m,), and the patient number of each row (n,).

    Patients are numbered in the order of their first rows.
    """
    _, first, number = np.unique(patients, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[number]


def deal_folds(strata: Rows, n_folds: int, rng: np.random.Generator) -> Rows:
    """Fold (m,) of each patient, classes spread evenly, sizes differing by at most one.

    Parameters
    ----------
    strata : int64 array (m,)
        Class of each patient.
    n_folds : int
        Number of folds, at most the number of patients.
    rng : Generator
        Where the shuffling comes from.
    """
    order = np.concatenate(
        [rng.permutation(np.flatnonzero(strata == stratum)) for stratum in np.unique(strata)]
    )
    folds = np.empty(len(strata), np.int64)
    # Dealing on through the classes keeps the folds even; the first fold is drawn.
    folds[order] = (np.arange(len(order)) + rng.integers(n_folds)) % n_folds
    return folds


def repeated_folds(
    strata: Rows, patients: NDArray[np.str_], n_folds: int, n_repeats: int, seed: int
) -> Rows:
    """Fold of every row in every repeat (n_repeats, n).

    Parameters
    ----------
    strata : int64 array (n,)
        Class of each row; the first row of a patient counts for the patient.
    patients : str array (n,)
        Patient of each row.
    n_folds, n_repeats : int
        How many.
    seed : int
        Repeat r takes the r-th generator spawned from it, so that more repeats leave
        the first ones as they are.

    Raises
    ------
    UserError
        If there are fewer patients than folds.
    """
    first, number = patient_index(patients)
    _require_patients(len(first), n_folds)
    children = np.random.SeedSequence(seed).spawn(n_repeats)
    dealt = [
        deal_folds(strata[first], n_folds, np.random.default_rng(child))[number]
        for child in children
    ]
    return np.array(dealt)


def panel_folds(
    labels: Rows, patients: NDArray[np.str_], n_folds: int, n_repeats: int, seed: int
) -> Rows:
    """Fold of every row in every repeat (n_repeats, n), balanced for several labels at once.

    Parameters
    ----------
    labels : int64 array (n, k)
        Class of each row for each of k labels, -1 where it is not known; the first known row
        of a patient counts for the patient.
    patients, n_folds, n_repeats, seed
        As in `repeated_folds`.

    Raises
    ------
    UserError
        If there are fewer patients than folds.
    """
    first, number = patient_index(patients)
    _require_patients(len(first), n_folds)
    marks = _classes_of_patients(labels, number, len(first))
    children = np.random.SeedSequence(seed).spawn(n_repeats)
    dealt = [
        deal_iteratively(marks, n_folds, np.random.default_rng(child))[number] for child in children
    ]
    return np.array(dealt)


def deal_iteratively(marks: NDArray[np.bool_], n_folds: int, rng: np.random.Generator) -> Rows:
    """Fold (m,) of each patient by iterative stratification, the rarest class first.

    Of the classes that patients still to be dealt have, the rarest is dealt next: each of its
    patients goes to the fold that lacks most of that class, then to the one that lacks most
    patients. Sechidis, Tsoumakas, Vlahavas, ECML PKDD 2011, LNAI 6913:145.

    Parameters
    ----------
    marks : bool array (m, q)
        Which of the q classes (of all labels) each patient has; none where nothing is known.
    n_folds : int
        Number of folds, at most the number of patients.
    rng : Generator
        Of the order of the patients, and of choices between equals.
    """
    folds = np.full(len(marks), -1, np.int64)
    lacking = np.tile(marks.sum(axis=0) / n_folds, (n_folds, 1))
    room = np.full(n_folds, len(marks) / n_folds)
    while (waiting := folds < 0).any():
        counts = marks[waiting].sum(axis=0)
        rows, rarest = np.flatnonzero(waiting), None
        if counts.any():
            rarest = int(np.where(counts > 0, counts, len(marks) + 1).argmin())
            rows = np.flatnonzero(waiting & marks[:, rarest])
        for row in rng.permutation(rows):
            fold = _neediest(room if rarest is None else lacking[:, rarest], room, rng)
            folds[row] = fold
            lacking[fold] -= marks[row]
            room[fold] -= 1
    return folds


def _neediest(
    wanted: NDArray[np.float64], room: NDArray[np.float64], rng: np.random.Generator
) -> int:
    # Whole numbers taken from shares: no real difference is below the tolerance.
    most = np.flatnonzero(wanted >= wanted.max() - 1e-6)
    emptiest = most[room[most] >= room[most].max() - 1e-6]
    return int(rng.choice(emptiest))


def _classes_of_patients(labels: Rows, number: Rows, n_patients: int) -> NDArray[np.bool_]:
    """Which class of which label each patient has (m, q)."""
    columns = []
    for label in labels.T:
        known = np.flatnonzero(label >= 0)
        of_patient = np.full(n_patients, -1, np.int64)
        # Backwards, so that the first known row of a patient stays.
        of_patient[number[known[::-1]]] = label[known[::-1]]
        columns += [of_patient == code for code in np.unique(label[known])]
    return np.array(columns, np.bool_).reshape(len(columns), n_patients).T


def _require_patients(n_patients: int, n_folds: int) -> None:
    if n_patients < n_folds:
        raise UserError(
            "there are fewer patients than folds",
            expected=f"at least {n_folds} patients",
            got=str(n_patients),
            do="set fewer folds in validation.folds",
        )


def splits_of(folds: Rows) -> Iterator[Split]:
    """One split for each fold of a row of `repeated_folds` (n,)."""
    for fold in np.unique(folds):
        test = folds == fold
        yield Split(np.flatnonzero(~test), np.flatnonzero(test), f"fold {fold + 1}")


def leave_one_site_out(sites: NDArray[np.str_]) -> Iterator[Split]:
    """One split for each site, in order of name."""
    for site in np.unique(sites):
        test = sites == site
        yield Split(np.flatnonzero(~test), np.flatnonzero(test), f"site {site}")
