"""IBSI 1: computed values against the reference values, item by item.

The rule is the one of the reference tables: round the computed value to three
significant digits, then require |value - reference| <= tolerance. Diagnostic values
are printed with more digits (a voxel count of 125256): there the computed value is
rounded to the digits of the reference.

Source of the table `ibsi1_reference.csv`: IBSI reference manual
(arXiv:1612.07003) and Zwanenburg et al. 2020, Radiology 295:328.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from radiome.base.errors import UserError
from radiome.base.values import FeatureValue
from radiome.extraction.case import compute_features, grey_levels
from radiome.extraction.settings import load_settings
from radiome.features.catalogue import FAMILIES, entry
from radiome.features.diagnostics import diagnostics
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.preprocess.prepare import prepare
from radiome.verify.digital_phantom import digital_phantom

#: Data set of the reference table and the preset that reproduces its processing.
DATA_SETS = {
    "dig_phantom": "ibsi-1-phantom",
    "ct_a": "ibsi-1-a",
    "ct_b": "ibsi-1-b",
    "ct_c": "ibsi-1-c",
    "ct_d": "ibsi-1-d",
    "ct_e": "ibsi-1-e",
}

IMAGE = Path("ct_phantom/nifti/image/phantom.nii.gz")
MASK = Path("ct_phantom/nifti/mask/mask.nii.gz")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reference value beside the computed one."""

    data_set: str
    tag: str
    family: str
    consensus: str
    reference: float | None
    tolerance: float | None
    digits: int
    computed: FeatureValue | None

    @property
    def standardised(self) -> bool:
        """Whether the standard gives a value for this item."""
        return self.reference is not None

    @property
    def matched(self) -> bool:
        """Whether the computed value is within the tolerance of the reference."""
        if self.reference is None or self.tolerance is None:
            return False
        if not isinstance(self.computed, int | float):
            return False
        # Both sides are decimal figures: half a unit of the 12th digit absorbs binary noise.
        slack = 1e-12 * max(1.0, abs(self.reference))
        return (
            abs(float(f"{self.computed:.{self.digits}g}") - self.reference)
            <= self.tolerance + slack
        )


def run(data: Path | None = None) -> list[Comparison]:
    """Compare the digital phantom, and the CT phantom where its folder is given.

    Raises
    ------
    UserError
        If `data` does not hold the CT phantom.
    """
    results = _compare("dig_phantom", *digital_phantom())
    if data is None:
        return results
    volume, mask = _ct_phantom(data)
    for data_set in list(DATA_SETS)[1:]:
        results += _compare(data_set, volume, mask)
    return results


def _ct_phantom(data: Path) -> tuple[Volume, Mask]:
    from radiome.io.readers import read_mask, read_volume

    if not (data / IMAGE).is_file():
        raise UserError(
            "the IBSI 1 CT phantom is not in this folder",
            where=str(data),
            expected=str(IMAGE),
            do="give the folder that holds 'ct_phantom', or leave --data out",
        )
    volume = read_volume(data / IMAGE, modality="CT")
    return volume, read_mask(data / MASK, volume)


def _compare(data_set: str, volume: Volume, mask: Mask) -> list[Comparison]:
    settings = load_settings(DATA_SETS[data_set])
    region = prepare(volume, mask, settings.interpolation, settings.resegmentation)
    computed: dict[str, FeatureValue] = dict(
        compute_features(region, grey_levels(region, settings), settings)
    )
    rows = [row for row in _reference_rows() if row["data_set"] == data_set]
    if any(row["consensus"] == "diagnostic" for row in rows):
        computed |= diagnostics(volume, mask, settings.interpolation, settings.resegmentation)
    return [_comparison(row, computed) for row in rows]


def _reference_rows() -> list[dict[str, str]]:
    text = files("radiome.verify").joinpath("ibsi1_reference.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _comparison(row: Mapping[str, str], computed: Mapping[str, FeatureValue]) -> Comparison:
    tag = row["tag"]
    diagnostic = row["consensus"] == "diagnostic"
    return Comparison(
        data_set=row["data_set"],
        tag=tag,
        family="diagnostics" if diagnostic else entry(tag).family,
        consensus=row["consensus"],
        reference=float(row["value"]) if row["value"] else None,
        tolerance=float(row["tolerance"]) if row["tolerance"] else None,
        digits=max(3, _digits(row["value"])) if diagnostic else 3,
        computed=computed.get(tag),
    )


def _digits(number: str) -> int:
    """Count the significant digits of a printed number."""
    return len(number.lstrip("-").replace(".", "").lstrip("0"))


def print_report(comparisons: list[Comparison], *, show_misses: bool = True) -> None:
    """Print matched/total per data set, family and consensus level, then every miss."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    levels = [
        level
        for level in ("very strong", "strong", "moderate", "diagnostic")
        if any(item.consensus == level for item in comparisons)
    ]
    for data_set in dict.fromkeys(item.data_set for item in comparisons):
        items = [c for c in comparisons if c.data_set == data_set and c.standardised]
        table = Table(title=f"{data_set}: preset {DATA_SETS[data_set]}", title_justify="left")
        table.add_column("family")
        for level in [*levels, "all"]:
            table.add_column(level, justify="right")
        for family in [*FAMILIES, "diagnostics"]:
            rows = [item for item in items if item.family == family]
            if rows:
                table.add_row(family, *_cells(rows, levels))
        table.add_section()
        table.add_row("all", *_cells(items, levels))
        console.print(table)
    _print_misses(comparisons, console, show_misses)


def _cells(items: list[Comparison], levels: list[str]) -> list[str]:
    total = Counter(item.consensus for item in items)
    matched = Counter(item.consensus for item in items if item.matched)
    cells = [f"{matched[level]}/{total[level]}" if total[level] else "" for level in levels]
    return [*cells, f"{sum(matched.values())}/{sum(total.values())}"]


def _print_misses(comparisons: list[Comparison], console, show: bool) -> None:  # type: ignore[no-untyped-def]
    standardised = [item for item in comparisons if item.standardised]
    misses = [item for item in standardised if not item.matched]
    features = [item for item in standardised if item.consensus != "diagnostic"]
    matched = sum(item.matched for item in features)
    console.print(f"standardised feature values within tolerance: {matched}/{len(features)}")
    if len(features) < len(standardised):
        extra = [item for item in standardised if item.consensus == "diagnostic"]
        console.print(
            f"diagnostic values within tolerance: {sum(i.matched for i in extra)}/{len(extra)}"
        )
    if show:
        for item in misses:
            console.print(
                f"miss: {item.data_set} {item.tag}: computed {item.computed}, "
                f"reference {item.reference} ± {item.tolerance} ({item.consensus})"
            )
