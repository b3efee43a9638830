"""Slow twin of the GLCM family, from section 3.6 of the IBSI reference manual."""

from __future__ import annotations

from collections import Counter
from math import exp, log2, sqrt

from naive.texture_stacks import average, directed, moved


def pairs(voxels, step):
    """Symmetric co-occurrence matrix of one direction."""
    matrix = Counter()
    for place, level in voxels.items():
        for way in (1, -1):
            other = voxels.get(moved(place, step, way))
            if other is not None:
                matrix[level, other] += 1
    return matrix


def glcm(levels, aggregation, distance=1):
    """Features by tag without aggregation, or None without any pair."""
    matrices = directed(
        levels, aggregation, lambda part, step: pairs(part, [distance * s for s in step])
    )
    return average([features(m, levels.n_levels) for m, _ in matrices if m])


def features(matrix, n_levels):
    total = sum(matrix.values())
    p = {pair: count / total for pair, count in matrix.items()}
    marginal, gaps, sums = Counter(), Counter(), Counter()
    for (i, j), q in p.items():
        marginal[i] += q
        gaps[abs(i - j)] += q
        sums[i + j] += q
    mean = sum(i * q for i, q in marginal.items())
    variance = sum((i - mean) ** 2 * q for i, q in marginal.items())
    gap_mean = sum(k * q for k, q in gaps.items())
    sum_mean = sum(k * q for k, q in sums.items())
    h_xy, h_x = entropy(p), entropy(marginal)
    h_1 = -sum(q * log2(marginal[i] * marginal[j]) for (i, j), q in p.items())
    h_2 = -sum(a * b * log2(a * b) for a in marginal.values() for b in marginal.values())
    covariance = sum((i - mean) * (j - mean) * q for (i, j), q in p.items())
    flat = len(marginal) == 1
    return {
        "cm_joint_max": max(p.values()),
        "cm_joint_avg": sum(i * q for (i, _), q in p.items()),
        "cm_joint_var": sum((i - mean) ** 2 * q for (i, _), q in p.items()),
        "cm_joint_entr": h_xy,
        "cm_diff_avg": gap_mean,
        "cm_diff_var": sum((k - gap_mean) ** 2 * q for k, q in gaps.items()),
        "cm_diff_entr": entropy(gaps),
        "cm_sum_avg": sum_mean,
        "cm_sum_var": sum((k - sum_mean) ** 2 * q for k, q in sums.items()),
        "cm_sum_entr": entropy(sums),
        "cm_energy": sum(q * q for q in p.values()),
        "cm_contrast": sum((i - j) ** 2 * q for (i, j), q in p.items()),
        "cm_dissimilarity": sum(abs(i - j) * q for (i, j), q in p.items()),
        "cm_inv_diff": sum(q / (1 + abs(i - j)) for (i, j), q in p.items()),
        "cm_inv_diff_norm": sum(q / (1 + abs(i - j) / n_levels) for (i, j), q in p.items()),
        "cm_inv_diff_mom": sum(q / (1 + (i - j) ** 2) for (i, j), q in p.items()),
        "cm_inv_diff_mom_norm": sum(
            q / (1 + (i - j) ** 2 / n_levels**2) for (i, j), q in p.items()
        ),
        "cm_inv_var": 2 * sum(q / (i - j) ** 2 for (i, j), q in p.items() if j > i),
        "cm_corr": None if flat else covariance / variance,
        "cm_auto_corr": sum(i * j * q for (i, j), q in p.items()),
        "cm_clust_tend": sum((i + j - 2 * mean) ** 2 * q for (i, j), q in p.items()),
        "cm_clust_shade": sum((i + j - 2 * mean) ** 3 * q for (i, j), q in p.items()),
        "cm_clust_prom": sum((i + j - 2 * mean) ** 4 * q for (i, j), q in p.items()),
        "cm_info_corr1": None if flat else (h_xy - h_1) / h_x,
        "cm_info_corr2": sqrt(max(0.0, 1 - exp(-2 * (h_2 - h_xy)))),
    }


def entropy(p):
    return -sum(q * log2(q) for q in p.values())
