"""What is measured when parameters of pyradiomics are read by the IBSI definitions.

Parameters become settings of radiome; the names of pyradiomics are matched with columns by
`radiome.compat.names`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from radiome.base.errors import SettingsError
from radiome.compat.names import names
from radiome.compat.pyradiomics.feature_catalogue import FEATURE_CLASSES
from radiome.compat.pyradiomics.feature_classes import check_features
from radiome.compat.pyradiomics.ibsi_images import filters_of
from radiome.compat.pyradiomics.ibsi_settings import (
    discretisation_of,
    interpolation_of,
    refuse_foreign,
    resegmentation_of,
    texture_of,
)
from radiome.extraction.settings import FilteredImage, Settings
from radiome.features.catalogue import features, split_tag
from radiome.features.families import column_tags
from radiome.features.texture_options import TextureOptions

Classes = Mapping[str, Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Column:
    """One feature: its key, and in which extraction and column its value is found."""

    key: str
    extraction: int
    tag: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    Parameters
    ----------
    extractions : tuple of Settings
        One, unless image types have texture settings of their own.
    columns : tuple of Column
        In the order of pyradiomics.
    left_out : tuple of str
        Features asked for that the IBSI does not have, such as ``glcm_MCC``.
    """

    extractions: tuple[Settings, ...]
    columns: tuple[Column, ...]
    left_out: tuple[str, ...]


@cache
def ibsi_tags() -> dict[str, str]:
    """Tags of radiome by the names of pyradiomics, such as ``glcm_Contrast``."""
    rows = (row for row in names() if row["ibsi_code"] and row["pyradiomics"])
    return {row["pyradiomics"]: row["radiome"] for row in rows}


def plan_extraction(
    settings: Mapping[str, Any],
    image_types: Mapping[str, Mapping[str, Any]],
    classes: Classes,
    spacing: tuple[float, float, float],
) -> Plan:
    """Translate parameters for an image with voxels of `spacing` (z, y, x) in mm.

    Raises
    ------
    SettingsError
        For parameters that the IBSI definitions have no counterpart for.
    """
    refuse_foreign(settings)
    asked, left_out = _asked(classes)
    groups: dict[TextureOptions, _Group] = {}
    columns: list[tuple[str, TextureOptions, str]] = []
    shapes = {name: tag for name, tag in asked.items() if name.startswith("shape_")}
    others = {name: tag for name, tag in asked.items() if name not in shapes}
    if shapes:
        texture = texture_of(settings)
        groups.setdefault(texture, _Group()).families.update(_families(shapes))
        columns += [(f"original_{name}", texture, tag) for name, tag in shapes.items()]
    for image_type, own in image_types.items() if others else ():
        options = {**settings, **own}
        refuse_foreign(options)
        texture = texture_of(options)
        group = groups.setdefault(texture, _Group())
        for prefix, start in group.add(image_type, options, _families(others)):
            for name, tag in others.items():
                columns.append((f"{prefix}_{name}", texture, f"{start}{_column(tag, texture)}"))
    # A type without any map, such as LoG without sigma, measures nothing.
    order = [t for t, group in groups.items() if group.families or group.filtered]
    return Plan(
        tuple(_settings(groups[t], t, settings, spacing) for t in order),
        tuple(Column(key, order.index(texture), tag) for key, texture, tag in columns),
        tuple(left_out),
    )


@dataclass(slots=True)
class _Group:
    """Image types with the same texture options: one extraction."""

    families: dict[str, None] = field(default_factory=dict)
    original: Mapping[str, Any] = field(default_factory=dict)
    filtered: list[FilteredImage] = field(default_factory=list)

    def add(
        self, image_type: str, options: Mapping[str, Any], families: dict[str, None]
    ) -> Iterator[tuple[str, str]]:
        """Add an image type; yield the prefix of its keys and of its columns, by map."""
        if image_type == "Original":
            self.families.update(families)
            self.original = options
            yield "original", ""
            return
        for chosen, prefixes in filters_of(image_type, options):
            self.filtered.append(
                FilteredImage(
                    filter=chosen,
                    discretisation=discretisation_of(options),
                    families=tuple(families),
                )
            )
            maps = chosen.map_names()
            yield from ((p, f"{name}_") for p, name in zip(prefixes, maps, strict=True))


def _settings(
    group: _Group,
    texture: TextureOptions,
    settings: Mapping[str, Any],
    spacing: tuple[float, float, float],
) -> Settings:
    return Settings(
        version=1,
        interpolation=interpolation_of(settings, spacing),
        resegmentation=resegmentation_of(settings),
        discretisation=discretisation_of(group.original or settings),
        texture=texture,
        families=tuple(group.families),
        filtered_images=tuple(group.filtered),
    )


def _asked(classes: Classes) -> tuple[dict[str, str], list[str]]:
    """Tags by the names asked for, in order, and the names without a tag."""
    found: dict[str, str] = {}
    left_out = []
    for feature_class, chosen in classes.items():
        wanted = tuple(chosen or ()) or FEATURE_CLASSES[feature_class]
        check_features(feature_class, wanted)
        for name in (f"{feature_class}_{feature}" for feature in wanted):
            if name in ibsi_tags():
                found[name] = ibsi_tags()[name]
            else:
                left_out.append(name)
    if not found and left_out:
        raise SettingsError(
            "none of the features asked for exists in the IBSI definitions",
            where="featureClass",
            got=", ".join(left_out),
            do="ask for others, or take definition='pyradiomics'",
        )
    return found, left_out


def _families(tags: Mapping[str, str]) -> dict[str, None]:
    """Families of these tags, in the order of the catalogue."""
    wanted = {features()[tag].family for tag in tags.values()}
    return {known.family: None for known in features().values() if known.family in wanted}


def _column(tag: str, texture: TextureOptions) -> str:
    """The column of a feature for the one aggregation of `texture`."""
    columns = column_tags(features()[tag].family, texture.aggregations)
    return next(column for column in columns if split_tag(column)[0] == tag)
