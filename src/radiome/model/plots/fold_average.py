"""ROC curves averaged over folds: scores of different folds are never compared.

The curve at a false-positive rate u is the mean of the sensitivities that the folds have at u
(vertical averaging, Fawcett, Pattern Recognit Lett 2006; 27:861), each fold weighted by its
pairs of an event and a non-event. So the area under it is the concordance of
`radiome.model.concordance`, but for the width of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.model.out_of_fold import OutOfFold

Floats = NDArray[np.float64]

#: False-positive rates at which folds are averaged.
GRID = np.linspace(0, 1, 101)
#: Bootstrap samples that the band rests on, at most.
SAMPLES = 500


@dataclass(frozen=True, slots=True, eq=False)
class AveragedRoc:
    """Sensitivity (g,) at the rates of the grid, with a pointwise 95 % band and its samples."""

    sensitivity: Floats
    lower: Floats
    upper: Floats
    samples: int


def averaged_roc(
    found: OutOfFold, positive: NDArray[np.bool_], scores: Floats, weights: Floats
) -> AveragedRoc | None:
    """Average the ROC curves of the folds of all repeats.

    Parameters
    ----------
    found : OutOfFold
        Whose folds count.
    positive : bool array (m,)
        Patients that have the event.
    scores : float64 array (r, m)
        Out-of-fold scores; NaN where not predicted.
    weights : float64 array (b, m)
        Bootstrap samples, of which the first `SAMPLES` are used.

    Returns
    -------
    AveragedRoc or None
        None if no fold has both classes.
    """
    weighted = np.vstack([np.ones(len(positive)), weights[:SAMPLES]])
    total, pairs = np.zeros((len(weighted), len(GRID))), np.zeros(len(weighted))
    for score, folds in zip(scores, found.folds, strict=True):
        for fold in np.unique(folds):
            rows = np.flatnonzero((folds == fold) & np.isfinite(score))
            curves, counts = _curves(positive[rows], score[rows], weighted[:, rows])
            total += counts[:, None] * curves
            pairs += counts
    if pairs[0] == 0:
        return None
    usable = np.flatnonzero(pairs[1:] > 0) + 1
    curves = total[usable] / pairs[usable, None]
    lower, upper = np.quantile(curves, [0.025, 0.975], axis=0)
    return AveragedRoc(total[0] / pairs[0], lower, upper, len(usable))


def _curves(positive: NDArray[np.bool_], score: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sensitivity (b, g) of one fold in each sample, and its number of pairs (b,)."""
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)[: len(order)]
    true = np.cumsum(weights[:, order] * positive[order], axis=1)[:, last]
    false = np.cumsum(weights[:, order] * ~positive[order], axis=1)[:, last]
    curves, pairs = np.zeros((len(weights), len(GRID))), np.zeros(len(weights))
    if not len(order):
        return curves, pairs
    pairs = true[:, -1] * false[:, -1]
    for sample in np.flatnonzero(pairs > 0):
        rate = np.append(0, false[sample] / false[sample, -1])
        sensitivity = np.append(0, true[sample] / true[sample, -1])
        # A curve rises at its corners: a rate of the grid on a corner counts as past it.
        curves[sample] = np.interp(GRID + 1e-9, rate, sensitivity)
    return curves, pairs
