"""Slow twin of the features that GLRLM, GLSZM, GLDZM and NGLDM share."""

from __future__ import annotations

from collections import Counter
from math import log2


def size_emphases(matrix, n_voxels, tags):
    """Sixteen features of one matrix of (level, size) counts."""
    n = sum(matrix.values())
    rows, columns = Counter(), Counter()
    for (i, j), count in matrix.items():
        rows[i] += count
        columns[j] += count

    def mean(term):
        return sum(term(i, j) * count for (i, j), count in matrix.items()) / n

    level_mean = mean(lambda i, j: i)
    size_mean = mean(lambda i, j: j)
    values = (
        mean(lambda i, j: 1 / j**2),
        mean(lambda i, j: j**2),
        mean(lambda i, j: 1 / i**2),
        mean(lambda i, j: i**2),
        mean(lambda i, j: 1 / (i**2 * j**2)),
        mean(lambda i, j: i**2 / j**2),
        mean(lambda i, j: j**2 / i**2),
        mean(lambda i, j: i**2 * j**2),
        sum(count**2 for count in rows.values()) / n,
        sum(count**2 for count in rows.values()) / n**2,
        sum(count**2 for count in columns.values()) / n,
        sum(count**2 for count in columns.values()) / n**2,
        n / n_voxels,
        mean(lambda i, j: (i - level_mean) ** 2),
        mean(lambda i, j: (j - size_mean) ** 2),
        -sum(count / n * log2(count / n) for count in matrix.values()),
    )
    return dict(zip(tags, values, strict=True))
