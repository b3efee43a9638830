"""Layers against slow twins, and derivatives against finite differences."""

import numpy as np
import pytest
from autograd import grad

from naive import networks as naive
from radiome.model.deep.layers import blocks, convolution, patches, pooled, recurrent
from radiome.model.deep.losses import LOSSES
from radiome.model.deep.networks import NETWORKS, count_weights

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(2, 4, 6, 4, 3), (2, 5, 3, 7, 2), (3, 6, 4, 2), (1, 1, 1, 1, 2)])
def test_a_convolution_is_that_of_its_definition(shape):
    values = RNG.normal(size=shape)
    weights, biases = RNG.normal(size=(3 ** (len(shape) - 2) * shape[-1], 5)), RNG.normal(size=5)
    found = convolution(values, (weights, biases))
    np.testing.assert_allclose(found, naive.convolution(values, weights, biases), atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 4, 6, 4, 3), (2, 5, 3, 7, 2), (3, 6, 5, 2)])
def test_the_derivative_of_patches_is_their_adjoint(shape):
    """<patches(v), w> is linear in v, so its derivative times v gives it back."""
    values = RNG.normal(size=shape)
    other = RNG.normal(size=patches(values).shape)
    slope = grad(lambda given: (patches(given) * other).sum())(values)
    assert slope.shape == shape
    moved = RNG.normal(size=shape)
    assert (slope * moved).sum() == pytest.approx((patches(moved) * other).sum(), abs=1e-10)


def test_blocks_lose_nothing_and_keep_neighbours_together():
    images = RNG.normal(size=(2, 3, 4, 6, 8)).astype(np.float32)
    found = blocks(images)
    assert found.shape == (2, 2, 3, 4, 24)
    np.testing.assert_array_equal(
        np.sort(found[1, 1, 2, 3]), np.sort(images[1, :, 2:4, 4:6, 6:8].ravel())
    )


def test_pooling_gives_mean_and_maximum():
    values = RNG.normal(size=(2, 3, 4, 5))
    flat = values.reshape(2, 12, 5)
    expected = np.hstack([flat.mean(axis=1), flat.max(axis=1)])
    np.testing.assert_allclose(pooled(values), expected)


def test_a_recurrent_unit_is_that_of_its_definition():
    inputs = RNG.normal(size=(3, 7, 4))
    layer = [RNG.normal(size=(4, 15)), RNG.normal(size=(5, 15)), RNG.normal(size=15)]
    expected = [naive.gated_states(row, *layer).mean(axis=0) for row in inputs]
    np.testing.assert_allclose(recurrent(inputs, layer), expected, atol=1e-12)


def outcome_of(loss, n):
    if loss == "survival":
        outcome = np.empty(n, [("event", bool), ("time", float)])
        outcome["event"], outcome["time"] = np.arange(n) % 3 > 0, 1 + np.arange(n) % 4
        return outcome
    return np.arange(n) % 2 if loss == "classes" else RNG.normal(size=n)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_of_a_network_is_that_of_finite_differences(name, loss):
    network = NETWORKS[name]
    outputs = 2 if loss == "classes" else 1
    rng = np.random.default_rng(1)
    start = network.start(2, 2, outputs, rng)
    # Away from biases of 0: where all inputs are 0 they lie at the bend of max(0, ·).
    layers = [[part + 0.3 * rng.normal(size=part.shape) for part in layer] for layer in start]
    given = blocks(rng.normal(size=(6, 2, 8, 8, 8)))
    outcome = outcome_of(loss, 6)

    def value(parameters):
        return LOSSES[loss](network.forward(parameters, given), outcome)

    slopes = grad(value)(layers)
    for layer, slope in zip(layers, slopes, strict=True):
        for part, its_slope in zip(layer, slope, strict=True):
            for place in rng.choice(part.size, size=min(4, part.size), replace=False):
                kept, step = part.flat[place], 1e-5
                sides = []
                for sign in (1, -1):
                    part.flat[place] = kept + sign * step
                    sides.append(value(layers))
                part.flat[place] = kept
                expected = (sides[0] - sides[1]) / (2 * step)
                assert its_slope.flat[place] == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_weights_are_counted():
    parameters = NETWORKS["cnn"].start(2, 8, 1, np.random.default_rng(0))
    by_hand = (16 * 8 + 8) + (27 * 8 * 16 + 16) + (27 * 16 * 32 + 32) + (64 + 1)
    assert count_weights(parameters) == by_hand
    parameters = NETWORKS["gru"].start(2, 8, 1, np.random.default_rng(0))
    by_hand = (16 * 8 + 8) + (9 * 8 * 16 + 16) + (9 * 16 * 32 + 32)
    by_hand += (64 * 48 + 16 * 48 + 48) + (16 + 1)
    assert count_weights(parameters) == by_hand
