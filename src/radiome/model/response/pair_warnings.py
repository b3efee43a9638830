"""What a reader of a table of changes must know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.response.options import DeltaOptions
from radiome.model.response.scan_table import ScanTable

Floats = NDArray[np.float64]

#: So many examples in a message.
_EXAMPLES = 3


def settings_warnings(
    table: ScanTable, pairs: Sequence[tuple[int, int]], options: DeltaOptions
) -> list[str]:
    """Whether both scans of each pair were measured with the same settings.

    Raises
    ------
    UserError
        If they were not, unless the options say to warn.
    """
    if not any(table.settings):
        return ["nothing tells the extraction settings: that they are the same was not checked"]
    mixed = [pair for pair in pairs if table.settings[pair[0]] != table.settings[pair[1]]]
    if not mixed:
        return []
    shown = "; ".join(
        f"{table.name_of(late)}: '{table.settings[early]}' and '{table.settings[late]}'"
        for early, late in mixed[:_EXAMPLES]
    )
    if options.mixed_settings == "refuse":
        raise UserError(
            "scans of the same lesion were measured with different settings",
            where=table.where,
            expected="the same extraction settings at baseline and follow-up: other settings "
            "change a feature where the lesion has not changed",
            got=f"{len(mixed)} of {counted(len(pairs), 'pair')}, such as {shown}",
            do="extract all scans with the same settings, or go on with --mixed-settings warn",
        )
    return [
        f"{len(mixed)} of {counted(len(pairs), 'pair')} measured with different settings, which "
        f"can change a feature where the lesion has not changed: {shown}"
    ]


def lost_lesions(counts: dict[str, int]) -> list[str]:
    """Lesions that have no values at follow-up, by the counts of what was left out."""
    lost = counts.get("no lesion at follow-up", 0) + counts.get("follow-up not measured", 0)
    if not lost:
        return []
    return [
        f"{counted(lost, 'lesion has', 'lesions have')} no values at follow-up. "
        "Lesions that are gone are the best responses and have no features: what is left is the "
        "worse part"
    ]


def unchanging_features(names: Sequence[str], before: Floats, after: Floats) -> list[str]:
    """Columns that are the same at both scans of every pair, such as an age or a site."""
    still = [
        name
        for place, name in enumerate(names)
        if (known := ~np.isnan(after[:, place] - before[:, place])).any()
        and (after[known, place] == before[known, place]).all()
    ]
    if not still:
        return []
    shown = ", ".join(still[:_EXAMPLES])
    return [
        f"{counted(len(still), 'column', 'columns')} of numbers never "
        f"{'changes' if len(still) == 1 else 'change'} and may be no features: {shown}. "
        "Carry them through with --keep"
    ]
