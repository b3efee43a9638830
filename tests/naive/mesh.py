"""Mesh vertices, voxel by voxel."""

from __future__ import annotations

import numpy as np


def mesh_vertices(mask, spacing):
    """Points half-way between each inside voxel and its outside neighbours along an axis, mm."""
    padded = np.pad(mask, 1)
    points = []
    for index in np.argwhere(padded):
        for axis in range(3):
            for side in (-1, 1):
                step = np.zeros(3, dtype=int)
                step[axis] = side
                if not padded[tuple(index + step)]:
                    points.append((index - 1 + step / 2) * spacing)
    return np.array(points)


def greatest_distance(points):
    return max(float(np.linalg.norm(p - q)) for p in points for q in points)
