"""Local binary patterns on spheres round every voxel, as pyradiomics computes them.

A voxel is compared with samples on a small sphere round it, the corners of a subdivided
icosahedron. The signs are expanded in spherical harmonics, and the norm of each degree
is a pattern that no rotation changes.

Source: J. Banerjee, A. Moelker, W. J. Niessen and T. van Walsum, 3D LBP-based
rotationally invariant region description, ACCV 2012 Workshops, LNCS 7728, 26-37;
pyradiomics 3.0.1 documentation of `imageoperations.getLBP3DImage`.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.image.mask import Box

Floats = NDArray[np.float64]

#: Voxels whose samples are held in memory at a time.
_BATCH = 20_000


def patterns_on_spheres(
    voxels: NDArray[np.generic],
    inside: NDArray[np.bool_],
    box: Box,
    *,
    levels: int = 2,
    radius: float = 1.0,
    subdivisions: int = 1,
) -> list[Floats]:
    """Patterns of degree 0 to `levels` - 1, then the kurtosis of the samples.

    Parameters
    ----------
    voxels : array (z, y, x)
        The whole image. Samples are taken from its cubic spline in the type of the image,
        hence whole numbers for an image of whole numbers.
    inside : bool array (z, y, x)
        The region: elsewhere the patterns are zero.
    box : three slices
        Box of the region.
    levels : int
        Number of degrees.
    radius : float
        Radius of the sphere in voxels.
    subdivisions : int
        How often the triangles of the icosahedron are divided.

    Returns
    -------
    list of float64 arrays (z, y, x)
        `levels` + 1 maps of the box.

    Raises
    ------
    SettingsError
        If a number is not positive.
    """
    from scipy.ndimage import map_coordinates, spline_filter

    if levels < 1 or not radius > 0 or subdivisions < 0:
        raise SettingsError(
            "spherical patterns need at least one level and a positive radius",
            where="lbp3DLevels, lbp3DIcosphereRadius, lbp3DIcosphereSubdivision",
            got=f"{levels}, {radius:g}, {subdivisions}",
        )
    points = sphere_points(subdivisions) * radius
    harmonics = [_harmonics(points, degree) for degree in range(levels)]
    coefficients = spline_filter(voxels.astype(np.float64), order=3, mode="mirror")
    part = inside[box]
    corner = [b.start for b in box]
    places = np.argwhere(part) + corner
    found = np.empty((levels + 1, len(places)))
    for start in range(0, len(places), _BATCH):
        batch = slice(start, start + _BATCH)
        # pyradiomics adds (x, y, z) of the sphere to (z, y, x) of the voxel.
        at = places[batch, None] + points
        samples = map_coordinates(
            coefficients, np.moveaxis(at, -1, 0), output=voxels.dtype, order=3, prefilter=False
        )
        centre = voxels[tuple(places[batch].T)]
        signs = (samples >= centre[:, None]).astype(np.float64)
        for degree, values in enumerate(harmonics):
            expansion = (signs @ values) @ values.T
            # The real part of the root of the sum of squares, not of squared moduli.
            found[degree, batch] = np.sqrt((expansion**2).sum(axis=1)).real
        found[levels, batch] = _excess_kurtosis(samples)
    maps = np.zeros((levels + 1, *part.shape))
    maps[:, part] = found
    return list(maps)


def sphere_points(subdivisions: int) -> Floats:
    """Corners (n, 3) of an icosahedron on the unit sphere, its triangles divided in four."""
    golden = (1 + 5**0.5) / 2
    signs = [(a, b) for a in (-1, 1) for b in (-1, 1)]
    corners = [np.roll([0.0, a, b * golden], shift) for shift in range(3) for a, b in signs]
    points: Floats = np.array(corners) / np.hypot(1, golden)
    triangles = _triangles(points)
    for _ in range(subdivisions):
        points, triangles = _divided(points, triangles)
    return points


def _triangles(points: Floats) -> list[tuple[int, int, int]]:
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    near = gaps < 1.01 * gaps[gaps > 0].min()
    return [t for t in combinations(range(len(points)), 3) if near[np.ix_(t, t)].all()]


def _divided(
    points: Floats, triangles: list[tuple[int, int, int]]
) -> tuple[Floats, list[tuple[int, int, int]]]:
    middles: dict[tuple[int, int], int] = {}
    every = list(points)

    def middle(a: int, b: int) -> int:
        edge = (min(a, b), max(a, b))
        if edge not in middles:
            between = points[a] + points[b]
            middles[edge] = len(every)
            every.append(between / np.linalg.norm(between))
        return middles[edge]

    found = []
    for a, b, c in triangles:
        ab, bc, ca = middle(a, b), middle(b, c), middle(c, a)
        found += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.array(every), found


def _harmonics(points: Floats, degree: int) -> NDArray[np.complex128]:
    """Values (n, 2 degree + 1) at the points.

    pyradiomics hands the polar angle to SciPy as the azimuth and the other way round.
    """
    from scipy.special import lpmv

    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    azimuth, polar = np.arccos(np.clip(unit[:, 2], -1, 1)), np.arctan2(unit[:, 1], unit[:, 0])
    columns = []
    for order in range(-degree, degree + 1):
        m = abs(order)
        scale = (2 * degree + 1) / (4 * np.pi) * factorial(degree - m) / factorial(degree + m)
        value = np.sqrt(scale) * lpmv(m, degree, np.cos(polar)) * np.exp(1j * m * azimuth)
        columns.append(value if order >= 0 else (-1) ** m * value.conj())
    return np.stack(columns, axis=1)


def _excess_kurtosis(samples: NDArray[np.generic]) -> Floats:
    values = samples.astype(np.float64)
    squares = (values - values.mean(axis=1, keepdims=True)) ** 2
    variance = squares.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess: Floats = (squares**2).mean(axis=1) / variance**2 - 3
    return excess
