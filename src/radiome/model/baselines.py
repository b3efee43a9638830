"""What a patient is known by without any texture: volume, clinical facts, scanner, site."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.analysis_table import Floats
from radiome.model.blocks import encode
from radiome.model.leaks import refuse_copies
from radiome.model.outcome_reading import numbers, require_column
from radiome.model.outcomes import Outcome
from radiome.model.plan import Plan

#: Feature columns that hold the volume, in the order in which they are looked for.
VOLUMES = ("morph_volume", "morph_vol_approx", "original_shape_MeshVolume", "shape_MeshVolume")


def baseline_blocks(
    frame: pd.DataFrame, plan: Plan, where: str
) -> tuple[dict[str, Floats], dict[str, tuple[str, ...]]]:
    """Columns of numbers (n, q) of each baseline that the plan or the features give, with names.

    The volume is the one of the plan, else a volume feature, as its logarithm.

    Raises
    ------
    UserError
        If a column is missing or cannot be read.
    """
    columns = plan.columns
    blocks: dict[str, Floats] = {}
    names: dict[str, tuple[str, ...]] = {}
    volume = columns.volume or next((name for name in VOLUMES if name in frame.columns), None)
    if volume:
        blocks["volume"] = _log_volume(frame, volume, where)
        names["volume"] = (volume,)
    sites = (columns.site,) if columns.site else ()
    for block, wanted in (
        ("clinical", columns.clinical),
        ("acquisition", columns.acquisition),
        ("site", sites),
    ):
        if wanted:
            blocks[block], names[block] = encode(frame, wanted, where=where)
    return blocks, names


def _log_volume(frame: pd.DataFrame, volume: str, where: str) -> Floats:
    require_column(frame, volume, where=where, why="the volume (columns.volume)")
    found = numbers(frame[volume].astype(str), what=f"volume '{volume}'", where=where)
    if (found <= 0).any():
        raise UserError(
            f"volume '{volume}' has values that are not positive",
            where=where,
            expected="volumes above 0",
            got=f"{np.nanmin(found):g} in {counted(int((found <= 0).sum()), 'row')}",
            do="correct it, or name another column in columns.volume",
        )
    return np.log(found)[:, None]


def refuse_outcome_baselines(
    blocks: dict[str, Floats],
    names: dict[str, tuple[str, ...]],
    plan: Plan,
    outcomes: Iterable[Outcome],
    where: str,
) -> None:
    """Refuse a baseline that is an outcome: no feature could ever add to it.

    Raises
    ------
    UserError
        If a baseline is read from the column of an outcome, or volume or a clinical fact is a
        copy of one.
    """
    columns = plan.columns
    roles = {"volume": (columns.volume,), "clinical": columns.clinical, "site": (columns.site,)}
    roles["acquisition"] = columns.acquisition
    for outcome in outcomes:
        for role, given in roles.items():
            leak = [name for name in given if name in outcome.options.columns]
            if leak:
                raise UserError(
                    f"outcome '{outcome.options.name}' is in columns.{role} too",
                    where=where,
                    expected="columns that are known without the outcome",
                    got=", ".join(map(str, leak)),
                    do=f"take it out of columns.{role}",
                )
        # Scanner or site may well go with the outcome: gate 3 tells.
        for role in ("volume", "clinical"):
            if role in blocks:
                what, do = f"a column of columns.{role}", f"take it out of columns.{role}"
                refuse_copies(blocks[role], names[role], outcome, where=where, what=what, do=do)


def drop_constant_blocks(blocks: dict[str, Floats], names: dict[str, tuple[str, ...]]) -> list[str]:
    """Take out baselines that are the same in all rows; a note on each."""
    notes = []
    for role in list(blocks):
        values = blocks[role]
        same = (values == values[:1]) | (np.isnan(values) & np.isnan(values[:1]))
        if same.all():
            del blocks[role]
            shown = ", ".join(names.pop(role))
            notes.append(f"the baseline {role} ({shown}) is the same in all rows: left out")
    return notes
