"""Laplacian of Gaussian by recursive filters, rounded after every pass as ITK does.

Only the first pass reads the image, in its own precision; all write single precision.

Source: R. Deriche, Recursively implementing the Gaussian and its derivatives, INRIA
RR-1893 (1993); G. Farnebäck and C.-F. Westin, Improving Deriche-style recursive Gaussian
filters, J. Math. Imaging Vis. 26 (2006) 293, whose coefficients ITK's
RecursiveGaussianImageFilter uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.image.mask import Box

Triple = tuple[float, float, float]
Floats = NDArray[np.float64]
Samples = NDArray[np.float32] | NDArray[np.float64]

#: Frequencies and decays of the two damped oscillations that make up the impulse response.
_FREQUENCY = (0.6681, 2.0787)
_DECAY = (-1.3932, -1.3732)
#: Cosine and sine amplitudes of the two, for the Gaussian and for its second derivative.
_SMOOTH = ((1.3530, 1.8151), (-0.3531, 0.0902))
_CURVED = ((-1.3563, 5.2318), (0.3446, -2.2355))

#: Voxels per sigma after which the slower oscillation has decayed to 1e-12.
MEMORY_SIGMAS = 20.5


@dataclass(frozen=True, slots=True, eq=False)
class Recursion:
    """Coefficients n, d and m, float64 arrays (4,), of `kernels.recursive_gaussian`."""

    n: Floats
    d: Floats
    m: Floats


def smoothing(sigma_voxels: float) -> Recursion:
    """Recursion that approximates a Gaussian, with gain 1 for a constant."""
    d = _denominator(sigma_voxels)
    n = _numerator(sigma_voxels, _SMOOTH)
    # Causal and anticausal part share the central sample, which must not count twice.
    gain = 2 * n.sum() / (1 + d.sum()) - n[0]
    return _with_anticausal(n / gain, d)


def second_derivative(sigma_voxels: float, scale: float) -> Recursion:
    """Recursion that approximates `scale` times the second derivative, per square voxel."""
    d = _denominator(sigma_voxels)
    smooth, curved = _numerator(sigma_voxels, _SMOOTH), _numerator(sigma_voxels, _CURVED)
    total = 1 + d.sum()
    # Enough of the Gaussian is added for a constant to give 0.
    share = (2 * curved.sum() - total * curved[0]) / (2 * smooth.sum() - total * smooth[0])
    n = curved - share * smooth
    k = np.arange(4)
    sn, dn, en = n.sum(), (k * n).sum(), (k**2 * n).sum()
    k = np.arange(1, 5)
    dd, ed = (k * d).sum(), (k**2 * d).sum()
    # And x² / 2 has to give 1.
    gain = (en * total**2 - ed * sn * total - 2 * dn * dd * total + 2 * dd**2 * sn) / total**3
    return _with_anticausal(n * scale / gain, d)


def laplacian_of_gaussian(
    voxels: NDArray[Any], spacing: Triple, sigma: float, box: Box
) -> NDArray[np.float32]:
    """Scale-normalised Laplacian of Gaussian within a box of the image.

    Parameters
    ----------
    voxels : array (z, y, x)
        The whole image; lines end at its edges with their outermost sample repeated.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).
    sigma : float
        Standard deviation in mm.
    box : three slices
        Part of the image wanted.

    Returns
    -------
    float32 array (z, y, x)
        sigma² times the Laplacian, in units of the image.
    """
    margins = [int(np.ceil(MEMORY_SIGMAS * sigma / step)) for step in spacing]
    around = tuple(
        slice(max(0, b.start - margin), min(n, b.stop + margin))
        for b, margin, n in zip(box, margins, voxels.shape, strict=True)
    )
    inner = tuple(
        slice(b.start - s.start, b.stop - s.start) for b, s in zip(box, around, strict=True)
    )
    part = voxels[around]
    doubled = part.dtype == np.float64
    block: Samples = part.astype(np.float64) if doubled else part.astype(np.float32)
    smooth = [smoothing(sigma / step) for step in spacing]
    total = np.zeros(tuple(b.stop - b.start for b in box), np.float32)
    # ITK goes through the axes x, y, z: first the derivative along one, then the others.
    for curved in (2, 1, 0):
        # What a pass along an axis leaves out no later pass asks for.
        found = _along(block, curved, second_derivative(sigma / spacing[curved], sigma**2))
        found = found[_only(curved, inner[curved])]
        for axis in (2, 1, 0):
            if axis != curved:
                found = _along(found, axis, smooth[axis])[_only(axis, inner[axis])]
        # Derivatives are per square voxel: ITK divides by the squared spacing as it adds.
        term = found.astype(np.float64) * (1.0 / spacing[curved] ** 2)
        total = (total + term).astype(np.float32)
    return total


def _only(axis: int, span: slice) -> Box:
    """Index of a span along one axis."""
    spans = [slice(None)] * 3
    spans[axis] = span
    return spans[0], spans[1], spans[2]


def _along(block: Samples, axis: int, recursion: Recursion) -> NDArray[np.float32]:
    from radiome.kernels.recursive_gaussian import filter_lines

    lines = np.ascontiguousarray(block)
    outer = int(np.prod(block.shape[:axis], dtype=np.int64))
    view = lines.reshape(outer, block.shape[axis], -1)
    out = np.empty(view.shape, np.float32)
    filter_lines(view, recursion.n, recursion.d, recursion.m, out)
    return out.reshape(block.shape)


def _denominator(sigma: float) -> Floats:
    (w1, w2), (l1, l2) = _FREQUENCY, _DECAY
    cos1, cos2 = np.cos(w1 / sigma), np.cos(w2 / sigma)
    exp1, exp2 = np.exp(l1 / sigma), np.exp(l2 / sigma)
    # The product of the two quadratic polynomials of the oscillations.
    first = np.array([1.0, -2 * cos1 * exp1, exp1**2])
    second = np.array([1.0, -2 * cos2 * exp2, exp2**2])
    return np.convolve(first, second)[1:]


def _numerator(sigma: float, amplitudes: tuple[tuple[float, float], ...]) -> Floats:
    parts, polynomials = [], []
    for (cosine, sine), w, decay in zip(amplitudes, _FREQUENCY, _DECAY, strict=True):
        factor, angle = np.exp(decay / sigma), w / sigma
        # z-transform of exp(decay k) (cosine cos(angle k) + sine sin(angle k)), k >= 0.
        parts.append(np.array([cosine, factor * (sine * np.sin(angle) - cosine * np.cos(angle))]))
        polynomials.append(np.array([1.0, -2 * np.cos(angle) * factor, factor**2]))
    return np.convolve(parts[0], polynomials[1]) + np.convolve(parts[1], polynomials[0])


def _with_anticausal(n: Floats, d: Floats) -> Recursion:
    # The mirrored impulse response without its central sample.
    m = np.append(n[1:], 0.0) - d * n[0]
    return Recursion(np.ascontiguousarray(n), np.ascontiguousarray(d), m)
