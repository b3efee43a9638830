"""Grey levels by each method, at bin edges and outside what can be discretised."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import RegionError, SettingsError
from radiome.discretise.methods import discretise
from radiome.discretise.options import Discretisation
from radiome.image import Geometry, Region


def region(values: object, keep: object = None) -> Region:
    line = np.asarray(values, dtype=np.float64)[None, None]
    inside = np.ones(line.shape, bool)
    intensity = inside if keep is None else np.asarray(keep, dtype=bool)[None, None]
    return Region(line, inside, intensity, Geometry(line.shape, (1.0, 1.0, 1.0)))


def size(width: float, anchor: float | None = None) -> Discretisation:
    return Discretisation(method="fixed_bin_size", bin_width=width, anchor=anchor)


def test_bin_size_counts_from_the_lower_bound_of_the_range() -> None:
    levels = discretise(
        region([-500, -475.5, -475, 0, 400]), size(25), resegmentation_range=(-500.0, 400.0)
    )
    assert levels.values().tolist() == [1, 1, 2, 21, 37]
    assert levels.n_levels == 37


@pytest.mark.parametrize("limits", [None, (None, 9.0), (-np.inf, 9.0)])
def test_bin_size_without_a_lower_bound_counts_from_the_minimum(limits: object) -> None:
    levels = discretise(region([3.5, 4.4, 5.5]), size(1), resegmentation_range=limits)  # type: ignore[arg-type]
    assert levels.values().tolist() == [1, 1, 3]


def test_an_anchor_comes_before_the_range() -> None:
    levels = discretise(region([3, 4]), size(1, anchor=-1.0), resegmentation_range=(0.0, None))
    assert levels.values().tolist() == [5, 6]


def test_bin_number_spans_the_region_and_keeps_empty_bins() -> None:
    levels = discretise(region([0, 0.9, 1, 9.99, 10]), Discretisation(bin_count=10))
    assert levels.values().tolist() == [1, 1, 2, 10, 10]
    assert levels.n_levels == 10


def test_bin_number_of_a_constant_region_is_one() -> None:
    levels = discretise(region([7.0, 7.0]), Discretisation(bin_count=32))
    assert levels.values().tolist() == [1, 1]
    assert levels.n_levels == 1


def test_only_the_intensity_mask_is_discretised() -> None:
    levels = discretise(region([-9, 0, 10, 99], [0, 1, 1, 0]), Discretisation(bin_count=2))
    assert levels.levels[1, 1].tolist() == [0, 0, 1, 2, 0, 0]
    assert levels.morphological[1, 1].tolist() == [False, True, True, True, True, False]
    assert levels.n_voxels == 2


def test_levels_are_padded_and_typed_for_the_kernels() -> None:
    image = np.arange(60, dtype=np.float64).reshape(3, 4, 5)
    inside = np.zeros(image.shape, bool)
    inside[1, 1:3, 2:5] = True
    padded = discretise(
        Region(image, inside, inside, Geometry(image.shape, (1.0, 1.0, 1.0))), size(1)
    )
    assert padded.levels.shape == padded.morphological.shape == (3, 4, 5)
    assert padded.levels.dtype == np.uint16
    assert padded.levels.flags.c_contiguous
    assert padded.levels[1, 1:3, 1:4].tolist() == [[1, 2, 3], [6, 7, 8]]
    assert padded.levels.sum() == padded.levels[1, 1:3, 1:4].sum()


def test_whole_numbers_may_be_taken_as_they_are() -> None:
    levels = discretise(region([1, 6, 3]), Discretisation(method="none"))
    assert levels.values().tolist() == [1, 6, 3]
    assert levels.n_levels == 6


@pytest.mark.parametrize("values", [[0, 1], [1.5, 2], [1, 65536]])
def test_other_intensities_may_not(values: list[float]) -> None:
    with pytest.raises(SettingsError, match="cannot serve as grey levels"):
        discretise(region(values), Discretisation(method="none"))


def test_intensities_below_the_anchor_are_refused() -> None:
    with pytest.raises(SettingsError, match="below the lower edge"):
        discretise(region([-1, 1]), size(1, anchor=0.0))


def test_too_many_levels_are_refused() -> None:
    assert discretise(region([0, 65534]), size(1)).n_levels == 65535
    with pytest.raises(SettingsError, match="at most 65535 grey levels"):
        discretise(region([0, 65535]), size(1))


def test_an_empty_intensity_mask_is_refused() -> None:
    with pytest.raises(RegionError, match="nothing to discretise"):
        discretise(region([1, 2], [0, 0]), Discretisation())
