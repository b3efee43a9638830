"""What learners of time to event share: the hazard that all have in common, and curves.

Competing events: patients with another event are censored at its time, so the hazard is the
cause-specific one. Curves of survival are then those of a world without the other events.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from radiome.base.errors import UserError
from radiome.model.learners.contract import Flags, Floats, read_features


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeHazard:
    """A hazard summed over time: a right-continuous step function that starts at 0.

    Parameters
    ----------
    times : array (k,)
        Distinct times of events, ascending.
    values : array (k,)
        Sum up to and including each.
    last : float
        Last follow-up time, beyond which nothing is known.
    """

    times: Floats
    values: Floats
    last: float

    def at(self, times: ArrayLike) -> Floats:
        """Sums (m,) at times (m,)."""
        place = np.searchsorted(self.times, np.asarray(times, np.float64), side="right")
        return np.concatenate([[0.0], self.values])[place]


def breslow_hazard(event: Flags, time: Floats, relative_risk: Floats) -> CumulativeHazard:
    """Breslow's baseline: Σ over event times of events / Σ relative risks still at risk.

    With all relative risks 1 it is the Nelson-Aalen estimate.

    Parameters
    ----------
    event, time : arrays (n,)
        Outcome.
    relative_risk : array (n,)
        Hazard of each patient over the baseline.

    Examples
    --------
    >>> event, time = np.array([True, False, True]), np.array([1.0, 2.0, 2.0])
    >>> breslow_hazard(event, time, np.ones(3)).values.round(4).tolist()
    [0.3333, 0.8333]
    """
    times, place = np.unique(time, return_inverse=True)
    at_risk = np.bincount(place, weights=relative_risk)[::-1].cumsum()[::-1]
    deaths = np.bincount(place, weights=event)
    happens = deaths > 0
    values = np.cumsum(deaths[happens] / at_risk[happens])
    return CumulativeHazard(times[happens], values, float(times[-1]))


class SurvivalLearner(BaseEstimator):  # type: ignore[misc]
    """Base of learners of time to event; hazards are proportional.

    Attributes
    ----------
    baseline_ : CumulativeHazard
        Of a patient whose relative risk is 1.
    converged_ : bool
    """

    baseline_: CumulativeHazard

    @abstractmethod
    def _log_risk(self, features: Floats) -> Floats:
        """Log relative risks (n,)."""

    def predict(self, X: Any) -> Floats:
        """Log relative risk (n,): the higher, the earlier the event."""
        check_is_fitted(self)
        return self._log_risk(read_features(self, X))

    def predict_survival(self, X: Any, times: ArrayLike) -> Floats:
        """Probabilities (n, m) of being event-free after each time, exp(−H0(t)·risk).

        Raises
        ------
        UserError
            For a time beyond the last follow-up of the training patients.
        """
        # Beyond this the survival is 0 in any case, and exp would overflow.
        log_risk = np.minimum(self.predict(X), 500.0)
        wanted = np.atleast_1d(np.asarray(times, np.float64))
        if wanted.max(initial=0.0) > self.baseline_.last:
            raise UserError(
                "survival is not known beyond the last follow-up of the training patients",
                where=type(self).__name__,
                expected=f"times up to {self.baseline_.last:g}",
                got=f"{wanted.max():g}",
                do="choose an earlier horizon",
            )
        return np.asarray(
            np.exp(-np.outer(np.exp(log_risk), self.baseline_.at(wanted))), np.float64
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
