"""Selection with a bound on the false discovery rate, by model-X knockoffs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from radiome.base.errors import SettingsError
from radiome.select.contract import Choice, FeatureSelector, SelectorOptions, best_first
from radiome.select.knockoff_copies import (
    Method,
    barrier_sdp,
    equicorrelated,
    gaussian_copies,
    normal_scores,
    shrunk_correlation,
)
from radiome.select.outcome_values import OutcomeValues
from radiome.select.penalised import balanced_folds, cross_validated, with_folds
from radiome.select.penalised_path import standardised

Floats = npt.NDArray[np.float64]

_FOLDS = 5


class KnockoffSelector(FeatureSelector):
    """Candès, Fan, Janson, Lv 2018, with Gaussian knockoffs of the second order.

    Features are normalised by their ranks and imitated. A LASSO (linear, logistic or Cox, the
    penalty by cross-validation) sees both; W is the difference in the magnitude of the
    coefficients of a feature and its imitation. Kept is W ≥ t for the least t with
    (1 + #{W ≤ -t}) / #{W ≥ t} ≤ `rate` (knockoff+).

    The rate is bounded on average over studies, if features are near to normal after ranking;
    a single study can have more. At rate q nothing is kept unless at least 1/q features stand
    out, 2/q with several draws. Where features say the same there is no power: put
    `ClusterRepresentatives` before it.

    Parameters
    ----------
    rate : float
        False discovery rate.
    draws : int
        Imitations are random. With more than one draw, e-values of the draws are averaged
        (Ren and Barber 2024): the choice then hangs less on the seed, with the same bound.
    method : {"sdp", "equicorrelated"}
        How unlike its imitation each feature may be: as much as possible, or equally.
    outcome : str
        Type of the outcome; "auto" reads it from y.
    random_state : int
        Of imitations and folds.

    Attributes
    ----------
    statistics_ : array of float, shape (draws, features)
        W of each draw.
    thresholds_ : tuple of float or None
        t of each draw; None where no t meets the rate.
    s_ : array of float, shape (features,)
        How unlike imitations are: from 0, a copy, to 1.
    support_, scores_, ranking_, excluded_
        As of every selector; scores are W of a single draw, or mean e-values and then mean W.
    """

    def __init__(
        self,
        rate: float = 0.2,
        *,
        draws: int = 1,
        method: Method = "sdp",
        outcome: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.rate = rate
        self.draws = draws
        self.method = method
        self.outcome = outcome
        self.random_state = random_state

    def _choose(self, values: Floats, outcome: OutcomeValues) -> Choice:
        if not 0 < self.rate < 1 or self.draws < 1 or self.method not in ("sdp", "equicorrelated"):
            raise SettingsError(
                "knockoffs cannot be made like this",
                expected="a rate between 0 and 1, 1 draw or more, sdp or equicorrelated",
                got=f"{self.rate}, {self.draws}, {self.method}",
            )
        statistics = self._statistics(values, outcome)
        # With several draws, half the rate per draw and the whole rate for their average is
        # the choice of Ren and Barber.
        rate = self.rate if self.draws == 1 else self.rate / 2
        self.thresholds_ = tuple(knockoff_threshold(w, rate) for w in statistics)
        self.statistics_ = np.full((self.draws, self.n_features_in_), np.nan)
        self.statistics_[:, self._varying] = statistics
        mean = statistics.mean(axis=0)
        if self.draws == 1:
            threshold = self.thresholds_[0]
            kept = mean >= (np.inf if threshold is None else threshold)
            return Choice(kept, mean, best_first(mean))
        e = np.mean([e_values(w, t) for w, t in zip(statistics, self.thresholds_, strict=True)], 0)
        return Choice(e_benjamini_hochberg(e, self.rate), e, np.lexsort((-mean, -e)))

    def _statistics(self, values: Floats, outcome: OutcomeValues) -> Floats:
        """W of each draw, shape (draws, q)."""
        count = values.shape[1]
        self.s_ = np.zeros(self.n_features_in_)
        if not count:
            return np.zeros((self.draws, 0))
        x = normal_scores(values)
        correlation = shrunk_correlation(x)
        s = (barrier_sdp if self.method == "sdp" else equicorrelated)(correlation)
        self.s_[self._varying] = s
        folds = balanced_folds(outcome, _FOLDS, self.random_state)
        parts = with_folds(outcome, folds)
        found = np.empty((self.draws, count))
        for draw, sequence in enumerate(
            np.random.SeedSequence(self.random_state).spawn(self.draws)
        ):
            copies = gaussian_copies(x, correlation, s, np.random.default_rng(sequence))
            both = standardised(np.hstack([x, copies]))
            sizes = [
                np.abs(cross_validated(both, *part, l1_ratio=1.0, one_se=False).coefficients)
                for part in parts
            ]
            size = np.max(sizes, axis=0)
            found[draw] = size[:count] - size[count:]
        return found


def knockoff_threshold(w: Floats, rate: float) -> float | None:
    """Least t > 0 with (1 + #{W ≤ -t}) / max(1, #{W ≥ t}) ≤ rate, or None.

    Examples
    --------
    >>> import numpy as np
    >>> knockoff_threshold(np.array([5.0, 4.0, 3.0, 2.0, 1.0, -0.5]), 0.2)
    1.0
    """
    for t in np.unique(np.abs(w[w != 0])):
        if (1 + (w <= -t).sum()) / max(1, (w >= t).sum()) <= rate:
            return float(t)
    return None


def e_values(w: Floats, threshold: float | None) -> Floats:
    """Return p 1{W ≥ t} / (1 + #{W ≤ -t}); 0 without a threshold."""
    if threshold is None:
        return np.zeros(w.size)
    e: Floats = w.size * (w >= threshold) / (1.0 + (w <= -threshold).sum())
    return e


def e_benjamini_hochberg(e: Floats, rate: float) -> npt.NDArray[np.bool_]:
    """Keep the k largest for the largest k whose k-th e-value is at least p / (rate k)."""
    ordered = np.sort(e)[::-1]
    enough = np.flatnonzero(ordered * np.arange(1, e.size + 1) * rate >= e.size * (1 - 1e-12))
    if not enough.size:
        return np.zeros(e.size, dtype=np.bool_)
    kept: npt.NDArray[np.bool_] = e >= ordered[enough[-1]]
    return kept


class KnockoffOptions(SelectorOptions):
    """Options of `KnockoffSelector`."""

    rate: float = Field(default=0.2, gt=0, lt=1, description="False discovery rate.")
    draws: int = Field(default=1, ge=1, description="Imitations that are averaged.")
    method: Method = Field(default="sdp", description="sdp or equicorrelated.")

    def build(self, *, outcome: str, seed: int) -> KnockoffSelector:
        """The selector, with imitations and folds drawn by `seed`."""
        return KnockoffSelector(**self.model_dump(), outcome=outcome, random_state=seed)
