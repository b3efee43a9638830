"""pyradiomics: computed values against the baselines of its own test suite.

The baselines are tables of one feature class each; a column is one test case, with the
settings it was made with among its rows. They were written by pyradiomics 1.3 to 2.1,
whose definitions 3.0.1 keeps. The cases of images that are not in the folder are left
out, as their images are no longer distributed.
"""

from __future__ import annotations

import ast
import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from radiome.base.errors import UserError
from radiome.image.mask import Mask
from radiome.image.volume import Volume

#: Largest relative difference that counts as the same value.
TOLERANCE = 1e-6

#: Values this small are rounding, not measures.
SMALLEST = 1e-10

#: Baselines that pyradiomics 3.0.1 itself does not reproduce, and what it gives for the same
#: files: the surface mesh of brain1 has changed since version 2.0.1, which wrote the table.
SUPERSEDED = {
    ("brain1", "shape", "MeshVolume"): 16147.51180013021,
    ("brain1", "shape", "Sphericity"): 0.4798234536231475,
    ("brain1", "shape", "SurfaceArea"): 6438.821603779402,
    ("brain1", "shape", "SurfaceVolumeRatio"): 0.3987500788652454,
}

_SETTINGS = "diagnostics_Configuration_Settings"
_CORRECTED_BOX = "diagnostics_Mask-corrected_BoundingBox"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One baseline value, or what pyradiomics 3.0.1 gives instead, beside the computed one."""

    case: str
    feature_class: str
    feature: str
    reference: float
    computed: float

    @property
    def superseded(self) -> bool:
        """Whether the reference is that of pyradiomics 3.0.1 and not the baseline."""
        return (self.case, self.feature_class, self.feature) in SUPERSEDED

    @property
    def difference(self) -> float:
        """Relative difference; 0 where both are NaN or neither is more than rounding."""
        if math.isnan(self.reference) or math.isnan(self.computed):
            return 0.0 if math.isnan(self.reference) and math.isnan(self.computed) else math.inf
        gap = abs(self.computed - self.reference)
        return 0.0 if gap <= SMALLEST else gap / max(abs(self.reference), SMALLEST)

    @property
    def matched(self) -> bool:
        """Whether the values differ by no more than `TOLERANCE`, relatively."""
        return self.difference <= TOLERANCE


def compare_baseline(data_folder: Path) -> list[Comparison]:
    """Compute every baseline value whose image is in the folder.

    Parameters
    ----------
    data_folder : Path
        Holds ``<case>_image.nrrd`` and ``<case>_label.nrrd``, and the tables
        ``baseline_<class>.csv``, directly or in the folder ``baseline``.

    Raises
    ------
    UserError
        If there is no table, or no image that belongs to one.
    """
    tables = sorted(data_folder.glob("baseline_*.csv"))
    tables = tables or sorted(data_folder.glob("baseline/baseline_*.csv"))
    found: list[Comparison] = []
    pairs: dict[str, tuple[Volume, Mask]] = {}
    for table in tables:
        feature_class = table.stem.removeprefix("baseline_")
        for case, rows in _columns(table):
            pair = _pair(data_folder, case.partition("_")[0], pairs)
            if pair is not None:
                found += _compare(case, feature_class, rows, pair)
    if not found:
        raise UserError(
            "the pyradiomics baselines are not in this folder",
            where=str(data_folder),
            expected="baseline_<class>.csv, brain1_image.nrrd, brain1_label.nrrd and the like",
            do="give the folder 'data' of the pyradiomics sources",
        )
    return found


def _columns(table: Path) -> Iterator[tuple[str, dict[str, str]]]:
    lines = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    names = [line[0] for line in lines[1:]]
    for number, case in enumerate(lines[0][1:], start=1):
        yield case, {name: line[number] for name, line in zip(names, lines[1:], strict=True)}


def _pair(
    folder: Path, name: str, pairs: dict[str, tuple[Volume, Mask]]
) -> tuple[Volume, Mask] | None:
    from radiome.io.readers import read_mask, read_volume

    image, label = folder / f"{name}_image.nrrd", folder / f"{name}_label.nrrd"
    if not (image.is_file() and label.is_file()):
        return None
    if name not in pairs:
        volume = read_volume(image, modality="MR")
        pairs[name] = volume, read_mask(label, volume, roi=1)
    return pairs[name]


def _compare(
    case: str, feature_class: str, rows: Mapping[str, str], pair: tuple[Volume, Mask]
) -> list[Comparison]:
    settings: dict[str, Any] = ast.literal_eval(rows[_SETTINGS])
    volume, mask = pair
    if rows.get(_CORRECTED_BOX):
        mask = _slice_of(mask, ast.literal_eval(rows[_CORRECTED_BOX]))
    start = f"original_{feature_class}_"
    references = {
        name.removeprefix(start): float(value)
        for name, value in rows.items()
        if name.startswith(start) and value
    }
    computed = _features(feature_class, tuple(references), volume, mask, settings)
    return [
        Comparison(
            case,
            feature_class,
            feature,
            SUPERSEDED.get((case, feature_class, feature), reference),
            computed[feature],
        )
        for feature, reference in references.items()
    ]


def _slice_of(mask: Mask, box_xyz: tuple[int, ...]) -> Mask:
    """The slice that the test suite has as a label image of its own."""
    voxels = np.zeros_like(mask.voxels)
    voxels[box_xyz[2]] = mask.voxels[box_xyz[2]]
    return Mask(voxels, mask.geometry, mask.name, mask.source)


def _features(
    feature_class: str,
    names: tuple[str, ...],
    volume: Volume,
    mask: Mask,
    settings: Mapping[str, Any],
) -> dict[str, float]:
    """Steps of pyradiomics in their order; the baselines are of the original image only."""
    from radiome.compat.pyradiomics import feature_classes, grid

    if settings.get("normalize"):
        volume = grid.normalize(volume, settings["normalizeScale"], settings["removeOutliers"])
    spacing = settings.get("resampledPixelSpacing")
    if spacing and settings.get("interpolator"):
        volume, mask = grid.resample(
            volume, mask, spacing, settings["interpolator"], settings["padDistance"]
        )
    grid.check_mask(mask, settings["minimumROIDimensions"], settings["minimumROISize"])
    if settings.get("resegmentRange") and not feature_class.startswith("shape"):
        mode = settings.get("resegmentMode", "absolute")
        mask = grid.resegment(volume, mask, settings["resegmentRange"], mode)
    return feature_classes.compute(feature_class, names, volume, mask, settings)


def print_report(comparisons: list[Comparison], *, show_misses: bool = True) -> None:
    """Print matched/total by class and case, then every value that differs."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="pyradiomics baselines", title_justify="left")
    classes = list(dict.fromkeys(item.feature_class for item in comparisons))
    table.add_column("case")
    for name in [*classes, "all"]:
        table.add_column(name, justify="right")
    for case in dict.fromkeys(item.case for item in comparisons):
        own = [item for item in comparisons if item.case == case]
        cells = [_share([item for item in own if item.feature_class == name]) for name in classes]
        table.add_row(case, *cells, _share(own))
    console.print(table)
    matched = sum(item.matched for item in comparisons)
    console.print(
        f"baseline values within {TOLERANCE:g} of their size: {matched}/{len(comparisons)}"
    )
    superseded = sum(item.superseded for item in comparisons)
    if superseded:
        console.print(f"of these compared with pyradiomics 3.0.1 itself: {superseded}")
    if show_misses:
        for item in comparisons:
            if not item.matched:
                console.print(
                    f"miss: {item.case} {item.feature_class} {item.feature}: computed "
                    f"{item.computed!r}, baseline {item.reference!r} ({item.difference:.2g})"
                )


def _share(items: list[Comparison]) -> str:
    return f"{sum(item.matched for item in items)}/{len(items)}" if items else ""
