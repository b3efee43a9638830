"""Laws of every filter: the crop, the threads and the image's place change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radiome.filters.boundary import grown_core, within
from radiome.filters.catalogue import FILTERS, filter_class, parse_filter
from radiome.filters.contract import BoundedFilter
from radiome.filters.separable import margins_of

SPACING = (2.0, 1.0, 1.5)

#: At least one of every filter that does not transform the whole image.
LOCAL = [
    {"name": "mean", "support": 5},
    {"name": "mean", "support": 3, "dimension": "2D"},
    {"name": "gaussian", "sigma": 1.3},
    {"name": "laplacian_of_gaussian", "sigma": 1.5},
    {"name": "laplacian_of_gaussian", "sigma": 2.0, "dimension": "2D", "zero_sum": False},
    {"name": "laws", "kernels": "E5L5S3"},
    {"name": "laws", "kernels": "L5E3", "rotation_invariance": "average"},
    {"name": "laws", "kernels": "E3W5R5", "rotation_invariance": "max", "energy_distance": 2},
    {"name": "wavelet", "wavelet": "coif1"},
    {"name": "wavelet", "wavelet": "db2", "level": 2, "bands": ["LLH", "HHH"]},
    {"name": "wavelet", "wavelet": "haar", "level": 3, "dimension": "2D"},
    {"name": "wavelet", "wavelet": "db3", "bands": ["LHL"], "rotation_invariance": "max"},
    {
        "name": "wavelet",
        "wavelet": "haar",
        "bands": ["LLH"],
        "level": 2,
        "rotation_invariance": "average",
    },
    {"name": "gradient"},
    {"name": "gradient", "dimension": "2D"},
    {"name": "local_binary_pattern"},
    {"name": "local_binary_pattern", "radius": 2.5, "samples": 12},
    {"name": "local_binary_pattern", "dimension": "3D", "radius": 2},
    {"name": "gabor", "sigma": 1.0, "wavelength": 3.0, "theta": 30.0},
    {
        "name": "gabor",
        "sigma": 0.8,
        "wavelength": 2.0,
        "gamma": 1.5,
        "theta_step": 90,
        "pooling": "max",
        "orthogonal_planes": True,
    },
]
POINTWISE = [
    {"name": "square"},
    {"name": "square_root"},
    {"name": "logarithm"},
    {"name": "exponential", "scale": 50.0},
]
WHOLE = [
    {"name": "simoncelli", "level": 2},
    {"name": "simoncelli", "level": 1, "dimension": "2D"},
    {"name": "riesz", "of": {"name": "simoncelli"}, "order": [1, 0, 1]},
    {
        "name": "riesz",
        "of": {"name": "laplacian_of_gaussian", "sigma": 2.0},
        "order": [0, 2, 0],
        "steering_sigma": 2.0,
    },
]


def _id(values: dict[str, object]) -> str:
    return parse_filter(values).map_names()[0]


@pytest.mark.parametrize("values", LOCAL, ids=_id)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_a_core_needs_no_more_than_the_reach(values, data) -> None:  # type: ignore[no-untyped-def]
    boundary = data.draw(st.sampled_from(["mirror", "zero", "nearest", "periodic"]))
    chosen = parse_filter({**values, "boundary": boundary})
    shape = tuple(data.draw(st.integers(1, 26)) for _ in range(3))
    image = np.random.default_rng(data.draw(st.integers(0, 999))).normal(0.0, 100.0, shape)
    core = []
    for n in shape:
        low = data.draw(st.integers(0, n - 1))
        core.append(slice(low, data.draw(st.integers(low + 1, n))))
    margins = tuple((r, r) for r in chosen.reach(SPACING))
    block = grown_core(tuple(core), shape, margins, boundary)  # type: ignore[arg-type]
    everything = tuple(slice(0, n) for n in shape)
    whole = list(chosen.responses(image, SPACING, everything))  # type: ignore[arg-type]
    part = list(chosen.responses(image[block], SPACING, within(tuple(core), block)))  # type: ignore[arg-type]
    for from_whole, from_part in zip(whole, part, strict=True):
        np.testing.assert_allclose(
            from_part.values, from_whole.values[tuple(core)], rtol=1e-10, atol=1e-9
        )


@pytest.mark.parametrize("values", [*LOCAL, *POINTWISE, *WHOLE], ids=_id)
def test_threads_change_no_bit(values) -> None:  # type: ignore[no-untyped-def]
    image = np.random.default_rng(5).normal(0.0, 100.0, (17, 12, 14))
    core = (slice(2, 15), slice(1, 11), slice(0, 14))
    chosen = parse_filter(values)
    one = list(chosen.responses(image, SPACING, core))
    for threads in (2, 5):
        more = list(chosen.responses(image, SPACING, core, threads=threads))
        assert all(np.array_equal(a.values, b.values) for a, b in zip(one, more, strict=True))


@pytest.mark.parametrize("values", [*LOCAL, *POINTWISE, *WHOLE], ids=_id)
def test_maps_are_those_announced_and_the_image_is_left_alone(values) -> None:  # type: ignore[no-untyped-def]
    image = np.random.default_rng(6).normal(0.0, 100.0, (9, 8, 7))
    image.setflags(write=False)
    core = (slice(1, 9), slice(0, 8), slice(2, 5))
    chosen = parse_filter(values)
    found = list(chosen.responses(image, SPACING, core))
    assert tuple(response.name for response in found) == chosen.map_names()
    assert len(set(chosen.map_names())) == len(found)
    for response in found:
        assert response.values.shape == (8, 8, 3)
        assert response.values.dtype == np.float64
        assert np.isfinite(response.values).all()
    assert parse_filter(chosen.model_dump(mode="json")) == chosen


#: Filters without a constant part: their kernel adds up to zero.
@pytest.mark.parametrize(
    "values",
    [
        {"name": "laplacian_of_gaussian", "sigma": 1.5},
        {"name": "laws", "kernels": "L5E5S5", "rotation_invariance": "max"},
        {"name": "wavelet", "bands": ["LLH"]},
        {"name": "simoncelli"},
        {"name": "gradient"},
    ],
    ids=_id,
)
def test_a_constant_added_to_the_image_leaves_no_trace(values) -> None:  # type: ignore[no-untyped-def]
    image = np.random.default_rng(7).normal(0.0, 10.0, (10, 11, 12))
    everything = (slice(0, 10), slice(0, 11), slice(0, 12))
    chosen = parse_filter(values)
    for plain, raised in zip(
        chosen.responses(image, SPACING, everything),
        chosen.responses(image + 1000.0, SPACING, everything),
        strict=True,
    ):
        np.testing.assert_allclose(raised.values, plain.values, atol=1e-9)


def test_every_option_of_every_filter_is_explained() -> None:
    for name in FILTERS:
        kind = filter_class(name)
        for option, declared in kind.model_fields.items():
            assert option == "name" or declared.description, f"{name}.{option}"
        assert issubclass(kind, BoundedFilter) == ("boundary" in kind.model_fields)


def test_margins_of_kernels_are_those_of_the_widest() -> None:
    chosen = parse_filter({"name": "laplacian_of_gaussian", "sigma": 1.5})
    assert margins_of(chosen.kernels(SPACING)) == ((3, 3), (6, 6), (4, 4))  # type: ignore[attr-defined]
