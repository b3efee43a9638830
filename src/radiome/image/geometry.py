"""Where voxels lie in the patient, apart from what they hold.

Array axes are always (z, y, x): slowest to fastest in memory. World
coordinates are millimetres in the DICOM patient frame (x to the left, y to
the back, z to the head: LPS), always in the order (x, y, z).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Triple = tuple[float, float, float]

#: Two grids are the same when no corner lies further apart than this share of the voxel size.
GRID_TOLERANCE_VOXELS = 0.01


@dataclass(frozen=True, slots=True)
class Geometry:
    """A regular grid of voxel centres.

    Parameters
    ----------
    shape : (int, int, int)
        Number of voxels along the array axes (z, y, x).
    spacing : (float, float, float)
        Distance in mm between voxel centres along (z, y, x), all positive.
    origin : (float, float, float)
        World position (x, y, z), mm, of the centre of voxel (0, 0, 0).
    direction : three (float, float, float)
        For each array axis (z, y, x) the world unit vector (x, y, z) along which
        its index grows.
    """

    shape: tuple[int, int, int]
    spacing: Triple
    origin: Triple = (0.0, 0.0, 0.0)
    direction: tuple[Triple, Triple, Triple] = (
        (0.0, 0.0, 1.0),
        (0.0, 1.0, 0.0),
        (1.0, 0.0, 0.0),
    )

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or any(n < 1 for n in self.shape):
            raise ValueError(f"shape must be three positive counts, got {self.shape}")
        if len(self.spacing) != 3 or not all(np.isfinite(s) and s > 0 for s in self.spacing):
            raise ValueError(f"spacing must be three positive lengths in mm, got {self.spacing}")
        axes = np.asarray(self.direction, dtype=np.float64)
        if axes.shape != (3, 3) or not np.allclose(axes @ axes.T, np.eye(3), atol=1e-3):
            raise ValueError(f"direction must be three orthogonal unit vectors, got {axes}")

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel in mm³."""
        return float(np.prod(self.spacing))

    def index_to_world(self, index: ArrayLike) -> NDArray[np.float64]:
        """World positions (..., 3) as (x, y, z), mm, of indices (..., 3) as (z, y, x)."""
        steps = np.asarray(self.spacing)[:, None] * np.asarray(self.direction)
        moved = np.asarray(index, dtype=np.float64) @ steps
        return np.asarray(moved + np.asarray(self.origin))

    def world_to_index(self, points: ArrayLike) -> NDArray[np.float64]:
        """Fractional indices (..., 3) as (z, y, x) of world positions (..., 3) as (x, y, z)."""
        steps = np.asarray(self.spacing)[:, None] * np.asarray(self.direction)
        offset = np.asarray(points, dtype=np.float64) - np.asarray(self.origin)
        return np.asarray(offset @ np.linalg.inv(steps))

    def crop(self, box: tuple[slice, slice, slice]) -> Geometry:
        """The grid of ``voxels[box]``; the slices need a start and a stop and step 1."""
        start = [s.start for s in box]
        shape = tuple(s.stop - s.start for s in box)
        origin = tuple(float(v) for v in self.index_to_world(start))
        return Geometry(shape, self.spacing, origin, self.direction)  # type: ignore[arg-type]

    def difference(self, other: Geometry, tolerance: float = GRID_TOLERANCE_VOXELS) -> str | None:
        """Say in words how `other` differs from this grid, or return None if it does not.

        Shapes must be equal and the corner voxels may lie at most `tolerance` voxels
        apart, which absorbs the rounding of headers written as text or float32.
        """
        if self.shape != other.shape:
            return f"shape (z, y, x) {self.shape} against {other.shape}"
        corners = np.indices((2, 2, 2)).reshape(3, -1).T * (np.asarray(self.shape) - 1)
        gap = self.world_to_index(other.index_to_world(corners)) - corners
        worst = float(np.abs(gap).max())
        if worst <= tolerance:
            return None
        return (
            f"corner voxels up to {worst:.4g} voxels apart "
            f"(spacing {self.spacing} against {other.spacing} mm, "
            f"origin {self.origin} against {other.origin} mm)"
        )
