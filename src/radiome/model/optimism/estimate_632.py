"""The .632 and .632+ estimates of error rate and concordance.

With ε₀ the apparent loss, ε₁ the loss of patients that a sample has left out, averaged for
each patient over those samples, and γ the loss if outcome and prediction had no relation:

    ε.632  = .368 ε₀ + .632 ε₁
    ε.632+ = (1 − w) ε₀ + w ε₁',  w = .632 / (1 − .368 R),  R = (ε₁' − ε₀) / (γ − ε₀)

with ε₁' = min(ε₁, γ); R is 0 unless ε₁' and γ are both above ε₀.

The loss of a class is 0 or 1, and γ = Σ p(1 − q) over the classes, of share p among the
outcomes and q among the predictions. The loss of a concordance is 1 less it, its unit is not
the patient but the pair, averaged over the samples that have left out both, and γ is ½.

Source: Efron and Tibshirani, J Am Stat Assoc 1997; 92:548, sections 2 to 4. For pairs: Yousef,
Wagner and Loew, Pattern Recognit Lett 2005; 26:2600.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from radiome.base.errors import UserError
from radiome.model.concordance import above, ranking
from radiome.model.optimism.refits import Floats
from radiome.model.optimism.resamples import Predictions, Resampled

Measure = Literal["error", "concordance"]

_SHARE = 0.632


@dataclass(frozen=True, slots=True)
class Estimate632:
    """Bootstrap estimates of a measure; errors as errors, concordances as concordances.

    Parameters
    ----------
    measure : str
        ``error`` or ``concordance``.
    apparent : float
        Of the patients that the model was fitted on.
    left_out : float
        Of patients left out of the sample; for concordances of pairs left out.
    no_information : float
        What it would be without any relation.
    b632, b632_plus : float
        The estimates. Take .632+: the .632 is too good where models overfit.
    overfitting : float
        R: 0 is none, 1 is as much as if there was no information.
    weight : float
        Weight of `left_out` in .632+.
    samples, redrawn : int
        Bootstrap samples, and those thrown away for lack of a class.
    """

    measure: Measure
    apparent: float
    left_out: float
    no_information: float
    b632: float
    b632_plus: float
    overfitting: float
    weight: float
    samples: int
    redrawn: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def estimate_632(resampled: Resampled, measure: Measure = "concordance") -> Estimate632:
    """Return the .632 and .632+ estimates of the error rate or the concordance.

    Parameters
    ----------
    resampled : Resampled
        From `resample`.
    measure : {"error", "concordance"}
        Error rate needs an outcome with classes.

    Raises
    ------
    UserError
        If a patient, or a pair of patients, was never left out.
    """
    find = _errors if measure == "error" else _discordances
    apparent, left_out, none = find(resampled)
    plain, plus, overfitting, weight = combine_632(apparent, left_out, none)

    def shown(loss: float) -> float:
        return loss if measure == "error" else 1 - loss

    return Estimate632(
        measure,
        apparent=shown(apparent),
        left_out=shown(left_out),
        no_information=shown(none),
        b632=shown(plain),
        b632_plus=shown(plus),
        overfitting=overfitting,
        weight=weight,
        samples=len(resampled.predictions),
        redrawn=resampled.redrawn,
    )


def combine_632(
    apparent: float, left_out: float, no_information: float
) -> tuple[float, float, float, float]:
    """Return .632, .632+, R and the weight of ε₁', for losses ε₀, ε₁ and γ.

    Examples
    --------
    >>> plain, plus, overfitting, weight = combine_632(0.0, 0.5, 0.5)
    >>> plain, plus, overfitting, weight
    (0.316, 0.5, 1.0, 1.0)
    """
    plain = (1 - _SHARE) * apparent + _SHARE * left_out
    bounded = min(left_out, no_information)
    overfitting = 0.0
    if bounded > apparent and no_information > apparent:
        overfitting = (bounded - apparent) / (no_information - apparent)
    weight = _SHARE / (1 - (1 - _SHARE) * overfitting)
    return plain, (1 - weight) * apparent + weight * bounded, overfitting, weight


def _errors(resampled: Resampled) -> tuple[float, float, float]:
    outcome = resampled.outcome
    if not outcome.classes:
        raise UserError(
            "an error rate needs classes",
            where=f"outcome '{outcome.options.name}'",
            got=f"an outcome of kind {outcome.kind}",
            do="take the concordance",
        )
    true = outcome.values[:, None] == np.arange(len(outcome.classes))
    losses = np.array([_loss(true, one) for one in resampled.predictions])
    out = resampled.counts == 0
    times = out.sum(axis=0)
    _require_left_out(bool((times > 0).all()), "patient")
    left_out = float(np.mean((losses * out).sum(axis=0) / times))
    called = _labels(resampled.apparent).mean(axis=0)
    none = float(np.sum(true.mean(axis=0) * (1 - called)))
    return float(_loss(true, resampled.apparent).mean()), left_out, none


def _loss(true: np.ndarray[Any, np.dtype[np.bool_]], predictions: Predictions) -> Floats:
    """Share of the rows of each patient that are called another class (m,)."""
    return np.asarray(1 - (true * _labels(predictions)).sum(axis=1), np.float64)


def _labels(predictions: Predictions) -> Floats:
    if predictions.labels is None:
        raise UserError("the model predicts no classes")
    return predictions.labels


def _discordances(resampled: Resampled) -> tuple[float, float, float]:
    apparent, left_out = [], []
    for part, wanted in enumerate(above(resampled.outcome)):
        if not wanted.any():
            raise UserError("no two patients can be compared by the outcome")
        first, second = np.nonzero(wanted)
        column = _column(resampled, resampled.apparent, part)
        apparent.append(float(_wrong(column, first, second).mean()))
        total, times = np.zeros(first.size), np.zeros(first.size)
        for counts, column in zip(resampled.counts, _columns(resampled, part), strict=True):
            both = (counts[first] == 0) & (counts[second] == 0)
            total += both * _wrong(column, first, second)
            times += both
        _require_left_out(bool((times > 0).all()), "pair of patients")
        left_out.append(float(np.mean(total / times)))
    return float(np.mean(apparent)), float(np.mean(left_out)), 0.5


def _column(resampled: Resampled, predictions: Predictions, part: int) -> Floats:
    return np.asarray(ranking(resampled.outcome, predictions.scores)[:, part], np.float64)


def _columns(resampled: Resampled, part: int) -> Iterator[Floats]:
    for predictions in resampled.predictions:
        yield _column(resampled, predictions, part)


def _wrong(
    scores: Floats,
    first: np.ndarray[Any, np.dtype[np.intp]],
    second: np.ndarray[Any, np.dtype[np.intp]],
) -> Floats:
    """1 where the first, who ought to score above the second, does not; ½ for a tie."""
    gap = scores[first] - scores[second]
    return np.asarray((gap < 0) + 0.5 * (gap == 0), np.float64)


def _require_left_out(all_left_out: bool, what: str) -> None:
    if not all_left_out:
        raise UserError(
            f"a {what} was never left out of a bootstrap sample",
            do="draw more samples; within strata, no stratum may be of one patient",
        )
