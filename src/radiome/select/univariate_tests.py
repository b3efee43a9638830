"""One test per feature against one outcome, all features at once.

| outcome | test | effect | strength |
|---|---|---|---|
| binary | Mann-Whitney (normal, ties and continuity corrected) | AUC | abs(2 AUC - 1) |
| multiclass | Kruskal-Wallis (chi-square, ties corrected) | H | sqrt(H / (n - 1)) |
| ordinal, continuous, count | Spearman (Student's t) | ρ | abs(ρ) |
| survival | log-rank trend, the score test of a Cox model | z | sqrt(z² / (z² + events)) |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gamma, ndtr, stdtr

from radiome.select.outcome_values import OutcomeValues
from radiome.select.ranks import column_ranks

Floats = npt.NDArray[np.float64]

#: Variance below this share of its parts is rounding: the feature does not vary at risk.
_NO_VARIANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class UnivariateTests:
    """Results of p features.

    Parameters
    ----------
    name : str
        The test.
    effect : array of float, shape (p,)
        AUC (above 0.5 where the feature is larger in the second class), H, ρ, or z (above 0
        where events come earlier with larger values).
    strength : array of float, shape (p,)
        Strength of association from 0 to 1, for comparing features.
    statistic : array of float, shape (p,)
        What features are ranked by: the larger, the smaller the p-value.
    pvalue : array of float, shape (p,)
        Two-sided; NaN, as the others, where the test is undefined.
    """

    name: str
    effect: Floats
    strength: Floats
    statistic: Floats
    pvalue: Floats


def univariate_tests(values: Floats, outcome: OutcomeValues) -> UnivariateTests:
    """Test each column of values of shape (n, p) that vary; no NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from radiome.select.outcome_values import read_outcome
    >>> values = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> univariate_tests(values, read_outcome([0, 0, 1, 1], "auto", values)).effect
    array([1.])
    """
    if outcome.kind == "binary":
        return mann_whitney(values, outcome.values)
    if outcome.kind == "multiclass":
        return kruskal_wallis(values, outcome.values)
    if outcome.event is not None:
        return log_rank_trend(values, outcome.values, outcome.event)
    return spearman(values, outcome.values)


def mann_whitney(values: Floats, codes: Floats) -> UnivariateTests:
    """Mann-Whitney U of the rows with code 1 against those with code 0."""
    ranks = column_ranks(values)
    n = codes.size
    ones = float(codes.sum())
    pairs = ones * (n - ones)
    u = ranks.values @ codes - ones * (ones + 1) / 2
    deviation = np.sqrt(pairs / 12 * ((n + 1) - ranks.ties / (n * (n - 1))))
    away = np.maximum(np.abs(u - pairs / 2) - 0.5, 0.0)
    z = away / deviation
    auc = u / pairs
    return UnivariateTests("Mann-Whitney", auc, np.abs(2 * auc - 1), z, _two_sided(z))


def kruskal_wallis(values: Floats, codes: Floats) -> UnivariateTests:
    """Kruskal-Wallis H between the classes 0, 1, ..."""
    ranks = column_ranks(values)
    n = codes.size
    members = (codes[:, None] == np.arange(codes.max() + 1)).astype(np.float64)
    sizes = members.sum(axis=0)
    means = (ranks.values @ members) / sizes
    between = ((means - (n + 1) / 2) ** 2) @ sizes
    h = 12 / (n * (n + 1)) * between / (1 - ranks.ties / (n**3 - n))
    strength = np.sqrt(np.clip(h / (n - 1), 0, 1))
    return UnivariateTests("Kruskal-Wallis", h, strength, h, chdtrc(sizes.size - 1, h))


def spearman(values: Floats, numbers: Floats) -> UnivariateTests:
    """Spearman's ρ with the outcome."""
    ranks = column_ranks(values)
    n = numbers.size
    centre = (n + 1) / 2
    other = column_ranks(numbers[:, None]).values[0] - centre
    # Σ (rank - centre)² is (n³ - n - ties) / 12.
    lengths = np.sqrt((n**3 - n - ranks.ties) / 12 * (other @ other))
    rho = np.clip((ranks.values @ other) / lengths, -1, 1)
    return UnivariateTests("Spearman", rho, np.abs(rho), np.abs(rho), spearman_pvalue(rho, n))


def spearman_pvalue(rho: Floats, n: int) -> Floats:
    """Two-sided p of ρ over n rows by Student's t; NaN for two rows, where any ρ is ±1.

    It is never below 2 / n!, the share of orders of n distinct values that give ρ = ±1.
    """
    if n < 3:
        return np.full(rho.shape, np.nan)
    left = np.maximum((1 - rho) * (1 + rho), 0)
    with np.errstate(divide="ignore"):
        t = np.abs(rho) * np.sqrt(np.divide(n - 2, left))
    p: Floats = np.clip(2 * stdtr(n - 2, -t), 2 / gamma(n + 1.0), 1.0)
    return p


def log_rank_trend(values: Floats, time: Floats, event: Floats) -> UnivariateTests:
    """Score test of each feature in a Cox model, with the variance of the log-rank test.

    U = Σ over event times of (Σ of x of those with the event - d mean(x at risk)) and
    V = Σ d (r - d) / (r - 1) var(x at risk), with d events among r at risk. For a feature of two
    values it is the log-rank test (Tarone 1975).
    """
    latest_first = np.argsort(-time, kind="stable")
    x = values[latest_first]
    x = x - x.mean(axis=0)
    times, events = time[latest_first], event[latest_first]
    last = np.flatnonzero(np.diff(times, append=-1.0))
    deaths = np.diff(np.cumsum(events)[last], prepend=0.0)
    last, deaths = last[deaths > 0], deaths[deaths > 0]
    at_risk = last + 1.0
    shares = deaths / at_risk
    weights = shares * (at_risk - deaths) / np.maximum(at_risk - 1, 1)
    sums = np.cumsum(x, axis=0)[last]
    u = events @ x - shares @ sums
    squares = _reversed_sums(weights, last, times.size) @ (x * x)
    variance = squares - (weights / at_risk) @ (sums * sums)
    defined = variance > _NO_VARIANCE * np.maximum(squares, np.finfo(np.float64).tiny)
    z = np.full(u.shape, np.nan)
    np.divide(u, np.sqrt(np.maximum(variance, 0)), out=z, where=defined)
    strength = np.sqrt(z * z / (z * z + deaths.sum()))
    return UnivariateTests("log-rank trend", z, strength, np.abs(z), _two_sided(np.abs(z)))


def _reversed_sums(weights: Floats, last: npt.NDArray[np.intp], n: int) -> Floats:
    """For each row, latest first: the weights of the event times at which it is at risk."""
    placed = np.zeros(n)
    placed[last] = weights
    return np.cumsum(placed[::-1])[::-1]


def _two_sided(z: Floats) -> Floats:
    p: Floats = 2 * ndtr(-z)
    return np.minimum(p, 1.0)
