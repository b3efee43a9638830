"""Deep belief networks: the derivative, the fine-tuning, the scaling."""

import numpy as np
from numpy.testing import assert_allclose
from sklearn.datasets import load_iris

from radiome.model.learners.backpropagation import Network
from radiome.model.learners.belief_net import BeliefNetClassifier, BeliefNetRegressor


def network(rng, classes):
    shapes = [(4, 5), (5, 3), (3, 2)]
    layers = tuple((rng.normal(size=shape), rng.normal(size=shape[1])) for shape in shapes)
    return Network(layers, classes)


def test_backpropagation_gives_the_gradient_of_finite_differences():
    rng = np.random.default_rng(0)
    inputs = rng.random((7, 4))
    for classes, aim in ((True, np.eye(2)[rng.integers(2, size=7)]), (False, rng.random((7, 2)))):
        net = network(rng, classes)
        vector, small = net.flat(), 1e-6
        _, gradient = net.loss(inputs, aim, 0.1)
        for place in range(len(vector)):
            step = small * (np.arange(len(vector)) == place)
            before, after = (
                net.with_parameters(vector + sign * step).loss(inputs, aim, 0.1)[0]
                for sign in (-1, 1)
            )
            assert_allclose(gradient[place], (after - before) / (2 * small), atol=1e-7)


def test_parameters_survive_the_way_through_one_vector():
    net = network(np.random.default_rng(0), True)
    again = net.with_parameters(net.flat())
    assert all(
        np.array_equal(one, other)
        for layer, copy in zip(net.layers, again.layers, strict=True)
        for one, other in zip(layer, copy, strict=True)
    )


def test_fine_tuning_reaches_the_hidden_layers_and_lowers_the_loss():
    columns, y = load_iris(return_X_y=True)
    first, last = (BeliefNetClassifier(max_iter=steps).fit(columns, y) for steps in (1, 500))
    assert np.abs(first.network_.layers[0][0] - last.network_.layers[0][0]).max() > 0.1
    aim, scaled = np.eye(3)[y], last._scaled(columns)
    assert last.network_.loss(scaled, aim, 0.01)[0] < first.network_.loss(scaled, aim, 0.01)[0]
    assert last.score(columns, y) > 0.93
    assert not first.converged_
    assert last.converged_


def test_values_beyond_the_training_range_are_clipped():
    columns, y = load_iris(return_X_y=True)
    model = BeliefNetRegressor(pre_training=2).fit(columns, y.astype(float))
    highest = columns.max(axis=0, keepdims=True)
    assert np.array_equal(model.predict(highest + 100), model.predict(highest))
