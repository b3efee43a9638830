"""Small tables for tests of selection."""

from __future__ import annotations

import numpy as np


def chained(rows: int, columns: int, rho: float, rng: np.random.Generator) -> np.ndarray:
    """Normal columns in which neighbours correlate by rho."""
    values = rng.normal(size=(rows, columns))
    for place in range(1, columns):
        values[:, place] = rho * values[:, place - 1] + np.sqrt(1 - rho**2) * values[:, place]
    return values


def follow_up(risk: np.ndarray, rng: np.random.Generator, *, events: float = 0.7) -> np.ndarray:
    """Times to an event that come earlier with a larger risk; some are tied."""
    outcome = np.zeros(risk.size, dtype=[("event", bool), ("time", float)])
    outcome["time"] = np.round(rng.exponential(size=risk.size) * np.exp(-risk), 2) + 0.01
    outcome["event"] = rng.random(risk.size) < events
    return outcome


def outcomes(risk: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One outcome of each type that follows the risk."""
    noisy = risk + rng.normal(size=risk.size)
    return {
        "binary": (noisy > 0).astype(int),
        "multiclass": np.digitize(noisy, np.quantile(noisy, [0.33, 0.67])),
        "continuous": noisy,
        "survival": follow_up(risk, rng),
    }
