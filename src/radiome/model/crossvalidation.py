"""Repeated nested cross-validation: every patient predicted by models that never saw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.learners.survival import CumulativeHazard
from radiome.model.ledger import Fit, judging
from radiome.model.out_of_fold import FoldRecord, OutOfFold, by_patient
from radiome.model.outcomes import Outcome
from radiome.model.parallel import in_parallel
from radiome.model.performance.thresholds import youden_threshold
from radiome.model.preparation import Design
from radiome.model.recipe import Recipe
from radiome.model.splits import (
    Split,
    leave_one_site_out,
    patient_index,
    repeated_folds,
    splits_of,
)
from radiome.model.tuning import fit_recipe

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]

#: Repeat (from 0), split and seed of one outer fold.
Job = tuple[int, Split, int]


def cross_validate(
    recipe: Recipe,
    design: Design,
    outcome: Outcome,
    patients: Texts,
    *,
    folds: int,
    repeats: int,
    inner_folds: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    dealt: NDArray[np.int64] | None = None,
) -> OutOfFold:
    """Predict every patient out of fold, in every repeat.

    Parameters
    ----------
    recipe : Recipe
        Everything that learns; refitted on the training patients of each fold.
    design, outcome, patients
        n rows, all outcomes known.
    folds, repeats, inner_folds : int
        Outer folds, how often they are dealt, inner folds for tuning.
    seed : int
        Of the folds and of the steps.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with fits done and all fits.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.
    """
    if dealt is None:
        dealt = repeated_folds(outcome.strata(), patients, folds, repeats, seed)
    jobs = jobs_of(dealt, seed)
    found = _run(recipe, design, outcome, patients, jobs, inner_folds, workers, progress)
    return gathered(jobs, found, dealt, outcome, patients)


def outer_jobs(
    outcome: Outcome, patients: Texts, *, folds: int, repeats: int, seed: int
) -> tuple[NDArray[np.int64], list[Job]]:
    """Fold of every row in every repeat (r, n), and the job of each fold.

    More repeats leave the first ones as they are.
    """
    dealt = repeated_folds(outcome.strata(), patients, folds, repeats, seed)
    return dealt, jobs_of(dealt, seed)


def jobs_of(dealt: NDArray[np.int64], seed: int) -> list[Job]:
    """Repeat, split and seed of each fold of dealt folds (r, n)."""
    return [
        (repeat, split, _seed(seed, repeat, place))
        for repeat, folds in enumerate(dealt)
        for place, split in enumerate(splits_of(folds))
    ]


def leave_sites_out(
    recipe: Recipe,
    design: Design,
    outcome: Outcome,
    patients: Texts,
    sites: Texts,
    *,
    inner_folds: int,
    seed: int,
    workers: int = 1,
) -> OutOfFold:
    """Predict the patients of each site by models of all other sites.

    Parameters are those of `cross_validate`; `sites` (n,) is the same for all rows of a
    patient. Sites stand in for folds.
    """
    codes = np.unique(sites, return_inverse=True)[1]
    jobs = [
        (0, split, _seed(seed, 0, place)) for place, split in enumerate(leave_one_site_out(sites))
    ]
    found = [
        (scores, record, _judging(fits, patients, split))
        for (scores, record, fits), (_, split, _) in zip(
            _run(recipe, design, outcome, patients, jobs, inner_folds, workers, None),
            jobs,
            strict=True,
        )
    ]
    return gathered(jobs, found, np.asarray([codes], np.int64), outcome, patients)


def _judging(fits: list[Fit], patients: Texts, split: Split) -> list[Fit]:
    """The fits with the patients of a site, who are in no file of predictions."""
    seen, judged = patients[split.train].tolist(), patients[split.test].tolist()
    return list(judging(fits, seen, judged))


def gathered(
    jobs: Sequence[Job],
    found: Sequence[tuple[Floats, FoldRecord, list[Fit]]],
    dealt: NDArray[np.int64],
    outcome: Outcome,
    patients: Texts,
) -> OutOfFold:
    """What the jobs found, put together by patient."""
    scores = np.full((*dealt.shape, *found[0][0].shape[1:]), np.nan)
    for (repeat, split, _), (score, _, _) in zip(jobs, found, strict=True):
        scores[repeat, split.test] = score
    first, number = patient_index(patients)
    return OutOfFold(
        np.array([by_patient(score, number, len(first)) for score in scores]),
        dealt[:, first],
        patients[first],
        first,
        outcome.taken(first),
        tuple(record for _, record, _ in found),
        tuple(fit for _, _, fits in found for fit in fits),
    )


def _run(
    recipe: Recipe,
    design: Design,
    outcome: Outcome,
    patients: Texts,
    jobs: Sequence[Job],
    inner_folds: int,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> list[tuple[Floats, FoldRecord, list[Fit]]]:
    calls = [
        (recipe, design, outcome, patients, split, inner_folds, seed, purpose_of(repeat, split))
        for repeat, split, seed in jobs
    ]
    return in_parallel(one_split, calls, workers=workers, progress=progress)


def purpose_of(repeat: int, split: Split) -> str:
    """What the fits of a job are for, as ledger and predictions call it."""
    return f"repeat {repeat + 1}, {split.name}"


def one_split(
    recipe: Recipe,
    design: Design,
    outcome: Outcome,
    patients: Texts,
    split: Split,
    inner_folds: int,
    seed: int,
    purpose: str,
) -> tuple[Floats, FoldRecord, list[Fit]]:
    """Fit on the training rows of a split, score its test rows; refuse if a patient is in both."""
    model = fit_recipe(
        recipe,
        design.taken(split.train),
        outcome.taken(split.train),
        patients[split.train],
        inner_folds=inner_folds,
        seed=seed,
    )
    scores = model.judged_scores(design.taken(split.test), patients[split.test])
    threshold = None
    if outcome.kind == "binary":
        training = model.scores(design.taken(split.train))
        threshold = youden_threshold(outcome.values[split.train], training).value
    record = FoldRecord(
        purpose,
        recipe.named(model.choice),
        model.selected,
        bool(getattr(model.learner, "converged_", True)),
        threshold,
        _baseline(model.learner),
    )
    return scores, record, model.fits(purpose)


def _baseline(learner: Any) -> dict[str, Any] | None:
    hazard = getattr(learner, "baseline_", None)
    if not isinstance(hazard, CumulativeHazard):
        return None
    return {"times": hazard.times.tolist(), "values": hazard.values.tolist(), "last": hazard.last}


def _seed(seed: int, repeat: int, place: int) -> int:
    """A seed of its own for each fold; the same for any number of repeats and workers."""
    sequence = np.random.SeedSequence(seed, spawn_key=(repeat, place))
    return int(sequence.generate_state(1)[0])
