"""Which features get maps: those that the models selected most often, one of a cluster first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from radiome.features.catalogue import features, split_column
from radiome.maps.columns import MAPPED_FAMILIES


class Chosen(NamedTuple):
    """Features to map, most often selected first, and why other selected ones are not mapped."""

    tags: list[str]
    reasons: dict[str, str]


def choose_features(trust: Sequence[dict[str, str]], cards: int) -> Chosen:
    """Choose features by the trust table.

    Parameters
    ----------
    trust : sequence of dict
        Rows of ``trust.csv``.
    cards : int
        At most so many.

    Returns
    -------
    Chosen
        Only features of the unfiltered image whose family has a value in the neighbourhood
        of a voxel, and that a model selected in at least one fit. One of each cluster comes
        before the second of any.
    """
    selected = sorted(
        (row for row in trust if share_selected(row) > 0), key=lambda row: -share_selected(row)
    )
    reasons = {row["feature"]: reason for row in selected if (reason := unmapped(row["feature"]))}
    ranked = [row for row in selected if row["feature"] not in reasons]
    firsts: dict[str, dict[str, str]] = {}
    for row in ranked:
        firsts.setdefault(row.get("cluster") or row["feature"], row)
    others = [row for row in ranked if not any(row is first for first in firsts.values())]
    tags = [row["feature"] for row in (*firsts.values(), *others)]
    kept, left = tags[:cards], tags[cards:]
    # Of features that nobody asked maps of, nothing is said.
    said = f"maps are made of {cards} features, one of each cluster first (report.cards)"
    return Chosen(kept, {**reasons, **dict.fromkeys(left, said)} if cards else {})


def share_selected(row: dict[str, str]) -> float:
    """Largest share of the fits of any outcome that selected the feature."""
    shares = [float(cell) for name, cell in row.items() if name.startswith("selected ") and cell]
    return max(shares, default=0.0)


def unmapped(tag: str) -> str:
    """Why a feature has no map; empty if it can have one."""
    try:
        image, base, _ = split_column(tag)
    except KeyError:
        return "it is no feature of the catalogue"
    if image:
        return "maps are made of the unfiltered image alone"
    if features()[base].family not in MAPPED_FAMILIES:
        return "it describes the region as a whole: a few voxels have no value of it"
    return ""
