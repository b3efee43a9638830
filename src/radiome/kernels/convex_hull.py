"""Convex hull of points with whole-number coordinates, in exact arithmetic."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def _set_plane(
    points: NDArray[np.int64],
    corners: NDArray[np.int64],
    planes: NDArray[np.int64],
    face: int,
) -> None:
    p, q, r = corners[face, 0], corners[face, 1], corners[face, 2]
    a, b, c = (
        points[q, 0] - points[p, 0],
        points[q, 1] - points[p, 1],
        points[q, 2] - points[p, 2],
    )
    d, e, f = (
        points[r, 0] - points[p, 0],
        points[r, 1] - points[p, 1],
        points[r, 2] - points[p, 2],
    )
    planes[face, 0] = b * f - c * e
    planes[face, 1] = c * d - a * f
    planes[face, 2] = a * e - b * d
    planes[face, 3] = -(
        planes[face, 0] * points[p, 0]
        + planes[face, 1] * points[p, 1]
        + planes[face, 2] * points[p, 2]
    )


@njit(cache=True, nogil=True)
def _above(planes: NDArray[np.int64], face: int, points: NDArray[np.int64], point: int) -> int:
    height: int = (
        planes[face, 0] * points[point, 0]
        + planes[face, 1] * points[point, 1]
        + planes[face, 2] * points[point, 2]
        + planes[face, 3]
    )
    return height


@njit(cache=True, nogil=True)
def hull_triangles(
    points: NDArray[np.int64],
    start: NDArray[np.int64],
    corners: NDArray[np.int64],
    across: NDArray[np.int64],
    planes: NDArray[np.int64],
) -> int:
    """Triangles of the convex hull, by Quickhull (Barber, Dobkin and Huhdanpaa 1996).

    A face belongs to the hull until a point lies strictly above its plane. Heights are
    whole numbers, so "strictly" is decided without tolerance. Flat faces come out as
    several triangles, which may have corners that are no corners of the flat face.

    Parameters
    ----------
    points : int64 array (n, 3)
        Coordinates, below 2^19 in size, so that no product overflows.
    start : int64 array (4,)
        Four points that span a tetrahedron, the fourth below the triangle of the others
        seen against its normal.
    corners, across : int64 array (2 n + 8, 3)
        Filled with the points of each triangle, in turn as seen from outside, and the
        triangle across the edge from each to the next. Unused rows begin with -1.
    planes : int64 array (2 n + 8, 4)
        Filled with normal and offset of each triangle.

    Returns
    -------
    int
        Number of rows in use, among them unused ones.
    """
    n = points.shape[0]
    capacity = corners.shape[0]
    head = np.empty(capacity, dtype=np.int64)
    after = np.empty(n, dtype=np.int64)
    state = np.zeros(capacity, dtype=np.int64)
    waits = np.zeros(capacity, dtype=np.int64)
    free = np.empty(capacity, dtype=np.int64)
    pending = np.empty(capacity, dtype=np.int64)
    seen = np.empty(capacity, dtype=np.int64)
    horizon = np.empty((n + 4, 3), dtype=np.int64)
    starts_at = np.empty(n, dtype=np.int64)
    for face in range(4):
        # Each face leaves out one of the four; odd ones run the other way round.
        for k in range(3):
            corners[face, k] = start[(face + 1 + k) % 4]
        if face % 2 == 0:
            corners[face, 0], corners[face, 1] = corners[face, 1], corners[face, 0]
        _set_plane(points, corners, planes, face)
        head[face] = -1
    for face in range(4):
        for k in range(3):
            p, q = corners[face, k], corners[face, (k + 1) % 3]
            for other in range(4):
                for m in range(3):
                    if corners[other, m] == q and corners[other, (m + 1) % 3] == p:
                        across[face, k] = other
    for point in range(n):
        for face in range(4):
            if _above(planes, face, points, point) > 0:
                after[point] = head[face]
                head[face] = point
                break
    used, n_free, n_pending, turn = 4, 0, 4, 0
    for face in range(4):
        pending[face] = face
        waits[face] = 1
    while n_pending > 0:
        n_pending -= 1
        face = pending[n_pending]
        waits[face] = 0
        if corners[face, 0] < 0 or head[face] < 0:
            continue
        apex = head[face]
        best = 0
        point = head[face]
        while point >= 0:
            height = _above(planes, face, points, point)
            if height > best:
                best = height
                apex = point
            point = after[point]
        # The faces that see the apex; `state` tells their turn (seen) from others.
        turn += 1
        state[face] = turn
        seen[0] = face
        n_seen, n_horizon, at = 1, 0, 0
        while at < n_seen:
            face = seen[at]
            at += 1
            for k in range(3):
                other = across[face, k]
                if state[other] == turn:
                    continue
                if _above(planes, other, points, apex) > 0:
                    state[other] = turn
                    seen[n_seen] = other
                    n_seen += 1
                else:
                    horizon[n_horizon, 0] = corners[face, k]
                    horizon[n_horizon, 1] = corners[face, (k + 1) % 3]
                    horizon[n_horizon, 2] = other
                    n_horizon += 1
        # Their points look for a new face; the faces themselves go.
        loose = -1
        for i in range(n_seen):
            face = seen[i]
            point = head[face]
            while point >= 0:
                following = after[point]
                if point != apex:
                    after[point] = loose
                    loose = point
                point = following
            corners[face, 0] = -1
            state[face] = 0
            free[n_free] = face
            n_free += 1
        for i in range(n_horizon):
            if n_free > 0:
                n_free -= 1
                face = free[n_free]
            else:
                face = used
                used += 1
            p, q, other = horizon[i, 0], horizon[i, 1], horizon[i, 2]
            corners[face, 0], corners[face, 1], corners[face, 2] = p, q, apex
            _set_plane(points, corners, planes, face)
            head[face] = -1
            across[face, 0] = other
            for k in range(3):
                if corners[other, k] == q and corners[other, (k + 1) % 3] == p:
                    across[other, k] = face
            starts_at[p] = face
            seen[i] = face
            # A row used again may still wait for its turn from before.
            if waits[face] == 0:
                waits[face] = 1
                pending[n_pending] = face
                n_pending += 1
        for i in range(n_horizon):
            face = seen[i]
            following = starts_at[corners[face, 1]]
            across[face, 1] = following
            across[following, 2] = face
        while loose >= 0:
            point = loose
            loose = after[point]
            for i in range(n_horizon):
                if _above(planes, seen[i], points, point) > 0:
                    after[point] = head[seen[i]]
                    head[seen[i]] = point
                    break
    return used
