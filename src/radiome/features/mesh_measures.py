"""Area and volume of the surface of a mask, by marching cubes at iso-level 0.5.

The surface lies half-way between inside and outside voxel centres. The table of
the 256 cubes is derived here from two rules rather than typed in:

- On a cube face, each run of neighbouring inside corners is cut off by one
  segment. Inside corners that meet only across a diagonal stay apart. The rule
  looks at one face only, so neighbouring cubes agree and the surface is closed.
- The segments of a cube form loops. Each loop is spanned by the triangulation
  that lies in the fewest planes, as in the classic table; where several do, the
  mean of their areas and volumes counts, so that a mirrored mask measures the same.

Source: W. Lorensen and H. Cline, Marching cubes, SIGGRAPH 1987; IBSI reference
manual, sections 3.1 (mesh-based representation), RNU0 and C0JK.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import gcd

import numpy as np
from numpy.typing import NDArray

from radiome.kernels.mesh import count_cubes

Point = tuple[int, int, int]
Triangle = tuple[Point, Point, Point]

#: Corners of a square face in cyclic order, as steps along its two in-plane axes.
_SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))
#: Share of a face enclosed by a run of 1, 2, 3 or 4 inside corners.
_RUN_SHARE = {1: 1 / 8, 2: 1 / 2, 3: 7 / 8, 4: 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class CubeTable:
    """Surface pieces of the 256 cubes, for unit spacing.

    Parameters
    ----------
    kinds : int64 array (n,)
        Cube kind of each triangle.
    normals : float64 array (n, 3)
        Area vector (z, y, x) of each triangle times its weight, pointing outwards.
    volumes : float64 array (256,)
        Volume inside the surface within a cube of each kind.
    """

    kinds: NDArray[np.int64]
    normals: NDArray[np.float64]
    volumes: NDArray[np.float64]


def surface_measures(
    padded: NDArray[np.uint8], spacing: tuple[float, float, float]
) -> tuple[float, float]:
    """Volume in mm³ and area in mm² of the closed surface of a mask.

    Parameters
    ----------
    padded : uint8 array (z, y, x)
        1 inside and 0 outside, with at least one layer of zeros on every side.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).
    """
    counts = np.zeros(256, dtype=np.int64)
    count_cubes(padded, counts)
    table = cube_table()
    step_z, step_y, step_x = spacing
    # An area vector component scales with the two axes it is not along.
    scale = np.array([step_y * step_x, step_z * step_x, step_z * step_y])
    areas = np.sqrt(np.square(table.normals * scale).sum(axis=1))
    area = float((counts[table.kinds] * areas).sum())
    volume = float((counts * table.volumes).sum()) * step_z * step_y * step_x
    return volume, area


@cache
def cube_table() -> CubeTable:
    """Derive the table of the 256 cubes from the two rules of this module."""
    kinds: list[int] = []
    weights: list[float] = []
    triangles: list[Triangle] = []
    shares = np.zeros(256)
    for kind in range(256):
        next_edge, shares[kind] = _face_segments(kind)
        for loop in _loops(next_edge):
            best = _flattest(loop)
            found = [triangle for triangulation in best for triangle in triangulation]
            triangles += found
            kinds += [kind] * len(found)
            weights += [1 / len(best)] * len(found)
    # Points are in half spacings from the cube centre.
    a, b, c = np.moveaxis(np.asarray(triangles) / 2, 1, 0)
    normals = np.cross(b - a, c - a) / 2 * np.asarray(weights)[:, None]
    # Cones from the cube centre: (1/3) (1/2) share over the faces, (1/3) a·n over the triangles.
    volumes = shares / 6 + np.bincount(kinds, (a * normals).sum(axis=1) / 3, minlength=256)
    return CubeTable(np.asarray(kinds), normals, volumes)


def _face_segments(kind: int) -> tuple[dict[Point, Point], float]:
    """Follow-up vertex of each vertex of a cube, and the enclosed face area in total."""
    next_edge: dict[Point, Point] = {}
    share = 0.0
    for corners in _outward_faces():
        inside = [_is_inside(kind, corner) for corner in corners]
        if all(inside):
            share += 1.0
        for start in range(4):
            if not inside[start] or inside[start - 1]:
                continue
            length = 1
            while inside[(start + length) % 4]:
                length += 1
            share += _RUN_SHARE[length]
            last = corners[(start + length - 1) % 4]
            enter = _midpoint(corners[start - 1], corners[start])
            next_edge[enter] = _midpoint(last, corners[(start + length) % 4])
    return next_edge, share


@cache
def _outward_faces() -> list[list[Point]]:
    """Corners (z, y, x), each -1 or 1, of the six faces, anticlockwise from outside."""
    faces = []
    for axis in range(3):
        for side in (-1, 1):
            corners = []
            for u, v in _SQUARE:
                corner = [0, 0, 0]
                corner[axis] = side
                corner[(axis + 1) % 3] = 2 * u - 1
                corner[(axis + 2) % 3] = 2 * v - 1
                corners.append((corner[0], corner[1], corner[2]))
            faces.append(corners if side == 1 else corners[::-1])
    return faces


def _is_inside(kind: int, corner: Point) -> bool:
    z, y, x = corner
    return bool(kind >> (4 * (z > 0) + 2 * (y > 0) + (x > 0)) & 1)


def _midpoint(a: Point, b: Point) -> Point:
    return ((a[0] + b[0]) // 2, (a[1] + b[1]) // 2, (a[2] + b[2]) // 2)


def _loops(next_edge: dict[Point, Point]) -> Iterator[tuple[Point, ...]]:
    left = dict(next_edge)
    while left:
        start, point = left.popitem()
        loop = [start]
        while point != start:
            loop.append(point)
            point = left.pop(point)
        yield tuple(loop)


def _flattest(loop: tuple[Point, ...]) -> list[list[Triangle]]:
    ways = _triangulations(0, len(loop) - 1)
    planes = {
        corners: _plane((loop[corners[0]], loop[corners[1]], loop[corners[2]]))
        for corners in combinations(range(len(loop)), 3)
    }
    numbers = [len({planes[corners] for corners in way}) for way in ways]
    least = min(numbers)
    return [
        [(loop[a], loop[b], loop[c]) for a, b, c in way]
        for way, number in zip(ways, numbers, strict=True)
        if number == least
    ]


@cache
def _triangulations(first: int, last: int) -> list[list[Point]]:
    """All ways to cut a polygon with corners first..last into triangles by diagonals."""
    if last - first < 2:
        return [[]]
    # The triangle on the closing side has its third corner anywhere between.
    return [
        [(first, middle, last), *before, *after]
        for middle in range(first + 1, last)
        for before in _triangulations(first, middle)
        for after in _triangulations(middle, last)
    ]


@cache
def _plane(triangle: Triangle) -> tuple[int, int, int, int]:
    """Normal and offset of the plane of a triangle, in lowest terms."""
    (a, b, c), q, r = triangle
    d, e, f = q[0] - a, q[1] - b, q[2] - c
    g, h, i = r[0] - a, r[1] - b, r[2] - c
    normal = (e * i - f * h, f * g - d * i, d * h - e * g)
    # A triangle with its corners on one line would lie in any plane; none occurs here.
    shared = gcd(*normal)
    z, y, x = (component // shared for component in normal)
    return z, y, x, z * a + y * b + x * c
