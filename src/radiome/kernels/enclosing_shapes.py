"""Greatest distance, least box and least ellipsoid of the corners of a convex hull."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def greatest_square(points: NDArray[np.float64], radii: NDArray[np.float64]) -> float:
    """Greatest squared distance between two of `points`.

    Parameters
    ----------
    points : float64 array (n, 3)
        Points in order of falling distance from some centre.
    radii : float64 array (n,)
        Those distances. Two points are at most the sum of theirs apart.
    """
    best = 0.0
    for i in range(points.shape[0]):
        if 4.0 * radii[i] * radii[i] < best:
            break
        for j in range(i + 1, points.shape[0]):
            reach = radii[i] + radii[j]
            if reach * reach < best:
                break
            z = points[i, 0] - points[j, 0]
            y = points[i, 1] - points[j, 1]
            x = points[i, 2] - points[j, 2]
            best = max(best, z * z + y * y + x * x)
    return best


@njit(cache=True, nogil=True)
def face_bounds(
    points: NDArray[np.float64],
    normals: NDArray[np.float64],
    areas: NDArray[np.float64],
    heights: NDArray[np.float64],
    bounds: NDArray[np.float64],
) -> None:
    """Height of a convex hull over each face, and a lower bound of the boxes on it.

    Parameters
    ----------
    points : float64 array (n, 3)
        Corners of the hull.
    normals : float64 array (3, faces)
        Unit normals, pointing outwards.
    areas : float64 array (faces,)
        Area of each face.
    heights : float64 array (faces,)
        Filled with the extent of the hull along each normal.
    bounds : float64 array (faces,)
        Filled with height times the area of the hull's shadow along the normal, which
        no rectangle around the shadow is smaller than.
    """
    # The loops over faces are innermost: their steps do not wait for each other.
    n_faces = normals.shape[1]
    lows = np.empty(n_faces)
    for face in range(n_faces):
        lows[face] = np.inf
        heights[face] = -np.inf
        bounds[face] = 0.0
    for i in range(points.shape[0]):
        z, y, x = points[i, 0], points[i, 1], points[i, 2]
        for face in range(n_faces):
            height = z * normals[0, face] + y * normals[1, face] + x * normals[2, face]
            lows[face] = min(lows[face], height)
            heights[face] = max(heights[face], height)
    for j in range(n_faces):
        z, y, x = normals[0, j], normals[1, j], normals[2, j]
        area = 0.5 * areas[j]
        for face in range(n_faces):
            tilt = z * normals[0, face] + y * normals[1, face] + x * normals[2, face]
            bounds[face] += abs(tilt) * area
    for face in range(n_faces):
        heights[face] -= lows[face]
        bounds[face] *= heights[face]


@njit(cache=True, nogil=True)
def least_box(
    points: NDArray[np.float64],
    normals: NDArray[np.float64],
    edges: NDArray[np.int64],
    meets: NDArray[np.int32],
    order: NDArray[np.int64],
    heights: NDArray[np.float64],
    bounds: NDArray[np.float64],
    sides: NDArray[np.float64],
) -> None:
    """Find the least box that rests on a face of a convex hull, of equals that of least area.

    The least rectangle around the shadow of the hull on a face has a side along an
    edge of the shadow's outline. Those are the hull edges between a face turned up
    and a face turned down.

    Parameters
    ----------
    points : float64 array (n, 3)
        Corners of the hull.
    normals : float64 array (3, faces)
        Unit normals, pointing outwards.
    edges : int64 array (edges, 2)
        The two corners of each edge.
    meets : int32 array (edges, 2)
        The two faces of each edge.
    order : int64 array (faces,)
        Faces in order of rising bound.
    heights, bounds : float64 array (faces,)
        As found by `face_bounds`.
    sides : float64 array (3,)
        Filled with the sides of the least box.
    """
    n_points, n_faces, n_edges = points.shape[0], normals.shape[1], edges.shape[0]
    tilts = np.empty(n_faces)
    outline = np.empty((2, n_edges))
    extent = np.empty((4, n_edges))
    # The shadow's corners u and v; the first `n_far` are far out in some direction.
    shadow = np.empty((2, n_points))
    seen = np.full(n_points, -1)
    best = np.inf
    least_area = np.inf
    # Boxes this close in volume count as equal; then the one with the least area is taken,
    # so that the answer does not depend on how the region is turned.
    slack = 1 + 1e-9
    for face in order:
        if bounds[face] > best * slack:
            break
        a, b, c = normals[0, face], normals[1, face], normals[2, face]
        # A unit vector u across the normal, and v across both.
        if abs(a) < 0.6:
            length = np.sqrt(b * b + c * c)
            u0, u1, u2 = 0.0, -c / length, b / length
        else:
            length = np.sqrt(a * a + b * b)
            u0, u1, u2 = -b / length, a / length, 0.0
        v0, v1, v2 = b * u2 - c * u1, c * u0 - a * u2, a * u1 - b * u0
        for j in range(n_faces):
            tilts[j] = a * normals[0, j] + b * normals[1, j] + c * normals[2, j]
        n_outline = 0
        n_shadow = 0
        for edge in range(n_edges):
            # Faces on end count as turned both ways: more edges do no harm.
            if tilts[meets[edge, 0]] * tilts[meets[edge, 1]] > 1e-12:
                continue
            for end in range(2):
                corner = edges[edge, end]
                if seen[corner] != face:
                    seen[corner] = face
                    z, y, x = points[corner, 0], points[corner, 1], points[corner, 2]
                    shadow[0, n_shadow] = z * u0 + y * u1 + x * u2
                    shadow[1, n_shadow] = z * v0 + y * v1 + x * v2
                    n_shadow += 1
            p, q = edges[edge, 0], edges[edge, 1]
            z = points[q, 0] - points[p, 0]
            y = points[q, 1] - points[p, 1]
            x = points[q, 2] - points[p, 2]
            along_u, along_v = z * u0 + y * u1 + x * u2, z * v0 + y * v1 + x * v2
            length = np.sqrt(along_u * along_u + along_v * along_v)
            if length > 1e-9:
                outline[0, n_outline] = along_u / length
                outline[1, n_outline] = along_v / length
                n_outline += 1
        # Move far corners to the front: they show early that a rectangle is too big.
        n_far = 0
        for direction in range(16):
            if n_far == n_shadow:
                break
            cosine, sine = np.cos(direction * np.pi / 8), np.sin(direction * np.pi / 8)
            far = 0
            reach = -np.inf
            for i in range(n_shadow):
                along = cosine * shadow[0, i] + sine * shadow[1, i]
                if along > reach:
                    reach = along
                    far = i
            if far >= n_far:
                for k in range(2):
                    moved = shadow[k, n_far]
                    shadow[k, n_far] = shadow[k, far]
                    shadow[k, far] = moved
                n_far += 1
        for edge in range(n_outline):
            extent[0, edge] = extent[2, edge] = np.inf
            extent[1, edge] = extent[3, edge] = -np.inf
        for i in range(n_far):
            u, v = shadow[0, i], shadow[1, i]
            for edge in range(n_outline):
                along = outline[0, edge] * u + outline[1, edge] * v
                across = outline[0, edge] * v - outline[1, edge] * u
                extent[0, edge] = min(extent[0, edge], along)
                extent[1, edge] = max(extent[1, edge], along)
                extent[2, edge] = min(extent[2, edge], across)
                extent[3, edge] = max(extent[3, edge], across)
        for edge in range(n_outline):
            low, high = extent[0, edge], extent[1, edge]
            low_across, high_across = extent[2, edge], extent[3, edge]
            if (high - low) * (high_across - low_across) * heights[face] > best * slack:
                continue
            cosine, sine = outline[0, edge], outline[1, edge]
            for i in range(n_far, n_shadow):
                along = cosine * shadow[0, i] + sine * shadow[1, i]
                across = cosine * shadow[1, i] - sine * shadow[0, i]
                low = min(low, along)
                high = max(high, along)
                low_across = min(low_across, across)
                high_across = max(high_across, across)
            one, other = high - low, high_across - low_across
            volume = one * other * heights[face]
            area = one * other + (one + other) * heights[face]
            if volume * slack < best or (volume <= best * slack and area < least_area):
                best = min(best, volume)
                least_area = area
                sides[0] = heights[face]
                sides[1] = one
                sides[2] = other


@njit(cache=True, nogil=True)
def least_ellipsoid(
    points: NDArray[np.float64],
    weights: NDArray[np.float64],
    inverse: NDArray[np.float64],
    tolerance: float,
    max_steps: int,
) -> int:
    """Improve weights of points until their ellipsoid is the least that encloses all.

    Khachiyan's method with the away steps of Todd and Yıldırım. With points lifted to
    q = (p, 1), M = Σ u q qᵀ and k_i = q_iᵀ M⁻¹ q_i, the weights u are best where no
    k_i exceeds 4. A step moves weight to the point of greatest k, or away from the
    weighted point of least k, whichever is the more out of line.

    Parameters
    ----------
    points : float64 array (n, 4)
        Lifted points.
    weights : float64 array (n,)
        Start weights, which sum to 1; overwritten.
    inverse : float64 array (4, 4)
        M⁻¹ of the start weights; overwritten.
    tolerance : float
        Stop where all k_i are within this share of 4.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    int
        Number of steps taken.
    """
    n = points.shape[0]
    kappa = np.empty(n)
    image = np.empty(4)
    for i in range(n):
        total = 0.0
        for a in range(4):
            for b in range(4):
                total += points[i, a] * inverse[a, b] * points[i, b]
        kappa[i] = total
    for step in range(max_steps):
        top, low = 0, -1
        for i in range(n):
            if kappa[i] > kappa[top]:
                top = i
            if weights[i] > 0.0 and (low < 0 or kappa[i] < kappa[low]):
                low = i
        excess, lack = kappa[top] / 4.0 - 1.0, 1.0 - kappa[low] / 4.0
        if excess <= tolerance and lack <= tolerance:
            return step
        if excess >= lack:
            j = top
            share = (kappa[j] - 4.0) / (4.0 * (kappa[j] - 1.0))
        else:
            j = low
            share = -weights[j] / (1.0 - weights[j])
            if kappa[j] > 1.0:
                share = max(share, (kappa[j] - 4.0) / (4.0 * (kappa[j] - 1.0)))
        keep = 1.0 - share
        for i in range(n):
            weights[i] *= keep
        weights[j] = max(weights[j] + share, 0.0)
        for a in range(4):
            image[a] = 0.0
            for b in range(4):
                image[a] += inverse[a, b] * points[j, b]
        pull = share / (keep + share * kappa[j])
        for i in range(n):
            along = (
                points[i, 0] * image[0]
                + points[i, 1] * image[1]
                + points[i, 2] * image[2]
                + points[i, 3] * image[3]
            )
            kappa[i] = (kappa[i] - pull * along * along) / keep
        for a in range(4):
            for b in range(4):
                inverse[a, b] = (inverse[a, b] - pull * image[a] * image[b]) / keep
    return max_steps
