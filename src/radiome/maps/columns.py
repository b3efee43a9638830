"""Which columns of a feature table can be a map, and what is meant by a name that is none."""

from __future__ import annotations

from collections.abc import Sequence

from radiome.base.errors import SettingsError, nearest_name
from radiome.features.catalogue import AGGREGATIONS, features, split_tag
from radiome.features.families import column_tags

#: Families that a neighbourhood of a few voxels can have.
MAPPED_FAMILIES = (
    "intensity_statistics",
    "intensity_histogram",
    "glcm",
    "glrlm",
    "glszm",
    "gldzm",
    "ngtdm",
    "ngldm",
)

#: Aggregations of families that have no direction, and those that compute them.
WITH_DIRECTION = {"2D": "2D_avg", "2_5D": "2_5D_avg", "3D": "3D_avg"}

_DIRECTED = tuple(name for name in AGGREGATIONS if name not in WITH_DIRECTION)


def split_mapped(tag: str) -> tuple[str, str]:
    """Feature and aggregation of a column that can be mapped.

    Raises
    ------
    SettingsError
        For any other name, with one that can be mapped where one is like it.
    """
    try:
        base, aggregation = split_tag(tag)
    except KeyError:
        near = _like(tag)
        raise SettingsError(
            f"unknown feature '{tag}'",
            expected="a column name such as cm_contrast_3D_avg",
            got=tag,
            do=f"did you mean '{near}'?" if near else "'radiome catalogue' lists them",
        ) from None
    family = features()[base].family
    if family not in MAPPED_FAMILIES:
        raise SettingsError(
            f"'{tag}' cannot be mapped",
            expected="a feature of " + ", ".join(MAPPED_FAMILIES),
            got=family,
            do="a map needs features that a few voxels can have",
        )
    _require_aggregation(tag, base)
    return base, aggregation


def _require_aggregation(tag: str, base: str) -> None:
    known = _columns(base)
    if tag not in known:
        lack = "needs an aggregation" if tag == base else "has no such aggregation"
        raise SettingsError(
            f"'{base}' {lack}",
            expected="one of " + ", ".join(known) if len(known) > 1 else known[0],
            got=tag,
            do=f"give '{_usual(known)}'",
        )


def _columns(base: str) -> tuple[str, ...]:
    """Names under which a feature of a mapped family can be mapped."""
    names = (base, *(f"{base}_{aggregation}" for aggregation in AGGREGATIONS))
    family = column_tags(features()[base].family, _DIRECTED)
    return tuple(name for name in names if name in family)


def _usual(columns: Sequence[str]) -> str:
    """The column over all directions in space, where there are several."""
    return next((name for name in columns if "_3D" in name), columns[0])


def _like(tag: str) -> str | None:
    """The column that can be mapped whose name is closest, with the same aggregation if it has it.

    A feature alone would be refused in turn where it needs an aggregation.
    """
    endings = [name for name in AGGREGATIONS if tag.endswith(f"_{name}")]
    ending = max(endings, key=len, default="")
    mapped = [name for name, known in features().items() if known.family in MAPPED_FAMILIES]
    near = nearest_name(tag.removesuffix(f"_{ending}"), mapped)
    if near is None:
        return None
    columns = _columns(near)
    return f"{near}_{ending}" if f"{near}_{ending}" in columns else _usual(columns)
