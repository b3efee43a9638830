"""Permutation importance of clusters over all outer folds, and what it is for noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from radiome.model.null.scheme import permutation_scheme
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.splits import repeated_folds

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Exchanges of each cluster in each fold.
PERMUTATIONS = 20

#: Permuted outcomes for which everything is fitted again, over the folds of one repeat.
SHUFFLES = 19

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
    """

    groups: tuple[Group, ...]
    drops: Floats
    used: Flags
    concordances: Floats
    repeats: NDArray[np.int64]

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

    Raises
    ------
    UserError
        If fewer than two folds have patients that can be compared.
    """
    if dealt is None:
        dealt = repeated_folds(rows.outcome.strata(), rows.patients, folds, repeats, seed)
    question = partial(fold_drops, groups=tuple(groups), permutations=permutations)
    answers = ask_folds(
        question,
        rows,
        folds=folds,
        repeats=repeats,
        seed=seed,
        workers=workers,
        progress=progress,
        dealt=dealt,
    )
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
    )


def importance_figures(
    rows: RecipeRefit,
    groups: Sequence[Group],
    *,
    folds: int,
    repeats: int,
    seed: int,
    strata: NDArray[np.str_] | None = None,
    shuffles: int = SHUFFLES,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    dealt: NDArray[np.int64] | None = None,
) -> dict[str, Any]:
    """Importance of every cluster, and the same after outcomes were dealt anew.

    Parameters are those of `importance_of`, and

    strata : str array (n,), optional
        Site of each row; outcomes are exchanged within a site.
    shuffles : int
        Permuted outcomes; the whole recipe is fitted again for each.

    Returns
    -------
    dict
        ``clusters``, ``concordance`` (mean of the folds), ``rank_agreement``, ``folds``,
        ``permutations``, ``unused_clusters``, and ``permuted_outcome``; see `_sanity`.
    """
    total = repeats + shuffles

    def importance(
        before: int, own: RecipeRefit, times: int, given: NDArray[np.int64] | None = None
    ) -> Importance:
        def told(done: int, _: int) -> None:
            if progress:
                progress(before * folds + done, total * folds)

        return importance_of(
            own,
            groups,
            folds=folds,
            repeats=times,
            seed=seed,
            workers=workers,
            progress=told,
            dealt=given,
        )

    true = importance(0, rows, repeats, dealt)
    scheme = permutation_scheme(len(rows.patients), strata=strata, groups=rows.patients)
    shuffled = []
    for number in range(shuffles):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, number)))
        own = replace(rows, outcome=rows.outcome.taken(scheme.draw(rng)))
        shuffled.append(importance(repeats + number, own, 1))
    return {
        "measure": "loss of concordance where a cluster is exchanged between held-out patients",
        "folds": len(true.drops),
        "permutations": PERMUTATIONS,
        "concordance": float(true.concordances.mean()),
        "clusters": true.clusters(),
        "unused_clusters": len(true.groups) - len(true.seen),
        "rank_agreement": true.agreement(),
        "permuted_outcome": _sanity(true, shuffled),
    }


def _sanity(true: Importance, shuffled: list[Importance]) -> dict[str, Any]:
    """The largest drop beside the largest ones of permuted outcomes, over the first repeat.

    ``p`` is the share of them, the true one counted in, that are as large. If it is not small,
    the list of clusters is one that noise would give as well.
    """
    largest = [each.largest_at_first for each in shuffled]
    agreements = [each.agreement().get("value") for each in shuffled]
    known = [value for value in agreements if value is not None]
    as_large = sum(value >= true.largest_at_first for value in largest)
    return {
        "shuffles": len(shuffled),
        "largest_drop": true.largest_at_first,
        "largest_drops_permuted": sorted(largest, reverse=True),
        "p": (1 + as_large) / (1 + len(shuffled)),
        "concordance_permuted": float(np.mean([each.concordances.mean() for each in shuffled])),
        "rank_agreement_permuted": float(np.mean(known)) if known else None,
    }
