"""The outline of a virtual lesion, as a formula: its measures are known exactly.

The lesion is star-shaped: from its centre the outline lies at distance r(d) in every
direction d of the unit sphere, stretched along the axes by the semi-axes A:

    p(d) = A r(d) d,   r(d) = 1 + sum_i h_i exp(k (d . c_i - 1))

with bumps of height h_i around random directions c_i. From this follow

    volume  = det(A) ∫ r³ / 3 dΩ
    surface = det(A) ∫ |A⁻¹ (r² d - r grad r)| dΩ

(the cofactor matrix of A turns surface elements of the unstretched body into those of
the stretched one), integrated by a Gauss-Legendre times trapezoid rule on the sphere,
which is exact for a sphere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

#: Polar nodes of the quadrature; twice as many around. Resolves spikes of sharpness 60.
_NODES = 64
#: Polar nodes among which the largest diameter is searched, besides the tips of the bumps
#: and the ends of the axes (error below 0.1 percent).
_DIAMETER_NODES = 32
#: By how much the outline can rise above its highest node and tip, as a factor.
_BETWEEN_NODES = 1.05

#: Number of bumps and sharpness k by shape.
_BUMPS = {"ellipsoid": (0, 1.0), "lobulated": (7, 6.0), "spiculated": (14, 60.0)}


@dataclass(frozen=True, eq=False)
class Surface:
    """A star-shaped closed surface around the origin; vectors are (z, y, x) in mm.

    Parameters
    ----------
    semi_axes : float array (3,)
        Stretch along the axes in mm: the semi-axes where there is no bump.
    centres : float array (n, 3)
        Unit vectors to the bumps.
    heights : float array (n,)
        Height of each bump, relative to the radius.
    sharpness : float
        The k of the formula.
    """

    semi_axes: Points
    centres: Points
    heights: NDArray[np.float64]
    sharpness: float

    @property
    def volume_mm3(self) -> float:
        """Enclosed volume in mm³."""
        _, weights = _sphere_nodes(_NODES)
        return float(np.prod(self.semi_axes) * (weights @ self._node_radii**3) / 3.0)

    @property
    def area_mm2(self) -> float:
        """Surface area in mm²."""
        directions, weights = _sphere_nodes(_NODES)
        radii = self._node_radii[:, None]
        tangential = self._slope(directions)
        normals = radii**2 * directions - radii * tangential
        return float(
            np.prod(self.semi_axes) * (weights @ np.linalg.norm(normals / self.semi_axes, axis=1))
        )

    @property
    def sphericity(self) -> float:
        """Area of the sphere of equal volume over the area of the surface."""
        return math.cbrt(36.0 * math.pi * self.volume_mm3**2) / self.area_mm2

    @property
    def max_diameter_mm(self) -> float:
        """Largest distance between two points of the surface in mm."""
        nodes, _ = _sphere_nodes(_DIAMETER_NODES)
        points = self._points(np.concatenate([nodes, self.centres, np.eye(3), -np.eye(3)]))
        largest = 0.0
        for start in range(0, len(points), 128):
            gap = np.zeros((min(128, len(points) - start), len(points)))
            for axis in points.T:
                gap += (axis[start : start + 128, None] - axis) ** 2
            largest = max(largest, float(gap.max()))
        return math.sqrt(largest)

    @property
    def reach_mm(self) -> NDArray[np.float64]:
        """Half the size (3,) of a centred box that holds the surface, mm."""
        directions = np.concatenate([_sphere_nodes(_NODES)[0], self.centres])
        return np.asarray(_BETWEEN_NODES * np.abs(self._points(directions)).max(axis=0))

    def contains(self, z: Points, y: Points, x: Points) -> NDArray[np.bool_]:
        """Which points of the grid of three axes, in mm from the centre, lie inside."""
        scaled = [
            axis / semi for axis, semi in zip((z, y, x), self.semi_axes.tolist(), strict=True)
        ]
        parts = np.meshgrid(*scaled, indexing="ij", sparse=True)
        distance = np.sqrt(parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2)
        # Bumps only rise: every point below 1 is inside.
        inside = np.asarray(distance <= 1.0)
        doubtful = ~inside & (distance <= self._highest)
        if doubtful.any():
            where = np.nonzero(doubtful)
            points = np.stack([axis[i] for axis, i in zip(scaled, where, strict=True)], axis=1)
            length = distance[where]
            inside[where] = length <= self.radius(points / length[:, None])
        return inside

    def radius(self, directions: Points) -> NDArray[np.float64]:
        """r(d) of unit vectors (n, 3)."""
        return np.asarray(1.0 + self._bumps(directions).sum(axis=1))

    def _bumps(self, directions: Points) -> Points:
        # Not a matrix product: for three terms its threads cost more than they save.
        cosines = np.einsum("ij,kj->ik", directions, self.centres)
        return np.asarray(self.heights * np.exp(self.sharpness * (cosines - 1.0)))

    def _slope(self, directions: Points) -> Points:
        """Gradient of r along the sphere (n, 3)."""
        gradient = self.sharpness * (self._bumps(directions) @ self.centres)
        radial = np.einsum("ij,ij->i", gradient, directions)
        return np.asarray(gradient - radial[:, None] * directions)

    @cached_property
    def _node_radii(self) -> NDArray[np.float64]:
        return self.radius(_sphere_nodes(_NODES)[0])

    @cached_property
    def _highest(self) -> float:
        """No r(d) exceeds this."""
        tips = self.radius(self.centres)
        return _BETWEEN_NODES * float(np.concatenate([self._node_radii, tips]).max())

    def _points(self, directions: Points) -> Points:
        return np.asarray(self.radius(directions)[:, None] * directions * self.semi_axes)


def make_surface(
    kind: str,
    volume_mm3: float,
    axis_ratios: tuple[float, float, float],
    irregularity: float,
    rng: np.random.Generator,
) -> Surface:
    """Draw the bumps of a shape and scale it to its volume.

    Parameters
    ----------
    kind : {"ellipsoid", "lobulated", "spiculated"}
        Number and width of the bumps.
    volume_mm3 : float
        Volume that the surface shall enclose.
    axis_ratios : (float, float, float)
        Semi-axes (z, y, x) relative to each other.
    irregularity : float
        Height of the highest bump relative to the radius; the others are 0.4 to 1 of it.
    rng : Generator
        Source of directions and heights.
    """
    count, sharpness = _BUMPS[kind]
    centres = rng.standard_normal((count, 3))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    heights = rng.uniform(0.4, 1.0, count)
    if count:
        heights *= irregularity / heights.max()
    ratios = np.asarray(axis_ratios, dtype=np.float64)
    scale = (volume_mm3 / Surface(ratios, centres, heights, sharpness).volume_mm3) ** (1.0 / 3.0)
    return Surface(ratios * scale, centres, heights, sharpness)


def _sphere_nodes(count: int) -> tuple[Points, NDArray[np.float64]]:
    """Directions (n, 3) and weights (n,) that integrate over the unit sphere."""
    heights, weights = np.polynomial.legendre.leggauss(count)
    angles = np.arange(2 * count) * (math.pi / count)
    ring = np.sqrt(1.0 - heights**2)
    directions = np.stack(
        [
            np.repeat(heights, 2 * count),
            np.outer(ring, np.sin(angles)).ravel(),
            np.outer(ring, np.cos(angles)).ravel(),
        ],
        axis=1,
    )
    return directions, np.repeat(weights, 2 * count) * (math.pi / count)
