"""Every kernel behind the pyradiomics stand-in equals its slow twin."""

import numpy as np
import pytest

from naive import pyradiomics_kernels as slow
from radiome.compat.pyradiomics.laplacian_of_gaussian import second_derivative, smoothing
from radiome.kernels.bins import assign_bins
from radiome.kernels.cube_places import count_cube_places
from radiome.kernels.periodic_convolution import convolve_pair
from radiome.kernels.plane_diameters import greatest_square_in_planes
from radiome.kernels.recursive_gaussian import filter_lines


@pytest.mark.parametrize("edges", [np.arange(-50.0, 80, 25), np.arange(-0.3, 1.0, 0.1)])
def test_bins_include_their_lower_edge_only(edges):
    between = np.random.default_rng(0).uniform(edges[0] - 1, edges[-1] + 1, 200)
    values = np.concatenate([edges, np.nextafter(edges, -np.inf), between])
    assert assign_bins(values, edges).tolist() == slow.assign_bins(values, edges)


@pytest.mark.parametrize("seed", range(5))
def test_diameters_within_planes(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 9, (4, 6))
    last = first + rng.integers(0, 9, (4, 6))
    marks = rng.integers(0, 2, (4, 6, 2)).astype(np.uint8)
    arguments = (first, last, marks, 0.7, 1.3)
    expected = slow.greatest_square_in_planes(*arguments)
    assert greatest_square_in_planes(*arguments) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_cubes_and_their_places(seed):
    mask = np.random.default_rng(seed).integers(0, 2, (5, 6, 7)).astype(np.uint8)
    np.testing.assert_array_equal(count_cube_places(mask), slow.count_cube_places(mask))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("inner", [1, 5])
def test_two_filters_at_once_round_like_one_term_after_the_other(kind, inner):
    rng = np.random.default_rng(1)
    block = rng.normal(size=(3, 11, inner)).astype(kind)
    low, high = rng.normal(size=(2, 6)).astype(kind)
    indices = np.arange(6)[:, None] + 5 - np.arange(6)
    outputs = [np.empty((3, 6, inner), kind) for _ in range(2)]
    convolve_pair(block, low, high, indices, *outputs)
    np.testing.assert_array_equal(outputs[0], slow.convolve(block, low, indices))
    np.testing.assert_array_equal(outputs[1], slow.convolve(block, high, indices))


@pytest.mark.parametrize("recursion", [smoothing(1.7), second_derivative(2.3, 1.0)])
@pytest.mark.parametrize("shape", [(2, 20, 9), (1, 4, 1), (3, 7, 20)])
def test_recursions_continue_lines_with_their_ends(recursion, shape):
    block = np.random.default_rng(2).normal(size=shape) * 100
    out = np.empty(shape)
    filter_lines(block, recursion.n, recursion.d, recursion.m, out)
    for o in range(shape[0]):
        for i in range(shape[2]):
            line = slow.filter_line(block[o, :, i], recursion.n, recursion.d, recursion.m)
            np.testing.assert_allclose(out[o, :, i], line, atol=1e-9)
