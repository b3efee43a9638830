"""Energy map of a response: the local mean of its magnitude.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "Laws kernels".
"""

from __future__ import annotations

import numpy as np

from radiome.filters.boundary import Margins
from radiome.filters.contract import Boundary, Core, Image
from radiome.filters.separable import IDENTITY, Kernel, Taps, separable


def box_kernel(distance: int, *, planar: bool) -> Kernel:
    """Mean over a box of 2 distance + 1 voxels along each axis, in space or in a slice."""
    size = 2 * distance + 1
    mean = Taps((1.0 / size,) * size, distance)
    return (IDENTITY if planar else mean, mean, mean)


def box_margins(distance: int, *, planar: bool) -> Margins:
    """Voxels that the box sees around the core."""
    along_z = 0 if planar else distance
    return (along_z, along_z), (distance, distance), (distance, distance)


def energy(
    response: Image, core: Core, distance: int, boundary: Boundary, *, planar: bool
) -> Image:
    """Mean of |response| over the box around each voxel of `core`."""
    kernel = box_kernel(distance, planar=planar)
    return next(separable(np.abs(response), core, [kernel], boundary))[1]
