"""Turn the step vectors of a file header into a `Geometry`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import GeometryError
from radiome.image.geometry import Geometry, Triple

#: Largest cosine between two axes that still counts as a right angle (0.06 degrees):
#: what float32 headers and angles written with four digits produce.
SHEAR_TOLERANCE = 1e-3


def geometry_from_steps(
    shape: tuple[int, int, int],
    steps: NDArray[np.float64],
    origin: NDArray[np.float64],
    *,
    where: str,
) -> Geometry:
    """Build the grid whose array axes advance by `steps`.

    Parameters
    ----------
    shape : (int, int, int)
        Voxels along (z, y, x).
    steps : float array (3, 3)
        Row per array axis (z, y, x): the displacement (x, y, z) in LPS mm from one
        voxel centre to the next.
    origin : float array (3,)
        LPS mm position of the centre of voxel (0, 0, 0).
    where : str
        File name for messages.

    Raises
    ------
    GeometryError
        If a number is not finite, a step has no length, or two axes are not at
        right angles.
    """
    lengths = np.linalg.norm(steps, axis=1)
    if not (np.isfinite(steps).all() and np.isfinite(origin).all() and (lengths > 0).all()):
        raise GeometryError(
            "the header does not place the voxels in space",
            where=where,
            expected="three finite voxel steps longer than 0 mm and a finite origin",
            got=f"steps (z, y, x) {_rows(steps)} mm, origin {_row(origin)} mm",
            do="export the image again from its source",
        )
    axes = steps / lengths[:, None]
    shear = float(np.abs(axes @ axes.T - np.eye(3)).max())
    if shear > SHEAR_TOLERANCE:
        raise GeometryError(
            "the voxel axes are not at right angles (sheared or tilted grid)",
            where=where,
            expected=f"a cosine between axes of at most {SHEAR_TOLERANCE}",
            got=f"{shear:.4g}, axes (z, y, x) {_rows(axes)}",
            do="resample the image to a rectangular grid before the analysis",
        )
    direction: tuple[Triple, Triple, Triple] = (_row(axes[0]), _row(axes[1]), _row(axes[2]))
    return Geometry(shape, _row(lengths), _row(origin), direction)


def _row(values: NDArray[np.float64]) -> Triple:
    # Adding 0.0 turns -0.0 into 0.0, which reads better in messages and tables.
    return float(values[0]) + 0.0, float(values[1]) + 0.0, float(values[2]) + 0.0


def _rows(values: NDArray[np.float64]) -> list[Triple]:
    return [_row(values[0]), _row(values[1]), _row(values[2])]
