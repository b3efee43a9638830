"""Training of one network: Adam on batches, stopped early by rows that it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from autograd import value_and_grad
from numpy.typing import NDArray

from radiome.model.deep.layers import blocks
from radiome.model.deep.losses import LOSSES, Loss
from radiome.model.deep.networks import NETWORKS, Network, Parameters
from radiome.model.deep.options import Training

Images = NDArray[np.float32]

#: Decay of the running means of gradients and of their squares, and what keeps a root from 0
#: (Kingma and Ba, ICLR 2015, arXiv:1412.6980).
_FIRST, _SECOND, _FLOOR = 0.9, 0.999, 1e-8

#: What a held-out loss must fall by to count as better.
_BETTER = 1e-3

#: Rows that are predicted at a time.
_CHUNK = 64


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A network after training.

    Parameters
    ----------
    name : str
        Of the network.
    parameters : list of lists of arrays
        Those of the last pass that lowered the held-out loss.
    epochs : int
        Passes up to that one.
    held_loss : float
        Loss of the held-out rows after it.
    stopped : bool
        Whether patience ended the training, rather than the last pass allowed.
    """

    name: str
    parameters: Parameters
    epochs: int
    held_loss: float
    stopped: bool

    def outputs(self, images: Images) -> NDArray[np.float64]:
        """Outputs (n, k) for crops (n, c, z, y, x)."""
        return _outputs(NETWORKS[self.name], self.parameters, images)


def train(
    name: str,
    images: Images,
    outcome: NDArray[Any],
    held: NDArray[np.bool_],
    options: Training,
    *,
    loss: str,
    outputs: int,
    seed: int,
) -> Trained:
    """Train a network from its first weights.

    Parameters
    ----------
    name : str
        In `NETWORKS`.
    images : float32 array (n, c, z, y, x)
        Crops.
    outcome : array (n,)
        As the loss takes it.
    held : bool array (n,)
        Rows that decide when to stop, and are not learned from.
    options : Training
        How.
    loss : str
        In `LOSSES`.
    outputs : int
        Numbers that the head gives.
    seed : int
        Of the first weights, the batches and the flips.
    """
    network, criterion = NETWORKS[name], LOSSES[loss]
    rng = np.random.default_rng(seed)
    parameters = network.start(images.shape[1], options.width, outputs, rng)
    slopes = value_and_grad(
        lambda weights, given, wanted: criterion(network.forward(weights, given), wanted)
    )
    optimiser = Adam(options.learning_rate, options.weight_decay)
    learned, others = np.flatnonzero(~held), np.flatnonzero(held)
    kept, best, epochs, epoch = parameters, np.inf, 0, 0
    for epoch in range(1, options.epochs + 1):
        for rows in _batches(learned, outcome, options.batch, rng):
            given = blocks(flipped(images[rows], rng) if options.flips else images[rows])
            _, gradient = slopes(parameters, given, outcome[rows])
            parameters = optimiser.step(parameters, gradient)
        reached = _loss(network, parameters, images[others], outcome[others], criterion)
        if reached < best - _BETTER:
            kept, best, epochs = parameters, reached, epoch
        if epoch - epochs >= options.patience:
            break
    return Trained(name, kept, epochs, float(best), epoch - epochs >= options.patience)


def _batches(
    rows: NDArray[np.intp], outcome: NDArray[Any], size: int, rng: np.random.Generator
) -> list[NDArray[np.intp]]:
    """The rows in random order in batches of nearly equal size; those without event left out."""
    count = max(1, round(len(rows) / size))
    parts = np.array_split(rng.permutation(rows), count)
    if outcome.dtype.names is None:
        return parts
    return [part for part in parts if outcome["event"][part].any()]


def flipped(images: Images, rng: np.random.Generator) -> Images:
    """Each crop mirrored, or not, along each of its axes."""
    turned = np.empty_like(images)
    for place, axes in enumerate(rng.integers(0, 2, size=(len(images), 3))):
        steps = [slice(None, None, -1 if axis else 1) for axis in axes]
        turned[place] = images[place][(slice(None), *steps)]
    return turned


def _outputs(network: Network, parameters: Parameters, images: Images) -> NDArray[np.float64]:
    chunks = [images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK)]
    found = [network.forward(parameters, blocks(chunk)) for chunk in chunks]
    return np.concatenate(found).astype(np.float64)


def _loss(
    network: Network,
    parameters: Parameters,
    images: Images,
    outcome: NDArray[Any],
    criterion: Loss,
) -> float:
    return float(criterion(_outputs(network, parameters, images), outcome))


class Adam:
    """Steps by running means of gradients, with decay of the weights beside them.

    Parameters
    ----------
    rate : float
        Length of a step.
    decay : float
        Share of the rate by which weights shrink (Loshchilov and Hutter, arXiv:1711.05101);
        biases do not.
    """

    def __init__(self, rate: float, decay: float) -> None:
        self.rate, self.decay = rate, decay
        self._steps = 0
        self._means: dict[tuple[int, int], tuple[Any, Any]] = {}

    def step(self, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Parameters one step further; the old ones stay as they are."""
        self._steps += 1
        return [
            [
                self._moved((depth, place), part, slope)
                for place, (part, slope) in enumerate(zip(layer, slopes, strict=True))
            ]
            for depth, (layer, slopes) in enumerate(zip(parameters, gradient, strict=True))
        ]

    def _moved(self, place: tuple[int, int], part: Any, slope: Any) -> Any:
        first, second = self._means.get(place, (0.0, 0.0))
        first = _FIRST * first + (1 - _FIRST) * slope
        second = _SECOND * second + (1 - _SECOND) * slope**2
        self._means[place] = first, second
        mean = first / (1 - _FIRST**self._steps)
        root = np.sqrt(second / (1 - _SECOND**self._steps)) + _FLOOR
        shrunk = part * (1 - self.rate * self.decay) if part.ndim > 1 else part
        return (shrunk - self.rate * mean / root).astype(np.float32)
