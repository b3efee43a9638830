"""A feed-forward network fitted by backpropagation, all rows at a time.

Hidden layers are sigmoid. The head is softmax for classes and linear for values; either way
the derivative of the loss in the head's input is output − aim (Rumelhart, Hinton, Williams,
Nature 1986; 323:533).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

from radiome.model.learners.contract import Floats

Layer = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weights (inputs, outputs) and biases (outputs,) of each layer, the head last."""

    layers: tuple[Layer, ...]
    classes: bool

    def activations(self, inputs: Floats) -> list[Floats]:
        """Inputs, hidden activations, and the head before softmax."""
        values = [inputs]
        for weights, biases in self.layers[:-1]:
            values.append(expit(values[-1] @ weights + biases))
        weights, biases = self.layers[-1]
        return [*values, values[-1] @ weights + biases]

    def output(self, inputs: Floats) -> Floats:
        """Probabilities (n, k) or values (n, 1)."""
        head = self.activations(inputs)[-1]
        return np.asarray(softmax(head, axis=1) if self.classes else head, np.float64)

    def loss(self, inputs: Floats, aim: Floats, decay: float) -> tuple[float, Floats]:
        """Mean loss + decay/2 · Σ weights², and its gradient as one vector."""
        values, n = self.activations(inputs), len(inputs)
        if self.classes:
            loss = -float((aim * log_softmax(values[-1], axis=1)).sum()) / n
            error = (softmax(values[-1], axis=1) - aim) / n
        else:
            error = (values[-1] - aim) / n
            loss = 0.5 * n * float((error**2).sum())
        parts: list[Floats] = []
        for depth in range(len(self.layers) - 1, -1, -1):
            weights, _ = self.layers[depth]
            loss += 0.5 * decay * float((weights**2).sum())
            slope = values[depth].T @ error + decay * weights
            parts = [slope.ravel(), error.sum(axis=0), *parts]
            if depth:
                error = (error @ weights.T) * values[depth] * (1 - values[depth])
        return loss, np.concatenate(parts)

    def flat(self) -> Floats:
        """All parameters as one vector."""
        return np.concatenate([part.ravel() for layer in self.layers for part in layer])

    def with_parameters(self, vector: Floats) -> Network:
        """A network of this shape with other parameters."""
        layers, at = [], 0
        for weights, biases in self.layers:
            middle, end = at + weights.size, at + weights.size + biases.size
            layers.append((vector[at:middle].reshape(weights.shape), vector[middle:end]))
            at = end
        return Network(tuple(layers), self.classes)


def fine_tuned(
    network: Network, inputs: Floats, aim: Floats, *, decay: float, steps: int
) -> tuple[Network, int, bool]:
    """Minimise the loss by L-BFGS; the network, the steps taken, and whether it converged."""
    found = minimize(  # type: ignore[call-overload]  # the stubs lose the shape of the vector
        lambda vector: network.with_parameters(vector).loss(inputs, aim, decay),
        network.flat(),
        jac=True,
        method="L-BFGS-B",
        tol=1e-9,
        options={"maxiter": steps, "maxfun": 10 * steps},
    )
    return network.with_parameters(found.x), int(found.nit), bool(found.success)
