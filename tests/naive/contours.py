"""Even-odd filling, one voxel and one edge at a time."""

from __future__ import annotations

import numpy as np


def inside(polygons: list[np.ndarray], y: float, x: float) -> bool:
    """Cast a ray from (y, x) to the right and count the edges it meets."""
    odd = False
    for points in polygons:
        for (y0, x0), (y1, x1) in zip(points, np.roll(points, -1, axis=0), strict=True):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                odd = not odd
    return odd


def fill(polygons: list[np.ndarray], rows: int, columns: int) -> np.ndarray:
    return np.array([[inside(polygons, y, x) for x in range(columns)] for y in range(rows)])
