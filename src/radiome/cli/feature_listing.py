"""A feature row as text to read: by family, aggregations side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from radiome.base.counting import counted
from radiome.extraction.settings import preset_of
from radiome.features.catalogue import FeatureEntry, features, split_column

if TYPE_CHECKING:
    from radiome.extraction.row import Row

_NAME_WIDTH = 58
_TAG_WIDTH = 27
_VALUE_WIDTH = 13


def feature_lines(row: Row, settings: str | None = None) -> Iterator[str]:
    """Lines that list every feature of `row` with unit, then the nulls with their reason.

    Parameters
    ----------
    row : Row
        Of one lesion.
    settings : str, optional
        The preset or file that was asked for.
    """
    yield from _summary(row)
    yield f"settings: {_settings(settings, str(row.record.get('modality') or ''))}"
    image_unit = str(row.record.get("unit") or "")
    for family, values in _by_family(row).items():
        aggregations = list(dict.fromkeys(name for cells in values.values() for name in cells))
        yield ""
        yield click.style(_heading(family, aggregations), bold=True)
        for base, cells in values.items():
            shown = "".join(f"{_value(cells.get(name)):>{_VALUE_WIDTH}}" for name in aggregations)
            known = features()[base]
            unit = _unit(known, image_unit)
            yield f"  {known.name:<{_NAME_WIDTH}}{base:<{_TAG_WIDTH}}{shown}  {unit}".rstrip()
    if row.reasons:
        yield ""
        yield click.style("Not applicable", bold=True)
        yield from (f"  {reason}: {tags}" for reason, tags in _grouped(row.reasons).items())


def _summary(row: Row) -> Iterator[str]:
    record = row.record
    size = record.get("voxels_morphological")
    title = " ".join(str(record.get(name) or "") for name in ("modality", "roi")).strip()
    yield click.style(counted(len(row), "feature"), bold=True) + (f" of {title}" if title else "")
    if size is not None:
        spacing = " x ".join(f"{s:g}" for s in record["interpolated_spacing_zyx_mm"])
        yield f"{counted(size, 'voxel')} of {spacing} mm (z, y, x)"
    yield from (f"warning: {text}" for text in record.get("warnings", []))


def _settings(asked: str | None, modality: str) -> str:
    if asked is not None:
        return asked
    preset = preset_of(modality)
    if preset != "basic":
        return f"preset {preset}, that of {modality}"
    if modality:
        return f"preset {preset}, as there is none for {modality}"
    return f"preset {preset}, as the modality is not known; --modality CT, MR or PT tells it"


def _by_family(row: Row) -> dict[str, dict[str, dict[str, float | None]]]:
    """Family to feature to aggregation to value, in the order of the row."""
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for tag, value in row.items():
        image, base, aggregation = split_column(tag)
        family = found.setdefault(f"{image} {features()[base].family}".strip(), {})
        family.setdefault(base, {})[aggregation] = value
    return found


def _heading(family: str, aggregations: list[str]) -> str:
    title = family.upper() if len(family) == 5 or family.startswith(("gl", "ng")) else family
    title = title if title.isupper() else title.replace("_", " ").capitalize()
    named = "".join(f"{name:>{_VALUE_WIDTH}}" for name in aggregations if name)
    return f"{title:<{_NAME_WIDTH + _TAG_WIDTH + 2}}{named}".rstrip()


def _value(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.6g}"


def _unit(known: FeatureEntry, image_unit: str) -> str:
    if known.unit == "1":
        return ""
    if known.unit.startswith("I") and image_unit:
        return known.unit.replace("I", image_unit, 1)
    return known.unit


def _grouped(reasons: dict[str, str]) -> dict[str, str]:
    """Reason to the tags it holds for; a family that fails as a whole is one line."""
    tags: dict[str, list[str]] = {}
    for tag, reason in reasons.items():
        tags.setdefault(reason, []).append(tag)
    return {reason: ", ".join(names) for reason, names in tags.items()}
