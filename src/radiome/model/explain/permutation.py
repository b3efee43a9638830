"""Loss of concordance where the features of a group are exchanged between patients.

The members of a group are exchanged together, and all rows of a patient with those of one
other: what is left unbroken is how members go with each other, what is broken is how they go
with the outcome and with all other features. Only held-out patients are exchanged, and what is
exchanged are the values as the model sees them: filled, harmonised and scaled, so that no value
is harmonised as if it came from the scanner of another patient.

Source: Breiman, Mach Learn 2001; 45:5, section 10; for groups Gregorutti, Michel and
Saint-Pierre, Comput Stat Data Anal 2015; 90:15.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.model.explain.fold_models import FoldModel
from radiome.model.explain.groups import Group, columns_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FoldDrops:
    """What one fold loses.

    Parameters
    ----------
    concordance : float
        Of the held-out patients as they are.
    drops : float64 array (g,)
        Concordance less its mean over permutations, for each group; exactly 0 for a group
        of which nothing was selected.
    used : bool array (g,)
        Whether the model sees any member.
    """

    concordance: float
    drops: Floats
    used: NDArray[np.bool_]


def fold_drops(fold: FoldModel, groups: Sequence[Group], permutations: int) -> FoldDrops | None:
    """Permute every group among the held-out patients of a fold.

    Parameters
    ----------
    fold : FoldModel
        The model and its held-out rows.
    groups : sequence of Group
        Features permuted together.
    permutations : int
        How often; the same exchanges for every group.

    Returns
    -------
    FoldDrops or None
        None where no two held-out patients can be compared.
    """
    if not fold.comparable:
        return None
    inputs = fold.model.inputs(fold.held_out)
    whole = fold.concordance(fold.score(inputs)[None])
    rng = np.random.default_rng(np.random.SeedSequence(fold.seed, spawn_key=(1,)))
    donors = np.array([exchanged_rows(fold.number, rng) for _ in range(permutations)])
    columns = columns_of(groups, fold.model.selected)
    drops = [_drop(fold, inputs, own, donors, whole) if own else 0.0 for own in columns]
    return FoldDrops(whole, np.array(drops), np.array([bool(own) for own in columns]))


def exchanged_rows(number: Rows, rng: np.random.Generator) -> Rows:
    """For each row (n,) the row whose values it gets: patients are permuted as wholes.

    Parameters
    ----------
    number : int64 array (n,)
        Patient of each row, 0 to m - 1.
    rng : Generator
        Where the permutation comes from.

    Notes
    -----
    The k-th lesion of a patient gets the k-th of the other; where the other has fewer, they
    are gone through again from the first.
    """
    order = np.argsort(number, kind="stable")
    count = np.bincount(number)
    start = np.cumsum(count) - count
    within = np.empty(len(number), np.int64)
    within[order] = np.arange(len(number)) - start[number[order]]
    donor = rng.permutation(len(count))[number]
    return np.asarray(order[start[donor] + within % count[donor]], np.int64)


def _drop(fold: FoldModel, inputs: Floats, columns: list[int], donors: Rows, whole: float) -> float:
    stacked = np.tile(inputs, (len(donors), 1))
    stacked[:, columns] = inputs[donors.ravel()][:, columns]
    scores = fold.score(stacked)
    # Equal numbers of pairs in each permutation: their common concordance is the mean.
    return whole - fold.concordance(scores.reshape(*donors.shape, *scores.shape[1:]))
