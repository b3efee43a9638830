"""What each feature is: code, name, family, unit and where its formula stands.

The table is `catalogue.csv` beside this file, one row per feature. A column of a
feature table bears the feature's tag, followed by the aggregation where the
feature has one: ``cm_contrast`` aggregated in 3D over averaged directions is
``cm_contrast_3D_avg``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

#: Feature families in the order of the IBSI reference manual, with their IBSI codes; then
#: those that the standard does not have.
FAMILIES = {
    "morphology": "HCUG",
    "local_intensity": "9ST6",
    "intensity_statistics": "UHIW",
    "intensity_histogram": "ZVCW",
    "intensity_volume_histogram": "P88C",
    "glcm": "LFYI",
    "glrlm": "TP0I",
    "glszm": "9SAK",
    "gldzm": "VMDZ",
    "ngtdm": "IPET",
    "ngldm": "REK0",
    "fourier_spectrum": "",
    "autocorrelation_function": "",
}

#: Aggregations of texture matrices: column suffix and the name IBSI gives it.
AGGREGATIONS = {
    "2D_avg": "2D, averaged",
    "2D_comb": "2D, slice-merged",
    "2_5D_avg": "2.5D, direction-merged",
    "2_5D_comb": "2.5D, merged",
    "3D_avg": "3D, averaged",
    "3D_comb": "3D, merged",
    "2D": "2D",
    "2_5D": "2.5D",
    "3D": "3D",
}

_MANUAL = "IBSI reference manual (arXiv:1612.07003), section"


@dataclass(frozen=True, slots=True)
class FeatureEntry:
    """One column of a feature table.

    Parameters
    ----------
    tag : str
        Name of the column.
    family, family_code : str
        Feature family and its IBSI code.
    name : str
        Full name in the standard.
    ibsi_code : str
        Four-character IBSI code.
    aggregation : str
        How texture matrices were combined; empty for other families.
    unit : str
        ``I`` stands for the unit of the image, ``level`` for a grey level.
    source : str
        Where the formula stands.
    image : str
        Name of the response map it is computed from; empty for the unfiltered image.
    """

    tag: str
    family: str
    family_code: str
    name: str
    ibsi_code: str
    aggregation: str
    unit: str
    source: str
    image: str = ""


@cache
def features() -> dict[str, FeatureEntry]:
    """All features by tag without aggregation, in catalogue order."""
    text = files("radiome.features").joinpath("catalogue.csv").read_text(encoding="utf-8")
    return {row["tag"]: _entry(row) for row in csv.DictReader(text.splitlines())}


def entry(tag: str) -> FeatureEntry:
    """Describe the column `tag`.

    Raises
    ------
    KeyError
        If no feature has this tag.
    """
    image, base, aggregation = split_column(tag)
    known = features()[base]
    if base == tag:
        return known
    changes = {"tag": tag, "image": image, "aggregation": AGGREGATIONS.get(aggregation, "")}
    return FeatureEntry(**(asdict(known) | changes))


def split_column(tag: str) -> tuple[str, str, str]:
    """Split a column name into response map ("" for none), the feature's tag and aggregation.

    Raises
    ------
    KeyError
        If no feature has this tag.
    """
    parts = tag.split("_")
    for start in range(len(parts)):
        with suppress(KeyError):
            return "_".join(parts[:start]), *split_tag("_".join(parts[start:]))
    raise KeyError(tag)


def split_tag(tag: str) -> tuple[str, str]:
    """Split an unfiltered column into the feature's tag and the aggregation ("" if none)."""
    if tag in features():
        return tag, ""
    for suffix in AGGREGATIONS:
        base = tag.removesuffix(f"_{suffix}")
        if base != tag and base in features():
            return base, suffix
    raise KeyError(tag)


def catalogue_rows(tags: Iterable[str]) -> list[dict[str, str]]:
    """One row (a mapping of text) per column name, in the order given."""
    return [asdict(entry(tag)) for tag in tags]


def _entry(row: dict[str, str]) -> FeatureEntry:
    code = row["ibsi_code"]
    return FeatureEntry(
        tag=row["tag"],
        family=row["family"],
        family_code=FAMILIES[row["family"]],
        name=row["name"],
        ibsi_code=row["ibsi_code"],
        aggregation="",
        unit=row["unit"],
        source=f"{_MANUAL} {row['section']}, {row['ibsi_code']}" if code else row["section"],
    )
