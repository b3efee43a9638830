"""Each class against the rest, with the scores that speak for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from radiome.model.out_of_fold import OutOfFold

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def each_class(found: OutOfFold) -> Iterator[tuple[str, Booleans, Floats]]:
    """Give name, patients that have it (m,), and their scores for it in each repeat (r, m).

    A binary outcome has one class to tell, the second; a multiclass outcome has all.
    """
    values, classes = found.outcome.values, found.outcome.classes
    if found.scores.ndim == 2:
        yield classes[1], values == 1, found.scores
        return
    for code, name in enumerate(classes):
        yield name, values == code, found.scores[..., code]
