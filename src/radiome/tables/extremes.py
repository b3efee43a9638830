"""The two rows of a column that differ most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def least_and_greatest(values: NDArray[np.float64]) -> tuple[int, int] | None:
    """Places of the least and the greatest finite value, the first where several are equal.

    Returns
    -------
    (int, int) or None
        None if no two finite values differ.

    Examples
    --------
    >>> least_and_greatest(np.array([2.0, np.nan, 1.0, 5.0, 1.0]))
    (2, 3)
    """
    known = np.flatnonzero(np.isfinite(values))
    if not len(known) or np.ptp(values[known]) == 0:
        return None
    return int(known[values[known].argmin()]), int(known[values[known].argmax()])
