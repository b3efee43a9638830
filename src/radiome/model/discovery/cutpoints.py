"""The best cut-point of a feature, with a p-value that knows it was searched for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from radiome.base.errors import SettingsError, UserError
from radiome.model.discovery.cutpoint_corrections import (
    check_probability,
    check_trim,
    improved_bonferroni,
    maximum_p,
)
from radiome.model.null.interval import exceedance_interval
from radiome.model.null.scheme import permutation_rng
from radiome.model.null.scores import binary_outcome, finite_vector, log_rank_scores

Floats = NDArray[np.float64]

#: Permutations or repeats whose cumulative sums are held at once.
_BLOCK = 2000


@dataclass(frozen=True, slots=True, eq=False)
class MaximallySelected:
    """The cut-point that separates outcomes best, and what that is worth.

    Attributes
    ----------
    cutpoint : float
        Patients with values at or below it are one group.
    statistic : float
        Greatest absolute standardised statistic.
    p_uncorrected : float
        Two-sided p of this cut-point as if it had been chosen beforehand. Not for reporting.
    p_permutation : float
        Share of permutations with a statistic as great at any cut-point: the reference.
    p_interval : tuple of float
        95 % Monte-Carlo interval of `p_permutation`.
    p_miller_siegmund, p_improved_bonferroni : float
        Approximations for many patients, shown beside it.
    cutpoints, statistics : array of float, shape (cut-points,)
        All that were tried; the statistic is positive if the group above has more events
        than expected.
    trim : float
        Share of patients left out at each end.
    permutations : int
        Of `p_permutation`.
    """

    cutpoint: float
    statistic: float
    p_uncorrected: float
    p_permutation: float
    p_interval: tuple[float, float]
    p_miller_siegmund: float
    p_improved_bonferroni: float
    cutpoints: Floats
    statistics: Floats
    trim: float
    permutations: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "cutpoint": self.cutpoint,
            "statistic": self.statistic,
            "p_uncorrected": self.p_uncorrected,
            "p_permutation": self.p_permutation,
            "p_interval": list(self.p_interval),
            "p_miller_siegmund": self.p_miller_siegmund,
            "p_improved_bonferroni": self.p_improved_bonferroni,
            "cutpoints_tried": int(self.cutpoints.size),
            "trim": self.trim,
            "permutations": self.permutations,
        }


def best_cutpoint(
    feature: ArrayLike,
    outcome: ArrayLike | tuple[ArrayLike, ArrayLike],
    *,
    trim: float = 0.1,
    permutations: int = 9999,
    seed: int = 0,
) -> MaximallySelected:
    """Search the cut-point with the greatest difference in outcome.

    Parameters
    ----------
    feature : array of float, shape (patients,)
        Values to cut.
    outcome : array of 0/1, or pair of arrays (time, event)
        Binary outcome, or survival (log-rank statistic).
    trim : float
        Groups have at least this share of the patients.
    permutations, seed : int
        Of the permutation p.

    Returns
    -------
    MaximallySelected

    Notes
    -----
    The statistic is standardised by its moments over permutations (Hothorn and Lausen
    2003). A cut-point found here may be used on other patients; on these patients no
    p-value but the corrected one holds.
    """
    share = check_trim(trim)
    if permutations < 1:
        raise SettingsError("too few permutations", expected="1 or more", got=str(permutations))
    values = finite_vector(feature, "feature")
    scores = _scores(outcome)
    if scores.size != values.size:
        raise UserError(
            "feature and outcome differ in length",
            expected=f"{values.size} outcomes",
            got=str(scores.size),
        )
    order = np.argsort(values, kind="stable")
    sizes, cutpoints = _candidates(values[order], share)
    statistics = _statistics(scores[np.newaxis, order], sizes)[0]
    best = int(np.abs(statistics).argmax())
    greatest = float(abs(statistics[best]))
    hits = _exceedances(scores, sizes, greatest, permutations, seed)
    return MaximallySelected(
        cutpoint=float(cutpoints[best]),
        statistic=greatest,
        p_uncorrected=float(2 * stats.norm.sf(greatest)),
        p_permutation=(1 + hits) / (1 + permutations),
        p_interval=exceedance_interval(hits, permutations),
        p_miller_siegmund=maximum_p(greatest, trim=share),
        p_improved_bonferroni=improved_bonferroni(greatest, values.size, sizes),
        cutpoints=cutpoints,
        statistics=statistics,
        trim=share,
        permutations=permutations,
    )


def scan_inflation(
    patients: int,
    *,
    prevalence: float = 0.5,
    trim: float = 0.1,
    alpha: float = 0.05,
    repeats: int = 4000,
    seed: int = 0,
) -> float:
    """Return how often a useless feature gets p < `alpha` at its best cut-point, by simulation.

    Each repeat pairs outcomes, a share `prevalence` of them events, with a continuous feature
    that has nothing to do with them. A cut-point has the statistic of `best_cutpoint`.

    Examples
    --------
    >>> round(scan_inflation(100, repeats=1000, seed=1), 1)
    0.5
    """
    limit = stats.norm.isf(check_probability(alpha, "alpha") / 2)
    if not 0 < prevalence < 1:
        raise UserError(
            "the prevalence makes no sense", expected="between 0 and 1", got=str(prevalence)
        )
    if patients < 2 or repeats < 1:
        raise SettingsError(
            "too few patients or repeats",
            expected="2 patients and 1 repeat, or more",
            got=f"{patients} patients, {repeats} repeats",
        )
    sizes, _ = _candidates(np.arange(patients, dtype=np.float64), check_trim(trim))
    events = min(max(round(prevalence * patients), 1), patients - 1)
    outcome = (np.arange(patients) < events).astype(np.float64)
    return _exceedances(outcome, sizes, float(limit), repeats, seed) / repeats


def _scores(outcome: ArrayLike | tuple[ArrayLike, ArrayLike]) -> Floats:
    if isinstance(outcome, tuple) and len(outcome) == 2:
        return log_rank_scores(*outcome, ties="last")
    return binary_outcome(outcome)


def _candidates(ordered: Floats, trim: float) -> tuple[NDArray[np.intp], Floats]:
    """Group sizes and cut-points that keep `trim` of the patients on both sides."""
    last_of_value = np.append(np.flatnonzero(np.diff(ordered) > 0), ordered.size - 1)
    sizes = last_of_value + 1
    # Rounding must not drop a group of exactly the least size.
    least, greatest = trim * ordered.size - 1e-9, (1 - trim) * ordered.size + 1e-9
    sizes = sizes[(sizes >= least) & (sizes <= greatest) & (sizes < ordered.size)]
    if sizes.size == 0:
        raise UserError(
            "no cut-point leaves enough patients on both sides",
            expected=f"{trim:.0%} of the patients or more in each group",
            got="a feature with too few different values",
            do="lower the share with trim, or use the feature as it is",
        )
    return sizes, ordered[sizes - 1]


def _statistics(scores: Floats, sizes: NDArray[np.intp]) -> Floats:
    """Standardised sums of scores above each cut-point, one row per order of patients."""
    patients = scores.shape[1]
    centred = scores - scores.mean(axis=1, keepdims=True)
    variance = centred.var(axis=1, ddof=1, keepdims=True)
    spread = np.sqrt(variance * sizes * (patients - sizes) / patients)
    below = np.cumsum(centred, axis=1)[:, sizes - 1]
    # Outcomes that are all the same differ nowhere.
    statistics: Floats = np.divide(-below, spread, out=np.zeros_like(below), where=spread > 0)
    return statistics


def _exceedances(
    scores: Floats, sizes: NDArray[np.intp], greatest: float, permutations: int, seed: int
) -> int:
    hits = 0
    for start in range(0, permutations, _BLOCK):
        rng = permutation_rng(seed, start)
        tiled = np.tile(scores, (min(_BLOCK, permutations - start), 1))
        found = np.abs(_statistics(rng.permuted(tiled, axis=1), sizes)).max(axis=1)
        # Equal sums in another order differ in the last bits: still ties.
        hits += int((found >= greatest - 1e-9).sum())
    return hits
