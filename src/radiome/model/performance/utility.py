"""Decision curves: what a model is worth to a patient, at the thresholds that matter.

Net benefit at a risk threshold t is the share of patients treated who have the event, less the
share treated who have not, weighed by t / (1 − t) (Vickers and Elkin 2006). A patient is treated
where the risk is at least t. For time to event, the event share of the treated is one less their
Kaplan-Meier value at the horizon (Vickers et al. 2008).

Declare the range of sensible thresholds beforehand. Treating nobody has a net benefit of 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.bootstrap import equal_tails, percentile_interval
from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    Integers,
    outcome_and_probability,
    probabilities,
    same_length,
    survival_outcome,
)
from radiome.model.performance.resampling import Resampling, Seed, resampling
from radiome.model.performance.results import Estimate, UndefinedStatisticError
from radiome.model.survival_curves import kaplan_meier

Part = Estimate | NotApplicable
#: From the treated to the share of all who are treated and have the event; None if not known.
EventShare = Callable[[Booleans], float | None]
_MOST_UNDEFINED = 0.05


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """One point of a decision curve; every interval is of the same resamples.

    Parameters
    ----------
    threshold : float
        Risk at and above which a patient is treated.
    model, treat_all : Estimate or NotApplicable
        Net benefit of treating by the model, and of treating everybody.
    over_treat_all : Estimate or NotApplicable
        Their difference.
    standardised : Estimate or NotApplicable
        Net benefit of the model over the event share: 1 is perfect.
    """

    threshold: float
    model: Part
    treat_all: Part
    over_treat_all: Part
    standardised: Part


def net_benefit(outcome: ArrayLike, probability: ArrayLike, threshold: float) -> float:
    """Return TP/n − FP/n · t/(1 − t) at one threshold.

    Examples
    --------
    >>> net_benefit([0, 1, 0, 1], [0.1, 0.6, 0.7, 0.9], 0.5)
    0.25
    """
    positive, risk = outcome_and_probability(outcome, probability)
    return float(_figures(risk, _limits([threshold]), _binary_share(positive))[0, 0])


def net_benefit_survival(
    time: ArrayLike, event: ArrayLike, probability: ArrayLike, threshold: float, *, horizon: float
) -> float:
    """Return the net benefit at one threshold for predicted risks of an event by the horizon."""
    times, events, risk = _survival_input(time, event, probability)
    share = _survival_share(times, events, horizon)
    value = float(_figures(risk, _limits([threshold]), share)[0, 0])
    if np.isnan(value):
        raise UndefinedStatisticError("follow-up of the treated ends before the horizon")
    return value


def decision_curve(
    outcome: ArrayLike,
    probability: ArrayLike,
    thresholds: ArrayLike,
    *,
    seed: Seed | None = None,
    groups: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> tuple[NetBenefit, ...]:
    """Return net benefits over a range of thresholds, with percentile intervals by patient.

    Parameters
    ----------
    outcome : array of shape (n,)
        1 for the event, 0 for none.
    probability : array of shape (n,)
        Predicted risks, calibrated: a decision curve reads them as risks.
    thresholds : array of shape (k,)
        Between 0 and 1.
    seed : int or SeedSequence, optional
        Root seed of the bootstrap; without it there are no intervals.
    groups : array of shape (n,), optional
        Patient of each row.
    resamples : int
        Number of resamples. The prevalence varies between them.
    level : float
        Confidence level.
    """
    positive, risk = outcome_and_probability(outcome, probability)
    limits = _limits(thresholds)

    def figures(rows: Integers) -> Floats:
        return _figures(risk[rows], limits, _binary_share(positive[rows]))

    return _curve(figures, limits, _plan(risk.size, seed, groups), resamples, level)


def decision_curve_survival(
    time: ArrayLike,
    event: ArrayLike,
    probability: ArrayLike,
    thresholds: ArrayLike,
    *,
    horizon: float,
    seed: Seed | None = None,
    groups: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> tuple[NetBenefit, ...]:
    """Return net benefits of predicted risks of an event by the horizon.

    Parameters
    ----------
    time, event : arrays of shape (n,)
        Follow-up, and 1 where the event ended it.
    probability, thresholds, seed, groups, resamples, level
        As in `decision_curve`.
    horizon : float
        Time by which the event is predicted. Where follow-up of the treated ends before it, the
        point is not applicable.
    """
    times, events, risk = _survival_input(time, event, probability)
    limits = _limits(thresholds)

    def figures(rows: Integers) -> Floats:
        share = _survival_share(times[rows], events[rows], horizon)
        return _figures(risk[rows], limits, share)

    return _curve(figures, limits, _plan(risk.size, seed, groups), resamples, level)


def _figures(risk: Floats, thresholds: Floats, event_share: EventShare) -> Floats:
    """Per threshold: net benefit of model, of all, their difference, standardised.

    NaN marks a figure that is undefined, and stays inside this file.
    """
    overall = event_share(np.ones(risk.size, dtype=np.bool_))
    rows = [_row(risk >= threshold, threshold, event_share, overall) for threshold in thresholds]
    return np.array(rows)


def _row(
    treated: Booleans, threshold: float, event_share: EventShare, overall: float | None
) -> list[float]:
    odds = threshold / (1 - threshold)
    part = float(treated.mean())
    both = event_share(treated) if part else 0.0
    model = np.nan if both is None else both - (part - both) * odds
    if overall is None:
        return [model, np.nan, np.nan, np.nan]
    everybody = overall - (1 - overall) * odds
    return [model, everybody, model - everybody, model / overall if overall else np.nan]


def _binary_share(positive: Booleans) -> EventShare:
    return lambda treated: float(np.mean(positive & treated))


def _survival_share(times: Floats, events: Booleans, horizon: float) -> EventShare:
    def share(treated: Booleans) -> float | None:
        try:
            staying = float(kaplan_meier(times[treated], events[treated]).at([horizon])[0])
            return (1 - staying) * float(treated.mean())
        except UndefinedStatisticError:
            return None

    return share


def _curve(
    figures: Callable[[Integers], Floats],
    thresholds: Floats,
    plan: Resampling | int,
    resamples: int,
    level: float,
) -> tuple[NetBenefit, ...]:
    n = plan if isinstance(plan, int) else plan.rows.size
    observed = figures(np.arange(n))
    if isinstance(plan, int):
        drawn = np.empty((0, *observed.shape))
    else:
        drawn = np.array([figures(plan.draw(number)) for number in range(resamples)])
    return tuple(
        NetBenefit(
            float(threshold),
            *(
                _part(observed[row, column], drawn[:, row, column], n, level)
                for column in range(observed.shape[1])
            ),
        )
        for row, threshold in enumerate(thresholds)
    )


def _part(value: float, replicates: Floats, n: int, level: float) -> Part:
    if np.isnan(value):
        return NotApplicable("there are no events, or follow-up ends before the horizon")
    if replicates.size == 0:
        note = "no bootstrap was asked for"
        return Estimate(float(value), None, None, "net benefit", n, level, None, note)
    known = replicates[~np.isnan(replicates)]
    if known.size < (1 - _MOST_UNDEFINED) * replicates.size:
        note = f"undefined in {replicates.size - known.size} of {replicates.size} resamples"
        return Estimate(float(value), None, None, "bootstrap percentile", n, level, None, note)
    lower, upper = percentile_interval(known, equal_tails(level))
    error = float(np.std(known, ddof=1))
    return Estimate(float(value), lower, upper, "bootstrap percentile", n, level, error)


def _plan(n: int, seed: Seed | None, groups: ArrayLike | None) -> Resampling | int:
    return n if seed is None else resampling(n, seed=seed, groups=groups)


def _limits(thresholds: ArrayLike) -> Floats:
    limits = np.asarray(thresholds, dtype=np.float64)
    if limits.ndim != 1 or limits.size == 0 or not np.all((limits > 0) & (limits < 1)):
        raise UserError(
            "a risk threshold lies outside 0 to 1",
            expected="one or more thresholds, above 0 and below 1",
            got=str(limits.tolist())[:80],
        )
    return limits


def _survival_input(
    time: ArrayLike, event: ArrayLike, probability: ArrayLike
) -> tuple[Floats, Booleans, Floats]:
    times, events = survival_outcome(time, event)
    risk = probabilities(probability, "predicted risk")
    same_length(time=times, risk=risk)
    return times, events, risk
