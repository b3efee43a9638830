"""A bin option without effect is refused; the missing ones have a default or are asked for."""

from __future__ import annotations

import pytest

from radiome.base.errors import SettingsError
from radiome.base.options import parse_options
from radiome.discretise.options import Discretisation
from radiome.features.intensity_volume_histogram import IvhOptions


def test_defaults() -> None:
    assert (Discretisation().method, Discretisation().count) == ("fixed_bin_number", 32)
    assert (IvhOptions().method, IvhOptions().count) == ("fixed_bin_number", 1000)


@pytest.mark.parametrize("kind", [Discretisation, IvhOptions])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"method": "fixed_bin_size"}, "needs bin_width"),
        ({"method": "fixed_bin_size", "bin_width": 0}, "greater than 0"),
        ({"method": "fixed_bin_size", "bin_width": 25, "bin_count": 8}, "bin_count has no effect"),
        ({"bin_width": 25}, "bin_width has no effect"),
        ({"method": "none", "bin_count": 8}, "bin_count has no effect"),
        ({"bin_count": 65536}, "less than or equal to 65535"),
        ({"bin_count": 1}, "greater than or equal to 2"),
        ({"method": "lloyd_max"}, "fixed_bin_size"),
    ],
)
def test_contradictions_are_refused(
    kind: type[Discretisation], values: dict[str, object], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        parse_options(kind, values)


def test_an_anchor_needs_a_bin_size() -> None:
    with pytest.raises(SettingsError, match="anchor has no effect"):
        parse_options(Discretisation, {"anchor": 0.0})


@pytest.mark.parametrize(
    "options", [Discretisation(), Discretisation(method="fixed_bin_size", bin_width=2.0)]
)
def test_options_survive_being_written_and_read(options: Discretisation) -> None:
    assert parse_options(Discretisation, options.model_dump()) == options
