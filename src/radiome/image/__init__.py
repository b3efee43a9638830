"""Immutable values of the image side: geometry, volume, mask, region, grey levels."""

from radiome.image.geometry import Geometry
from radiome.image.levels import Levels
from radiome.image.mask import Mask
from radiome.image.region import Region
from radiome.image.volume import Volume

__all__ = ["Geometry", "Levels", "Mask", "Region", "Volume"]
