"""Least box on a face and least ellipsoid by the plainest methods."""

from __future__ import annotations

import numpy as np
from scipy.special import eval_legendre


def least_box_volume(points, normals):
    """Try each normal with the direction of each pair of points as the side of the rectangle."""
    best = np.inf
    for normal in normals:
        height = np.ptp(points @ normal)
        for p in points:
            for q in points:
                side = (q - p) - (q - p) @ normal * normal
                if np.linalg.norm(side) < 1e-9:
                    continue
                side = side / np.linalg.norm(side)
                across = np.cross(normal, side)
                best = min(best, height * np.ptp(points @ side) * np.ptp(points @ across))
    return best


def least_ellipsoid_volume(points, tolerance=1e-4):
    """Khachiyan's method as first published, without away steps."""
    n, d = points.shape
    lifted = np.column_stack([points, np.ones(n)])
    weights = np.full(n, 1 / n)
    while True:
        inverse = np.linalg.inv(lifted.T @ (lifted * weights[:, None]))
        reach = np.einsum("ia,ab,ib->i", lifted, inverse, lifted)
        j = int(reach.argmax())
        if reach[j] <= (1 + tolerance) * (d + 1):
            break
        step = (reach[j] - d - 1) / ((d + 1) * (reach[j] - 1))
        weights *= 1 - step
        weights[j] += step
    centre = weights @ points
    spread = (points - centre).T @ ((points - centre) * weights[:, None])
    return 4 / 3 * np.pi * np.sqrt(np.linalg.det(spread * d))


def ellipsoid_area(a, b, c):
    """The standard's series, as printed."""
    alpha, beta = np.sqrt(1 - b**2 / a**2), np.sqrt(1 - c**2 / a**2)
    argument = (alpha**2 + beta**2) / (2 * alpha * beta)
    terms = [
        (alpha * beta) ** nu / (1 - 4 * nu**2) * eval_legendre(nu, argument) for nu in range(21)
    ]
    return 4 * np.pi * a * b * sum(terms)
