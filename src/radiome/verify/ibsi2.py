"""IBSI 2: response maps, statistics of filtered CT, and agreement with the teams.

Phase 2 passes where |value - consensus| <= tolerance. Phase 3 has no reference values: it
counts the statistics within 1 % of the median of up to nine teams.

Source of the table `ibsi2_reference.csv`: theibsi/ibsi_2_reference_data (CC0); Whybra et al.
2024, Radiology 310:e231319.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from radiome.base.errors import UserError
from radiome.extraction.case import extract_case
from radiome.extraction.settings import load_settings
from radiome.verify.ibsi1 import IMAGE, MASK
from radiome.verify.ibsi2_maps import MapComparison

#: Configuration and the preset with its image processing and filters.
CONFIGURATIONS = {"A": "ibsi-2-a", "B": "ibsi-2-b"}

#: File names of the sarcoma cohort, the modality in DICOM's words, and the preset.
MODALITIES = {
    "CT": ("CT", "ibsi-2-validation-ct"),
    "MR_T1": ("MR", "ibsi-2-validation-mr"),
    "PET": ("PT", "ibsi-2-validation-pet"),
}
TEAMS = Path("ibsi2_phase3_team_consensus_STS_001-006.csv")

#: Ratios to a mean or to quartiles near 0, which say nothing about a filter.
ILL_CONDITIONED = ("stat_cov", "stat_qcod")


@dataclass(frozen=True, slots=True)
class StatisticComparison:
    """One statistic of a filtered image beside the consensus."""

    filter_id: str
    tag: str
    consensus: float
    tolerance: float
    computed: float | None

    @property
    def matched(self) -> bool:
        """Whether the computed value is within the tolerance."""
        if self.computed is None:
            return False
        slack = 1e-12 * max(1.0, abs(self.consensus))
        return abs(self.computed - self.consensus) <= self.tolerance + slack


@dataclass(frozen=True, slots=True)
class TeamComparison:
    """One statistic of a sarcoma beside the median of the teams."""

    patient: str
    modality: str
    filter_id: str
    tag: str
    median: float
    quartiles: tuple[float, float]
    computed: float | None

    @property
    def near(self) -> bool:
        """Whether the computed value is within 1 % of the median."""
        return self.computed is not None and abs(self.computed - self.median) <= 0.01 * abs(
            self.median
        )

    @property
    def inside(self) -> bool:
        """Whether the computed value is within the quartiles of the teams."""
        low, high = self.quartiles
        return self.computed is not None and low <= self.computed <= high


def compare_statistics(phantom: Path) -> list[StatisticComparison]:
    """Compare phase 2 on the CT phantom in the folder `phantom`.

    Raises
    ------
    UserError
        If the folder does not hold the CT phantom.
    """
    from radiome.io.readers import read_mask, read_volume

    image, mask = (phantom.parent / path for path in (IMAGE, MASK))
    if not image.is_file():
        raise UserError(
            "the IBSI CT phantom is not in this folder",
            where=str(phantom),
            expected=str(IMAGE.relative_to("ct_phantom")),
            do="give the folder of the CT phantom with --ct-phantom",
        )
    volume = read_volume(image, modality="CT")
    region = read_mask(mask, volume)
    computed: dict[str, float | None] = {}
    for configuration, preset in CONFIGURATIONS.items():
        row = extract_case(volume, region, load_settings(preset))
        # The unfiltered image is filter 1 of the standard.
        names = {tag: tag if "." in tag else f"1.{configuration}_{tag}" for tag in row}
        computed |= {names[tag]: value for tag, value in row.items()}
    return [
        StatisticComparison(
            row["filter_id"],
            row["tag"],
            float(row["value"]),
            float(row["tolerance"]),
            computed.get(f"{row['filter_id']}_{row['tag']}"),
        )
        for row in _reference_rows()
        if row["value"]
    ]


def _reference_rows() -> list[dict[str, str]]:
    text = files("radiome.verify").joinpath("ibsi2_reference.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def compare_teams(
    cohort: Path, *, patients: Iterable[str] | None = None
) -> Iterator[TeamComparison]:
    """Compare phase 3 on the sarcoma patients in the folder `cohort`.

    Raises
    ------
    UserError
        If the folder does not hold the values of the teams.
    """
    if not (cohort / TEAMS).is_file():
        raise UserError(
            "the values of the IBSI 2 validation are not in this folder",
            where=str(cohort),
            expected=str(TEAMS),
            do="give the folder of the sarcoma cohort with --sts, or leave it out",
        )
    with (cohort / TEAMS).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pairs = dict.fromkeys((row["patient"], row["modality"]) for row in rows)
    for patient, modality in pairs:
        if patients is None or patient in patients:
            computed = _sarcoma(cohort / patient, modality)
            for row in rows:
                if (row["patient"], row["modality"]) == (patient, modality):
                    yield _team_comparison(row, computed)


def _sarcoma(folder: Path, modality: str) -> dict[str, float | None]:
    from radiome.io.readers import read_mask, read_volume

    name, preset = MODALITIES[modality]
    volume = read_volume(folder / f"{modality}_image.nii.gz", modality=name)
    mask = read_mask(folder / f"{modality}_mask.nii.gz", volume)
    return dict(extract_case(volume, mask, load_settings(preset)))


def _team_comparison(row: dict[str, str], computed: dict[str, float | None]) -> TeamComparison:
    number, tag = row["filter_id"], row["tag"]
    return TeamComparison(
        row["patient"],
        row["modality"],
        number,
        tag,
        float(row["median"]),
        (float(row["q25"]), float(row["q75"])),
        computed.get(tag if number == "1" else f"{number}_{tag}"),
    )


def print_maps(comparisons: list[MapComparison]) -> None:
    """Print phase 1: the largest error of every map."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="phase 1: response maps", title_justify="left")
    for heading in ("test", "filter", "largest error, % of range", ""):
        table.add_column(heading, justify="right" if "error" in heading else "left")
    for item in comparisons:
        passed = "" if item.matched else "miss"
        table.add_row(item.test, item.filter, f"{100 * item.error:.4f}", passed)
    console = Console()
    console.print(table)
    matched = sum(item.matched for item in comparisons)
    console.print(f"response maps within 1 % of their range: {matched}/{len(comparisons)}")


