"""Slow twin of the NGLDM family, from section 3.11 of the IBSI reference manual."""

from __future__ import annotations

from collections import Counter

from naive.size_emphases import size_emphases
from naive.texture_stacks import average, moved, neighbourhood, undirected

TAGS = [
    "ngl_lde",
    "ngl_hde",
    "ngl_lgce",
    "ngl_hgce",
    "ngl_ldlge",
    "ngl_ldhge",
    "ngl_hdlge",
    "ngl_hdhge",
    "ngl_glnu",
    "ngl_glnu_norm",
    "ngl_dcnu",
    "ngl_dcnu_norm",
    "ngl_dc_perc",
    "ngl_gl_var",
    "ngl_dc_var",
    "ngl_dc_entr",
]


def dependences(voxels, radius, alpha, planar):
    """Number of voxels by level and dependence (the voxel itself included)."""
    steps = neighbourhood(radius, planar=planar)
    matrix = Counter()
    for place, level in voxels.items():
        others = (voxels.get(moved(place, step)) for step in steps)
        near = sum(other is not None and abs(other - level) <= alpha for other in others)
        matrix[level, 1 + near] += 1
    return matrix


def ngldm(levels, aggregation, radius=1, alpha=0):
    """Features by tag without aggregation."""
    matrices = undirected(
        levels, aggregation, lambda part, planar: dependences(part, radius, alpha, planar)
    )
    rows = []
    for matrix, n_voxels in matrices:
        energy = sum((count / n_voxels) ** 2 for count in matrix.values())
        rows.append({**size_emphases(matrix, n_voxels, TAGS), "ngl_dc_energy": energy})
    return average(rows)
