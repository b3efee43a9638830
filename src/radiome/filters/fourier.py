"""Filters in the Fourier domain: grids, multipliers, the widest axes a transform may take."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from radiome.filters.contract import Image

Complex = NDArray[np.complex128]


def centred_coordinates(shape: tuple[int, ...], axes: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Coordinates -1..1 of the Fourier samples along `axes`, in transform order.

    Sample k of n lies at (k - (n-1)/2) / ((n-1)/2) before the origin is moved to the first
    sample: the convention behind the IBSI reference maps. Shaped for broadcasting.
    """
    found = []
    for axis in axes:
        n = shape[axis]
        half = (n - 1) / 2
        line = (np.arange(n) - half) / half if n > 1 else np.zeros(1)
        extent = [1] * len(shape)
        extent[axis] = n
        found.append(np.fft.ifftshift(line).reshape(extent))
    return found


def multiplied(
    image: Image, axes: tuple[int, ...], multiplier: Callable[[], Complex | Image]
) -> Image:
    """Multiply the Fourier transform along `axes` and return the real part of the inverse.

    The transform treats the image as periodic.
    """
    from scipy import fft

    spectrum = fft.fftn(image, axes=axes)
    spectrum *= multiplier()
    response: Image = np.ascontiguousarray(fft.ifftn(spectrum, axes=axes, overwrite_x=True).real)
    return response
