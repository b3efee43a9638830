"""Harrell's optimism bootstrap of concordance and calibration slope.

Optimism is the mean, over bootstrap samples, of the statistic of the sample's model on its own
sample less that on the original patients. The corrected figure is the apparent one less it.

Source: Harrell, Lee and Mark, Stat Med 1996; 15:361, section 5.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from radiome.base.values import NotApplicable
from radiome.model.concordance import judge
from radiome.model.optimism.refits import Floats, Rows
from radiome.model.optimism.resamples import Resampled
from radiome.model.optimism.slopes import calibration_slope
from radiome.model.outcomes import Outcome
from radiome.model.performance.results import UndefinedStatisticError, attempt

Statistic = Literal["concordance", "calibration_slope"]

#: Share of samples that may be without the statistic before the mean says nothing.
MOST_UNDEFINED = 0.05


@dataclass(frozen=True, slots=True)
class Optimism:
    """A statistic corrected for optimism.

    Parameters
    ----------
    statistic : str
        ``concordance`` or ``calibration_slope``.
    apparent : float
        Of the model of all patients, on them.
    in_sample, in_original : float
        Means over the samples' models: on their own sample, and on the original patients.
    optimism, corrected : float
        Difference of those means, and `apparent` less it.
    samples, undefined : int
        Samples drawn, and those among them without the statistic, which are left out.
    """

    statistic: Statistic
    apparent: float
    in_sample: float
    in_original: float
    optimism: float
    corrected: float
    samples: int
    undefined: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def optimism(
    resampled: Resampled, statistic: Statistic = "concordance"
) -> Optimism | NotApplicable:
    """Return the optimism of a statistic, or why there is none.

    Parameters
    ----------
    resampled : Resampled
        From `resample`.
    statistic : {"concordance", "calibration_slope"}
        Slopes are those of `slopes.calibration_slope`.

    Notes
    -----
    A slope is not defined where scores separate the classes, as those of a flexible model do
    on its own sample. Up to 5 % of such samples are left out and counted; of more there is no
    honest mean, and the result is the reason.
    """
    whole = np.ones(len(resampled.outcome), np.int64)
    apparent = _value(statistic, resampled.outcome, resampled.apparent.scores, whole)
    if isinstance(apparent, NotApplicable):
        return NotApplicable(f"on the patients fitted: {apparent.reason}")
    pairs, reasons = [], Counter[str]()
    for counts, predictions in zip(resampled.counts, resampled.predictions, strict=True):
        own = _value(statistic, resampled.outcome, predictions.scores, counts)
        other = _value(statistic, resampled.outcome, predictions.scores, whole)
        if isinstance(own, NotApplicable):
            reasons[f"on their own sample, {own.reason}"] += 1
        elif isinstance(other, NotApplicable):
            reasons[f"on the original patients, {other.reason}"] += 1
        else:
            pairs.append((own, other))
    undefined, samples = sum(reasons.values()), len(resampled.predictions)
    if undefined > MOST_UNDEFINED * samples:
        reason, _ = reasons.most_common(1)[0]
        return NotApplicable(f"in {undefined} of {samples} samples: {reason}")
    in_sample, in_original = np.mean(pairs, axis=0).tolist()
    gap = in_sample - in_original
    return Optimism(
        statistic, apparent, in_sample, in_original, gap, apparent - gap, samples, undefined
    )


def _value(
    statistic: Statistic, outcome: Outcome, scores: Floats, counts: Rows
) -> float | NotApplicable:
    """The statistic of patients who count so often (m,)."""
    find = _concordance if statistic == "concordance" else _slope
    return attempt(find, outcome, scores, counts)


def _concordance(outcome: Outcome, scores: Floats, counts: Rows) -> float:
    judged = judge(outcome, scores[None], np.zeros((1, len(outcome)), np.int64))
    value = float(judged.weighted(counts[None].astype(np.float64))[0])
    if not np.isfinite(value):
        raise UndefinedStatisticError("no two patients can be compared")
    return value


def _slope(outcome: Outcome, scores: Floats, counts: Rows) -> float:
    rows = np.repeat(np.arange(len(outcome)), counts)
    return calibration_slope(outcome.taken(rows), scores[rows])
