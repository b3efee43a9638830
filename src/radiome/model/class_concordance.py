"""Several classes: Hand and Till's M, and each class against the rest, pairs within folds only.

M is the mean over pairs of classes i and j of (A(i|j) + A(j|i)) / 2, with A(i|j) the share of
pairs of a patient of i and one of j whom the probability of i puts in the right order. It does
not depend on how frequent the classes are. Weighed by the patients of each class, the mean of
the classes against the rest does.

Source: Hand and Till, Mach Learn 2001; 45:171; for the weights Provost and Domingos, 2000.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded, Judged, Pairs, bootstrap_weights
from radiome.model.out_of_fold import OutOfFold
from radiome.model.performance.results import UndefinedStatisticError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Bootstrap samples of patients for the intervals.
SAMPLES = 1000


def class_concordances(found: OutOfFold, *, seed: int) -> dict[str, Any]:
    """The concordance of several classes in its parts, with intervals by bootstrap of patients.

    Parameters
    ----------
    found : OutOfFold
        Probabilities (r, m, k) of m patients in r repeats.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``hand_till`` (M), ``weighted`` (mean of the classes, by their patients), and
        ``one_vs_rest``: the concordance of each class.

    Raises
    ------
    UndefinedStatisticError
        If two classes are together in no fold.
    """
    judged, codes = found.judged(), np.asarray(found.outcome.values)
    members = [codes == code for code in range(len(found.outcome.classes))]
    weights = bootstrap_weights(len(codes), SAMPLES, seed)
    once = np.ones((1, len(codes)))
    pairs = _pairs_of_classes(judged, members, once)
    if not np.isfinite(pairs).all():
        raise UndefinedStatisticError("two classes are together in no fold")
    own = np.array([part.concordance() for part in judged.parts])
    drawn = np.array([part.weighted(weights) for part in judged.parts])
    sizes = np.array([rows.sum() for rows in members])
    counts = np.array([weights[:, rows].sum(axis=1) for rows in members])
    samples = _pairs_of_classes(judged, members, weights)
    return {
        "hand_till": _bounded(pairs.mean(axis=0)[0], samples.mean(axis=0)),
        "weighted": _bounded(own @ sizes / sizes.sum(), (drawn * counts).sum(0) / counts.sum(0)),
        "one_vs_rest": {
            name: _bounded(value, sample)
            for name, value, sample in zip(found.outcome.classes, own, drawn, strict=True)
        },
    }


def _pairs_of_classes(judged: Judged, members: list[Flags], weights: Floats) -> Floats:
    """A(i|j) (k (k - 1), b) of every ordered pair of classes, for weights (b, m)."""
    ordered = permutations(range(len(members)), 2)
    return np.array([_pair(judged.parts[i], members[i], members[j], weights) for i, j in ordered])


def _pair(part: Pairs, above: Flags, below: Flags, weights: Floats) -> Floats:
    block = np.ix_(above, below)
    agree, count = part.agree[block], part.count[block]
    over = ((weights[:, above] @ agree) * weights[:, below]).sum(axis=1)
    under = ((weights[:, above] @ count) * weights[:, below]).sum(axis=1)
    # A sample that lacks a class has no such pair, and is left out of the interval.
    result: Floats = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    return result


def _bounded(value: float, samples: Floats) -> dict[str, float]:
    lower, upper = np.quantile(samples[np.isfinite(samples)], [0.025, 0.975])
    return Bounded(float(value), float(lower), float(upper)).as_dict()
