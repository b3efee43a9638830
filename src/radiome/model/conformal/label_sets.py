"""Sets of labels by cross-conformal prediction, calibrated for each class on its own.

A label stays in the set of a patient if the model finds it no stranger than it found enough
patients who have it: with S = 1 − probability of the label, and over the n calibrating patients
j of the class, each by the model without their fold, p = (1 + #{j : S_j ≥ S(i)}) / (n + 1), and
the label stays where p > α. Classes on their own (label-conditional, or Mondrian): else a rare
class could be missed every time while the whole is covered.

Source: Vovk, Ann Math Artif Intell 2015; 74:9; Romano, Sesia and Candès, NeurIPS 2020; for the
classes Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, section 4.5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ROUNDING = 1e-9


def label_sets(codes: Rows, chances: Floats, folds: Rows, level: float) -> Flags:
    """Labels (m, k) in the set of every patient, calibrated by the patients of other folds.

    Parameters
    ----------
    codes : int64 array (m,)
        True classes, 0 to k - 1.
    chances : float64 array (K, m, k)
        Probabilities, as in `TwiceLeftOut`: of models that saw neither fold l nor the
        patient's own fold.
    folds : int64 array (m,)
        Fold of each patient.
    level : float
        Level 1 − α.
    """
    # 1 - 0.9 is a little less than 0.1: a p of 0.1 is not above it.
    return label_p_values(codes, chances, folds) > 1 - level + _ROUNDING


def label_p_values(codes: Rows, chances: Floats, folds: Rows) -> Floats:
    """How well each label (m, k) fits each patient: the p of the module's text."""
    found = np.empty(chances.shape[1:])
    for fold in np.unique(folds):
        rows = np.flatnonzero(folds == fold)
        for label in range(chances.shape[2]):
            peers = np.flatnonzero((folds != fold) & (codes == label))
            strange = 1 - chances[fold, peers, label]
            own = 1 - chances[np.ix_(folds[peers], rows)][..., label]
            as_strange = (strange[:, None] >= own).sum(axis=0)
            found[rows, label] = (1 + as_strange) / (len(peers) + 1)
    return found


def both_chances(scores: Floats) -> Floats:
    """Probabilities (..., 2) of both classes, from those of the second (...)."""
    return np.stack([1 - scores, scores], axis=-1)
