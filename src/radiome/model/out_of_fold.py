"""Predictions out of fold: of every patient by models that never saw them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Judged, judge
from radiome.model.ledger import Fit
from radiome.model.outcomes import Outcome

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class FoldRecord:
    """What one outer fold came to.

    Parameters
    ----------
    purpose : str
        Repeat and fold.
    options : mapping
        Options chosen by tuning, by step.
    selected : tuple of str
        Features that the learner saw.
    converged : bool
        Whether the learner says so; True where it does not say.
    threshold : float or None
        Score from which the training patients were best called positive (Youden), for a
        binary outcome.
    baseline : mapping or None
        ``times`` and ``values`` of the cumulative baseline hazard of the training patients, and
        the ``last`` follow-up of these, for a time to event.
    """

    purpose: str
    options: dict[str, Any]
    selected: tuple[str, ...]
    converged: bool = True
    threshold: float | None = None
    baseline: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """Predictions of patients by models that were fitted on others.

    Parameters
    ----------
    scores : float64 array (r, m) or (r, m, k)
        For r repeats and m patients, the mean over a patient's lesions; NaN where not
        predicted.
    folds : int64 array (r, m)
        Fold of each patient.
    patients : str array (m,)
        In the order of their first rows.
    first_rows : int64 array (m,)
        First row of each patient.
    outcome : Outcome
        Of the m patients.
    records : tuple of FoldRecord
        One for each fold of each repeat.
    fits : tuple of Fit
        The ledger.
    """

    scores: Floats
    folds: NDArray[np.int64]
    patients: Texts
    first_rows: NDArray[np.int64]
    outcome: Outcome
    records: tuple[FoldRecord, ...] = ()
    fits: tuple[Fit, ...] = field(default=(), repr=False)

    def judged(self, repeats: int | None = None) -> Judged:
        """The scores of all or the first repeats beside the outcome."""
        return judge(self.outcome, self.scores[:repeats], self.folds[:repeats])

    @property
    def decisions(self) -> NDArray[np.bool_] | None:
        """Who is called positive (r, m) by the threshold of the training patients."""
        thresholds = [record.threshold for record in self.records]
        if any(threshold is None for threshold in thresholds):
            return None
        called = np.zeros(self.scores.shape, np.bool_)
        remaining = iter(thresholds)
        for repeat, folds in enumerate(self.folds):
            for fold in np.unique(folds):
                rows = folds == fold
                called[repeat, rows] = self.scores[repeat, rows] >= next(remaining)
        return called

    def mean_scores(self) -> Floats:
        """Scores averaged over the repeats (m,) or (m, k)."""
        mean: Floats = np.nanmean(self.scores, axis=0)
        return mean


def by_patient(scores: Floats, number: NDArray[np.int64], n_patients: int) -> Floats:
    """Mean score of the lesions of each patient.

    Parameters
    ----------
    scores : float64 array (n,) or (n, k)
        Of every lesion; NaN where not predicted.
    number : int64 array (n,)
        Patient of every lesion, from 0.
    n_patients : int
        Number of patients m.

    Returns
    -------
    float64 array (m,) or (m, k)
        NaN for a patient with a lesion that was not predicted.
    """
    if n_patients == len(scores):
        return scores
    total = np.zeros((n_patients, *scores.shape[1:]))
    np.add.at(total, number, scores)
    count = np.bincount(number, minlength=n_patients)
    mean: Floats = total / count.reshape(-1, *[1] * (scores.ndim - 1))
    return mean
