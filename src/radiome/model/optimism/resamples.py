"""Bootstrap samples of whole patients, and what the models fitted on them say of everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import UserError
from radiome.model.optimism.refits import Floats, Refit, Rows
from radiome.model.outcomes import Outcome
from radiome.model.parallel import in_parallel
from radiome.model.splits import patient_index

#: Draws of one sample before it is taken for impossible.
_MOST_DRAWS = 1000

_CLASSES = ("binary", "multiclass", "ordinal")


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What one model says of m patients.

    Parameters
    ----------
    scores : float64 array (m,) or (m, k)
        Mean over the rows of a patient.
    labels : float64 array (m, k) or None
        Share of a patient's rows that are called each class; None where there are no classes.
    """

    scores: Floats
    labels: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """A procedure fitted on all patients, and on B bootstrap samples of them.

    Parameters
    ----------
    outcome : Outcome
        Of the m patients.
    apparent : Predictions
        By the model of all patients.
    counts : int64 array (B, m)
        How often each patient is in each sample.
    predictions : tuple of Predictions
        By the model of each sample, for all m patients.
    redrawn : int
        Samples drawn again, for they had not two patients of each class, or with the event.
    """

    outcome: Outcome
    apparent: Predictions
    counts: Rows
    predictions: tuple[Predictions, ...]
    redrawn: int


def resample(
    procedure: Refit,
    *,
    samples: int = 200,
    seed: int,
    strata: ArrayLike | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Resampled:
    """Fit a whole procedure on bootstrap samples of patients; all rows of a patient go along.

    Parameters
    ----------
    procedure : Refit
        `RecipeRefit` or `EstimatorRefit`.
    samples : int
        B, 200 or so.
    seed : int
        Sample b depends on it and on b alone.
    strata : array (n,), optional
        Stratum of each row: patients are drawn within strata, such as classes or sites.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with fits done and all fits.

    Raises
    ------
    UserError
        If an outcome is not known, or samples with two patients of each class do not come.
    """
    if not procedure.outcome.known.all():
        raise UserError("a patient without outcome cannot be resampled", do="leave those rows out")
    first, number = patient_index(procedure.patients)
    outcome = procedure.outcome.taken(first)
    of_patient = np.zeros(len(first)) if strata is None else np.asarray(strata)[first]
    drawn = [_draw(outcome, of_patient, seed, sample) for sample in range(samples)]
    counts = np.array([count for count, _ in drawn], np.int64)
    jobs = [np.ones(len(first), np.int64), *counts]
    seeds = [_seed(seed, 1, place) for place in range(len(jobs))]
    work = [(procedure, count[number], number, own) for count, own in zip(jobs, seeds, strict=True)]
    apparent, *predictions = in_parallel(_predicted, work, workers=workers, progress=progress)
    return Resampled(
        outcome, apparent, counts, tuple(predictions), sum(again for _, again in drawn)
    )


def _draw(outcome: Outcome, strata: NDArray[Any], seed: int, sample: int) -> tuple[Rows, int]:
    """How often each patient is drawn (m,), and how many draws had to be thrown away."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, sample)))
    groups = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    for again in range(_MOST_DRAWS):
        drawn = np.concatenate([rng.choice(group, group.size) for group in groups])
        counts = np.bincount(drawn, minlength=len(outcome))
        if _usable(outcome, counts > 0):
            return counts.astype(np.int64), again
    raise UserError(
        "bootstrap samples with two patients of each class do not come",
        expected="a few patients of each class, or with the event",
        do="draw within the classes (strata), merge classes, or bring more patients",
    )


def _usable(outcome: Outcome, drawn: NDArray[np.bool_]) -> bool:
    values = outcome.values[drawn]
    if outcome.kind == "survival":
        return int(values["event"].sum()) >= 2
    if outcome.classes:
        present = np.unique(outcome.values)
        return all(int((values == code).sum()) >= 2 for code in present)
    return np.unique(values).size >= 2


def _predicted(procedure: Refit, counts: Rows, number: Rows, seed: int) -> Predictions:
    """Fit on each row as often as it counts (n,); predict the patients that `number` names."""
    model = procedure.fit(np.repeat(np.arange(len(counts)), counts), seed)
    scores = _by_patient(model.scores(), number)
    if procedure.outcome.kind not in _CLASSES:
        return Predictions(scores, None)
    codes = np.arange(len(procedure.outcome.classes))
    called = np.asarray(model.labels())[:, None] == codes
    return Predictions(scores, _by_patient(called.astype(np.float64), number))


def _by_patient(values: Floats, number: Rows) -> Floats:
    """Mean over the rows of each patient."""
    size = np.bincount(number)
    total = np.zeros((size.size, *values.shape[1:]))
    np.add.at(total, number, values)
    mean: Floats = total / size.reshape(-1, *[1] * (values.ndim - 1))
    return mean


def _seed(seed: int, *key: int) -> int:
    return int(np.random.SeedSequence(seed, spawn_key=key).generate_state(1)[0])
