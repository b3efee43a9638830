"""Outlines of every kind of slice, filled again by two rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radiome.io.dicom_contours import fill_contours
from radiome.io.outline_tracer import is_hole, trace_outlines

PLANES = arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@settings(deadline=None)
@given(PLANES)
def test_filling_the_outlines_gives_back_the_slice(plane: np.ndarray) -> None:
    outlines = trace_outlines(plane)
    filled = fill_contours(outlines, [0] * len(outlines), (1, *plane.shape))[0]
    np.testing.assert_array_equal(filled, plane)


@settings(deadline=None)
@given(PLANES)
def test_outlines_are_simple_and_holes_count_negative(plane: np.ndarray) -> None:
    area = 0.0
    for outline in trace_outlines(plane):
        assert len({tuple(corner) for corner in outline}) == len(outline) >= 4
        steps = np.roll(outline, -1, axis=0) - outline
        # Every side runs along an axis, and the next one along the other.
        assert ((steps == 0).sum(axis=1) == 1).all()
        assert (steps[:, 0].astype(bool) != np.roll(steps[:, 0], -1).astype(bool)).all()
        y, x = outline.T
        enclosed = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
        area += -enclosed if is_hole(outline) else enclosed
    assert area == pytest.approx(plane.sum())


def test_one_pixel_is_a_clockwise_square() -> None:
    (outline,) = trace_outlines(np.ones((1, 1), dtype=bool))
    assert outline.tolist() == [[-0.5, -0.5], [-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]]
    assert not is_hole(outline)


def test_ring_has_an_outline_and_a_hole_and_an_island() -> None:
    plane = np.ones((7, 7), dtype=bool)
    plane[1:6, 1:6] = False
    plane[3, 3] = True
    assert [is_hole(outline) for outline in trace_outlines(plane)] == [False, True, False]


def test_empty_slice_has_no_outline() -> None:
    assert trace_outlines(np.zeros((4, 5), dtype=bool)) == []
