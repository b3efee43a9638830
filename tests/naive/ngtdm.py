"""Slow twin of the NGTDM family, from section 3.10 of the IBSI reference manual."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from naive.texture_stacks import average, moved, neighbourhood, undirected


def differences(voxels, radius, planar):
    """Counts n_i under (i, 0) and exact grey tone differences s_i under (i, 1)."""
    steps = neighbourhood(radius, planar=planar)
    matrix = Counter()
    for place, level in voxels.items():
        others = [voxels[p] for p in (moved(place, step) for step in steps) if p in voxels]
        if others:
            matrix[level, 0] += 1
            matrix[level, 1] += abs(level - Fraction(sum(others), len(others)))
    return matrix


def ngtdm(levels, aggregation, radius=1):
    """Features by tag without aggregation, or None where no voxel has a neighbour."""
    matrices = undirected(
        levels, aggregation, lambda part, planar: differences(part, radius, planar)
    )
    return average([features(m) for m, _ in matrices if m])


def features(matrix):
    n = {i: count for (i, kind), count in matrix.items() if kind == 0}
    s = {i: matrix[i, 1] for i in n}
    total = sum(n.values())
    p = {i: Fraction(count, total) for i, count in n.items()}
    weighted = sum(p[i] * s[i] for i in n)
    pairs = [(i, j) for i in n for j in n]
    imbalance = sum(abs(i * p[i] - j * p[j]) for i, j in pairs)
    s_total = sum(s.values())
    spread = sum(p[i] * p[j] * (i - j) ** 2 for i, j in pairs)
    levels = len(n)
    busyness = None
    if levels == 1:
        busyness = 0.0
    elif imbalance:
        busyness = float(weighted / imbalance)
    complexity = sum(abs(i - j) * (p[i] * s[i] + p[j] * s[j]) / (p[i] + p[j]) for i, j in pairs)
    strength = sum((p[i] + p[j]) * (i - j) ** 2 for i, j in pairs)
    return {
        "ngt_coarseness": min(float(1 / weighted), 1e6) if weighted else 1e6,
        "ngt_contrast": (
            0.0 if levels == 1 else float(spread / (levels * (levels - 1)) * s_total / total)
        ),
        "ngt_busyness": busyness,
        "ngt_complexity": float(complexity / total),
        "ngt_strength": float(strength / s_total) if s_total else 0.0,
    }
