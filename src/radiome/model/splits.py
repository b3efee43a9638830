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
    if len(first) < n_folds:
        raise UserError(
            "there are fewer patients than folds",
            expected=f"at least {n_folds} patients",
            got=str(len(first)),
            do="set fewer folds in validation.folds",
        )
    children = np.random.SeedSequence(seed).spawn(n_repeats)
    dealt = [
        deal_folds(strata[first], n_folds, np.random.default_rng(child))[number]
        for child in children
    ]
    return np.array(dealt)


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
