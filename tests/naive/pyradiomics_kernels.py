"""Slow twins of the kernels behind the pyradiomics stand-in."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np


def assign_bins(values, edges):
    bins = []
    for value in values:
        below = sum(1 for edge in edges if edge <= value)
        bins.append(min(max(below, 1), len(edges) - 1))
    return bins


def greatest_square_in_planes(first, last, marks, row_step, step):
    best = 0.0
    for plane, ends in enumerate(marks):
        points = [
            (row * row_step, (last if end else first)[plane, row] * step)
            for row, end in zip(*np.nonzero(ends), strict=True)
        ]
        for a, b in combinations(points, 2):
            best = max(best, (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
    return best


def count_cube_places(mask):
    places = np.zeros((256, 4), int)
    for z, y, x in product(*[range(n - 1) for n in mask.shape]):
        cube = mask[z : z + 2, y : y + 2, x : x + 2]
        kind = sum(int(inside) << bit for bit, inside in enumerate(cube.reshape(-1)))
        if kind not in (0, 255):
            places[kind] += (1, z, y, x)
    return places


def convolve(block, taps, indices):
    """One filter along the middle axis, rounded to the type of the block after every term."""
    out = np.zeros((block.shape[0], len(indices), block.shape[2]), block.dtype)
    for o, k, i in np.ndindex(*out.shape):
        total = block.dtype.type(0)
        for tap, place in zip(taps, indices[k], strict=True):
            total = total + tap * block[o, place, i]
        out[o, k, i] = total
    return out


def filter_line(line, n, d, m):
    """Both recursions of one line, which is continued so far that the start does not matter."""
    far = 200
    x = np.concatenate([np.full(far, line[0]), line, np.full(far, line[-1])])
    causal, back = np.zeros(len(x)), np.zeros(len(x))
    for i in range(4, len(x)):
        causal[i] = sum(n[k] * x[i - k] - d[k] * causal[i - 1 - k] for k in range(4))
    for i in range(len(x) - 5, -1, -1):
        back[i] = sum(m[k] * x[i + 1 + k] - d[k] * back[i + 1 + k] for k in range(4))
    return (causal + back)[far : far + len(line)]
