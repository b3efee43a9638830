"""Two small networks on crops: a convolutional one, and a recurrent one over slices.

Both begin with blocks of 2³ voxels, each mapped to `width` numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.deep.layers import convolution, linear, pooled, rectified, recurrent

Array = NDArray[np.float32]

#: Weights of each layer in turn.
Parameters = list[list[Array]]


@dataclass(frozen=True, slots=True)
class Network:
    """A network's two parts.

    Parameters
    ----------
    start : callable
        ``start(channels, width, outputs, rng)`` gives the first parameters.
    forward : callable
        ``forward(parameters, blocks)`` gives outputs (b, k) of `layers.blocks` of crops.
    """

    start: Callable[[int, int, int, np.random.Generator], Parameters]
    forward: Callable[[Any, Any], Any]


def _layer(n_in: int, n_out: int, rng: np.random.Generator, *, gain: float = 2.0) -> list[Array]:
    """Weights of variance gain / n_in (He et al. 2015), biases 0."""
    scale = np.sqrt(gain / n_in)
    weights = scale * rng.standard_normal((n_in, n_out))
    return [weights.astype(np.float32), np.zeros(n_out, np.float32)]


def _start_cnn(channels: int, width: int, outputs: int, rng: np.random.Generator) -> Parameters:
    return [
        _layer(8 * channels, width, rng),
        _layer(27 * width, 2 * width, rng),
        _layer(27 * 2 * width, 4 * width, rng),
        _layer(8 * width, outputs, rng, gain=0.1),
    ]


def _forward_cnn(parameters: Any, blocks: Any) -> Any:
    """Two convolutions of 3³, mean and maximum over all places, head."""
    first, second, third, head = parameters
    values = rectified(linear(blocks, first))
    values = convolution(convolution(values, second), third)
    return linear(pooled(values), head)


def _start_gru(channels: int, width: int, outputs: int, rng: np.random.Generator) -> Parameters:
    seen, states = 8 * width, 2 * width
    across = np.hstack([np.linalg.qr(rng.standard_normal((states,) * 2))[0] for _ in range(3)])
    inward, biases = _layer(seen, 3 * states, rng, gain=1.0)
    return [
        _layer(8 * channels, width, rng),
        _layer(9 * width, 2 * width, rng),
        _layer(9 * 2 * width, 4 * width, rng),
        [inward, across.astype(np.float32), biases],
        _layer(states, outputs, rng, gain=0.1),
    ]


def _forward_gru(parameters: Any, blocks: Any) -> Any:
    """Of each slice, two voxels thick, what a CNN of 3² gives; a GRU over the slices, head."""
    first, second, third, unit, head = parameters
    n, slices = blocks.shape[:2]
    values = rectified(linear(blocks.reshape(n * slices, *blocks.shape[2:]), first))
    each = pooled(convolution(convolution(values, second), third))
    return linear(recurrent(each.reshape((n, slices, -1)), unit), head)


NETWORKS: Mapping[str, Network] = {
    "cnn": Network(_start_cnn, _forward_cnn),
    "gru": Network(_start_gru, _forward_gru),
}


def count_weights(parameters: Parameters) -> int:
    """Numbers that are learnt."""
    return sum(part.size for layer in parameters for part in layer)
