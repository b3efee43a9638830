"""Layers of networks voxel by voxel, as their papers write them."""

from __future__ import annotations

from itertools import product

import numpy as np


def convolution(values, weights, biases):
    """Width 3, step 2, zeros beyond the border, then max(0, ·): (b, s..., c) to (b, s'..., q)."""
    axes = values.ndim - 2
    sides = [(n + 1) // 2 for n in values.shape[1:-1]]
    out = np.zeros((len(values), *sides, len(biases)))
    kernel = weights.reshape(*(3,) * axes, values.shape[-1], len(biases))
    for row, *place in product(range(len(values)), *map(range, sides)):
        total = biases.astype(np.float64)
        for offset in product(range(3), repeat=axes):
            source = [2 * p + o - 1 for p, o in zip(place, offset, strict=True)]
            if all(0 <= s < n for s, n in zip(source, values.shape[1:-1], strict=True)):
                total = total + values[(row, *source)] @ kernel[offset]
        out[(row, *place)] = np.maximum(total, 0)
    return out


def gated_states(inputs, inward, across, biases):
    """States of a gated recurrent unit (t, h) for one row (t, p), gate by gate."""
    n = len(across)
    parts = [slice(k * n, (k + 1) * n) for k in range(3)]
    (wz, wr, wn), (uz, ur, un) = ([m[:, p] for p in parts] for m in (inward, across))
    bz, br, bn = (biases[p] for p in parts)
    state, states = np.zeros(n), []
    for x in inputs:
        z = 1 / (1 + np.exp(-(x @ wz + state @ uz + bz)))
        r = 1 / (1 + np.exp(-(x @ wr + state @ ur + br)))
        fresh = np.tanh(x @ wn + (r * state) @ un + bn)
        state = z * state + (1 - z) * fresh
        states.append(state)
    return np.array(states)
