"""Why cells of a table of changes are empty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radiome.model.response.changes import NO_BASELINE, NO_FOLLOW_UP, REASONS, Changes
from radiome.model.response.options import PREFIXES, ChangeKind
from radiome.model.response.scan_table import ScanTable


def baseline_nulls(
    table: ScanTable, cases: Sequence[str], first: NDArray[np.intp]
) -> list[dict[str, str]]:
    """Empty values at baseline; `first` has the row of the baseline of each pair."""
    return [
        {
            "case": cases[pair],
            "tag": table.names[place],
            "reason": f"not applicable: {REASONS[NO_BASELINE]}"
            + _told(table, int(first[pair]), table.names[place]),
        }
        for pair, place in np.argwhere(np.isnan(table.values[first])).tolist()
    ]


def _told(table: ScanTable, row: int, name: str) -> str:
    """What the run told of an empty cell, in brackets."""
    told = table.reasons.get((table.cases[row], name), "")
    return f" ({told.removeprefix('not applicable: ')})" if told else ""


def change_nulls(
    table: ScanTable,
    cases: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    kinds: dict[ChangeKind, Changes],
) -> list[dict[str, str]]:
    """Empty changes of each kind, ``case``, ``tag`` and ``reason`` each."""
    found = []
    for kind, change in kinds.items():
        for pair, place in np.argwhere(change.codes > 0).tolist():
            name, code = table.names[place], int(change.codes[pair, place])
            reason = REASONS[code]
            if code in (NO_BASELINE, NO_FOLLOW_UP):
                reason += _told(table, pairs[pair][0 if code == NO_BASELINE else 1], name)
            found.append(
                {
                    "case": cases[pair],
                    "tag": PREFIXES[kind] + name,
                    "reason": f"not applicable: {reason}",
                }
            )
    return found
