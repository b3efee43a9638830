"""The IBSI 1 digital phantom: 80 voxel values and the region, as figures.

Source: IBSI reference manual (arXiv:1612.07003), section 5.1; the data set
(github.com/theibsi/data_sets, CC BY 4.0, design A. Zwanenburg).
"""

from __future__ import annotations

import numpy as np

from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume

# One line per slice (z = 0..3), one word per row (y = 0..3), one digit per voxel (x = 0..4).
_VALUES = """
14411 14611 41641 44641
14411 11611 11311 44611
14411 11111 11911 11611
14411 11111 11111 11611
"""

_REGION = """
11111 11111 11111 11111
11111 11111 01111 11111
11100 11111 11011 11111
11100 11111 11111 11111
"""


def digital_phantom() -> tuple[Volume, Mask]:
    """Return the digital phantom: 4 x 4 x 5 voxels (z, y, x) of 2 mm, 74 in the region."""
    values = _digits(_VALUES)
    geometry = Geometry(shape=values.shape, spacing=(2.0, 2.0, 2.0))
    volume = Volume(values.astype(np.float64), geometry, source="IBSI digital phantom")
    return volume, Mask(_digits(_REGION) == 1, geometry, source="IBSI digital phantom")


def _digits(text: str) -> np.ndarray[tuple[int, int, int], np.dtype[np.int64]]:
    slices = [
        [[int(digit) for digit in row] for row in line.split()]
        for line in text.strip().splitlines()
    ]
    return np.array(slices)
