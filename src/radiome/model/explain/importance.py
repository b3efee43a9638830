"""Permutation importance of clusters over all outer folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.crossvalidation import jobs_of
from radiome.model.explain.fold_models import ask_folds
from radiome.model.explain.groups import Group
from radiome.model.explain.permutation import fold_drops
from radiome.model.explain.rank_agreement import rank_agreement, ranks_of
from radiome.model.ledger import Fit
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.splits import repeated_folds

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Exchanges of each cluster in each fold.
PERMUTATIONS = 20

#: A cluster is counted as high in a fold among so many first ones.
HIGH = 5


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """Loss of concordance by cluster and fold.

    Parameters
    ----------
    groups : tuple of Group
        The g clusters.
    drops : float64 array (f, g)
        Of the folds whose patients can be compared.
    used : bool array (f, g)
        Whether the model of the fold sees any member.
    concordances : float64 array (f,)
        Before anything is exchanged.
    repeats : int64 array (f,)
        Repeat of each fold, from 0.
    fits : tuple of Fit
        Of all folds, with the patients that were exchanged.
    """

    groups: tuple[Group, ...]
    drops: Floats
    used: Flags
    concordances: Floats
    repeats: NDArray[np.int64]
    fits: tuple[Fit, ...] = ()

    @property
    def seen(self) -> NDArray[np.intp]:
        """Clusters that some fold uses: all others are 0 everywhere, and agree in nothing else."""
        return np.flatnonzero(self.used.any(axis=0))

    @property
    def largest_at_first(self) -> float:
        """Largest mean drop of any cluster over the folds of the first repeat."""
        return float(self.drops[self.repeats == self.repeats[0]].mean(axis=0).max())

    def clusters(self) -> list[dict[str, Any]]:
        """One entry for each cluster that some fold uses, the largest mean drop first."""
        seen, mean = self.seen, self.drops.mean(axis=0)
        ranks = dict(zip(seen.tolist(), ranks_of(self.drops[:, seen]).T, strict=True))
        order = sorted(seen.tolist(), key=lambda g: (-mean[g], self.groups[g].representative))
        return [
            {
                "representative": self.groups[g].representative,
                "members": list(self.groups[g].members),
                "drop": float(mean[g]),
                "deviation_over_folds": float(self.drops[:, g].std(ddof=1)),
                "folds_used": float(self.used[:, g].mean()),
                "mean_rank": float(ranks[g].mean()),
                f"folds_among_first_{HIGH}": float((ranks[g] <= HIGH).mean()),
            }
            for g in order
        ]

    def agreement(self) -> dict[str, Any]:
        """Agreement of the folds over the clusters that some fold uses."""
        return rank_agreement(self.drops[:, self.seen])


def importance_of(
    rows: RecipeRefit,
    groups: Sequence[Group],
    *,
    folds: int,
    repeats: int,
    seed: int,
    permutations: int = PERMUTATIONS,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    dealt: NDArray[np.int64] | None = None,
    purpose: str = "",
) -> Importance:
    """Exchange each cluster among the held-out patients of every outer fold.

    Parameters
    ----------
    rows : RecipeRefit
        The recipe with its rows.
    groups : sequence of Group
        See `feature_groups`.
    folds, repeats, seed
        Those of the cross-validation, so that the models are those that were judged.
    permutations : int
        Exchanges of each cluster in each fold.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with folds done and all folds.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.
    purpose : str, optional
        What the ledger says before repeat and fold.

    Raises
    ------
    UserError
        If fewer than two folds have patients that can be compared.
    """
    if dealt is None:
        dealt = repeated_folds(rows.outcome.strata(), rows.patients, folds, repeats, seed)
    question = partial(fold_drops, groups=tuple(groups), permutations=permutations)
    asked = ask_folds(
        question,
        rows,
        folds=folds,
        repeats=repeats,
        seed=seed,
        workers=workers,
        progress=progress,
        dealt=dealt,
        purpose=purpose,
    )
    answers = asked.answers
    repeat_of = [repeat for repeat, _, _ in jobs_of(dealt, seed)]
    found = [answer for answer in answers if answer is not None]
    if len(found) < 2:
        raise UserError(
            "fewer than two folds have patients that can be compared",
            do="set fewer folds in validation.folds, or bring more patients",
        )
    return Importance(
        tuple(groups),
        np.array([answer.drops for answer in found]),
        np.array([answer.used for answer in found]),
        np.array([answer.concordance for answer in found]),
        np.array([r for r, answer in zip(repeat_of, answers, strict=True) if answer is not None]),
        asked.fits,
    )
