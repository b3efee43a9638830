"""Which features the folds selected, how often, and how much they agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from radiome.model.out_of_fold import OutOfFold
from radiome.select.agreement import selection_stability


def selection_of(found: OutOfFold, names: Sequence[str], selects: bool) -> dict[str, Any]:
    """Frequency of every feature that a fold selected, and the stability of the selection.

    Parameters
    ----------
    found : OutOfFold
        With the selection of each fold of each repeat.
    names : sequence of str
        All features.
    selects : bool
        Whether the recipe has a selector at all.

    Returns
    -------
    dict
        ``stability`` (Nogueira's index with its interval, or the reason for none),
        ``distinct``, ``frequency`` (feature to share of folds, the most frequent first).
    """
    place = {name: number for number, name in enumerate(names)}
    chosen = np.zeros((len(found.records), len(names)), np.bool_)
    for row, record in enumerate(found.records):
        chosen[row, [place[name] for name in record.selected]] = True
    share = chosen.mean(axis=0)
    order = [int(j) for j in np.argsort(-share, kind="stable") if share[j] > 0]
    return {
        "stability": _stability(chosen) if selects else None,
        "distinct": len(order),
        "frequency": {names[j]: float(share[j]) for j in order},
    }


def _stability(chosen: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> dict[str, Any]:
    found = selection_stability(chosen)
    if found.value is None or found.low is None or found.high is None:
        return {"reason": found.reason or "not defined"}
    return {"value": found.value, "lower": found.low, "upper": min(found.high, 1.0)}
