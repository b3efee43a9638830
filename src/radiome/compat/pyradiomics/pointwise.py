"""Transforms of single intensities, scaled by the greatest of the whole image; the gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.image.mask import Box

Floats = NDArray[np.float64]
Triple = tuple[float, float, float]


def square(voxels: NDArray[np.generic], box: Box) -> Floats:
    """(c x)² with c = 1 / sqrt(max |x|)."""
    part = voxels[box].astype(np.float64)
    return np.asarray((1 / np.sqrt(greatest(voxels)) * part) ** 2)


def square_root(voxels: NDArray[np.generic], box: Box) -> Floats:
    """sign(x) sqrt(c |x|) with c = max |x|."""
    part = voxels[box].astype(np.float64)
    return np.sign(part) * np.sqrt(np.abs(part) * greatest(voxels))


def logarithm(voxels: NDArray[np.generic], box: Box) -> Floats:
    """c sign(x) log(|x| + 1), with c such that the greatest absolute value is kept."""  # noqa: D403
    part = voxels[box].astype(np.float64)
    peak = greatest(voxels)
    return np.asarray(np.sign(part) * np.log(np.abs(part) + 1) * (peak / np.log(peak + 1)))


def exponential(voxels: NDArray[np.generic], box: Box) -> Floats:
    """exp(c x) with c = log(max |x|) / max |x|."""
    part = voxels[box].astype(np.float64)
    peak = greatest(voxels)
    return np.asarray(np.exp(np.log(peak) / peak * part))


def greatest(voxels: NDArray[np.generic]) -> np.float64:
    """Greatest absolute value of the image."""
    return np.float64(max(abs(float(voxels.max())), abs(float(voxels.min()))))


def gradient_magnitude(
    voxels: NDArray[np.generic], spacing: Triple, box: Box
) -> NDArray[np.float32]:
    """Length of the gradient from central differences, per mm, or per voxel for spacing 1.

    Beyond the edge of the image the outermost voxel repeats.
    """
    total = np.zeros(tuple(b.stop - b.start for b in box))
    for axis in range(3):
        places = np.arange(box[axis].start, box[axis].stop)
        across = tuple(slice(None) if a == axis else b for a, b in enumerate(box))
        lines = voxels[across]
        last = voxels.shape[axis] - 1
        after = np.take(lines, np.minimum(places + 1, last), axis=axis).astype(np.float64)
        before = np.take(lines, np.maximum(places - 1, 0), axis=axis).astype(np.float64)
        total += ((after - before) * (0.5 / spacing[axis])) ** 2
    return np.sqrt(total).astype(np.float32)
