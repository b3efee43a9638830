"""Laws of the preparation: crops, flips and transposed axes change nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from radiome.base.errors import RegionError
from radiome.image import Geometry, Mask, Region, Volume
from radiome.preprocess.options import Interpolation, Resegmentation
from radiome.preprocess.prepare import prepare

METHODS = st.sampled_from(["nearest", "linear", "cubic"])
LIMITS = Resegmentation(range=(-80.0, 80.0), outlier_sigma=2.5)


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, tuple[float, float, float]]:
    shape = tuple(draw(st.integers(1, 9)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inside = rng.random(shape) < draw(st.sampled_from([0.2, 0.6, 1.0]))
    inside[tuple(n // 2 for n in shape)] = True
    spacing = tuple(draw(st.sampled_from([0.8, 1.0, 2.0, 3.27])) for _ in range(3))
    return rng.integers(-100, 100, shape), inside, spacing  # type: ignore[return-value]


def region(
    image: np.ndarray, inside: np.ndarray, spacing: tuple[float, ...], options: Interpolation
) -> Region:
    grid = Geometry(image.shape, spacing)  # type: ignore[arg-type]
    return prepare(
        Volume(np.ascontiguousarray(image), grid),
        Mask(np.ascontiguousarray(inside), grid),
        options,
        LIMITS,
    )


@given(
    case=cases(),
    before=st.tuples(*[st.integers(0, 12)] * 3),
    after=st.tuples(*[st.integers(0, 12)] * 3),
)
@settings(max_examples=60, deadline=None)
def test_embedding_changes_no_bit_without_interpolation(case, before, after) -> None:  # type: ignore[no-untyped-def]
    image, inside, spacing = case
    pads = list(zip(before, after, strict=True))
    alone = region(image, inside, spacing, Interpolation())
    embedded = region(
        np.pad(image, pads, constant_values=7), np.pad(inside, pads), spacing, Interpolation()
    )
    assert np.array_equal(alone.values(), embedded.values())
    assert alone.morphological.sum() == embedded.morphological.sum()
    shift = np.array(before) * spacing
    first = alone.geometry.index_to_world(np.argwhere(alone.morphological)[0])
    moved = embedded.geometry.index_to_world(np.argwhere(embedded.morphological)[0])
    np.testing.assert_allclose(moved - first, shift[::-1], atol=1e-9)


def region_or_none(*arguments):  # type: ignore[no-untyped-def]
    try:
        return region(*arguments)
    except RegionError:
        return None


@given(
    case=cases(), axis=st.integers(0, 2), method=METHODS, spacing=st.sampled_from([0.7, 1.0, 2.5])
)
@settings(max_examples=60, deadline=None)
def test_a_flipped_image_gives_the_flipped_region(case, axis, method, spacing) -> None:  # type: ignore[no-untyped-def]
    image, inside, old = case
    options = Interpolation(
        spacing=spacing, image_method=method, mask_method="linear", mask_threshold=0.05
    )
    straight = region_or_none(image, inside, old, options)
    flipped = region_or_none(np.flip(image, axis), np.flip(inside, axis), old, options)
    assert (straight is None) == (flipped is None)
    if straight is None or flipped is None:  # too small for the new grid, either way round
        return
    assert np.array_equal(np.flip(flipped.morphological, axis), straight.morphological)
    if method != "nearest":  # halfway between two voxels, nearest takes the upper one
        # 1e-11 is 1000 ULP of the intensities, through three recursive filters.
        np.testing.assert_allclose(np.flip(flipped.image, axis), straight.image, atol=1e-11)


@given(case=cases(), order=st.permutations(range(3)), method=METHODS)
@settings(max_examples=40, deadline=None)
def test_exchanged_axes_give_the_exchanged_region(case, order, method) -> None:  # type: ignore[no-untyped-def]
    image, inside, old = case
    options = Interpolation(spacing=1.1, image_method=method, mask_threshold=0.05)
    straight = region_or_none(image, inside, old, options)
    turned = region_or_none(
        image.transpose(order), inside.transpose(order), tuple(old[a] for a in order), options
    )
    assert (straight is None) == (turned is None)
    if straight is None or turned is None:  # too small for the new grid, either way round
        return
    assert np.array_equal(turned.morphological, straight.morphological.transpose(order))
    np.testing.assert_allclose(turned.image, straight.image.transpose(order), atol=1e-11)


@given(case=cases(), method=METHODS, factor=st.sampled_from([0.5, 1.0, 1.5]))
@settings(max_examples=40, deadline=None)
def test_morphology_ignores_intensities(case, method, factor) -> None:  # type: ignore[no-untyped-def]
    image, inside, old = case
    options = Interpolation(spacing=factor, image_method=method, mask_threshold=0.01)
    first = region(image, inside, old, options)
    second = region(image * 3 - 50, inside, old, options)
    assert np.array_equal(first.morphological, second.morphological)
    assert not np.any(first.intensity & ~first.morphological)
