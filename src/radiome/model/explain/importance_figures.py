"""Importance of clusters in figures, and what it is for noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.explain.groups import Group
from radiome.model.explain.importance import PERMUTATIONS, Importance, importance_of
from radiome.model.ledger import Fit
from radiome.model.null.scheme import permutation_scheme
from radiome.model.optimism.refits import RecipeRefit

#: Permuted outcomes for which everything is fitted again, over the folds of one repeat.
SHUFFLES = 19


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
) -> tuple[dict[str, Any], tuple[Fit, ...]]:
    """Importance of every cluster, and the same after outcomes were dealt anew.

    Parameters are those of `importance_of`, and

    strata : str array (n,), optional
        Site of each row; outcomes are exchanged within a site.
    shuffles : int
        Permuted outcomes; the whole recipe is fitted again for each.

    Returns
    -------
    figures : dict
        ``clusters``, ``concordance`` (mean of the folds), ``rank_agreement``, ``folds``,
        ``permutations``, ``unused_clusters``, and ``permuted_outcome``; see `_sanity`.
    fits : tuple of Fit
        All of them, those to permuted outcomes too.
    """
    total = repeats + shuffles

    def importance(
        before: int,
        own: RecipeRefit,
        times: int,
        given: NDArray[np.int64] | None = None,
        purpose: str = "",
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
            purpose=purpose,
        )

    true = importance(0, rows, repeats, dealt)
    scheme = permutation_scheme(len(rows.patients), strata=strata, groups=rows.patients)
    shuffled = []
    for number in range(shuffles):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2, number)))
        own = replace(rows, outcome=rows.outcome.taken(scheme.draw(rng)))
        purpose = f"permuted outcome {number + 1}, "
        shuffled.append(importance(repeats + number, own, 1, purpose=purpose))
    figures = {
        "measure": "loss of concordance where a cluster is exchanged between held-out patients",
        "folds": len(true.drops),
        "permutations": PERMUTATIONS,
        "concordance": float(true.concordances.mean()),
        "clusters": true.clusters(),
        "unused_clusters": len(true.groups) - len(true.seen),
        "rank_agreement": true.agreement(),
        "permuted_outcome": _sanity(true, shuffled),
    }
    return figures, tuple(fit for each in (true, *shuffled) for fit in each.fits)


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
