"""The crop around a region changes no response inside it, wherever the region lies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from radiome.base.errors import ImageError
from radiome.image import Geometry, Mask, Volume
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.surroundings import Need, prepare_surroundings

MODES = {"mirror": "reflect", "zero": "constant", "nearest": "nearest", "periodic": "wrap"}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Volume, Mask]:
    shape = tuple(draw(st.integers(3, 24)) for _ in range(3))
    spacing = tuple(draw(st.sampled_from([1.0, 2.0, 3.27])) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inside = np.zeros(shape, dtype=bool)
    corner = [draw(st.integers(0, n - 1)) for n in shape]
    inside[tuple(slice(c, c + 3) for c in corner)] = True
    grid = Geometry(shape, spacing)  # type: ignore[arg-type]
    return Volume(rng.integers(-100, 100, shape), grid), Mask(inside, grid)


@given(
    case=cases(),
    size=st.sampled_from([1, 3, 7]),
    boundary=st.sampled_from(list(MODES)),
    spacing=st.sampled_from([None, 1.5]),
    margin=st.sampled_from([0.0, 6.2]),
)
@settings(max_examples=80, deadline=None)
def test_a_local_filter_sees_the_whole_image_through_its_crop(  # type: ignore[no-untyped-def]
    case, size, boundary, spacing, margin
) -> None:
    options = Interpolation(spacing=spacing, mask_threshold=0.1)

    def responses(voxels: int | None) -> tuple[np.ndarray, np.ndarray]:
        need = Need((voxels,) * 3, periodic=boundary == "periodic")  # type: ignore[arg-type]
        prepared = prepare_surroundings(
            *case, options, Resegmentation(), lambda _: [need], core_margin_mm=margin
        )
        image, core = prepared.cut(need)
        filtered = ndimage.uniform_filter(image, size, mode=MODES[boundary])
        region = prepared.filtered(np.ascontiguousarray(filtered[core]))
        return region.image, region.morphological

    cropped, inside = responses(size // 2)
    whole, same_inside = responses(None)
    np.testing.assert_array_equal(inside, same_inside)
    np.testing.assert_allclose(cropped, whole, atol=1e-9)


def test_intensities_without_a_value_within_reach_are_refused():
    grid = Geometry((9, 9, 9), (1.0, 1.0, 1.0))
    voxels = np.zeros(grid.shape)
    inside = np.zeros(grid.shape, dtype=bool)
    inside[4, 4, 4] = True
    voxels[4, 4, 8] = np.nan
    case = Volume(voxels, grid), Mask(inside, grid), Interpolation(), Resegmentation()
    with pytest.raises(ImageError, match="within reach of a filter"):
        prepare_surroundings(*case, lambda _: [Need((0, 0, 4))])
