"""Convex hull of a mesh, and the box and ellipsoid of least volume around it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.kernels.convex_hull import hull_triangles
from radiome.kernels.enclosing_shapes import (
    face_bounds,
    greatest_square,
    least_box,
    least_ellipsoid,
)

#: The ellipsoid's volume is at most this share above the least.
ELLIPSOID_TOLERANCE = 1e-6
_MAX_STEPS = 100_000
_MAX_ROUNDS = 1_000
_NEW_POINTS = 32
_SERIES_TERMS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """Convex hull in mm.

    Parameters
    ----------
    points : float64 array (n, 3)
        Points (z, y, x) on the surface, among them all corners.
    normals : float64 array (faces, 3)
        Unit normals (z, y, x) pointing outwards; one per flat face.
    areas : float64 array (faces,)
        Area of each face, mm².
    edges : int64 array (edges, 4)
        For each edge between two faces its two corners and these two faces.
    volume : float
        Volume, mm³.
    """

    points: NDArray[np.float64]
    normals: NDArray[np.float64]
    areas: NDArray[np.float64]
    edges: NDArray[np.int64]
    volume: float

    @property
    def area(self) -> float:
        """Surface area in mm²."""
        return float(self.areas.sum())


def convex_hull(vertices: NDArray[np.int64], spacing: tuple[float, float, float]) -> Hull:
    """Convex hull of mesh vertices.

    Parameters
    ----------
    vertices : int64 array (n, 3)
        Points (z, y, x) in half spacings, not all in one plane.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).
    """
    triangles, across, planes = _hull_in_half_spacings(vertices)
    used, triangles = np.unique(triangles, return_inverse=True)
    triangles = triangles.reshape(-1, 3)
    half_z, half_y, half_x = (step / 2 for step in spacing)
    # An area vector component scales with the two axes it is not along.
    scale = np.array([half_y * half_x, half_z * half_x, half_z * half_y])
    vectors = planes[:, :3] * scale
    areas = np.sqrt(np.square(vectors).sum(axis=1)) / 2
    face, sample = _flat_faces(planes[:, :3])
    return Hull(
        points=vertices[used] * np.array([half_z, half_y, half_x]),
        normals=vectors[sample] / (2 * areas[sample])[:, None],
        areas=np.bincount(face, areas).astype(np.float64),
        edges=_edges(triangles, across, face),
        # Cones from the origin to the triangles, six times their volume in whole numbers.
        volume=-int(planes[:, 3].sum()) / 6 * half_z * half_y * half_x,
    )


def _hull_in_half_spacings(points: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Triangles, the triangles across their edges, and their planes."""
    rows = 2 * len(points) + 8
    corners, across = np.full((rows, 3), -1), np.empty((rows, 3), dtype=np.int64)
    planes = np.empty((rows, 4), dtype=np.int64)
    n = hull_triangles(points, _start_points(points), corners, across, planes)
    kept = np.flatnonzero(corners[:n, 0] >= 0)
    number = np.empty(n, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return corners[kept], number[across[kept]], planes[kept]


def _start_points(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Four points far apart, the fourth below the triangle of the others."""
    first = int(np.lexsort(points.T)[0])
    offsets = points - points[first]
    second = int(np.square(offsets).sum(axis=1).argmax())
    third = int(np.square(np.cross(offsets, offsets[second])).sum(axis=1).argmax())
    heights = offsets @ np.cross(offsets[second], offsets[third])
    fourth = int(np.abs(heights).argmax())
    if heights[fourth] > 0:
        second, third = third, second
    return np.array([first, second, third, fourth])


def _flat_faces(normals: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the flat face of each triangle, and one triangle of each flat face."""
    lowest = normals // np.gcd.reduce(normals, axis=1)[:, None]
    order = np.lexsort(lowest.T)
    starts = np.ones(len(order), dtype=np.int64)
    starts[1:] = (np.diff(lowest[order], axis=0) != 0).any(axis=1)
    face = np.empty(len(order), dtype=np.int64)
    face[order] = np.cumsum(starts) - 1
    return face, order[starts == 1]


def _edges(
    triangles: NDArray[np.int64], across: NDArray[np.int64], face: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Corners and faces (edges, 4) of the edges where two different faces meet."""
    other = face[across]
    start, end = triangles, np.roll(triangles, -1, axis=1)
    own = np.broadcast_to(face[:, None], other.shape)
    # Each edge is met from both sides; the one with the lower face number counts.
    return np.stack([start, end, own, other], axis=2)[own < other]


def greatest_diameter(hull: Hull) -> float:
    """Greatest distance in mm between two corners of the hull."""
    offsets = hull.points - hull.points.mean(axis=0)
    radii = np.sqrt(np.square(offsets).sum(axis=1))
    order = np.argsort(-radii, kind="stable")
    # Radii a touch too long keep the bound safe from rounding.
    square = greatest_square(np.ascontiguousarray(hull.points[order]), radii[order] * (1 + 1e-12))
    return math.sqrt(square)


def oriented_box(hull: Hull) -> tuple[float, float, float]:
    """Sides in mm of the box of least volume that rests on a face of the hull.

    All faces are tried, each with its exact least rectangle (rotating calipers).
    The least box of all may rest on two edges instead (O'Rourke 1985); it is hardly
    smaller, and the standard leaves the method open.
    """
    heights, bounds, sides = np.empty(len(hull.areas)), np.empty(len(hull.areas)), np.empty(3)
    normals = np.ascontiguousarray(hull.normals.T)
    face_bounds(hull.points, normals, hull.areas, heights, bounds)
    corners = np.ascontiguousarray(hull.edges[:, :2])
    faces = hull.edges[:, 2:].astype(np.int32, order="C")
    order = np.argsort(bounds, kind="stable")
    least_box(hull.points, normals, corners, faces, order, heights, bounds, sides)
    return float(sides[0]), float(sides[1]), float(sides[2])


def enclosing_ellipsoid(hull: Hull) -> tuple[float, float, float]:
    """Semi-axes in mm, longest first, of the ellipsoid of least volume around the hull.

    Within `ELLIPSOID_TOLERANCE` of the least volume; blown up, where need be, by what
    is left over, so that no point is outside.
    """
    centre, scale = hull.points.mean(axis=0), hull.points.std(axis=0)
    points = (hull.points - centre) / scale
    lifted = np.column_stack([points, np.ones(len(points))])
    weights = _start_weights(points)
    reach = _reach(lifted, weights)
    # Few corners touch the ellipsoid. Search among those outside or near, then look again.
    for _ in range(_MAX_ROUNDS):
        if reach.max() <= 4 * (1 + ELLIPSOID_TOLERANCE / 2):
            break
        outside = np.argsort(-reach, kind="stable")[:_NEW_POINTS]
        active = np.union1d(np.flatnonzero(weights), outside)
        part, share = np.ascontiguousarray(lifted[active]), weights[active]
        inverse = np.linalg.inv((part * share[:, None]).T @ part)
        least_ellipsoid(part, share, inverse, ELLIPSOID_TOLERANCE / 4, _MAX_STEPS)
        weights[active] = share / share.sum()
        reach = _reach(lifted, weights)
    offsets = points - weights @ points
    matrix = (offsets * weights[:, None]).T @ offsets
    # A point has (p − c)ᵀ S⁻¹ (p − c) = k − 1.
    axes = np.sqrt((reach.max() - 1) * np.linalg.eigvalsh(matrix * np.outer(scale, scale)))
    return float(axes[2]), float(axes[1]), float(axes[0])


def _reach(lifted: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The k (n,) of each lifted point, at most 4 for all where the weights are best."""
    inverse = np.linalg.inv((lifted * weights[:, None]).T @ lifted)
    return np.asarray((lifted @ inverse * lifted).sum(axis=1))


def _start_weights(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Equal weights on the extreme points along three directions (Kumar and Yıldırım 2005)."""
    chosen: list[int] = []
    direction = np.array([1.0, 0.0, 0.0])
    spans: list[NDArray[np.float64]] = []
    for _ in range(3):
        along = points @ direction
        top, bottom = int(along.argmax()), int(along.argmin())
        chosen += [top, bottom]
        spans.append(points[top] - points[bottom])
        # Next a direction across all spans so far, so that the points do not lie in a plane.
        other = np.eye(3)[np.abs(spans[0]).argmin()] if len(spans) == 1 else spans[1]
        direction = np.cross(spans[0], other)
    weights = np.zeros(len(points))
    weights[chosen] = 1.0
    return np.asarray(weights / weights.sum())


def ellipsoid_area(a: float, b: float, c: float) -> float:
    """Surface area of an ellipsoid by the series of the standard, in the axes' unit squared.

    With α² = 1 − b²/a² and β² = 1 − c²/a²,

        A = 4 π a b Σ_{ν=0}^{20} (α β)^ν / (1 − 4 ν²) P_ν((α² + β²) / (2 α β)),

    where P_ν are Legendre polynomials. The terms t_ν = (α β)^ν P_ν follow from
    Bonnet's recursion without division by α β, so that a = b is no special case.

    The sum is not the area of the surface: for semi-axes 5.7, 4.65 and 4.27 it is 4 %
    below, and even below the area of the sphere of equal volume. It is what the
    reference values rest on, and is kept for that reason.

    Parameters
    ----------
    a, b, c : float
        Semi-axes with a ≥ b ≥ c ≥ 0 and a > 0.
    """
    alpha_square, beta_square = 1 - (b / a) ** 2, 1 - (c / a) ** 2
    middle, product = (alpha_square + beta_square) / 2, alpha_square * beta_square
    before, term, total = 0.0, 1.0, 0.0
    for nu in range(_SERIES_TERMS + 1):
        total += term / (1 - 4 * nu**2)
        after = ((2 * nu + 1) * middle * term - nu * product * before) / (nu + 1)
        before, term = term, after
    return 4 * math.pi * a * b * total
