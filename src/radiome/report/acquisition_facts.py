"""How the facts of scanner and protocol are distributed over cases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from radiome.cohort.inspection import ACQUISITION_FACTS
from radiome.report.charts import histogram
from radiome.report.reading import number_of
from radiome.report.record import Case
from radiome.report.words import sensible

#: Columns of the inspection with their names in words and their units.
_MEASURED = {
    "modality": ("Modality", ""),
    "unit": ("Unit of the intensities", ""),
    "spacing_x_mm": ("Pixel width", "mm"),
    "spacing_y_mm": ("Pixel height", "mm"),
    "spacing_z_mm": ("Distance of slices", "mm"),
    "volume_ml": ("Volume of the region", "ml"),
    "voxels": ("Voxels in the region", ""),
    "slices": ("Slices of the region", ""),
    "minimum": ("Least intensity", ""),
    "median": ("Median intensity", ""),
    "maximum": ("Greatest intensity", ""),
}
_INTENSITIES = ("minimum", "median", "maximum")
_UNITS = {
    "MagneticFieldStrength": "T",
    "SliceThickness": "mm",
    "KVP": "kV",
    "XRayTubeCurrent": "mA",
    "Exposure": "mAs",
    "RepetitionTime": "ms",
    "EchoTime": "ms",
    "InversionTime": "ms",
    "FlipAngle": "°",
    "DiffusionBValue": "s/mm²",
    "ActualFrameDuration": "ms",
    "TransducerFrequency": "kHz",
}
_WORDS = {
    "KVP": "Tube voltage",
    "XRayTubeCurrent": "X-ray tube current",
    "DiffusionBValue": "Diffusion b-value",
    "ContrastBolusAgent": "Contrast agent",
    "MRAcquisitionType": "MR acquisition type",
}

#: A number with more different values than this is a histogram, with fewer a list of counts.
_DISTINCT = 6
#: Values of a fact that are named; the rest are counted together.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact over the cases.

    Parameters
    ----------
    column, label, unit : str
        Its column, name in words and unit.
    known : int
        Cases that have it.
    counts : list of (value, count, share)
        The values: numbers ascend, of words the most common is first; empty where `svg`
        shows them.
    svg : str
        A histogram, or empty.
    bins : list of (from, to, count)
        The numbers of the histogram.
    """

    column: str
    label: str
    unit: str
    known: int
    counts: list[tuple[str, int, float]]
    svg: str
    bins: list[tuple[float, float, int]]

    @property
    def words_within(self) -> str:
        """The label as it stands within a sentence."""
        return within_sentence(self.label)

    @property
    def constant(self) -> str:
        """The value, if all cases with one have the same."""
        return self.counts[0][0] if len(self.counts) == 1 else ""


def facts_of(cases: Sequence[Case]) -> list[Fact]:
    """Facts that any case has, those of the region last."""
    named = {name: (fact_words(name), _UNITS.get(name, "")) for name in ACQUISITION_FACTS}
    intensity = _intensity_unit(cases)
    facts = []
    for column, (label, unit) in {**_MEASURED, **named}.items():
        unit = intensity if column in _INTENSITIES else unit
        cells = [case.cells.get(column, "") for case in cases]
        given = [cell for cell in cells if cell]
        if given:
            facts.append(_fact(column, label, unit, given))
    return facts


def _intensity_unit(cases: Sequence[Case]) -> str:
    """The unit of the intensities, if all cases that tell it have the same."""
    units = {case.cells.get("unit", "") for case in cases} - {""}
    return units.pop() if len(units) == 1 else ""


def fact_words(keyword: str) -> str:
    """A DICOM keyword in words: ``Slice thickness``."""
    if keyword in _WORDS:
        return _WORDS[keyword]
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", keyword).split()
    kept = [part if part.isupper() else part.lower() for part in parts]
    text = " ".join(kept)
    return text[0].upper() + text[1:]


def within_sentence(label: str) -> str:
    """A label as it stands within a sentence: without its capital, if it is no acronym."""
    return label if label[:2].isupper() or label[1:2] == "-" else f"{label[0].lower()}{label[1:]}"


def _fact(column: str, label: str, unit: str, cells: list[str]) -> Fact:
    numbers = [number_of(cell) for cell in cells]
    known = [value for value in numbers if value is not None]
    shown: list[Any] = list(cells)
    if len(known) == len(cells):
        if len(set(known)) > _DISTINCT:
            name = f"{label} in {unit}" if unit else label
            svg, bins = histogram(known, label=name, unit=unit)
            return Fact(column, label, unit, len(cells), [], svg, bins)
        shown = [sensible(value, 4) for value in sorted(known)]
    counts = Counter(shown)
    # Numbers ascend; of words the most common comes first.
    pairs = list(counts.items()) if len(known) == len(cells) else counts.most_common()
    return Fact(column, label, unit, len(cells), _counted(pairs), "", [])


def _counted(counts: list[tuple[str, int]]) -> list[tuple[str, int, float]]:
    most = max(count for _, count in counts)
    rows = [(value, count, count / most) for value, count in counts[:_NAMED]]
    rest = sum(count for _, count in counts[_NAMED:])
    if rest:
        others = len(counts) - _NAMED
        rows.append((f"{others} other values", rest, rest / most))
    return rows
