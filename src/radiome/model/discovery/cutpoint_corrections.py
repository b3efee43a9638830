"""What the best of many cut-points is worth: corrected p-values, in closed form.

Trying cut-points between the quantiles `low` and `high` of a feature and reporting the
smallest p makes that p far too small. With z the normal deviate of the smallest two-sided
p, and ``c = ln[high (1 - low) / ((1 - high) low)]``:

``p_corrected = phi(z) (z - 1/z) c + 4 phi(z) / z``

(Miller and Siegmund 1982; Lausen and Schumacher 1992), phi being the normal density.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from radiome.base.errors import SettingsError, UserError

#: Altman's constants for cut-points that leave out 10 % or 5 % at each end.
_ALTMAN = {0.10: (1.63, 2.35), 0.05: (3.13, 1.65)}


def check_probability(value: float, name: str) -> float:
    """Return a p-value or level, or raise `UserError` if it is not above 0 and at most 1."""
    if not 0 < value <= 1:
        raise UserError(
            f"'{name}' is not a probability",
            expected="above 0 and at most 1; for 'p < 0.001' give 0.001",
            got=str(value),
        )
    return float(value)


def check_trim(trim: float) -> float:
    """Return the share of patients left out at each end, or raise `SettingsError`."""
    if not 0 < trim < 0.5:
        raise SettingsError(
            "the share of patients left out at each end makes no sense",
            where="trim",
            expected="above 0 and below 0.5, such as 0.1",
            got=str(trim),
        )
    return float(trim)


def miller_siegmund(p_min: float, *, trim: float = 0.1) -> float:
    """Return the p-value corrected for a search of cut-points.

    Parameters
    ----------
    p_min : float
        Smallest two-sided p over the cut-points.
    trim : float
        Share of patients left out of the search at each end.

    Returns
    -------
    float
        At most 1. The approximation is for small p; from p = 0.317 (z = 1) on it is 1.

    Examples
    --------
    >>> round(miller_siegmund(0.05), 5), round(miller_siegmund(0.05, trim=0.05), 5)
    (0.49162, 0.61825)
    """
    check_probability(p_min, "p_min")
    return maximum_p(float(stats.norm.isf(p_min / 2)), trim=trim)


def maximum_p(statistic: float, *, trim: float = 0.1) -> float:
    """Return Miller and Siegmund's p of the greatest standardised statistic, of either sign.

    The function is ``pmethod="Lau92"`` of R's maxstat.
    """
    share = 1 - check_trim(trim)
    z = abs(statistic)
    if z <= 1:
        return 1.0
    density = stats.norm.pdf(z)
    width = 2 * math.log(share / (1 - share))
    return min(1.0, float(density * (z - 1 / z) * width + 4 * density / z))


def altman(p_min: float, *, trim: float = 0.1) -> float:
    """Return Altman's shortcut (1994) for the same correction; 1e-4 < p_min < 0.1 only.

    ``-1.63 p (1 + 2.35 ln p)`` for `trim` 0.10, ``-3.13 p (1 + 1.65 ln p)`` for 0.05.
    """
    if trim not in _ALTMAN:
        raise SettingsError(
            "Altman's shortcut has no constants for this share",
            where="trim",
            expected="0.1 or 0.05",
            got=str(trim),
            do="use miller_siegmund, which takes any share",
        )
    if not 1e-4 < p_min < 0.1:
        raise UserError(
            "Altman's shortcut does not hold for this p",
            where="p_min",
            expected="above 0.0001 and below 0.1",
            got=str(p_min),
            do="use miller_siegmund",
        )
    factor, slope = _ALTMAN[trim]
    return -factor * p_min * (1 + slope * math.log(p_min))


def required_p(alpha: float = 0.05, *, trim: float = 0.1) -> float:
    """Return the smallest p that a search must reach for a corrected p of `alpha`.

    Examples
    --------
    >>> round(required_p(0.05), 6), round(required_p(0.05, trim=0.05), 6)
    (0.002257, 0.001626)
    """
    check_probability(alpha, "alpha")
    low, high = 1.0 + 1e-9, 38.0
    if maximum_p(low, trim=trim) <= alpha:
        return float(2 * stats.norm.sf(low))
    found = optimize.brentq(lambda z: maximum_p(z, trim=trim) - alpha, low, high, xtol=1e-13)
    return float(2 * stats.norm.sf(found))


def improved_bonferroni(statistic: float, patients: int, group_sizes: ArrayLike) -> float:
    """Return the p of the greatest statistic over given cut-points (Lausen et al. 1994).

    It adds up what each cut-point brings beyond the one before it, so it depends on how
    many cut-points were tried. The function is ``pmethod="Lau94"`` of R's maxstat.

    Parameters
    ----------
    statistic : float
        Greatest standardised statistic, taken as an absolute value.
    patients : int
        Number of patients.
    group_sizes : array of int
        Patients at or below each cut-point, increasing.
    """
    z = abs(statistic)
    sizes = np.asarray(group_sizes, dtype=np.float64)
    lower, upper = sizes[:-1], sizes[1:]
    apart = np.sqrt(1 - lower * (patients - upper) / ((patients - lower) * upper))
    series = apart - (z**2 / 4 - 1) * apart**3 / 6
    added = float((math.exp(-(z**2) / 2) / math.pi * series).sum())
    return min(1.0, max(0.0, float(2 * stats.norm.sf(z)) + added))


def scan_p(p_min: float, fractions: ArrayLike) -> float:
    """Return the p of the best of a few cut-points at given quantiles, for many patients.

    The standardised statistics at fractions f < g are normal with correlation
    ``sqrt(f (1 - g) / (g (1 - f)))``, a Markov chain: the chance that none is beyond z
    is a product of one-dimensional integrals, done here by Gauss-Legendre quadrature. As
    the cut-points fill the range this tends to what `miller_siegmund` approximates.

    Parameters
    ----------
    p_min : float
        Smallest two-sided p over the cut-points.
    fractions : array of float
        Shares of patients at or below each cut-point, increasing, between 0 and 1.

    Examples
    --------
    >>> round(scan_p(0.05, [0.5]), 6)
    0.05
    >>> round(scan_p(0.05, [0.25, 0.5, 0.75]), 3)
    0.124
    """
    check_probability(p_min, "p_min")
    shares = _checked_fractions(fractions)
    limit = float(stats.norm.isf(p_min / 2))
    if limit == 0:
        return 1.0
    before, after = shares[:-1], shares[1:]
    correlations = np.sqrt(before * (1 - after) / (after * (1 - before)))
    spreads = np.sqrt(1 - correlations**2)
    # Close cut-points have a narrow step from one to the next, which nodes must resolve.
    narrowest = float(spreads.min(initial=1.0))
    nodes, weights = np.polynomial.legendre.leggauss(max(64, math.ceil(8 * limit / narrowest)))
    points, weights = limit * nodes, limit * weights
    below = stats.norm.pdf(points)
    for correlation, spread in zip(correlations, spreads, strict=True):
        apart = (points[:, np.newaxis] - correlation * points) / spread
        step = np.exp(-(apart**2) / 2) / (spread * math.sqrt(2 * math.pi))
        below = step @ (weights * below)
    return float(np.clip(1 - weights @ below, p_min, 1.0))


def even_fractions(cutpoints: int, *, trim: float = 0.1) -> NDArray[np.float64]:
    """Return the quantiles of evenly spaced cut-points; of one cut-point, the median."""
    check_trim(trim)
    if cutpoints < 1:
        raise UserError("too few cut-points", expected="1 or more", got=str(cutpoints))
    if cutpoints == 1:
        return np.array([0.5])
    return np.linspace(trim, 1 - trim, cutpoints)


def _checked_fractions(fractions: ArrayLike) -> NDArray[np.float64]:
    shares = np.asarray(fractions, dtype=np.float64)
    inside = shares.ndim == 1 and shares.size > 0 and bool(((shares > 0) & (shares < 1)).all())
    if not inside or (np.diff(shares) <= 0).any():
        raise UserError(
            "the quantiles of the cut-points make no sense",
            expected="increasing numbers between 0 and 1",
            got=str(fractions),
        )
    return shares
