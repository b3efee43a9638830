"""Cox's partial likelihood with its derivatives, by sums over risk sets.

With patients in order of falling time the risk set of an event is a beginning of the list, so
its sums are cumulative sums: O(n) for the value, O(n p) for the gradient.

Sources: Cox, J R Stat Soc B 1972; 34:187. Ties: Breslow, Biometrics 1974; 30:89, and Efron,
J Am Stat Assoc 1977; 72:557.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from radiome.model.learners.contract import Flags, Floats, Places
from radiome.model.learners.penalised_newton import Derivatives

Ties = Literal["efron", "breslow"]

#: Risks that differ by more than floats can hold make a sum smaller than this.
_SMALLEST = 1e-300


class RiskSets:
    """Who is at risk when, of n patients with k events.

    Parameters
    ----------
    event, time : arrays (n,)
        Outcome.
    ties : str
        efron or breslow.

    Attributes
    ----------
    order : array of int (n,)
        Patients by falling time; what follows is in this order.
    event : array of bool (n,)
        Events.
    """

    def __init__(self, event: Flags, time: Floats, *, ties: Ties) -> None:
        self.order: Places = np.argsort(-time, kind="stable")
        self.event = event[self.order]
        falling = -time[self.order]
        moments = falling[self.event]
        # The risk set of an event ends with the last patient of its time.
        self._last = np.searchsorted(falling, moments, side="right") - 1
        # A patient's hazard adds up over this event and those after it in the order.
        self._first = np.searchsorted(moments, falling, side="left")
        fresh = np.flatnonzero(np.diff(moments, prepend=np.inf))
        self._tied = ties == "efron" and len(fresh) < len(moments)
        if self._tied:
            self._starts = fresh
            sizes = np.diff(np.append(fresh, len(moments)))
            self._group = np.repeat(np.arange(len(fresh)), sizes)
            # Of d events at a time the l-th sees (l − 1)/d of their risks gone.
            self._gone = (np.arange(len(moments)) - fresh[self._group]) / sizes[self._group]

    def denominators(self, risk: Floats) -> Floats:
        """For each event the relative risks (n,) summed over its risk set (k,)."""
        sums: Floats = np.cumsum(risk)[self._last]
        if self._tied:
            sums -= self._gone * self._over_ties(risk[self.event])
        return sums

    def hazards(self, denominators: Floats) -> Floats:
        """Baseline hazard that each patient has been exposed to (n,)."""
        shares = 1 / denominators
        summed = np.append(np.cumsum(shares[::-1])[::-1], 0.0)
        exposed: Floats = summed[self._first]
        if self._tied:
            exposed[self.event] -= self._over_ties(self._gone * shares)
        return exposed

    def means(self, weighted: Floats, denominators: Floats) -> Floats:
        """Mean (k, p) over each risk set of columns times risk (n, p)."""
        sums = np.cumsum(weighted, axis=0)[self._last]
        if self._tied:
            sums -= self._gone[:, None] * self._over_ties(weighted[self.event])
        means: Floats = sums / denominators[:, None]
        return means

    def martingale(self, log_risk: Floats) -> tuple[Floats, Floats]:
        """Events less what was expected (n,), and what was expected (n,), as patients came.

        The first is the gradient of the log likelihood in the log risks.
        """
        risk = np.exp(log_risk[self.order] - log_risk.max())
        expected = np.empty(len(risk))
        expected[self.order] = risk * self.hazards(self.denominators(risk))
        event = np.empty(len(risk))
        event[self.order] = self.event
        return event - expected, expected

    def _over_ties(self, values: Floats) -> Floats:
        """Values of events summed over those of the same time, back at each event."""
        return np.asarray(np.add.reduceat(values, self._starts, axis=0)[self._group])


class PartialLikelihood:
    """−log partial likelihood / n + ½ Σ ridge b², with its derivatives.

    Parameters
    ----------
    sets : RiskSets
        Who is at risk when.
    columns : array (n, p)
        Features, best centred.
    ridge : float
        Weight of the squares.
    """

    def __init__(self, sets: RiskSets, columns: Floats, ridge: float) -> None:
        self.sets, self.ridge = sets, ridge
        self.columns = np.ascontiguousarray(columns[sets.order])
        self._of_events = self.columns[sets.event].sum(axis=0)

    def __call__(self, b: Floats) -> Derivatives:
        """Value, gradient (p,) and Hessian (p, p) at coefficients b."""
        sets, n = self.sets, len(self.columns)
        linear = self.columns @ b
        top = linear.max()
        risk = np.exp(linear - top)
        denominators = sets.denominators(risk)
        if denominators.min() < _SMALLEST:
            return np.inf, b, np.empty((0, 0))
        value = np.log(denominators).sum() + top * len(denominators) - self._of_events @ b
        expected = risk * sets.hazards(denominators)
        gradient = expected @ self.columns - self._of_events
        means = sets.means(risk[:, None] * self.columns, denominators)
        hessian = ((self.columns.T * expected) @ self.columns - means.T @ means) / n
        hessian.flat[:: len(b) + 1] += self.ridge
        return (
            float(value / n + 0.5 * self.ridge * (b @ b)),
            gradient / n + self.ridge * b,
            hessian,
        )
