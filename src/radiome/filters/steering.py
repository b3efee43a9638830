"""Steering: Riesz components seen from the local frame of the image.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "Riesz transform"; Chenouard & Unser
2012, IEEE Trans. Image Process. 21:429 (3D steerable wavelets).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from radiome.filters.contract import Image, Spacing

Order = tuple[int, int, int]


def dominant_frames(
    gradient: NDArray[np.float64], sigma: float, spacing: Spacing
) -> NDArray[np.float64]:
    """Orthonormal frames (z, y, x, 3, 3) of the structure tensor; row 0 is the dominant direction.

    Parameters
    ----------
    gradient : float64 array (3, z, y, x)
        First-order Riesz components along x, y, z.
    sigma : float
        Width in mm of the Gaussian that smooths the tensor.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).

    Notes
    -----
    An eigenvector has no sign: row 0 points along the local gradient (so that its
    first-order component is not negative), rows 1 and 2 likewise.
    """
    widths = [sigma / mm for mm in spacing]
    tensor = np.empty((*gradient.shape[1:], 3, 3))
    for i in range(3):
        for j in range(i, 3):
            smooth = ndimage.gaussian_filter(gradient[i] * gradient[j], widths, mode="reflect")
            tensor[..., i, j] = tensor[..., j, i] = smooth
    _, vectors = np.linalg.eigh(tensor)
    frames = np.swapaxes(vectors, -1, -2)[..., ::-1, :]
    along = np.einsum("zyxij,jzyx->zyxi", frames, gradient)
    signs = np.where(along < 0.0, -1.0, 1.0)
    return np.ascontiguousarray(frames * signs[..., None])


def steered(parts: Mapping[Order, Image], frames: NDArray[np.float64], order: Order) -> Image:
    """The component `order` in turned axes, from all components of the same total order.

    With turned coordinates w' = F w the component is sqrt(L! / l!) prod (F w)_i^l_i / |w|^L:
    a polynomial in w whose monomials are the components in the old axes.
    """
    total = sum(order)
    axes = [axis for axis, count in enumerate(order) for _ in range(count)]
    response = np.zeros(frames.shape[:3])
    for choice in product(range(3), repeat=total):
        counts = (choice.count(0), choice.count(1), choice.count(2))
        weight = np.ones(frames.shape[:3])
        for turned, old in zip(axes, choice, strict=True):
            weight = weight * frames[..., turned, old]
        # Undo the factor of the old component; apply that of the turned one.
        response += weight * parts[counts] * math.sqrt(_ways(order) / _ways(counts))
    return response


def _ways(order: Order) -> float:
    return math.factorial(sum(order)) / math.prod(math.factorial(part) for part in order)
