"""Re-segmentation: which voxels of the region stay in the intensity mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.preprocess.options import Resegmentation


def resegment(
    image: NDArray[np.float64], mask: NDArray[np.bool_], options: Resegmentation
) -> NDArray[np.bool_]:
    """Return the intensity mask: the voxels of `mask` whose intensity stays.

    Parameters
    ----------
    image : float64 array (z, y, x)
        Intensities after interpolation and rounding.
    mask : bool array (z, y, x)
        The morphological mask; not changed.
    options : Resegmentation
        Range [a, b] (both included) and outlier filter [mu - k sigma, mu + k sigma], where mu
        and the population standard deviation sigma are those of `mask` before any
        re-segmentation. With both, the intersection stays.

    Returns
    -------
    bool array (z, y, x)
        `mask` itself when nothing is to be re-segmented. May be empty.

    References
    ----------
    IBSI reference manual (arXiv:1612.07003), section 2.5: range re-segmentation (USB3),
    intensity outlier filtering (7ACA).
    """
    low, high = options.limits
    if options.outlier_sigma is not None:
        least, most = _outlier_limits(image[mask], options.outlier_sigma)
        low, high = max(low, least), min(high, most)
    if low == -np.inf and high == np.inf:
        return mask
    keep = image >= low
    keep &= image <= high
    keep &= mask
    return keep


def _outlier_limits(values: NDArray[np.float64], sigmas: float) -> tuple[float, float]:
    # Relative to the minimum, so that a constant region has exactly its value as mean.
    low = float(values.min())
    offsets = values - low
    mean, deviation = float(offsets.mean()), float(offsets.std())
    return low + mean - sigmas * deviation, low + mean + sigmas * deviation
