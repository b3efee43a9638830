"""What networks are trained to lower, and what their outputs mean.

Losses take outputs (b, k) that autograd follows, and the outcome of the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
from numpy.typing import NDArray

#: ``loss(outputs, outcome)`` is a number to lower.
Loss = Callable[[Any, NDArray[Any]], Any]


def cross_entropy(outputs: Any, codes: NDArray[Any]) -> Any:
    """Mean −log probability of the class of each row; softmax over the outputs."""
    top = anp.max(outputs, axis=1, keepdims=True)
    whole = top[:, 0] + anp.log(anp.sum(anp.exp(outputs - top), axis=1))
    return anp.mean(whole - outputs[np.arange(len(codes)), codes])


def squared_error(outputs: Any, values: NDArray[Any]) -> Any:
    """Half the mean squared error."""
    return 0.5 * anp.mean((outputs[:, 0] - values) ** 2)


def cox_loss(outputs: Any, outcome: NDArray[Any]) -> Any:
    """−log of Cox's partial likelihood with Efron's ties, per event; 0 without any event.

    Parameters
    ----------
    outputs : array (b, 1)
        Log relative risks.
    outcome : structured array (b,)
        Fields ``event`` and ``time``.

    Notes
    -----
    Source: Cox, J R Stat Soc B 1972; 34:187; Efron, J Am Stat Assoc 1977; 72:557. A batch is a
    sample of the patients, and so is its risk set (Kvamme, Borgan, Scheel, JMLR 2019; 20:129).
    """
    weights, events = risk_weights(outcome)
    if not len(events):
        return 0.0 * anp.sum(outputs)
    # In double precision: a sum of risks must not fall to 0 beside one large risk.
    log_risk = outputs[:, 0].astype(np.float64)
    top = anp.max(log_risk)
    sums = anp.dot(weights, anp.exp(log_risk - top))
    return anp.mean(anp.log(sums) + top - log_risk[events])


def risk_weights(outcome: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """For each of k events the share (k, b) with which each row is at risk, and its row (k,).

    Of d events at one time the l-th (from 0) sees the share l/d of their risks gone.
    """
    event, time = np.asarray(outcome["event"]), np.asarray(outcome["time"])
    events = np.flatnonzero(event)
    at_risk = (time >= time[events, None]).astype(np.float64)
    tied = event & (time == time[events, None])
    earlier = events < events[:, None]
    place = (tied[:, events] & earlier).sum(axis=1)
    at_risk -= tied * (place / np.maximum(tied.sum(axis=1), 1))[:, None]
    return at_risk, events


LOSSES: Mapping[str, Loss] = {
    "classes": cross_entropy,
    "values": squared_error,
    "survival": cox_loss,
}
