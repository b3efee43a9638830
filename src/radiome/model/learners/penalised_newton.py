"""Newton's method for a smooth convex loss with ridge and, if wanted, lasso penalty.

Without lasso it is the damped Newton method. With it each step minimises the quadratic model
plus the lasso penalty (proximal Newton: Lee, Sun, Saunders, SIAM J Optim 2014; 24:1420).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dposv

from radiome.model.learners.contract import Floats, Places

Derivatives = tuple[float, Floats, Floats]

#: Share of a diagonal added in a step, so that columns that repeat others do no harm. It
#: changes the path, not the minimum, which the gradient decides.
_JITTER = 1e-10
#: Largest change of a linear predictor in the last step; the next would be about its square.
_LAST_STEP = 1e-6
#: Largest such change that may be left where the loss cannot be lowered for rounding.
_ROUNDING_STEP = 1e-3
_HALVINGS = 40
#: Passes of coordinate descent before the equations of those that take part are solved.
_SWEEPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where the search ended.

    Parameters
    ----------
    at : array (p,)
        Parameters.
    steps : int
        Newton steps.
    converged : bool
        False if the steps were used up or no step could lower the loss.
    """

    at: Floats
    steps: int
    converged: bool


def minimise(
    loss: Callable[[Floats], Derivatives],
    start: Floats,
    *,
    change: Callable[[Floats], float],
    lasso: Floats | None = None,
    max_steps: int = 50,
) -> Minimum:
    """Minimise loss(b) + Σ lasso_j |b_j|.

    Parameters
    ----------
    loss : callable
        Value, gradient (p,) and Hessian (p, p) of a convex function at b.
    start : array (p,)
        Where to begin; the loss is finite there.
    change : callable
        Largest change of a linear predictor that a step (p,) makes, to stop by.
    lasso : array (p,), optional
        Weights of the absolute values.
    max_steps : int
        At most so many Newton steps.
    """
    at = start
    value, gradient, hessian = loss(at)
    for taken in range(1, max_steps + 1):
        if lasso is None:
            step = -solve(hessian, gradient)
            slope = float(gradient @ step)
        else:
            step = lasso_minimum(hessian, hessian @ at - gradient, lasso, at) - at
            slope = float(gradient @ step + lasso @ (np.abs(at + step) - np.abs(at)))
        if change(step) <= _LAST_STEP:
            return Minimum(at + step, taken, converged=True)
        size = 1.0
        for _ in range(_HALVINGS):
            trial = at + size * step
            found = loss(trial)
            lower = found[0] - value
            if lasso is not None:
                lower += float(lasso @ (np.abs(trial) - np.abs(at)))
            if lower <= 1e-4 * size * slope:
                break
            size /= 2
        else:
            # Nothing left to gain but rounding is a minimum too, unless it lies at infinity.
            flat = -slope <= 1e-12 * (1 + abs(value)) and change(step) <= _ROUNDING_STEP
            return Minimum(at, taken, converged=flat)
        at, (value, gradient, hessian) = trial, found
    return Minimum(at, max_steps, converged=False)


def solve(matrix: Floats, right: Floats) -> Floats:
    """Solve a symmetric positive semi-definite system that has a solution."""
    diagonal = matrix.diagonal()
    matrix = matrix.copy()
    matrix.flat[:: len(matrix) + 1] += np.where(diagonal > 0, _JITTER * diagonal, 1.0)
    _, solution, info = dposv(matrix, right, lower=1)
    if info:
        solution = np.linalg.lstsq(matrix, right, rcond=None)[0]
    return np.asarray(solution, np.float64)


def lasso_minimum(matrix: Floats, linear: Floats, lasso: Floats, start: Floats) -> Floats:
    """Minimise ½ b'Mb − linear'b + Σ lasso_j |b_j|.

    Passes of coordinate descent decide which coordinates take part; among those the minimum
    is found by solving equations, as in feature-sign search (Lee et al., NIPS 2006).
    """
    usable = matrix.diagonal() > 0
    slack = 1e-10 * (1 + np.abs(linear).max())
    b = np.where(usable, start, 0.0)
    for _ in range(1000):
        residual = linear - matrix @ b
        for _ in range(_SWEEPS):
            signs = np.sign(b)
            joining = usable & ((np.abs(residual) > lasso) | (b != 0))
            _sweep(matrix, residual, lasso, b, np.flatnonzero(joining))
            if np.array_equal(signs, np.sign(b)):
                break
        _among_active(matrix, linear, lasso, b)
        residual = linear - matrix @ b
        # With the signs settled the active equations hold; the others must not want to join.
        if (np.abs(residual) - lasso)[(b == 0) & usable].max(initial=0.0) <= slack:
            break
    return b


def _sweep(matrix: Floats, residual: Floats, lasso: Floats, b: Floats, places: Places) -> None:
    """One pass of coordinate descent in place; `residual` stays linear − matrix @ b."""
    for place in places.tolist():
        curvature = matrix[place, place]
        wish = residual[place] + curvature * b[place]
        size = abs(wish) - lasso[place]
        new = (size if wish > 0 else -size) / curvature if size > 0 else 0.0
        if new != b[place]:
            residual -= matrix[place] * (new - b[place])
            b[place] = new


def _among_active(matrix: Floats, linear: Floats, lasso: Floats, b: Floats) -> None:
    """Minimise in place over coordinates that are not 0; one that reaches 0 drops out."""
    while (active := np.flatnonzero(b)).size:
        signs = np.sign(b[active]) * (lasso[active] > 0)
        part = matrix[np.ix_(active, active)]
        aim = solve(part, linear[active] - lasso[active] * signs)
        crossing = np.flatnonzero(signs * aim < 0)
        if not crossing.size:
            b[active] = aim
            return
        now = b[active]
        shares = now[crossing] / (now[crossing] - aim[crossing])
        first = crossing[shares.argmin()]
        b[active] = now + shares.min() * (aim - now)
        b[active[first]] = 0.0


def fewer_columns(centred: Floats) -> tuple[Floats, Floats | None]:
    """Columns that span the rows, and the basis to bring coefficients back by.

    A ridge penalty does not change under rotation, so more columns than rows can be replaced
    by as many columns as rows: centred = reduced @ basis.T, coefficients = basis @ reduced ones.
    """
    n, p = centred.shape
    if p <= n:
        return centred, None
    basis, triangle = np.linalg.qr(centred.T)
    return np.ascontiguousarray(triangle.T), basis
