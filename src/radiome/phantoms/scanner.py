"""What a scanner does to tissue: blur, average over the voxel, add noise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.phantoms.random_field import gaussian_field

#: Standard deviation of a Gaussian per full width at half maximum.
SIGMA_PER_FWHM = 1.0 / (2.0 * math.sqrt(2.0 * math.log(2.0)))


def sampling_weights(
    voxels: NDArray[np.float64],
    voxel_mm: float,
    cells: NDArray[np.float64],
    cell_mm: float,
    sigma_mm: float,
) -> NDArray[np.float64]:
    """How much each tissue cell contributes to each voxel along one axis.

    The weight is the share of the voxel's box, blurred by a Gaussian, that falls into the
    cell's box. Both boxes and the Gaussian are convolved analytically: with
    R(u) = ∫ Φ(u / σ) du, which is max(u, 0) for σ = 0, voxel size t, cell size c and
    distance d,

        w = [R(d + (t+c)/2) - R(d + (t-c)/2) - R(d - (t-c)/2) + R(d - (t+c)/2)] / t

    Parameters
    ----------
    voxels, cells : float array (n,), (m,)
        Centres in mm.
    voxel_mm, cell_mm : float
        Box sizes.
    sigma_mm : float
        Standard deviation of the blur; 0 for none.

    Returns
    -------
    float64 array (n, m)
        Rows add up to 1 where the cells cover the blurred voxel.
    """
    distance = voxels[:, None] - cells[None, :]
    far, near = (voxel_mm + cell_mm) / 2.0, (voxel_mm - cell_mm) / 2.0
    total = _ramp(distance + far, sigma_mm) - _ramp(distance + near, sigma_mm)
    total += _ramp(distance - far, sigma_mm) - _ramp(distance - near, sigma_mm)
    return np.asarray(total / voxel_mm)


def _ramp(u: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """The integral of the normal distribution function of standard deviation `sigma`."""
    if sigma == 0.0:
        return np.asarray(np.maximum(u, 0.0))
    scaled = u / sigma
    below = 0.5 * (1.0 + _erf(scaled / math.sqrt(2.0)))
    density = np.exp(-0.5 * scaled**2) / math.sqrt(2.0 * math.pi)
    return np.asarray(u * below + sigma * density)


def _erf(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # A few thousand values per axis: not worth loading SciPy.
    flat = [math.erf(value) for value in values.ravel().tolist()]
    return np.array(flat).reshape(values.shape)


def sample(
    tissue: NDArray[np.float64],
    weights: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Apply the weights of the axes (z, y, x) to tissue cells (z, y, x)."""
    z, y, x = weights
    in_plane = np.matmul(np.matmul(y, tissue), x.T)
    return np.asarray(np.tensordot(z, in_plane, axes=(1, 0)))


def noise(
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float],
    blur_mm: tuple[float, float, float],
    sigma: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Noise of standard deviation `sigma` whose grain follows the blur (sigmas in mm)."""
    if sigma == 0.0:
        return np.zeros(shape)
    field = gaussian_field(shape, spacing, blur_mm, rng)
    return np.asarray(field * (sigma / field.std()))
