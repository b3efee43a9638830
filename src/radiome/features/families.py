"""The families table: what each family is computed from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any, NamedTuple

from radiome.base.values import FeatureValue, NotApplicable
from radiome.discretise.methods import Limits
from radiome.features.intensity_volume_histogram import IvhOptions
from radiome.features.texture_counts import TextureCounts
from radiome.features.texture_options import TextureOptions
from radiome.image.levels import Levels
from radiome.image.region import Region

Features = dict[str, FeatureValue]


class Family(NamedTuple):
    """Where a family is computed, from which inputs, in which independent parts."""

    needs: tuple[str, ...]
    parts: tuple[str, ...]


def _table(*names_and_needs: tuple[str, tuple[str, ...]]) -> dict[str, Family]:
    return {name: Family(needs, (name,)) for name, needs in names_and_needs}


#: Each family is the function of its own name in the module of its own name; where it has
#: parts, these together make up that function and can be computed side by side.
FAMILY_TABLE = {
    "morphology": Family(("region",), ("spatial_spread", "shape_and_centre")),
    **_table(
        ("local_intensity", ("region",)),
        ("intensity_statistics", ("values",)),
        ("intensity_histogram", ("levels",)),
        ("intensity_volume_histogram", ("region", "ivh", "limits")),
        ("glcm", ("levels", "texture", "counts")),
        ("glrlm", ("levels", "texture", "counts")),
        ("glszm", ("levels", "texture", "counts")),
        ("gldzm", ("levels", "texture", "counts")),
        ("ngtdm", ("levels", "texture", "counts")),
        ("ngldm", ("levels", "texture", "counts")),
        ("fourier_spectrum", ("region",)),
        ("autocorrelation_function", ("region",)),
    ),
}

#: Families whose matrices have a direction, and so six aggregations instead of three.
_DIRECTIONAL = ("glcm", "glrlm")


@cache
def column_tags(family: str, aggregations: tuple[str, ...]) -> tuple[str, ...]:
    """All column names of a family, in the order of the catalogue within each aggregation."""
    from radiome.features.catalogue import features

    tags = [tag for tag, known in features().items() if known.family == family]
    if "texture" not in FAMILY_TABLE[family].needs:
        return tuple(tags)
    if family not in _DIRECTIONAL:
        aggregations = tuple(dict.fromkeys(name.rsplit("_", 1)[0] for name in aggregations))
    return tuple(f"{tag}_{aggregation}" for aggregation in aggregations for tag in tags)


#: Families that share counts: on two threads the second would wait for the first.
_TOGETHER = {"gldzm": "glszm", "ngldm": "ngtdm"}


def jobs(
    families: tuple[str, ...],
    *,
    region: Region,
    levels: Levels | None,
    texture: TextureOptions,
    ivh: IvhOptions,
    limits: Limits,
) -> list[Callable[[], Features]]:
    """Return independent calls that together compute `families`.

    Parameters
    ----------
    families : tuple of str
        Names of `FAMILY_TABLE`.
    region : Region
        The prepared pair.
    levels : Levels or None
        The discretised region; None when no voxel is left in the intensity mask, or
        no family needs it.
    texture, ivh
        Options of the texture families and of the intensity-volume histogram.
    limits : (float or None, float or None) or None
        The re-segmentation range.

    Returns
    -------
    list of callable
        Each returns features by column name; which ones is an internal matter.
    """
    inputs: dict[str, Any] = {
        "region": region,
        "levels": levels,
        "texture": texture,
        "ivh": ivh,
        "limits": limits,
        "values": region.values(),
        "counts": None if levels is None else TextureCounts(levels),
    }
    groups: dict[str, list[tuple[str, str]]] = {}
    for family in families:
        for part in FAMILY_TABLE[family].parts:
            groups.setdefault(_TOGETHER.get(part, part), []).append((family, part))
    return [partial(_compute, group, inputs) for group in groups.values()]


def _compute(group: list[tuple[str, str]], inputs: dict[str, Any]) -> Features:
    features: Features = {}
    for family, part in group:
        needs = FAMILY_TABLE[family].needs
        if "region" not in needs and inputs["values"].size == 0:
            reason = NotApplicable("no voxel is left in the intensity mask")
            features |= dict.fromkeys(column_tags(family, inputs["texture"].aggregations), reason)
        else:
            function = getattr(import_module(f"radiome.features.{family}"), part)
            features |= function(*(inputs[name] for name in needs))
    return features
