"""Resamples of whole patients, within strata.

Each resample has its own seed, spawned from the root seed by its number, so resample 17 is the
same whatever the number of resamples, and two statistics can be taken on the same resamples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.model.performance.inputs import Integers, codes, same_length
from radiome.model.performance.results import UndefinedStatisticError

Seed = int | np.random.SeedSequence


@dataclass(frozen=True)
class Resampling:
    """Draws of whole patients with replacement, within strata.

    Parameters
    ----------
    rows : ndarray of int
        Row numbers, ordered by patient.
    starts, lengths : ndarray of int
        Where the rows of each patient begin in `rows`, and how many they are.
    strata : tuple of ndarray
        Patients of each stratum.
    seed : SeedSequence
        Root of the seeds of the resamples.
    """

    rows: Integers
    starts: Integers
    lengths: Integers
    strata: tuple[Integers, ...]
    seed: np.random.SeedSequence

    def draw(self, number: int) -> Integers:
        """Return the row numbers of resample `number`."""
        key = (*self.seed.spawn_key, number)
        own = np.random.SeedSequence(self.seed.entropy, spawn_key=key)
        generator = np.random.Generator(np.random.PCG64(own))
        drawn = [
            patients[generator.integers(patients.size, size=patients.size)]
            for patients in self.strata
        ]
        return self._rows_of(np.concatenate(drawn))

    def leave_one_out(self) -> Iterator[tuple[int, Integers]]:
        """Give, for each patient, the stratum and the rows of all others."""
        owner = np.repeat(np.arange(self.lengths.size), self.lengths)
        for number, patients in enumerate(self.strata):
            for patient in patients:
                yield number, self.rows[owner != patient]

    def _rows_of(self, patients: Integers) -> Integers:
        lengths = self.lengths[patients]
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
        places = np.repeat(self.starts[patients], lengths) + within
        return np.asarray(self.rows[places], dtype=np.intp)


def resampling(
    n: int,
    *,
    seed: Seed,
    groups: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> Resampling:
    """Return the plan of a bootstrap of `n` rows.

    Parameters
    ----------
    n : int
        Number of rows.
    seed : int or SeedSequence
        Root seed.
    groups : array of shape (n,), optional
        Patient of each row; without it each row is a patient.
    strata : array of shape (n,), optional
        Usually the outcome. The number of patients of each stratum is kept. A patient whose
        rows have several values belongs to the stratum of that set of values.
    """
    patient = codes(groups, n)
    rows = np.argsort(patient, kind="stable")
    _, starts, lengths = np.unique(patient[rows], return_index=True, return_counts=True)
    if lengths.size < 2:
        raise UndefinedStatisticError(
            "a bootstrap needs at least two patients", got=str(lengths.size)
        )
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return Resampling(rows, starts, lengths, _strata(patient, lengths.size, strata), root)


def _strata(patient: Integers, count: int, strata: ArrayLike | None) -> tuple[Integers, ...]:
    if strata is None:
        return (np.arange(count),)
    _, stratum = np.unique(np.asarray(strata), return_inverse=True)
    same_length(rows=patient, strata=stratum)
    values: list[set[int]] = [set() for _ in range(count)]
    for owner, value in zip(patient.tolist(), stratum.tolist(), strict=True):
        values[owner].add(value)
    keys = [tuple(sorted(owned)) for owned in values]
    return tuple(
        np.flatnonzero(np.array([key == kind for key in keys])) for kind in sorted(set(keys))
    )
