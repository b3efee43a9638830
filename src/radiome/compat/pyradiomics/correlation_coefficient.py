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
from radiome.features.matrix_stack import Floats, Integers, MatrixStack

#: Up to this many levels, and closer neighbours than this: all eigenvalues are computed.
_FEW_LEVELS = 8
_CLOSE_EIGENVALUES = 1e-2


def maximal_correlations(stack: MatrixStack, n_present: int, *, few: int = _FEW_LEVELS) -> Floats:
    """Maximal correlation coefficients (n_matrices,); 1 for a region of a single level.

    The elements of `stack` are in the order of the matrices. Matrices with up to `few` levels
    are solved together.
    """
    if n_present < 2:
        return np.ones(stack.n_matrices)
    found = np.zeros(stack.n_matrices)
    row, n_rows = _own_numbers(stack, stack.row)
    column, n_columns = _own_numbers(stack, stack.column)
    start = np.searchsorted(stack.matrix, np.arange(stack.n_matrices + 1))
    share = stack.count / stack.totals[stack.matrix]
    # More threads of linear algebra could round differently.
    with _linear_algebra().limit(limits=1, user_api="blas"):
        # With a single level, what is left out of the others adds eigenvalues of zero.
        for n in range(2, min(few, int(n_rows.max(initial=0))) + 1):
            chosen = np.flatnonzero(n_rows == n)
            width = int(n_columns[chosen].max(initial=0))
            own = n_rows[stack.matrix] == n
            place = np.searchsorted(chosen, stack.matrix[own])
            p = np.zeros((len(chosen), n, width))
            p[place, row[own], column[own]] = share[own]
            found[chosen] = _together(p)
        for m in np.flatnonzero(n_rows > few):
            own_part = slice(start[m], start[m + 1])
            p = np.zeros((n_rows[m], n_columns[m]))
            p[row[own_part], column[own_part]] = share[own_part]
            found[m] = _coefficient(p)
    return found


def _own_numbers(stack: MatrixStack, index: Integers) -> tuple[Integers, Integers]:
    """Rows or columns numbered within each matrix by those that occur, and how many do."""
    size = max(len(stack.row_values), len(stack.column_values))
    keys, place = np.unique(stack.matrix * size + index, return_inverse=True)
    owner = keys // size
    first = np.searchsorted(owner, np.arange(stack.n_matrices + 1))
    return place - first[stack.matrix], np.diff(first)


def _together(p: Floats) -> Floats:
    """Coefficients (n,) of matrices (n, rows, columns) of probabilities."""
    in_row, in_column = p.sum(axis=2), p.sum(axis=1)
    q = (p / (in_row[:, :, None] * in_column[:, None] + EPSILON)) @ p.swapaxes(1, 2)
    values = np.sort(np.linalg.eigvals(q), axis=1)[:, -2]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(values).real)


@cache
def _linear_algebra() -> ThreadpoolController:
    # SciPy brings a library of its own, which must be loaded to be found.
    import_module("scipy.linalg")
    return ThreadpoolController()


def _coefficient(p: Floats) -> float:
    in_row, in_column = p.sum(axis=1), p.sum(axis=0)
    q = (p / (in_row[:, None] * in_column + EPSILON)) @ p.T
    value = _by_iteration(p, in_row, in_column, q)
    return float(_together(p[None])[0]) if value is None else float(np.sqrt(value))


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
