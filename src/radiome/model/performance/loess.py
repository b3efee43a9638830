"""Local quadratic regression in one dimension (loess).

Cleveland and Devlin 1988, J Am Stat Assoc 83:596. The fit at a point weighs the nearest
share `span` of the rows by (1 − (d/h)³)³, where h is the distance of the farthest of them.

The default surface is that of R and of the authors' own program (Cleveland and Grosse 1991,
Stat Comput 1:47): exact fits, with slopes, at few vertices, and cubic Hermite polynomials
between them. Vertices are the ends of the range, widened by 0.5 %, and the medians of cells that
are halved while they hold more than `span · CELL · n` rows.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from radiome.base.errors import UserError
from radiome.model.performance.inputs import Floats
from radiome.model.performance.results import UndefinedStatisticError

#: Rows of a cell that is not halved further, as a share of span · n; the default of loess.
CELL = 0.2
_MARGIN = 0.005


def loess(x: Floats, y: Floats, at: Floats, *, span: float = 0.75, exact: bool = False) -> Floats:
    """Return the smooth of y on x at the points `at`, inside the range of x.

    Parameters
    ----------
    x, y : arrays of shape (n,)
        Observations.
    at : array of shape (k,)
        Points, within the range of x.
    span : float
        Share of the rows in each local fit, above 0 and at most 1.
    exact : bool
        Fit at every point instead of interpolating between vertices.

    Notes
    -----
    Where many values of x are equal, R may place a vertex at another of the tied ranks.
    """
    if not 0 < span <= 1:
        raise UserError("the span lies outside 0 to 1", got=f"{span:g}")
    if at.size and (at.min() < x.min() or at.max() > x.max()):
        raise UserError("loess does not extrapolate", got=f"{at.min():g} to {at.max():g}")
    if exact:
        return np.array([_local_fit(x, y, point, span)[0] for point in at])
    vertices = _vertices(np.sort(x), span)
    fits = np.array([_local_fit(x, y, vertex, span) for vertex in vertices])
    surface = CubicHermiteSpline(vertices, fits[:, 0], fits[:, 1])
    return np.asarray(surface(at), dtype=np.float64)


def _local_fit(x: Floats, y: Floats, point: float, span: float) -> tuple[float, float]:
    """Value and slope at a point of the weighted quadratic around it."""
    distance = np.abs(x - point)
    # The small addend keeps span · n from falling below a whole number by rounding.
    nearest = int(np.floor(x.size * span + 1e-5))
    reach = np.partition(distance, nearest - 1)[nearest - 1] if nearest else 0.0
    root = np.zeros_like(x) if reach == 0 else np.clip(1 - (distance / reach) ** 3, 0, None) ** 1.5
    design = np.stack([np.ones_like(x), x - point, (x - point) ** 2], axis=1)
    # Columns on one scale, so that the rank does not depend on the unit of x.
    scale = np.array([1.0, reach or 1.0, reach**2 or 1.0])
    solution, _, rank, _ = np.linalg.lstsq(design / scale * root[:, None], y * root, rcond=1e-10)
    if rank < 3:
        raise UndefinedStatisticError(
            "a local quadratic has too few distinct predictions",
            expected="at least three distinct values in every span",
            got=f"{np.unique(x).size} in all",
            do="use the grouped curve",
        )
    return float(solution[0]), float(solution[1] / scale[1])


def _vertices(ordered: Floats, span: float) -> Floats:
    largest = int(np.floor(ordered.size * span * CELL))
    margin = _MARGIN * (ordered[-1] - ordered[0])
    found = {float(ordered[0] - margin), float(ordered[-1] + margin)}
    cells = [(0, ordered.size)]
    while cells:
        first, past = cells.pop()
        if past - first <= max(largest, 1):
            continue
        middle = (first + past - 1) // 2
        if ordered[first] == ordered[past - 1]:
            continue
        found.add(float(ordered[middle]))
        cells += [(first, middle + 1), (middle + 1, past)]
    return np.array(sorted(found))
