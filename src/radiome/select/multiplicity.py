"""Many tests at once: adjusted p-values and the share of true nulls.

A value that is None or NaN is no test: it does not count, and stays NaN in the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from radiome.base.errors import SettingsError
from radiome.select.inputs import SelectionError

Floats = npt.NDArray[np.float64]
PValues = npt.ArrayLike | Sequence[float | None]
Method = Literal["bonferroni", "holm", "bh", "by", "storey"]

#: Where Storey's smoother and bootstrap look at the histogram of p-values.
LAMBDAS = tuple(round(0.05 * step, 2) for step in range(1, 20))

_DEGREES_OF_FREEDOM = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Storey:
    """q-values with the share of true nulls they rest on.

    Parameters
    ----------
    q : array of float
        One per p-value.
    null_share : float
        π̂₀.
    """

    q: Floats
    null_share: float


def adjust(p: PValues, method: Method) -> Floats:
    """Adjusted p-values (q-values for "storey", with the smoother)."""
    methods = {
        "bonferroni": bonferroni,
        "holm": holm,
        "bh": benjamini_hochberg,
        "by": benjamini_yekutieli,
    }
    if method == "storey":
        return storey(p).q
    if method not in methods:
        raise SettingsError(
            "the correction for many tests is not known",
            expected=", ".join((*methods, "storey")),
            got=repr(method),
        )
    return methods[method](p)


def bonferroni(p: PValues) -> Floats:
    """min(1, m p): the probability of any false finding is at most the level."""
    values, tested = _read(p)
    return _placed(np.minimum(1.0, values * values.size), tested)


def holm(p: PValues) -> Floats:
    """Holm 1979, step-down: p̃_(i) = max over j ≤ i of min(1, (m - j + 1) p_(j))."""
    values, tested = _read(p)
    order = np.argsort(values, kind="stable")
    factors = np.arange(values.size, 0, -1)
    adjusted = np.empty(values.size)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * values[order]))
    return _placed(adjusted, tested)


def benjamini_hochberg(p: PValues) -> Floats:
    """Benjamini and Hochberg 1995: q_(i) = min over j ≥ i of m p_(j) / j, at most 1.

    Examples
    --------
    >>> benjamini_hochberg([0.01, None, 0.04, 0.03])
    array([0.03,  nan, 0.04, 0.04])
    """
    values, tested = _read(p)
    return _placed(np.minimum(1.0, _step_up(values)), tested)


def benjamini_yekutieli(p: PValues) -> Floats:
    """Benjamini and Yekutieli 2001, for any dependence: Σ 1/i times the step-up values."""
    values, tested = _read(p)
    harmonic = float((1.0 / np.arange(1, values.size + 1)).sum())
    return _placed(np.minimum(1.0, harmonic * _step_up(values)), tested)


def storey(
    p: PValues, *, null_share: Literal["smoother", "bootstrap"] | float = "smoother"
) -> Storey:
    """Storey 2002: q = π̂₀ times the values of Benjamini and Hochberg.

    Parameters
    ----------
    p : array of float
        p-values, a few hundred or more.
    null_share : {"smoother", "bootstrap"} or float
        How π̂₀ is found; a number is the fixed λ of π̂₀(λ) = #{p ≥ λ} / (m (1 - λ)).
    """
    values, tested = _read(p)
    share = null_share_of(values, null_share)
    return Storey(_placed(share * np.minimum(1.0, _step_up(values)), tested), share)


def null_share_of(
    p: PValues, method: Literal["smoother", "bootstrap"] | float = "smoother"
) -> float:
    """Estimate π̂₀, the share of true nulls, at most 1.

    Parameters
    ----------
    p : array of float
        p-values.
    method : {"smoother", "bootstrap"} or float
        Cubic smoothing spline with 3 degrees of freedom over λ = 0.05 ... 0.95, at its end
        (Storey and Tibshirani 2003); the λ of least expected squared error (Storey, Taylor,
        Siegmund 2004); or a fixed λ.

    Raises
    ------
    SelectionError
        If the estimate is zero or less: the p-values are no mixture with uniform ones.
    """
    values, _ = _read(p)
    if not isinstance(method, str):
        if not 0 <= method < 1:
            raise SettingsError("λ is out of range", expected="0 ≤ λ < 1", got=str(method))
        share = _share_above(values, np.array([method]))[0]
    elif method == "smoother":
        lambdas = np.array(LAMBDAS)
        share = _smoothed_end(lambdas, _share_above(values, lambdas))
    elif method == "bootstrap":
        share = _least_error(values)
    else:
        raise SettingsError(
            "how π₀ is found is not known", expected="smoother, bootstrap or λ", got=repr(method)
        )
    if share <= 0:
        raise SelectionError(
            "the share of true nulls cannot be estimated",
            expected="p-values near 1 as well",
            got="none above λ",
            do="use Benjamini-Hochberg, which needs no estimate",
        )
    return min(1.0, float(share))


def _read(p: PValues) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The p-values that are tests, and where they are."""
    whole = np.asarray(p, dtype=np.float64)
    if whole.ndim != 1:
        raise SelectionError("p-values come in a row", got=f"an array of shape {whole.shape}")
    tested = ~np.isnan(whole)
    values = whole[tested]
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise SelectionError("a p-value is out of range", expected="0 to 1, or None")
    return values, tested


