"""What the plots of one outcome are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.concordance import Bounded
from radiome.model.null.permutation import PermutationResult
from radiome.model.out_of_fold import OutOfFold
from radiome.model.outcomes import Outcome
from radiome.model.run import OutcomeResult


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What the plots of one outcome are drawn from.

    Parameters
    ----------
    found : OutOfFold
        Predictions of the features.
    weights : float64 array (b, m)
        Bootstrap samples of the m patients: how often each is drawn.
    null : PermutationResult
        Permutation null of the whole pipeline.
    figures : mapping
        Those of `figures_of`: plots say what the results say.
    seed : int
        Of what is drawn at random.
    """

    found: OutOfFold
    weights: NDArray[np.float64]
    null: PermutationResult
    figures: Mapping[str, Any]
    seed: int

    @property
    def outcome(self) -> Outcome:
        """The outcome of the m patients."""
        return self.found.outcome

    def performance(self, name: str, *parts: str) -> Any:
        """A figure of performance, or None where it has no value."""
        told: Any = self.figures["performance"].get(name)
        for part in parts:
            told = told.get(part) if isinstance(told, Mapping) else None
        return None if isinstance(told, Mapping) and "reason" in told else told

    def interval(self, name: str, *parts: str) -> Bounded | None:
        """A figure of performance with its interval, or None where it has none."""
        return bounded(self.performance(name, *parts))


def material_of(result: OutcomeResult, seed: int) -> Material | None:
    """What the plots of a modelled outcome are drawn from; None if it was not modelled."""
    if result.evaluation is None or result.figures is None:
        return None
    ladder = result.evaluation.ladder
    return Material(
        ladder.steps["features"], ladder.weights, result.evaluation.null, result.figures, seed
    )


def bounded(told: Any) -> Bounded | None:
    """An estimate from plain values, or None where it or its interval is not defined."""
    if not isinstance(told, Mapping) or told.get("lower") is None or told.get("upper") is None:
        return None
    return Bounded(told["value"], told["lower"], told["upper"])
