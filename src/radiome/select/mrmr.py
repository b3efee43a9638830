"""Features that tell much about the outcome and little about each other."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from radiome.base.errors import SettingsError
from radiome.select.contract import Choice, FeatureSelector, SelectorOptions, best_first
from radiome.select.outcome_values import OutcomeValues
from radiome.select.ranks import column_ranks
from radiome.select.univariate_tests import univariate_tests

Floats = npt.NDArray[np.float64]
Scheme = Literal["difference", "quotient"]

#: Redundancy below this is taken for this, so that a quotient stays finite.
_LEAST_REDUNDANCY = 1e-3


class MinimumRedundancySelector(FeatureSelector):
    """Minimum redundancy, maximum relevance, greedily (Peng 2005; Ding and Peng 2005).

    The next feature has the largest relevance minus (or over) its mean redundancy with those
    already selected. Relevance is the strength of `radiome.select.univariate_tests`, which suits
    every type of outcome; redundancy is the magnitude of Spearman's ρ.

    Parameters
    ----------
    top : int
        How many to keep. Tune it inside the training rows.
    scheme : {"difference", "quotient"}
        How relevance and redundancy are set against each other.
    outcome : str
        Type of the outcome; "auto" reads it from y.

    Attributes
    ----------
    order_ : array of int, shape (top,)
        Columns in the order in which they were taken.
    criterion_ : array of float, shape (top,)
        Their criterion at that moment.
    support_, scores_, ranking_, excluded_
        As of every selector; scores are relevances, and what was taken ranks first.
    """

    def __init__(
        self, top: int = 10, *, scheme: Scheme = "difference", outcome: str = "auto"
    ) -> None:
        self.top = top
        self.scheme = scheme
        self.outcome = outcome

    def _choose(self, values: Floats, outcome: OutcomeValues) -> Choice:
        if self.scheme not in ("difference", "quotient") or self.top < 1:
            raise SettingsError(
                "mRMR needs a scheme and a number of features",
                expected="difference or quotient, and top of 1 or more",
                got=f"{self.scheme} and {self.top}",
            )
        relevance = univariate_tests(values, outcome).strength
        undefined = np.flatnonzero(np.isnan(relevance)).tolist()
        taken, criterion = greedy(
            standardised_ranks(values), relevance, self.top, quotient=self.scheme == "quotient"
        )
        selected = np.zeros(relevance.size, dtype=np.bool_)
        selected[taken] = True
        others = best_first(relevance)
        order = np.concatenate([taken, others[~selected[others]]])
        self.order_, self.criterion_ = self._varying[taken], criterion
        reasons = dict.fromkeys(undefined, "constant among the patients at risk at every event")
        return Choice(selected, relevance, order, reasons)


def standardised_ranks(values: Floats) -> Floats:
    """Centred ranks of unit length, shape (p, n): their products are Spearman's ρ."""
    ranks = column_ranks(values).values
    ranks -= ranks.mean(axis=1, keepdims=True)
    ranks /= np.linalg.norm(ranks, axis=1, keepdims=True)
    return ranks


def greedy(
    ranks: Floats, relevance: Floats, top: int, *, quotient: bool
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Columns in the order of mRMR and their criterion; equal criteria by column order.

    Parameters
    ----------
    ranks : array of float, shape (p, n)
        From `standardised_ranks`.
    relevance : array of float, shape (p,)
        0 to 1; NaN is never taken.
    top : int
        How many to take, if there are so many.
    """
    left = np.where(np.isnan(relevance), -np.inf, relevance)
    redundancy = np.zeros(left.size)
    taken: list[int] = []
    criterion: list[float] = []
    for count in range(min(top, int(np.isfinite(left).sum()))):
        current = _criterion(left, redundancy / max(count, 1), quotient and count > 0)
        best = int(current.argmax())
        taken.append(best)
        criterion.append(float(current[best]))
        left[best] = -np.inf
        redundancy += np.abs(ranks @ ranks[best])
    return np.array(taken, dtype=np.intp), np.array(criterion)


def _criterion(relevance: Floats, redundancy: Floats, quotient: bool) -> Floats:
    if quotient:
        return relevance / np.maximum(redundancy, _LEAST_REDUNDANCY)
    return relevance - redundancy


class MinimumRedundancyOptions(SelectorOptions):
    """Options of `MinimumRedundancySelector`."""

    top: int = Field(default=10, ge=1, description="How many to keep.")
    scheme: Scheme = Field(
        default="difference", description="Relevance minus redundancy, or their quotient."
    )

    def build(self, *, outcome: str, seed: int) -> MinimumRedundancySelector:
        """The selector; nothing is drawn."""
        return MinimumRedundancySelector(**self.model_dump(), outcome=outcome)
