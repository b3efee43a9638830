"""How strongly a batch goes with classes and with numbers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


def contingency(rows: Codes, columns: Codes) -> npt.NDArray[np.int64]:
    """Counts of each pair of codes, shape (largest row code + 1, largest column code + 1)."""
    counts = np.zeros((int(rows.max()) + 1, int(columns.max()) + 1), dtype=np.int64)
    np.add.at(counts, (rows, columns), 1)
    return counts


def corrected_cramers_v(counts: npt.NDArray[np.int64]) -> float | None:
    """Cramér's V with Bergsma's correction for bias.

    With φ² = χ²/n of an r × k table, φ̃² = max(0, φ² - (k-1)(r-1)/(n-1)),
    k̃ = k - (k-1)²/(n-1) and r̃ alike: V = √(φ̃² / min(k̃-1, r̃-1)).

    Returns
    -------
    float or None
        0 to 1; None for fewer than two filled rows or columns, or too few cases to correct.

    References
    ----------
    Bergsma, Journal of the Korean Statistical Society 2013;42:323-328.
    """
    filled = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.float64)
    n, (rows, columns) = filled.sum(), filled.shape
    if min(rows, columns) < 2:
        return None
    expected = np.outer(filled.sum(axis=1), filled.sum(axis=0)) / n
    phi_squared = ((filled - expected) ** 2 / expected).sum() / n
    corrected = max(0.0, phi_squared - (rows - 1) * (columns - 1) / (n - 1))
    size = min(k - (k - 1) ** 2 / (n - 1) for k in (rows, columns)) - 1
    return None if size <= 0 else float(min(1.0, np.sqrt(corrected / size)))


def largest_mean_difference(batch_codes: Codes, values: Floats) -> tuple[float, int, int] | None:
    """Largest standardised mean difference between two batches, and which two.

    |m₁ - m₂| / √((s₁² + s₂²)/2) over all pairs of batches with two values or more; infinite
    where two batches are constant and differ.

    Parameters
    ----------
    batch_codes : array of int, shape (cases,)
        Batch of each case.
    values : array, shape (cases,)
        Numbers, NaN where missing.

    Returns
    -------
    tuple of (difference, batch, batch), or None when no two batches have two values.
    """
    groups = {}
    for batch in np.unique(batch_codes):
        part = values[(batch_codes == batch) & ~np.isnan(values)]
        if part.size > 1:
            groups[int(batch)] = (part.mean(), part.var(ddof=1))
    found = [
        (_standardised(groups[one], groups[other]), one, other)
        for one, other in combinations(groups, 2)
    ]
    return max(found, default=None)


def _standardised(one: tuple[float, float], other: tuple[float, float]) -> float:
    difference, spread = abs(one[0] - other[0]), np.sqrt((one[1] + other[1]) / 2)
    if difference == 0:
        return 0.0
    return float(difference / spread) if spread > 0 else float("inf")
