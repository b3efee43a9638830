"""Laws of discretisation."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radiome.discretise.methods import discretise
from radiome.discretise.options import Discretisation
from radiome.image import Geometry, Region

# Quarters: sums and products with powers of two are exact, so the laws hold to the last bit.
QUARTERS = arrays(
    np.float64, st.integers(1, 60), elements=st.integers(-4000, 4000).map(lambda k: k / 4)
)


def region(values: np.ndarray) -> Region:
    line = values[None, None]
    inside = np.ones(line.shape, bool)
    return Region(line, inside, inside, Geometry(line.shape, (1.0, 1.0, 1.0)))


@given(
    values=QUARTERS,
    count=st.integers(2, 200),
    power=st.integers(-3, 6),
    shift=st.integers(-999, 999),
)
def test_bin_number_ignores_scale_and_offset(
    values: np.ndarray, count: int, power: int, shift: int
) -> None:
    options = Discretisation(bin_count=count)
    straight = discretise(region(values), options)
    affine = discretise(region(values * 2.0**power + shift), options)
    assert np.array_equal(straight.levels, affine.levels)
    assert straight.n_levels == affine.n_levels


@given(values=QUARTERS, count=st.integers(2, 200))
def test_bin_number_uses_its_first_and_last_bin(values: np.ndarray, count: int) -> None:
    levels = discretise(region(values), Discretisation(bin_count=count))
    found = levels.values()
    assert found.min() == 1
    assert found.max() == levels.n_levels == (count if np.ptp(values) else 1)


@given(values=QUARTERS, width=st.sampled_from([0.25, 0.5, 1.0, 16.0]), shift=st.integers(-50, 50))
def test_bin_size_moves_by_whole_bins(values: np.ndarray, width: float, shift: int) -> None:
    options = Discretisation(method="fixed_bin_size", bin_width=width, anchor=-2000.0)
    straight = discretise(region(values), options).values().astype(int)
    moved = discretise(region(values + shift * width), options).values().astype(int)
    assert np.array_equal(straight + shift, moved)


@given(values=QUARTERS, width=st.sampled_from([0.25, 1.0, 7.5]))
def test_levels_keep_the_order_of_intensities(values: np.ndarray, width: float) -> None:
    for options in (Discretisation(), Discretisation(method="fixed_bin_size", bin_width=width)):
        levels = discretise(region(values), options).values().astype(int)
        order = np.argsort(values, kind="stable")
        assert np.all(np.diff(levels[order]) >= 0)
        assert levels.min() == 1
