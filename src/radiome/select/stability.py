"""Stability selection: what is among the first on the path in most halves of the patients."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pydantic import Field

from radiome.base.errors import SettingsError
from radiome.select.contract import Choice, FeatureSelector, SelectorOptions, best_first
from radiome.select.inputs import SelectionError, varying_columns
from radiome.select.outcome_values import OutcomeValues
from radiome.select.penalised_path import entry_order

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


class StabilitySelector(FeatureSelector):
    """Meinshausen and Bühlmann 2010, with the complementary pairs of Shah and Samworth 2013.

    The patients are halved again and again. In each half the first `first` features on the
    LASSO (or elastic net) path are noted; a feature is kept when it is noted in at least
    `threshold` of the halves. The path is linear, logistic or Cox, by the outcome.

    Parameters
    ----------
    threshold : float
        Above 0.5, up to 1.
    first : int, optional
        Features noted per half. By default as many as keep the expected number of false
        selections within `false_selections`.
    false_selections : float
        Bound on the expected number of false selections (Meinshausen and Bühlmann), used where
        `first` is not given.
    pairs : int
        How often the patients are halved; each gives two halves.
    l1_ratio : float
        1 for the LASSO.
    outcome : str
        Type of the outcome; "auto" reads it from y.
    random_state : int
        Of the halves.

    Attributes
    ----------
    first_ : int
        Features noted per half.
    bound_, unimodal_bound_ : float or None
        Bounds on the expected number of false selections, from `false_selection_bound` and
        `unimodal_bound`.
    support_, scores_, ranking_, excluded_
        As of every selector; scores are the selection frequencies.
    """

    def __init__(
        self,
        threshold: float = 0.75,
        *,
        first: int | None = None,
        false_selections: float = 1.0,
        pairs: int = 50,
        l1_ratio: float = 1.0,
        outcome: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.threshold = threshold
        self.first = first
        self.false_selections = false_selections
        self.pairs = pairs
        self.l1_ratio = l1_ratio
        self.outcome = outcome
        self.random_state = random_state

    def _choose(self, values: Floats, outcome: OutcomeValues) -> Choice:
        self._check()
        count = values.shape[1]
        self.first_ = min(self.first or self._affordable(count), count)
        noted = np.zeros(count)
        for rows in halves(outcome, self.pairs, self.random_state) if count else ():
            varies = np.flatnonzero(varying_columns(values[rows]))
            early = entry_order(
                values[np.ix_(rows, varies)],
                outcome.taken(rows),
                count=self.first_,
                l1_ratio=self.l1_ratio,
            )
            noted[varies[early]] += 1
        frequency = noted / (2 * self.pairs)
        self.bound_ = false_selection_bound(self.first_, count, self.threshold)
        self.unimodal_bound_ = unimodal_bound(self.first_, count, self.threshold, self.pairs)
        return Choice(frequency >= self.threshold, frequency, best_first(frequency))

    def _affordable(self, count: int) -> int:
        """The largest q whose bound q² / ((2 π - 1) p) is at most what is allowed, at least 1."""
        allowed = (2 * self.threshold - 1) * count * self.false_selections
        return max(1, math.floor(math.sqrt(allowed)))

    def _check(self) -> None:
        known = 0.5 < self.threshold <= 1 and self.pairs > 0 and 0 < self.l1_ratio <= 1
        if not known or self.false_selections <= 0 or (self.first is not None and self.first < 1):
            raise SettingsError(
                "stability selection cannot be done like this",
                expected="a threshold above 0.5 and up to 1, pairs and first of 1 or more, "
                "l1_ratio above 0 and up to 1, false_selections above 0",
                got=f"{self.threshold}, {self.pairs}, {self.first}, {self.l1_ratio}, "
                f"{self.false_selections}",
            )


def false_selection_bound(first: int, count: int, threshold: float) -> float | None:
    """E[V] ≤ q² / ((2 π - 1) p) (Meinshausen and Bühlmann 2010, theorem 1).

    Parameters
    ----------
    first, count : int
        q features noted per half, out of p.
    threshold : float
        π, above 0.5; otherwise there is no bound and the result is None.

    Examples
    --------
    >>> round(false_selection_bound(12, 60, 0.75), 6)
    4.8
    """
    if count < 1 or threshold <= 0.5:
        return None
    return first**2 / ((2 * threshold - 1) * count)


def unimodal_bound(first: int, count: int, threshold: float, pairs: int) -> float | None:
    """Bound of Shah and Samworth 2013, theorem 2, for unimodal selection frequencies.

    C q² / p with C = 1 / (2 (2 π - 1 - 1/(2B))) for π up to 3/4 and
    C = 4 (1 - π + 1/(2B)) / (1 + 1/B) above, for B pairs. It bounds the expected number of
    selected features among those that a half notes with probability at most q / p.

    Parameters
    ----------
    first, count, threshold
        As for `false_selection_bound`.
    pairs : int
        B.

    Returns
    -------
    float or None
        None where the theorem does not hold: π of at most
        min(1/2 + (q/p)², 1/2 + 1/(2B) + 3/4 (q/p)²).
    """
    if count < 1:
        return None
    share = (first / count) ** 2
    if threshold <= min(0.5 + share, 0.5 + 1 / (2 * pairs) + 0.75 * share):
        return None
    if threshold <= 0.75:
        room = 2 * threshold - 1 - 1 / (2 * pairs)
        factor = 1 / (2 * room) if room > 0 else math.inf
    else:
        factor = 4 * (1 - threshold + 1 / (2 * pairs)) / (1 + 1 / pairs)
    return factor * first**2 / count if math.isfinite(factor) else None


def halves(outcome: OutcomeValues, pairs: int, seed: int) -> Iterator[Places]:
    """Rows of both halves of each pair, balanced by class or event; each pair has its own seed."""
    strata = outcome.strata()
    present, sizes = np.unique(strata, return_counts=True)
    fewest = 2 if present.size > 1 or outcome.event is not None else 4
    if sizes.min() < fewest or (outcome.event is not None and outcome.event.sum() < 2):
        raise SelectionError(
            "there are too few patients to halve",
            expected=f"{fewest} or more in each class, or with and without the event",
            got=f"n_samples = {len(outcome)}, the smallest group has {sizes.min()}",
        )
    for sequence in np.random.SeedSequence(seed).spawn(pairs):
        order = np.random.default_rng(sequence).permutation(len(outcome))
        by_stratum = order[np.argsort(strata[order], kind="stable")]
        half = len(outcome) // 2 * 2
        yield by_stratum[:half:2]
        yield by_stratum[1:half:2]


class StabilityOptions(SelectorOptions):
    """Options of `StabilitySelector`."""

    threshold: float = Field(default=0.75, gt=0.5, le=1, description="Least frequency.")
    first: int | None = Field(default=None, ge=1, description="Features noted per half.")
    false_selections: float = Field(
        default=1.0, gt=0, description="Bound on the expected false ones, if first is not given."
    )
    pairs: int = Field(default=50, ge=1, description="How often the patients are halved.")
    l1_ratio: float = Field(default=1.0, gt=0, le=1, description="1 for the LASSO.")

    def build(self, *, outcome: str, seed: int) -> StabilitySelector:
        """The selector, with halves drawn by `seed`."""
        return StabilitySelector(**self.model_dump(), outcome=outcome, random_state=seed)
