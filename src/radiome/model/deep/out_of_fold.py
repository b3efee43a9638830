"""Networks out of fold: on the very folds of the features, several from different seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import judge
from radiome.model.crossvalidation import gathered, outer_jobs, purpose_of
from radiome.model.deep.estimators import CropClassifier, CropRegressor, CropSurvival
from radiome.model.deep.options import Training
from radiome.model.learners.catalogue import scores as scores_of
from radiome.model.ledger import Fit, patients_hash, require_apart
from radiome.model.out_of_fold import FoldRecord, OutOfFold
from radiome.model.outcomes import Outcome
from radiome.model.parallel import in_parallel
from radiome.model.splits import Split, patient_index

Floats = NDArray[np.float64]

_ESTIMATORS: dict[str, Any] = {
    "binary": CropClassifier,
    "multiclass": CropClassifier,
    "ordinal": CropClassifier,
    "continuous": CropRegressor,
    "count": CropRegressor,
    "survival": CropSurvival,
}


@dataclass(frozen=True, slots=True, eq=False)
class CropRows:
    """What networks see of n rows.

    Parameters
    ----------
    images : float32 array (n, c, z, y, x)
        Crops.
    outcome : Outcome
        All known.
    patients : str array (n,)
        Patient of each row.
    """

    images: NDArray[np.float32]
    outcome: Outcome
    patients: NDArray[np.str_]

    def with_permuted_outcome(self, seed: int) -> CropRows:
        """The same crops with the outcomes dealt anew among the patients."""
        first, number = patient_index(self.patients)
        order = np.random.default_rng(seed).permutation(len(first))
        return replace(self, outcome=self.outcome.taken(first[order][number]))


def cross_validate_network(
    network: str,
    rows: CropRows,
    training: Training,
    *,
    member: int,
    folds: int,
    repeats: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> OutOfFold:
    """Predict every patient out of fold by networks of one seed.

    Parameters
    ----------
    network : str
        ``cnn`` or ``gru``.
    rows : CropRows
        Crops with their outcomes.
    training : Training
        How.
    member : int
        Number of the seed, from 1.
    folds, repeats, seed
        As for the features: the folds are theirs.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with fits done and all fits.
    """
    dealt, jobs = outer_jobs(rows.outcome, rows.patients, folds=folds, repeats=repeats, seed=seed)
    calls = [
        (network, rows, training, split, fold_seed, member, purpose_of(repeat, split))
        for repeat, split, fold_seed in jobs
    ]
    found = in_parallel(one_network, calls, workers=workers, progress=progress)
    return gathered(jobs, found, dealt, rows.outcome, rows.patients)


def one_network(
    network: str,
    rows: CropRows,
    training: Training,
    split: Split,
    fold_seed: int,
    member: int,
    purpose: str,
) -> tuple[Floats, FoldRecord, list[Fit]]:
    """Train on the training rows of a split, score its test rows; refuse patients in both."""
    outcome, learned = rows.outcome, rows.outcome.taken(split.train)
    groups = rows.patients[split.train]
    seed = int(np.random.SeedSequence(fold_seed, spawn_key=(member,)).generate_state(1)[0])
    options = training.model_dump()
    model = _ESTIMATORS[outcome.kind](network, random_state=seed, **options)
    model.fit(rows.images[split.train], learned.values, groups)
    require_apart(groups.tolist(), rows.patients[split.test].tolist(), what="a network")
    n_classes = len(outcome.classes) or None
    scores = scores_of(model, rows.images[split.test], outcome.kind, n_classes=n_classes)
    fitted = scores_of(model, rows.images[split.train], outcome.kind, n_classes=n_classes)
    one_fold = np.zeros((1, len(groups)), np.int64)
    told = {
        "seed": member,
        "weights": model.n_weights_,
        "epochs": model.n_epochs_,
        "held_rows": model.n_held_,
        "training_concordance": judge(learned, fitted[None], one_fold).concordance(),
    }
    n = len(set(groups.tolist()))
    step = f"{network}, seed {member}"
    fit = Fit(step, purpose, n, patients_hash(groups.tolist()), saw_outcome=True, options=options)
    return scores, FoldRecord(purpose, told, (), model.stopped_early_), [fit]


def averaged(members: Sequence[OutOfFold]) -> OutOfFold:
    """The mean score of networks of several seeds, with the records and fits of all."""
    scores: Floats = np.mean([member.scores for member in members], axis=0)
    return replace(
        members[0],
        scores=scores,
        records=tuple(record for member in members for record in member.records),
        fits=tuple(fit for member in members for fit in member.fits),
    )