def print_statistics(comparisons: list[StatisticComparison]) -> None:
    """Print phase 2: matched values per filter, then every miss."""
    from rich.console import Console

    console = Console()
    total = Counter(item.filter_id for item in comparisons)
    matched = Counter(item.filter_id for item in comparisons if item.matched)
    console.print("phase 2: statistics of the filtered CT phantom")
    console.print("  ".join(f"{name} {matched[name]}/{total[name]}" for name in total))
    console.print(f"values within tolerance: {matched.total()}/{total.total()}")
    for item in comparisons:
        if not item.matched:
            console.print(
                f"miss: {item.filter_id} {item.tag}: computed {item.computed}, "
                f"consensus {item.consensus} ± {item.tolerance}"
            )


def print_teams(comparisons: list[TeamComparison]) -> None:
    """Print phase 3: per filter and modality, statistics near the median of the teams."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title="phase 3: statistics within 1 % of the teams' median (or within their quartiles)",
        title_justify="left",
    )
    kept = [item for item in comparisons if item.tag not in ILL_CONDITIONED]
    modalities = list(dict.fromkeys(item.modality for item in kept))
    for heading in ("filter", *modalities):
        table.add_column(heading, justify="right")
    for number in dict.fromkeys(item.filter_id for item in kept):
        cells = [
            _share([i for i in kept if (i.filter_id, i.modality) == (number, modality)])
            for modality in modalities
        ]
        table.add_row(number, *cells)
    table.add_section()
    cells = [_share([i for i in kept if i.modality == modality]) for modality in modalities]
    table.add_row("all", *cells)
    Console().print(table)


def _share(items: list[TeamComparison]) -> str:
    near = sum(item.near for item in items)
    return f"{near}/{len(items)} ({sum(item.near or item.inside for item in items)})"
