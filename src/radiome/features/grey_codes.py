"""Grey levels as small consecutive codes, so that tables fit the levels that occur."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.features.matrix_stack import Floats
from radiome.features.texture_counts import with_margin
from radiome.image.levels import Levels

#: Up to this many levels the levels themselves serve as codes.
_PLAIN_LEVELS = 512

#: A table of counts has at most this many elements (32 MiB); above, pairs are sorted.
TABLE_LIMIT = 1 << 23


@dataclass(frozen=True, slots=True, eq=False)
class GreyCodes:
    """Codes 1..len(values) inside the region and 0 outside.

    Parameters
    ----------
    box : uint16 array (z, y, x)
        Codes, read-only, with a margin of zeros.
    values : float64 array (n_codes,)
        Grey level of each code, starting with code 1.
    n_levels : int
        Highest possible grey level.
    """

    box: NDArray[np.uint16]
    values: Floats
    n_levels: int

    @property
    def size(self) -> int:
        """Highest code plus one."""
        return len(self.values) + 1

    @property
    def flat(self) -> NDArray[np.uint16]:
        """The codes as one row."""
        return self.box.reshape(-1)


def grey_codes(levels: Levels, *, margin: int = 1) -> GreyCodes:
    """Code the levels of a region, leaving out absent levels where there are many."""
    box = levels.levels
    values = np.arange(1, levels.n_levels + 1)
    if levels.n_levels > _PLAIN_LEVELS:
        present = np.bincount(box.reshape(-1), minlength=1)
        present[0] = 0
        values = np.flatnonzero(present)
        lookup = np.zeros(len(present), np.uint16)
        lookup[values] = np.arange(1, len(values) + 1)
        box = lookup[box]
    return GreyCodes(with_margin(box, margin), values.astype(np.float64), levels.n_levels)


def table_fits(elements: int, n_voxels: int) -> bool:
    """Whether one table of counts is worth its memory and the time to clear and scan it."""
    return elements <= min(TABLE_LIMIT, 32 * n_voxels + 65536)
