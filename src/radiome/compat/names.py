"""What other packages call a feature.

The table is `names.csv` beside this file. Names of pyradiomics 3.0.1 are those of its classes
and features; names of MIRP 2.7 and pictologics 0.9 are matched by the IBSI code that these
packages give. Empty where a package does not have the feature.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

COLUMNS = ("ibsi_code", "radiome", "pyradiomics", "mirp", "pictologics", "note")


@cache
def names() -> tuple[dict[str, str], ...]:
    """All rows: features of radiome in catalogue order, then those of pyradiomics alone."""
    text = files("radiome.compat").joinpath("names.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def matching(pattern: str) -> list[dict[str, str]]:
    """Rows in which any cell contains `pattern`, in any case."""
    wanted = pattern.lower()
    return [row for row in names() if any(wanted in cell.lower() for cell in row.values())]
