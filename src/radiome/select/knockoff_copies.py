"""Imitations of features that keep their correlations and know nothing of the outcome."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from sklearn.covariance import ledoit_wolf

from radiome.select.ranks import column_ranks

Floats = npt.NDArray[np.float64]
Method = Literal["equicorrelated", "sdp"]

_BARRIERS = tuple(0.3 * 0.5**step for step in range(14))
_SWEEPS = 3
#: Left to 2 Σ - diag(s), so that rounding leaves it positive definite.
_ROOM = 1e-8


def normal_scores(values: Floats) -> Floats:
    """Each column as normal quantiles of its ranks, with mean 0 and variance 1."""
    scores = ndtri(column_ranks(values).values / (len(values) + 1)).T
    scores = scores - scores.mean(axis=0)
    normal: Floats = scores / scores.std(axis=0)
    return normal


def shrunk_correlation(x: Floats) -> Floats:
    """Correlation matrix by Ledoit and Wolf 2004: positive definite for p > n too."""
    covariance, shrinkage = ledoit_wolf(x, assume_centered=True)
    scale = np.sqrt(covariance.diagonal())
    correlation: Floats = covariance / np.outer(scale, scale)
    if shrinkage < _ROOM:
        correlation = (1 - _ROOM) * correlation + _ROOM * np.eye(len(correlation))
    return correlation


def equicorrelated(correlation: Floats) -> Floats:
    """One s for all features, min(1, 2 λ_min); shape (p,)."""
    least = float(np.linalg.eigvalsh(correlation)[0])
    return np.full(len(correlation), max(min(1.0, 2 * least), 0.0) * (1 - _ROOM))


def barrier_sdp(correlation: Floats) -> Floats:
    """Largest Σ s with 0 ≤ s ≤ 1 and 2 Σ - diag(s) positive definite, nearly; shape (p,).

    Coordinate ascent on Σ s + μ log det(2 Σ - diag(s)) with a falling μ. The best s of one
    coordinate is s + 1/(A⁻¹)_jj - μ within [0, 1], with A = 2 Σ - diag(s); A⁻¹ follows by
    Sherman and Morrison.
    """
    s = equicorrelated(correlation) / 2
    for barrier in np.repeat(_BARRIERS, _SWEEPS):
        _sweep(correlation, s, float(barrier))
    least = float(np.linalg.eigvalsh(2 * correlation - np.diag(s))[0])
    return s if least > 0 else np.maximum(s + least - _ROOM, 0.0)


def _sweep(correlation: Floats, s: Floats, barrier: float) -> None:
    """Improve each coordinate of s once, in place."""
    inverse = np.linalg.inv(2 * correlation - np.diag(s))
    for place in range(s.size):
        room = 1 / inverse[place, place]
        new = min(max(s[place] + room - barrier, 0.0), 1.0, s[place] + room * (1 - _ROOM))
        change = new - s[place]
        column = inverse[:, place].copy()
        inverse += np.outer(column, column) * (change / (1 - change * column[place]))
        s[place] = new


def gaussian_copies(x: Floats, correlation: Floats, s: Floats, rng: np.random.Generator) -> Floats:
    """Draw second-order knockoffs of x, shape (n, p) (Candès et al. 2018, section 3.4).

    Given x they are normal with mean x - x Σ⁻¹ D and covariance 2 D - D Σ⁻¹ D, D = diag(s).

    Parameters
    ----------
    x : array of float, shape (n, p)
        Standardised features.
    correlation : array of float, shape (p, p)
        Σ.
    s : array of float, shape (p,)
        From `equicorrelated` or `barrier_sdp`.
    rng : Generator
        Of the draw.
    """
    solved = np.linalg.solve(correlation, np.diag(s))
    covariance = 2 * np.diag(s) - s[:, None] * solved
    eigenvalues, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0))
    copies: Floats = x - x @ solved + rng.standard_normal(x.shape) @ root.T
    return copies
