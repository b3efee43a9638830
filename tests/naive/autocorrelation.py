"""Moran's I and Geary's C over all pairs, and their sums by fast Fourier transform."""

from __future__ import annotations

import numpy as np


def _weights(mask, spacing):
    points = np.argwhere(mask) * np.asarray(spacing)
    distance = np.sqrt(((points[:, None] - points) ** 2).sum(axis=-1))
    np.fill_diagonal(distance, np.inf)
    return 1 / distance


def moran_i(block, mask, spacing):
    values, weights = block[mask], _weights(mask, spacing)
    deviations = values - values.mean()
    products = (weights * np.outer(deviations, deviations)).sum()
    return len(values) / weights.sum() * products / (deviations**2).sum()


def geary_c(block, mask, spacing):
    values, weights = block[mask], _weights(mask, spacing)
    squares = (weights * (values[:, None] - values) ** 2).sum()
    spread = ((values - values.mean()) ** 2).sum()
    return (len(values) - 1) / (2 * weights.sum()) * squares / spread


def weighted_products_by_fft(deviations, mask, spacing):
    """A(y, y), A(q, m) and A(m, m) as circular correlations on a padded grid."""
    shape = [2 * n for n in mask.shape]
    lags = [np.minimum(np.arange(n), n - np.arange(n)) for n in shape]
    squares = [(lag * step) ** 2 for lag, step in zip(lags, spacing, strict=True)]
    distance = np.sqrt(squares[0][:, None, None] + squares[1][:, None] + squares[2])
    distance[0, 0, 0] = np.inf
    spectrum = np.fft.fftn(1 / distance).real
    y, q, m = (
        np.fft.fftn(f, shape, axes=(0, 1, 2))
        for f in (deviations, deviations**2, mask.astype(float))
    )
    pairs = ((y, y), (q, m), (m, m))
    return tuple(float((spectrum * (f * g.conj()).real).mean()) for f, g in pairs)
