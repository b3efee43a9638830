"""Filtered images in the settings, and the columns that come of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from radiome.base.errors import ImageError, SettingsError
from radiome.extraction.case import extract_case
from radiome.extraction.settings import FilteredImage, Settings, load_settings, settings_as_yaml
from radiome.filters.contract import Core, Filter, Image, Reach, Response, Spacing
from radiome.image import Geometry, Mask, Volume


class Shifted(Filter):
    """The image shifted along x: easy to predict."""

    name: Literal["shifted"] = "shifted"
    by: int = 1
    also_negative: bool = False
    factor: float = 1.0

    def map_names(self) -> tuple[str, ...]:
        first = self.named(f"shifted_{self.by}")
        return (first, f"{first}_negative") if self.also_negative else (first,)

    def reach(self, spacing: Spacing) -> Reach:
        return Reach(0, 0, abs(self.by))

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        for name, sign in zip(self.map_names(), (1, -1), strict=False):
            with np.errstate(invalid="ignore"):
                values = self.factor * sign * np.roll(image, self.by, axis=2)[core]
            yield Response(name, values)


def case(*, shape: tuple[int, int, int] = (6, 10, 12)) -> tuple[Volume, Mask]:
    grid = Geometry(shape, (2.0, 1.0, 1.0))
    voxels = np.random.default_rng(3).integers(0, 50, shape)
    inside = np.zeros(shape, dtype=bool)
    inside[1:5, 2:8, 3:9] = True
    return Volume(voxels, grid), Mask(inside, grid)


def with_filters(*filters: Filter, **options: object) -> Settings:
    images = tuple(FilteredImage(filter=chosen) for chosen in filters)
    return Settings(filtered_images=images, **options)  # type: ignore[arg-type]


def test_a_response_map_is_measured_as_if_it_were_the_image() -> None:
    volume, mask = case()
    row = extract_case(volume, mask, with_filters(Shifted(by=2)))
    moved = Volume(np.roll(volume.voxels, 2, axis=2), volume.geometry)
    plain = extract_case(moved, mask, Settings())
    names = [tag for tag in row if tag.startswith("shifted_2_")]
    # 18 statistics, 23 of the histogram, 136 of texture
    assert len(names) == 177
    for name in names:
        assert row[name] == plain[name.removeprefix("shifted_2_")]


def test_columns_of_the_unfiltered_image_do_not_change() -> None:
    volume, mask = case()
    plain = extract_case(volume, mask, Settings())
    row = extract_case(volume, mask, with_filters(Shifted(by=3, also_negative=True)))
    assert {tag: row[tag] for tag in plain} == dict(plain)
    assert list(row)[: len(plain)] == list(plain)
    assert len(row) == len(plain) + 2 * 177


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(threads: int) -> None:
    volume, mask = case(shape=(40, 60, 60))
    settings = with_filters(Shifted(), Shifted(by=2, also_negative=True))
    one = extract_case(volume, mask, settings, threads=1)
    assert dict(extract_case(volume, mask, settings, threads=threads)) == dict(one)


def test_only_filtered_images_can_be_asked_for() -> None:
    settings = with_filters(Shifted(), families=())
    assert all(tag.startswith("shifted_1_") for tag in extract_case(*case(), settings))


def test_range_of_the_image_cuts_the_mask_and_not_the_response() -> None:
    volume, mask = case()
    settings = with_filters(Shifted(), resegmentation={"range": (10, 30)})
    row = extract_case(volume, mask, settings)
    kept = mask.voxels & (volume.voxels >= 10) & (volume.voxels <= 30)
    expected = np.roll(volume.voxels, 1, axis=2)[kept]
    assert row["shifted_1_stat_mean"] == pytest.approx(expected.mean(), rel=1e-12)
    assert row["shifted_1_stat_max"] == expected.max() > 30


def test_peaks_of_a_response_map_see_its_margin() -> None:
    volume, mask = case(shape=(12, 30, 30))
    chosen = FilteredImage(filter=Shifted(by=0, label="same"), families=("local_intensity",))
    row = extract_case(volume, mask, Settings(filtered_images=(chosen,)))
    assert row["same_loc_peak_loc"] == row["loc_peak_loc"]
    assert row["same_loc_peak_glob"] == row["loc_peak_glob"]


def test_a_response_that_is_not_finite_is_refused_by_name() -> None:
    with pytest.raises(ImageError, match="'shifted_1' gave values that are not finite"):
        extract_case(*case(), with_filters(Shifted(factor=np.inf)))


def test_two_maps_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"shifted_1.*label"):
        with_filters(Shifted(), Shifted())
    assert with_filters(Shifted(), Shifted(label="again")).filtered_images[1].filter.label


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "laplacian_of_gausian"}, "did you mean 'laplacian_of_gaussian'"),
        ({"sigma": 3}, "a filter needs a name"),
        ("log", "a filter needs a name"),
        ({"name": "laplacian_of_gaussian", "sigm": 3}, "did you mean 'sigma'"),
    ],
)
def test_a_filter_that_does_not_exist_is_explained(given: object, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings({"filtered_images": [{"filter": given}]})


def test_settings_with_filters_survive_yaml_and_plain_values() -> None:
    filters = [
        {"name": "laplacian_of_gaussian", "sigma": 2.0},
        {"name": "wavelet", "wavelet": "coif1", "bands": ["LLH", "HHH"]},
    ]
    settings = load_settings({"filtered_images": [{"filter": chosen} for chosen in filters]})
    for commented in (True, False):
        text = settings_as_yaml(settings, commented=commented)
        assert load_settings(yaml.safe_load(text)) == settings
    again = load_settings(settings.model_dump(mode="json"))
    assert again.fingerprint() == settings.fingerprint()
    other = load_settings({"filtered_images": [{"filter": filters[0]}]})
    assert other.fingerprint() != settings.fingerprint()
