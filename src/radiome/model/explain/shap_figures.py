"""Shapley values of clusters, averaged over the outer folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.explain.fold_models import ask_folds
from radiome.model.explain.groups import Group
from radiome.model.explain.rank_agreement import rank_agreement, ranks_of
from radiome.model.explain.shapley import BACKGROUND, fold_shapley, require_shap
from radiome.model.ledger import Fit
from radiome.model.optimism.refits import RecipeRefit

#: What the scores are that Shapley values divide.
SCALES = {
    "binary": "probability",
    "multiclass": "probability",
    "ordinal": "probability",
    "continuous": "expected value",
    "count": "expected value",
    "survival": "log relative risk",
}


def shap_figures(
    rows: RecipeRefit,
    groups: Sequence[Group],
    *,
    folds: int,
    repeats: int,
    seed: int,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    dealt: NDArray[np.int64] | None = None,
) -> tuple[dict[str, Any], tuple[Fit, ...]]:
    """Mean absolute Shapley value of each cluster on the held-out patients of every fold.

    Parameters
    ----------
    rows : RecipeRefit
        The recipe with its rows.
    groups : sequence of Group
        The players; see `feature_groups`.
    folds, repeats, seed
        Those of the cross-validation.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with folds done and all folds.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.

    Returns
    -------
    figures : dict
        ``clusters``, the largest mean value first, ``rank_agreement`` and what they are.
    fits : tuple of Fit
        Of all folds, with the patients that were explained.

    Raises
    ------
    UserError
        If the package SHAP is not installed.
    """
    require_shap()
    question = partial(fold_shapley, groups=tuple(groups))
    asked = ask_folds(
        question,
        rows,
        folds=folds,
        repeats=repeats,
        seed=seed,
        workers=workers,
        progress=progress,
        dealt=dealt,
    )
    values = np.array(asked.answers)
    seen = np.flatnonzero((values > 0).any(axis=0))
    mean, ranks = values.mean(axis=0), ranks_of(values[:, seen]).mean(axis=0)
    of_group = {int(g): float(rank) for g, rank in zip(seen, ranks, strict=True)}
    order = sorted(of_group, key=lambda g: (-mean[g], groups[g].representative))
    figures = {
        "measure": "mean absolute Shapley value of held-out patients",
        "kind": "interventional (marginal), clusters as players",
        "scale": SCALES[rows.outcome.kind],
        "background": f"at most {BACKGROUND} training rows of the fold",
        "note": "what the model computes from its inputs; no statement about causes",
        "folds": len(values),
        "clusters": [
            {
                "representative": groups[g].representative,
                "members": list(groups[g].members),
                "mean_absolute": float(mean[g]),
                "deviation_over_folds": float(values[:, g].std(ddof=1)),
                "mean_rank": of_group[g],
            }
            for g in order
        ],
        "rank_agreement": rank_agreement(values[:, seen]),
    }
    return figures, asked.fits
