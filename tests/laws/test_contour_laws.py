import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from naive.contours import fill
from radiome.io.dicom_contours import fill_contours

# Multiples of 1/4 put many vertices and crossings exactly on voxel centres.
coordinate = st.integers(-8, 48).map(lambda n: n / 4)
polygon = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8).map(np.array)


@settings(max_examples=60, deadline=None)
@given(st.lists(polygon, min_size=1, max_size=3))
def test_filling_equals_its_naive_twin(polygons: list[np.ndarray]) -> None:
    filled = fill_contours(polygons, [0] * len(polygons), (1, 11, 9))[0]
    assert np.array_equal(filled, fill(polygons, 11, 9))


@settings(max_examples=30, deadline=None)
@given(polygon, coordinate)
def test_parts_on_both_sides_of_a_cut_share_and_lose_nothing(
    points: np.ndarray, cut: float
) -> None:
    box = np.array([(-20.0, -20.0), (-20.0, cut), (40.0, cut), (40.0, -20.0)])
    left = fill_contours([box], [0], (1, 11, 9))
    right = fill_contours([np.array([(-20, cut), (-20, 40), (40, 40), (40, cut)])], [0], (1, 11, 9))
    assert (left ^ right).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(polygon, min_size=1, max_size=2), st.integers(-3, 3), st.integers(-3, 3))
def test_moving_contours_and_corner_together_changes_nothing(
    polygons: list[np.ndarray], down: int, across: int
) -> None:
    slices = list(range(len(polygons)))
    shape = (2, 11, 9)
    moved = [points + np.array([down, across]) for points in polygons]
    assert np.array_equal(
        fill_contours(polygons, slices, shape),
        fill_contours(moved, slices, shape, (0, down, across)),
    )