def _placed(values: Floats, tested: npt.NDArray[np.bool_]) -> Floats:
    whole = np.full(tested.size, np.nan)
    whole[tested] = values
    return whole


def _step_up(values: Floats) -> Floats:
    """Min over j ≥ i of m p_(j) / j, not yet capped at 1."""
    order = np.argsort(values, kind="stable")[::-1]
    ranks = np.arange(values.size, 0, -1)
    result = np.empty(values.size)
    result[order] = np.minimum.accumulate(values[order] * values.size / ranks)
    return result


def _share_above(values: Floats, lambdas: Floats) -> Floats:
    """π̂₀(λ) for each λ."""
    ordered = np.sort(values)
    above = values.size - np.searchsorted(ordered, lambdas, side="left")
    shares: Floats = above / (values.size * (1 - lambdas))
    return shares


def _least_error(values: Floats) -> float:
    lambdas = np.array(LAMBDAS)
    shares = _share_above(values, lambdas)
    above = shares * (1 - lambdas)
    variance = above * (1 - above) / (values.size * (1 - lambdas) ** 2)
    error = variance + (shares - np.quantile(shares, 0.1)) ** 2
    return float(shares[error == error.min()].min())


def _smoothed_end(x: Floats, y: Floats) -> float:
    """Last value of the cubic smoothing spline with 3 degrees of freedom.

    The fit at the knots is (I + a K)⁻¹ y with the roughness matrix K = Q R⁻¹ Qᵀ (Reinsch 1967);
    its degrees of freedom are the trace. K has two zero eigenvalues: lines are not rough.
    """
    eigenvalues, vectors = np.linalg.eigh(_roughness(x))
    eigenvalues[:2] = 0

    def excess(log_weight: float) -> float:
        kept = 1 / (1 + np.exp(log_weight) * eigenvalues)
        return float(kept.sum()) - _DEGREES_OF_FREEDOM

    weight = np.exp(brentq(excess, -60, 60, xtol=1e-13))
    fitted = vectors @ ((vectors.T @ y) / (1 + weight * eigenvalues))
    return float(fitted[-1])


def _roughness(x: Floats) -> Floats:
    """K of ∫ f''² = fᵀ K f for natural cubic splines with knots x."""
    h = np.diff(x)
    inner = np.arange(x.size - 2)
    q = np.zeros((x.size, x.size - 2))
    q[inner, inner] = 1 / h[:-1]
    q[inner + 1, inner] = -1 / h[:-1] - 1 / h[1:]
    q[inner + 2, inner] = 1 / h[1:]
    r = np.diag((h[:-1] + h[1:]) / 3)
    r += np.diag(h[1:-1] / 6, 1) + np.diag(h[1:-1] / 6, -1)
    rough: Floats = q @ np.linalg.solve(r, q.T)
    return rough
