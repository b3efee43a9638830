"""Fourier spectrum of the region: how much of its variation is coarse, fine, or directed.

The deviations from the mean, zero outside the region, are transformed; the power of each
wave is |F|². Frequencies are in cycles per mm. Power is taken up to the Nyquist
frequency of the coarsest axis, beyond which not all directions are sampled.

Source: power-law spectra as in Burgess, Jacobson & Judy 2001, Med. Phys. 28:419; not part
of IBSI.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.image.region import Region

Array = NDArray[np.float64]

#: Bands of equal width up to the highest frequency.
_BANDS = 4

#: Rings of the radial average that the slope is fitted to, and fewest of them for a fit.
_RINGS, _FEWEST_RINGS = 16, 4

_TAGS = (
    *(f"fft_power_{band}" for band in range(1, _BANDS + 1)),
    "fft_slope",
    "fft_entropy",
    "fft_centroid",
    "fft_anisotropy",
)


def fourier_spectrum(region: Region) -> dict[str, FeatureValue]:
    """Compute features of the power spectrum.

    Parameters
    ----------
    region : Region
        The prepared pair; intensities inside the intensity mask count.

    Returns
    -------
    dict
        ``fft_power_1`` to ``_4``: shares of the power in four bands of equal width from low
        to high frequency; ``fft_slope``: b of power ~ frequency^b, by least squares over the
        logarithms of ring averages; ``fft_entropy``: entropy of the power over waves, 1 for
        white noise; ``fft_centroid``: mean frequency by power, cycles per mm;
        ``fft_anisotropy``: 1 - smallest over largest second moment of the power over
        directions, 0 where no direction is preferred.

    Notes
    -----
    The outline is part of the spectrum: a small region spreads each wave over its
    neighbours. A region in a single slice is transformed in its plane. Not applicable for a
    constant region.
    """
    values = region.values()
    if values.size < 2 or float(np.ptp(values)) == 0.0:
        return dict.fromkeys(_TAGS, NotApplicable("the region has a single intensity"))
    power, waves = _spectrum(region, float(values.mean()))
    frequency = np.sqrt((waves**2).sum(axis=0))
    total = float(power.sum())
    if power.size < _BANDS or total <= 0.0:
        return dict.fromkeys(_TAGS, NotApplicable("the region is too small for a spectrum"))
    top = float(frequency.max())
    found: dict[str, FeatureValue] = {}
    band = np.minimum((frequency / top * _BANDS).astype(int), _BANDS - 1)
    for number in range(_BANDS):
        found[f"fft_power_{number + 1}"] = float(power[band == number].sum()) / total
    found["fft_slope"] = _slope(power, frequency, top)
    share = power[power > 0] / total
    found["fft_entropy"] = float(-(share * np.log(share)).sum()) / math.log(power.size)
    found["fft_centroid"] = float((power * frequency).sum()) / total
    found["fft_anisotropy"] = _anisotropy(power / total, waves / frequency)
    return found


def _spectrum(region: Region, mean: float) -> tuple[Array, Array]:
    """Power (n,) and wave vectors (axes, n) of all waves up to the common Nyquist frequency."""
    from scipy import fft

    inside = region.intensity
    filled = [np.flatnonzero(inside.any(axis=tuple(set(range(3)) - {a}))) for a in range(3)]
    box = tuple(slice(int(f[0]), int(f[-1]) + 1) for f in filled)
    deviations = np.where(inside[box], region.image[box] - mean, 0.0)
    axes = [a for a in range(3) if deviations.shape[a] > 1]
    # All frequencies, so that both of a pair are there and every direction counts alike.
    power = np.abs(fft.fftn(deviations)) ** 2
    lines = [np.fft.fftfreq(deviations.shape[a], region.spacing[a]) for a in axes]
    waves = np.stack([w.ravel() for w in np.meshgrid(*lines, indexing="ij")])
    frequency = np.sqrt((waves**2).sum(axis=0))
    nyquist = min(0.5 / region.spacing[a] for a in axes)
    kept = (frequency > 0) & (frequency <= nyquist * (1 + 1e-12))
    return power.ravel()[kept], waves[:, kept]


def _slope(power: Array, frequency: Array, top: float) -> FeatureValue:
    ring = np.minimum((frequency / top * _RINGS).astype(int), _RINGS - 1)
    counts = np.bincount(ring, minlength=_RINGS)
    known = counts > 0
    if int(known.sum()) < _FEWEST_RINGS:
        return NotApplicable("the region is too small for a slope of its spectrum")
    mean_power = np.bincount(ring, power, minlength=_RINGS)[known] / counts[known]
    mean_frequency = np.bincount(ring, frequency, minlength=_RINGS)[known] / counts[known]
    if not (mean_power > 0).all():
        return NotApplicable("a ring of the spectrum has no power")
    return float(np.polyfit(np.log(mean_frequency), np.log(mean_power), 1)[0])


def _anisotropy(share: Array, directions: Array) -> FeatureValue:
    if len(directions) < 2:
        return NotApplicable("the region is a line")
    moments = np.linalg.eigvalsh((directions * share) @ directions.T)
    return float(1.0 - max(0.0, moments[0]) / moments[-1])
