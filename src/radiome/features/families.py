"""The families table: what each family is computed from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

from radiome.base.values import FeatureValue, NotApplicable
from radiome.image.levels import Levels
from radiome.image.region import Region

Features = dict[str, FeatureValue]


class _Family(NamedTuple):
    module: str
    function: str
    needs: tuple[str, ...]


def _table(*names_and_needs: tuple[str, tuple[str, ...]]) -> dict[str, _Family]:
    return {
        name: _Family(f"radiome.features.{name}", name, needs) for name, needs in names_and_needs
    }


#: Each family is the function of its own name in the module of its own name.
FAMILY_TABLE = _table(
    ("morphology", ("region",)),
    ("local_intensity", ("region",)),
    ("intensity_statistics", ("values",)),
    ("intensity_histogram", ("levels",)),
    ("intensity_volume_histogram", ("region", "ivh", "limits")),
    ("glcm", ("levels", "texture")),
    ("glrlm", ("levels", "texture")),
    ("glszm", ("levels", "texture")),
    ("gldzm", ("levels", "texture")),
    ("ngtdm", ("levels", "texture")),
    ("ngldm", ("levels", "texture")),
)

#: Families whose matrices have a direction, and so six aggregations instead of three.
_DIRECTIONAL = ("glcm", "glrlm")


def column_tags(family: str, aggregations: tuple[str, ...]) -> list[str]:
    """All column names of a family, in the order of the catalogue within each aggregation."""
    from radiome.features.catalogue import features

    tags = [tag for tag, known in features().items() if known.family == family]
    if "texture" not in FAMILY_TABLE[family].needs:
        return tags
    if family not in _DIRECTIONAL:
        aggregations = tuple(dict.fromkeys(name.rsplit("_", 1)[0] for name in aggregations))
    return [f"{tag}_{aggregation}" for aggregation in aggregations for tag in tags]


def job(
    family: str, *, region: Region, levels: Levels | None, **options: Any
) -> Callable[[], Features]:
    """Return the call that computes one family.

    Parameters
    ----------
    family : str
        A name of `FAMILY_TABLE`.
    region : Region
        The prepared pair.
    levels : Levels or None
        The discretised region; None when no voxel is left in the intensity mask, or
        no family needs it.
    **options
        ``texture``, ``ivh`` and ``limits`` (the re-segmentation range).
    """
    known = FAMILY_TABLE[family]
    if "region" not in known.needs and not region.intensity.any():
        reason = NotApplicable("no voxel is left in the intensity mask")
        tags = column_tags(family, options["texture"].aggregations)
        return lambda: dict.fromkeys(tags, reason)
    function = getattr(import_module(known.module), known.function)
    available = {"region": region, "levels": levels, **options}
    if "values" in known.needs:
        available["values"] = region.values()
    return partial(function, *(available[name] for name in known.needs))
