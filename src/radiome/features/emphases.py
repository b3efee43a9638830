"""The sixteen features that run length, zone and dependence matrices have in common.

With counts s_ij of grey level i and size j (run length, zone size, distance or
dependence), their sum N_s and p_ij = s_ij / N_s, the features are expectations
under p. Source: IBSI reference manual (arXiv:1612.07003), sections 3.7, 3.8, 3.9
and 3.11, which repeat the same formulas.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from radiome.features.matrix_stack import Floats, MatrixStack


def emphases(stack: MatrixStack, tags: Sequence[str]) -> dict[str, Floats]:
    """Compute the features of every matrix of a stack.

    Parameters
    ----------
    stack : MatrixStack
        Grey levels in rows, sizes in columns.
    tags : sequence of 16 str
        Names for, in this order: emphasis of small sizes (sum of p / j²), of large
        sizes (p j²), of low levels (p / i²), of high levels (p i²); small sizes and low
        levels (p / (i² j²)), small and high (p i² / j²), large and low (p j² / i²), large
        and high (p i² j²); grey level non-uniformity (sum over i of s_i.² / N_s) and
        normalised (/ N_s²), size non-uniformity (sum over j of s_.j² / N_s) and normalised;
        percentage (N_s / N_v); grey level variance, size variance, entropy (bits).

    Returns
    -------
    dict of str to float64 array (n_matrices,)
        Zero for empty matrices, which the caller leaves out.
    """
    joint, rows, columns = stack.joint(), stack.rows(), stack.columns()
    totals = stack.totals
    level_squared = stack.row_values[stack.row] ** 2
    size_squared = joint.value**2
    row_squared, column_squared = rows.value**2, columns.value**2
    level_uniformity, size_uniformity = rows.energy(), columns.energy()
    values = (
        columns.expect(1 / column_squared),
        columns.expect(column_squared),
        rows.expect(1 / row_squared),
        rows.expect(row_squared),
        joint.expect(1 / (level_squared * size_squared)),
        joint.expect(level_squared / size_squared),
        joint.expect(size_squared / level_squared),
        joint.expect(level_squared * size_squared),
        level_uniformity * totals,
        level_uniformity,
        size_uniformity * totals,
        size_uniformity,
        totals / np.maximum(stack.voxels, 1),
        rows.variance(rows.mean()),
        columns.variance(columns.mean()),
        joint.entropy(),
    )
    return dict(zip(tags, values, strict=True))
