"""Autocorrelation function of the region: how far, and how evenly, intensities are alike.

For a lag h the correlation is C(h) = Σ (f(x) - mu)(f(x + h) - mu) / (N(h) var), over the
N(h) pairs of voxels x and x + h that both lie in the region. It is 1 at h = 0 and falls
off with the grain of the texture. Fourier transforms of the region, padded with zeros, give
it for all lags at once.

Source: the estimator of the covariance function of a stationary field on an irregular
domain, as in Cressie 1993, Statistics for Spatial Data, section 2.4; not part of IBSI.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.image.region import Region

Array = NDArray[np.float64]

#: Lags with fewer pairs than this share of the voxels say little, and are left out.
_PAIR_SHARE = 0.1

_LEVEL = math.exp(-1.0)

_TAGS = ("acf_length", "acf_length_z", "acf_length_y", "acf_length_x", "acf_anisotropy")


def autocorrelation_function(region: Region) -> dict[str, FeatureValue]:
    """Compute correlation lengths and their anisotropy.

    Parameters
    ----------
    region : Region
        The prepared pair; intensities inside the intensity mask count.

    Returns
    -------
    dict
        ``acf_length``: distance in mm at which the correlation, averaged over shells of all
        directions as thick as the smallest spacing, first falls to 1/e; ``acf_length_z``,
        ``_y``, ``_x``: the same along each axis of the image; ``acf_anisotropy``: shortest
        over longest of the latter, 1 where the grain is as long as wide. Between lags the
        correlation is taken as linear.

    Notes
    -----
    Not applicable for a constant region, and where the correlation stays above 1/e as far
    as the region reaches. Axes are those of the image: a grain that lies across them shows
    less anisotropy than it has.
    """
    values = region.values()
    if values.size < 2 or float(np.ptp(values)) == 0.0:
        return dict.fromkeys(_TAGS, NotApplicable("the region has a single intensity"))
    correlation, pairs = _correlation(region, float(values.mean()))
    correlation[pairs < max(2.0, _PAIR_SHARE * values.size)] = np.nan
    found: dict[str, FeatureValue] = {"acf_length": _radial(correlation, region.spacing)}
    for axis, letter in enumerate("zyx"):
        line = correlation[tuple(slice(None) if a == axis else 0 for a in range(3))]
        lags = region.spacing[axis] * np.arange(len(line), dtype=np.float64)
        found[f"acf_length_{letter}"] = _crossing(lags, line)
    found["acf_anisotropy"] = _anisotropy([found[f"acf_length_{letter}"] for letter in "zyx"])
    return found


def _correlation(region: Region, mean: float) -> tuple[Array, Array]:
    """Correlation and pairs at lags (dz, dy, dx) >= 0 in voxels, over the signs of dy and dx."""
    from scipy import fft

    inside = region.intensity
    filled = [np.flatnonzero(inside.any(axis=tuple(set(range(3)) - {a}))) for a in range(3)]
    box = tuple(slice(int(f[0]), int(f[-1]) + 1) for f in filled)
    mask = inside[box].astype(np.float64)
    deviations = np.where(inside[box], region.image[box] - mean, 0.0)
    size = [fft.next_fast_len(2 * n - 1, real=True) for n in mask.shape]
    products, pairs = (
        fft.irfftn(np.abs(fft.rfftn(part, size)) ** 2, size) for part in (deviations, mask)
    )
    products = _folded(products, mask.shape)
    pairs = _folded(np.rint(np.asarray(pairs, dtype=np.float64)), mask.shape)
    variance = products[0, 0, 0] / pairs[0, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return products / pairs / variance, pairs


def _folded(periodic: Array, shape: tuple[int, ...]) -> Array:
    """Add up lags that differ in the sign of a part: they have the same length."""
    folded = periodic
    for axis, n in enumerate(shape):
        ahead = np.take(folded, np.arange(n), axis=axis)
        behind = np.take(folded, -np.arange(n), axis=axis)
        folded = ahead + behind
    return folded / 8.0


def _radial(correlation: Array, spacing: tuple[float, float, float]) -> FeatureValue:
    axes = [np.arange(n) * s for n, s in zip(correlation.shape, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    distance = np.sqrt(z * z + y * y + x * x)
    # Just below a half, so that the order of the axes does not decide its shell.
    shell = np.rint(distance / min(spacing) - 1e-9).astype(np.int64)
    known = np.isfinite(correlation)
    counts = np.bincount(shell[known])
    full = counts > 0
    lags = np.bincount(shell[known], distance[known])[full] / counts[full]
    mean = np.bincount(shell[known], correlation[known])[full] / counts[full]
    return _crossing(lags, mean)


def _crossing(lags: Array, correlation: Array) -> FeatureValue:
    """The first lag at which the correlation is 1/e, linear in between."""
    known = np.isfinite(correlation)
    lags, correlation = lags[known], correlation[known]
    below = np.flatnonzero(correlation <= _LEVEL)
    if below.size == 0:
        return NotApplicable("the correlation does not fall to 1/e within the region")
    after = int(below[0])
    high, low = float(correlation[after - 1]), float(correlation[after])
    share = (high - _LEVEL) / (high - low)
    return float(lags[after - 1] + share * (lags[after] - lags[after - 1]))


def _anisotropy(lengths: list[FeatureValue]) -> FeatureValue:
    known = [length for length in lengths if not isinstance(length, NotApplicable)]
    if len(known) < 2:
        return NotApplicable("fewer than two axes have a correlation length")
    return min(known) / max(known)
