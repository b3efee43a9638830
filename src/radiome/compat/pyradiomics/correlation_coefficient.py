"""Maximal correlation coefficient of co-occurrence matrices.

It is the square root of the second largest eigenvalue of
Q_ij = sum over k of p_ik p_jk / (p_i. p_.k + EPSILON). Without EPSILON, Q is similar
to the symmetric A Aᵀ with A_ik = p_ik / sqrt(p_i. p_.k), whose eigenvalues are found
several times as fast. EPSILON matters where levels are rare, so the eigenvalue of A Aᵀ
is only the start of an inverse iteration on Q itself.

Source: pyradiomics 3.0.1 documentation, "Gray Level Co-occurrence Matrix Features";
Golub & Van Loan, Matrix Computations, section 7.6 (inverse iteration).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

import numpy as np
from threadpoolctl import ThreadpoolController

from radiome.compat.pyradiomics.firstorder import EPSILON
from radiome.features.matrix_stack import Floats, MatrixStack

#: Up to this many levels, and closer neighbours than this: all eigenvalues are computed.
_FEW_LEVELS = 8
_CLOSE_EIGENVALUES = 1e-2


def maximal_correlations(stack: MatrixStack, n_present: int) -> Floats:
    """Maximal correlation coefficients (n_matrices,); 1 for a region of a single level."""
    if n_present < 2:
        return np.ones(stack.n_matrices)
    found = np.empty(stack.n_matrices)
    size = len(stack.row_values)
    # More threads of linear algebra could round differently.
    with _linear_algebra().limit(limits=1, user_api="blas"):
        for m in range(stack.n_matrices):
            own = stack.matrix == m
            p = np.zeros((size, size))
            p[stack.row[own], stack.column[own]] = stack.count[own] / stack.totals[m]
            found[m] = _coefficient(p)
    return found


@cache
def _linear_algebra() -> ThreadpoolController:
    # SciPy brings a library of its own, which must be loaded to be found.
    import_module("scipy.linalg")
    return ThreadpoolController()


def _coefficient(p: Floats) -> float:
    kept_rows, kept_columns = p.any(axis=1), p.any(axis=0)
    if kept_rows.sum() < 2:
        # What is left out adds eigenvalues of zero.
        return 0.0
    p = p[kept_rows][:, kept_columns]
    in_row, in_column = p.sum(axis=1), p.sum(axis=0)
    q = (p / (in_row[:, None] * in_column + EPSILON)) @ p.T
    value = None
    if len(q) > _FEW_LEVELS:
        value = _by_iteration(p, in_row, in_column, q)
    if value is None:
        values = np.sort(np.linalg.eigvals(q))
        with np.errstate(invalid="ignore"):
            return float(np.sqrt(values[-2]).real)
    return float(np.sqrt(value))


def _by_iteration(p: Floats, in_row: Floats, in_column: Floats, q: Floats) -> float | None:
    """Second largest eigenvalue of `q`, or None where its neighbours are too close."""
    from scipy.linalg import eigh, lu_factor, lu_solve

    a = p / np.sqrt(in_row[:, None] * in_column)
    n = len(q)
    values, vectors = eigh(a @ a.T, subset_by_index=(n - 3, n - 1))
    # LAPACK can give fewer values than asked for where they coincide.
    if len(values) < 3 or np.diff(values).min() < _CLOSE_EIGENVALUES:
        return None
    root = np.sqrt(in_row)
    right, left = vectors[:, 1] / root, vectors[:, 1] * root
    # A shift that is not quite the eigenvalue keeps the system solvable.
    shifted = lu_factor(q - (values[1] + 1e-5) * np.eye(n))
    for _ in range(2):
        right = lu_solve(shifted, right)
        left = lu_solve(shifted, left, trans=1)
        right /= np.linalg.norm(right)
        left /= np.linalg.norm(left)
    return float(left @ q @ right / (left @ right))
