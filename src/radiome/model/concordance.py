"""How often a model puts two patients in the right order, whatever the outcome.

The concordance is the share of comparable pairs that the scores order as the outcomes do,
ties counting one half. For a binary outcome it is the area under the ROC curve, for a time
to event Harrell's C, for an ordinal one (Somers' D + 1) / 2. Without any relation it is
one half, which makes the kinds of outcome comparable.

Scores of different folds come from different models and are not compared: a pair counts
once for each repeat that has both patients in one fold. Cross-validation that pools scores
of all folds would be biased, downwards where there is no signal.

Source: Harrell, Califf, Pryor, Lee, Rosati, JAMA 1982; 247:2543; for the pooling Airola et
al., Comput Stat Data Anal 2011; 55:1828.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.outcomes import Outcome
from radiome.model.performance.bootstrap import equal_tails, percentile_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Ordered pairs that one score is judged by.

    Parameters
    ----------
    agree : float64 array (n, n)
        How often (over repeats) the scores put patient i above j where the outcome does,
        a tie counting one half; 0 for pairs that are not comparable.
    count : float64 array (n, n)
        How often i and j were comparable.
    """

    agree: Floats
    count: Floats

    def concordance(self) -> float:
        """Share of comparable pairs in the right order."""
        return float(self.agree.sum() / self.count.sum())

    def weighted(self, weights: Floats) -> Floats:
        """Concordances (b,) for weights (b, n) of the patients, as of bootstrap samples."""
        over = ((weights @ self.agree) * weights).sum(axis=1)
        under = ((weights @ self.count) * weights).sum(axis=1)
        # A sample without any pair has no concordance, and is left out of the interval.
        result: Floats = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Scores of a model beside an outcome: one set of pairs for each class, or one in all.

    The concordance of several classes is the mean of theirs, each against all others.
    """

    parts: tuple[Pairs, ...]

    def concordance(self) -> float:
        """Mean concordance of the classes."""
        return float(np.mean([part.concordance() for part in self.parts]))

    def weighted(self, weights: Floats) -> Floats:
        """Concordances (b,) for weights (b, n) of the patients."""
        samples: Floats = np.mean([part.weighted(weights) for part in self.parts], axis=0)
        return samples


def above(outcome: Outcome) -> list[NDArray[np.bool_]]:
    """For each class (or in all) which pairs (n, n) the outcome orders: i ought to score above j.

    Patients whose outcome is not known are in no pair. A multiclass outcome gives one
    matrix for each class: those in it above those not in it.
    """
    both = outcome.known[:, None] & outcome.known
    values = outcome.values
    if outcome.kind == "survival":
        time, event = values["time"], values["event"]
        # Who has the event first is the one at higher risk; an event at the time of a
        # censoring came first.
        earlier = (time[:, None] < time) | ((time[:, None] == time) & ~event)
        return [event[:, None] & earlier & both]
    if outcome.kind == "multiclass":
        codes = range(len(outcome.classes))
        return [(values[:, None] == c) & (values != c) & both for c in codes]
    return [(values[:, None] > values) & both]


def ranking(outcome: Outcome, scores: Floats) -> Floats:
    """What patients are ordered by (..., n, c): one column for each matrix of `above`.

    Parameters
    ----------
    outcome : Outcome
        Whose kind decides.
    scores : float64 array (..., n) or (..., n, k)
        One number for each patient, or the probabilities of k classes. Those of an ordinal
        outcome become the expected class.
    """
    if outcome.kind == "ordinal" and scores.shape[-1:] == (len(outcome.classes),):
        return (scores @ np.arange(scores.shape[-1]))[..., None]
    return scores if outcome.kind == "multiclass" else scores[..., None]


def judge(outcome: Outcome, scores: Floats, folds: NDArray[np.int64]) -> Judged:
    """Compare scores with the outcome, pairs within folds only.

    Parameters
    ----------
    outcome : Outcome
        n patients.
    scores : float64 array (r, n) or (r, n, k)
        Out-of-fold scores of r repeats; one column for each class of a multiclass outcome.
        NaN where a patient was not predicted.
    folds : int64 array (r, n)
        Fold of each patient in each repeat.

    Raises
    ------
    UserError
        If no two patients of any fold can be compared.
    """
    ordered = above(outcome)
    columns = ranking(outcome, scores)
    parts = []
    for c, wanted in enumerate(ordered):
        agree, count = np.zeros(wanted.shape), np.zeros(wanted.shape)
        for score, fold in zip(columns[..., c], folds, strict=True):
            given = np.isfinite(score)
            usable = wanted & (fold[:, None] == fold) & given[:, None] & given
            agree += usable * ((score[:, None] > score) + 0.5 * (score[:, None] == score))
            count += usable
        if not count.any():
            raise UserError(
                f"no two patients of one fold can be compared by outcome '{outcome.options.name}'",
                expected="patients with different outcomes in a fold",
                do="set fewer folds in validation.folds, or bring more patients",
            )
        parts.append(Pairs(agree, count))
    return Judged(tuple(parts))


def bootstrap_weights(n_patients: int, n_samples: int, seed: int) -> Floats:
    """How often each patient is drawn (n_samples, n_patients), with replacement."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_samples)
    return drawn.astype(np.float64)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A figure with its 95 % interval by bootstrap of patients, percentiles."""

    value: float
    lower: float
    upper: float

    def as_dict(self) -> dict[str, float]:
        """Plain values, for JSON."""
        return {"value": self.value, "lower": self.lower, "upper": self.upper}


def estimate(judged: Judged, weights: Floats) -> Bounded:
    """Concordance with its percentile interval over bootstrap samples."""
    return _interval(judged.concordance(), judged.weighted(weights))


def difference(first: Judged, second: Judged, weights: Floats) -> Bounded:
    """Concordance of the first model less that of the second, on the same samples."""
    value = first.concordance() - second.concordance()
    return _interval(value, first.weighted(weights) - second.weighted(weights))


def _interval(value: float, samples: Floats) -> Bounded:
    return Bounded(value, *percentile_interval(samples, equal_tails(0.95)))
