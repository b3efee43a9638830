"""Size zone features as pyradiomics 3.0.1 defines them."""

from __future__ import annotations

from radiome.compat.pyradiomics.binning import Binned
from radiome.compat.pyradiomics.stacks import mean_emphases
from radiome.features.texture_counts import find_zones
from radiome.features.zone_matrices import zone_stack

#: Features by the words of `stacks.EMPHASES`.
WORDS = {
    "GrayLevelNonUniformity": "level_uniformity",
    "GrayLevelNonUniformityNormalized": "level_uniformity_normalised",
    "GrayLevelVariance": "level_variance",
    "HighGrayLevelZoneEmphasis": "high",
    "LargeAreaEmphasis": "long",
    "LargeAreaHighGrayLevelEmphasis": "long_high",
    "LargeAreaLowGrayLevelEmphasis": "long_low",
    "LowGrayLevelZoneEmphasis": "low",
    "SizeZoneNonUniformity": "size_uniformity",
    "SizeZoneNonUniformityNormalized": "size_uniformity_normalised",
    "SmallAreaEmphasis": "short",
    "SmallAreaHighGrayLevelEmphasis": "short_high",
    "SmallAreaLowGrayLevelEmphasis": "short_low",
    "ZoneEntropy": "entropy",
    "ZonePercentage": "percentage",
    "ZoneVariance": "size_variance",
}


def compute(binned: Binned) -> dict[str, float]:
    """Compute all size zone features: zones of 26, with `force2D` of 8 neighbours.

    Notes
    -----
    Source: pyradiomics 3.0.1 documentation, "Gray Level Size Zone Matrix Features".
    """
    zones = find_zones(binned.levels, planar=binned.planar)
    return mean_emphases(zone_stack(zones, binned.levels, column=2, planar=False), WORDS)
