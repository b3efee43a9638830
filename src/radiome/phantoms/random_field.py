"""Gaussian random fields of a stated correlation length in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gaussian_field(
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float],
    smoothing_mm: tuple[float, float, float],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """White noise smoothed by a Gaussian, before any normalisation.

    Multiplying the spectrum with exp(-2 π² f² s²) smooths by a Gaussian of standard
    deviation s; the autocorrelation of the result at distance h is exp(-h² / (4 s²)).
    So s = l / √2 gives the correlation length l. The field wraps around.

    Parameters
    ----------
    shape : (int, int, int)
        Size (z, y, x).
    spacing : (float, float, float)
        Grid step (z, y, x) in mm.
    smoothing_mm : (float, float, float)
        Standard deviation of the smoothing along (z, y, x) in mm; 0 for none.
    rng : Generator
        Source of the white noise.

    Returns
    -------
    float64 array (z, y, x)
    """
    spectrum = np.fft.rfftn(rng.standard_normal(shape))
    for axis in range(3):
        frequencies = (np.fft.rfftfreq if axis == 2 else np.fft.fftfreq)(shape[axis], spacing[axis])
        transfer = np.exp(-2.0 * (np.pi * smoothing_mm[axis] * frequencies) ** 2)
        spectrum *= np.expand_dims(transfer, tuple(a for a in range(3) if a != axis))
    return np.fft.irfftn(spectrum, s=shape, axes=(0, 1, 2))


def texture_field(
    shape: tuple[int, int, int], step_mm: float, length_mm: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """A field of correlation length `length_mm` on a cubic grid, without the wrap-around.

    Opposite ends of the grid are kept three correlation lengths apart, but no further
    than the grid is long.
    """
    gap = [min(n, int(np.ceil(3.0 * length_mm / step_mm))) for n in shape]
    # Even sizes transform fast enough; primes do not.
    z, y, x = (_smooth_size(n + extra) for n, extra in zip(shape, gap, strict=True))
    smoothing = length_mm / np.sqrt(2.0)
    field = gaussian_field((z, y, x), (step_mm,) * 3, (smoothing,) * 3, rng)
    return field[: shape[0], : shape[1], : shape[2]]


def standardise_inside(
    field: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Shift and scale a field to mean 0 and standard deviation 1 over a region.

    A constant field becomes 0.
    """
    values = field[inside]
    spread = float(values.std())
    centred = field - values.mean()
    return np.asarray(centred / spread if spread > 0 else centred)


def _smooth_size(count: int) -> int:
    """The next size with no prime factor above 5."""
    while True:
        rest = count
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return count
        count += 1
