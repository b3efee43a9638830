"""Is there more than the scanner: outcomes dealt again among patients scanned alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded
from radiome.model.out_of_fold import OutOfFold

#: Patients of each combination of acquisition facts, on average, for the facts to be strata.
_FEWEST = 5

#: Strata by predicted outcome where there are too many combinations.
_PARTS = 5


def must_be_told_apart(alone: Bounded | None, gain: Bounded | None) -> bool:
    """Whether the acquisition alone predicts the outcome, and the features seem to beat it.

    Only then the answer depends on the test within strata: it takes as long as the null of
    the whole pipeline.
    """
    return alone is not None and gain is not None and alone.lower > 0.5 and gain.lower > 0


def acquisition_strata(
    values: NDArray[np.float64],
    patients: NDArray[np.str_],
    alone: OutOfFold,
    sites: NDArray[np.str_] | None = None,
) -> NDArray[np.str_]:
    """Stratum of each row: patients scanned alike, at one site.

    Parameters
    ----------
    values : float64 array (n, q)
        Acquisition facts of each row; those of a patient's first row count.
    patients : str array (n,)
        Patient of each row.
    alone : OutOfFold
        Predictions by the acquisition alone, one for each patient.
    sites : str array (n,), optional
        Site of each row.

    Returns
    -------
    str array (n,)
        Each combination of facts is a stratum if 5 patients share one on average; otherwise
        patients are taken together by fifths of the outcome that their acquisition predicts
        for them, out of fold, or by the class.

    Notes
    -----
    If features tell nothing of the outcome but through the acquisition, outcomes within a
    stratum are exchangeable, and permuting them leaves the distribution of any statistic as
    it is (for fifths: nearly so, as for strata of a propensity score, Rosenbaum and Rubin 1984).
    """
    names, first, place = np.unique(patients, return_index=True, return_inverse=True)
    # Rows with NaN never equal each other, and an unknown fact is the same unknown fact.
    known = np.nan_to_num(values[first], nan=np.inf)
    labels = np.unique(known, axis=0, return_inverse=True)[1].ravel()
    if len(names) < _FEWEST * (int(labels.max()) + 1):
        told = dict(zip(alone.patients.tolist(), _parts(alone.mean_scores()), strict=True))
        labels = np.array([told[name] for name in names.tolist()])
    strata = labels[place].astype(str)
    if sites is None:
        return np.asarray(strata, np.str_)
    return np.array([f"{site} {label}" for site, label in zip(sites, strata, strict=True)])


def _parts(scores: NDArray[np.float64]) -> list[int]:
    """Fifths of the scores (m,), or the likeliest class of (m, k)."""
    if scores.ndim == 2:
        return [int(place) for place in scores.argmax(axis=1)]
    limits = np.quantile(scores, np.arange(1, _PARTS) / _PARTS)
    return [int(place) for place in np.searchsorted(limits, scores, side="right")]
