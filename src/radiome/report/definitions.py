"""What each feature measures, in one sentence, with its formula where that is short."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Definition(NamedTuple):
    """A sentence; a formula and what its symbols are, or nothing."""

    sentence: str
    formula: str
    symbols: str


@cache
def definitions() -> dict[str, Definition]:
    """Definitions by tag without image and aggregation.

    Examples
    --------
    >>> definitions()["stat_mean"].sentence
    'The average intensity of the region.'
    """
    text = files("radiome.report").joinpath("assets/definitions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["tag"]: Definition(row["sentence"], row["formula"], row["symbols"]) for row in rows}
