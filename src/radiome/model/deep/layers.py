"""Layers of small networks, channels last, with derivatives by autograd.

A convolution is patches times a matrix. Patches and their derivative are written out here:
everything else autograd derives.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Array = NDArray[Any]

#: Width of a convolution, and how far it steps.
WIDTH, STEP = 3, 2


def blocks(images: Array) -> Array:
    """Put the 2³ voxels of a block into channels: nothing is lost, and sides are halved.

    Parameters
    ----------
    images : array (b, c, z, y, x)
        Crops whose sides are even.

    Returns
    -------
    array (b, z/2, y/2, x/2, 8c)
        In memory order.
    """
    n, c, z, y, x = images.shape
    split = images.reshape(n, c, z // 2, 2, y // 2, 2, x // 2, 2)
    moved = split.transpose(0, 2, 4, 6, 3, 5, 7, 1)
    return np.ascontiguousarray(moved).reshape(n, z // 2, y // 2, x // 2, 8 * c)


def _sides(shape: Sequence[int]) -> tuple[int, ...]:
    """Sides after a convolution: every second voxel, the first among them."""
    return tuple((n + STEP - 1) // STEP for n in shape[1:-1])


@primitive  # type: ignore[untyped-decorator]
def patches(values: Array) -> Array:
    """Neighbourhoods of width 3 around every second voxel, zeros beyond the border.

    Parameters
    ----------
    values : array (b, s..., c)
        Of 2 or 3 spatial axes.

    Returns
    -------
    array (b · Π s', 3^axes · c)
        A row for each new voxel, s' = ceil(s / 2).
    """
    axes = values.ndim - 2
    padded = np.pad(values, [(0, 0), *[(1, 1)] * axes, (0, 0)])
    outer, inner = padded.strides[1:-1], padded.strides[-1]
    # Along the last axis a neighbourhood is one run of memory, for channels are last.
    shape = (len(values), *_sides(values.shape), *(WIDTH,) * (axes - 1), WIDTH * values.shape[-1])
    strides = (padded.strides[0], *(STEP * s for s in outer), *outer[:-1], inner)
    window = as_strided(padded, shape, strides, writeable=False)
    return np.ascontiguousarray(window).reshape(-1, WIDTH**axes * values.shape[-1])


def _scatter(slope: Array, shape: Sequence[int]) -> Array:
    """Derivative of `patches`: each entry goes back to the voxel that it came from."""
    axes, channels, sides = len(shape) - 2, shape[-1], _sides(shape)
    parts = slope.reshape(shape[0], *sides, *(WIDTH,) * (axes - 1), WIDTH * channels)
    total = np.zeros((shape[0], *(n + 2 for n in shape[1:-1]), channels), slope.dtype)
    strides = (total.strides[0], *(STEP * s for s in total.strides[1:-1]), total.strides[-1])
    # Along the last axis two voxels are one run of memory, which the next place does not share.
    for offset in product(range(WIDTH), repeat=axes - 1):
        for first, last in ((0, STEP), (STEP, WIDTH)):
            start = total[(slice(None), *(slice(o, None) for o in (*offset, first)))]
            run = as_strided(start, (shape[0], *sides, (last - first) * channels), strides)
            place: tuple[Any, ...] = (..., *offset, slice(first * channels, last * channels))
            run += parts[place]
    return total[(slice(None), *(slice(1, 1 + n) for n in shape[1:-1]))]


defvjp(patches, lambda _, values: lambda slope: _scatter(slope, np.shape(values)))


@primitive  # type: ignore[untyped-decorator]
def rectified(values: Array) -> Array:
    """The values, 0 for negative ones."""
    return np.maximum(values, 0)


defvjp(rectified, lambda answer, _: lambda slope: slope * (answer > 0))


def linear(values: Any, layer: Sequence[Any]) -> Any:
    """Values (..., p) times weights (p, q), plus biases (q,)."""
    weights, biases = layer
    shape = values.shape[:-1]
    flat = anp.dot(anp.reshape(values, (-1, weights.shape[0])), weights) + biases
    return anp.reshape(flat, (*shape, weights.shape[1]))


def convolution(values: Any, layer: Sequence[Any]) -> Any:
    """Convolve (b, s..., c), width 3, step 2; rectify: (b, s'..., q)."""
    shape = (values.shape[0], *_sides(values.shape), layer[0].shape[1])
    return anp.reshape(rectified(linear(patches(values), layer)), shape)


def pooled(values: Any) -> Any:
    """Mean and maximum over all places: (b, s..., c) to (b, 2c)."""
    flat = anp.reshape(values, (values.shape[0], -1, values.shape[-1]))
    return anp.concatenate([anp.mean(flat, axis=1), anp.max(flat, axis=1)], axis=1)


def recurrent(values: Any, layer: Sequence[Any]) -> Any:
    """A gated recurrent unit over the second axis; the mean of its states (b, h).

    z = σ(x Wz + h Uz + bz), r = σ(x Wr + h Ur + br), n = tanh(x Wn + (r ∘ h) Un + bn),
    h' = z ∘ h + (1 − z) ∘ n, from h = 0 (Cho et al., EMNLP 2014, arXiv:1406.1078).

    Parameters
    ----------
    values : array (b, t, p)
        Inputs at t steps.
    layer : three arrays
        [Wz Wr Wn] (p, 3h), [Uz Ur Un] (h, 3h), [bz br bn] (3h,).
    """
    inward, across, biases = layer
    n = across.shape[0]
    given = linear(values, (inward, biases))
    state: Any = np.zeros((values.shape[0], n), biases.dtype)
    total: Any = state
    for step in range(values.shape[1]):
        gates = given[:, step, : 2 * n] + anp.dot(state, across[:, : 2 * n])
        gates = 0.5 * (anp.tanh(0.5 * gates) + 1.0)
        keep, reset = gates[:, :n], gates[:, n:]
        fresh = anp.tanh(given[:, step, 2 * n :] + anp.dot(reset * state, across[:, 2 * n :]))
        state = keep * state + (1.0 - keep) * fresh
        total = total + state
    return total / values.shape[1]
