"""How many independent features a table is worth; for planning, never for inference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radiome.select.inputs import SelectionError

#: Eigenvalues this near to a whole number are that number: the floor would jump by rounding.
_ROUNDING = 9


@dataclass(frozen=True, slots=True)
class EffectiveNumber:
    """Effective number of p correlated features.

    Parameters
    ----------
    features : int
        p.
    nyholt : float
        1 + (p - 1) (1 - Var λ / p), with the sample variance (Nyholt 2004).
    li_ji : float
        Σ [I(λ ≥ 1) + λ - ⌊λ⌋] (Li and Ji 2005).
    galwey : float
        (Σ sqrt λ)² / Σ λ (Galwey 2009).
    """

    features: int
    nyholt: float
    li_ji: float
    galwey: float


def effective_number(correlation: npt.ArrayLike) -> EffectiveNumber:
    """Effective number from the eigenvalues λ of a correlation matrix of shape (p, p).

    Examples
    --------
    >>> import numpy as np
    >>> effective_number(np.eye(5)).li_ji, effective_number(np.ones((5, 5))).li_ji
    (5.0, 1.0)
    """
    matrix = np.asarray(correlation, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise SelectionError(
            "this is no complete correlation matrix",
            expected="a square matrix of finite numbers",
            got=f"shape {matrix.shape}",
            do="leave constant features out",
        )
    count = len(matrix)
    if count < 2:
        return EffectiveNumber(count, float(count), float(count), float(count))
    eigenvalues = np.round(np.maximum(np.linalg.eigvalsh(matrix), 0), _ROUNDING)
    nyholt = 1 + (count - 1) * (1 - float(eigenvalues.var(ddof=1)) / count)
    li_ji = float(((eigenvalues >= 1) + eigenvalues - np.floor(eigenvalues)).sum())
    galwey = float(np.sqrt(eigenvalues).sum() ** 2 / eigenvalues.sum())
    return EffectiveNumber(count, nyholt, li_ji, galwey)
