"""Cox's partial likelihood, risk set by risk set, as the papers write it."""

from __future__ import annotations

import numpy as np


def log_partial_likelihood(columns, event, time, b, *, ties):
    """Breslow 1974 or Efron 1977; derivatives follow by finite differences."""
    risk = np.exp(columns @ b)
    total = 0.0
    for moment in np.unique(time[event]):
        dying = [i for i in range(len(time)) if event[i] and time[i] == moment]
        at_risk = sum(risk[i] for i in range(len(time)) if time[i] >= moment)
        tied = sum(risk[i] for i in dying)
        for place, patient in enumerate(dying):
            gone = place / len(dying) * tied if ties == "efron" else 0.0
            total += columns[patient] @ b - np.log(at_risk - gone)
    return total


def breslow_baseline(event, time, risk, moment):
    """Cumulative hazard up to and including a moment."""
    total = 0.0
    for each in np.unique(time[event]):
        if each <= moment:
            total += np.sum(event & (time == each)) / risk[time >= each].sum()
    return total
