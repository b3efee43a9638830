"""Options as YAML text, and YAML as people mean it."""

from __future__ import annotations

import math
from typing import Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from radiome.base.options import Options
from radiome.base.yaml_text import dump_options, load_yaml


class Inner(Options):
    text: str = Field(default="yes", description="A word.")
    number: float = Field(default=math.inf, description="A number.")


class Choice(Options):
    colour: Literal["red", "blue"] | None = Field(default="red", description="Its colour.")


class Outer(Options):
    one: Inner = Field(default_factory=Inner, description="One.")
    many: tuple[Inner, ...] = Field(default=(Inner(), Inner(text="x")), description="Many.")
    none: int | None = Field(default=None, description="Nothing.")
    null: dict[str, Any] = Field(default={"a": [1, 2.5, None, True]}, description="Free.")
    words: tuple[str, ...] = Field(default=("no", "1", "a b"), description="Words.")


def test_every_option_is_written_with_its_meaning_and_reads_back() -> None:
    text = dump_options(Outer())
    assert Outer.model_validate(load_yaml(text)) == Outer()
    for meaning in ("One.", "Many.", "Nothing.", "Free.", "Words.", "A word."):
        assert f"# {meaning}" in text
    assert text.count("# A word.") == 2  # once for the group, once for the list
    assert Outer.model_validate(load_yaml(dump_options(Outer(), commented=False))) == Outer()


@given(st.text(), st.floats(allow_nan=False))
def test_any_text_and_number_read_back(text: str, number: float) -> None:
    inner = Inner(text=text, number=number)
    assert Inner.model_validate(load_yaml(dump_options(inner))) == inner


@pytest.mark.parametrize("word", ["y", "no", "on", "Null", "~", "1e3", "0x10", "2024-01-05", ""])
def test_words_that_yaml_reads_otherwise_stay_words(word: str) -> None:
    assert load_yaml(dump_options(Inner(text=word)))["text"] == word


def test_names_that_yaml_takes_for_values_are_names() -> None:
    assert load_yaml("null: {y: 1, on: off}") == {"null": {"y": 1, "on": "off"}}
    assert load_yaml("- null: true") == [{"null": True}]


def test_an_option_of_a_few_values_lists_them() -> None:
    assert dump_options(Choice()) == "# Its colour. [red | blue]\ncolour: red\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: 1\nb: 2\na: 3\n", "'a'.*lines 1 and 3"),
        ("one:\n  seed: 1\n  text: x\n  seed: 1\n", "'seed'.*lines 2 and 4"),
        ("- {a: 1, b: 2,\n   a: 1}", "'a'.*lines 1 and 2"),
        ('null: 1\n"null": 2\n', "'null'.*lines 1 and 2"),
        ("base: &base {a: 1}\nmore:\n  <<: *base\n  b: 1\n  b: 2\n", "'b'.*lines 4 and 5"),
    ],
)
def test_a_key_that_is_there_twice_is_refused_with_its_lines(text: str, lines: str) -> None:
    with pytest.raises(yaml.YAMLError, match=lines):
        load_yaml(text)


def test_merged_keys_are_overruled_and_groups_do_not_share_keys() -> None:
    text = "base: &base {a: 1, b: 1}\nmore: {<<: *base, a: 2}\nagain: *base\n"
    assert load_yaml(text) == {
        "base": {"a": 1, "b": 1}, "more": {"a": 2, "b": 1}, "again": {"a": 1, "b": 1}
    }  # fmt: skip
