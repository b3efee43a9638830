"""Slow twin of the interpolation: one new voxel at a time, on the whole image.

Grid: n_new = ceil(n_old s_old / s_new), centred. The cubic spline is the interpolating
one: its coefficients solve the linear system "the spline passes through every sample",
with the line mirrored at its end samples.
"""

from __future__ import annotations

import itertools
import math

import numpy as np


def beta3(x: float) -> float:
    """Centred cubic B-spline."""
    x = abs(x)
    if x < 1:
        return 2 / 3 - x * x + x**3 / 2
    return (2 - x) ** 3 / 6 if x < 2 else 0.0


def mirrored(k: int, n: int) -> int:
    if n == 1:
        return 0
    k = k % (2 * n - 2)
    return min(k, 2 * n - 2 - k)


def positions(n_old: int, ratio: float) -> list[float]:
    """Old indices of the new voxel centres, moved onto the image where they lie outside."""
    n_new = math.ceil(round(n_old / ratio, 9))
    first = (n_old - 1 - ratio * (n_new - 1)) / 2
    return [min(max(first + k * ratio, 0.0), n_old - 1.0) for k in range(n_new)]


def weights_nearest(position: float, n: int) -> dict[int, float]:
    return {math.floor(position + 0.5): 1.0}


def weights_linear(position: float, n: int) -> dict[int, float]:
    return {k: max(0.0, 1 - abs(position - k)) for k in range(n)}


def weights_cubic(position: float, n: int) -> dict[int, float]:
    """Weights of the samples (not the coefficients): row of B(position) @ inverse(B(samples))."""
    basis = np.zeros((n, n))
    row = np.zeros(n)
    for k in range(-3, n + 3):
        for i in range(n):
            basis[i, mirrored(k, n)] += beta3(i - k)
        row[mirrored(k, n)] += beta3(position - k)
    return dict(enumerate(np.linalg.solve(basis.T, row)))


WEIGHTS = {"nearest": weights_nearest, "linear": weights_linear, "cubic": weights_cubic}


def interpolate(image: np.ndarray, ratios: tuple[float, float, float], method: str) -> np.ndarray:
    """The whole interpolation grid; `ratios` are new over old spacing along (z, y, x)."""
    lines = [positions(n, ratio) for n, ratio in zip(image.shape, ratios, strict=True)]
    tables = [
        [WEIGHTS[method](p, n) for p in line] for line, n in zip(lines, image.shape, strict=True)
    ]
    out = np.empty([len(line) for line in lines])
    for z, y, x in itertools.product(*(range(n) for n in out.shape)):
        near = (tables[0][z].items(), tables[1][y].items(), tables[2][x].items())
        out[z, y, x] = sum(
            wz * wy * wx * image[kz, ky, kx]
            for (kz, wz), (ky, wy), (kx, wx) in itertools.product(*near)
        )
    return out
