"""Maps of the features that models rest on, in the two cases in which each differs most."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.cohort.lesion_picture import GREYS, OUTLINE, Drawing, encode, grey_ramp
from radiome.cohort.manifest import Case, Manifest
from radiome.study.map_choice import choose_features
from radiome.study.map_views import MapJob, MapView, map_views
from radiome.tables.atomic import write_json
from radiome.tables.extremes import least_and_greatest
from radiome.tables.feature_table import FeatureTable

#: Perceptually uniform, and told apart by every kind of colour vision; unlike cividis it does
#: not pass through grey, the colour of the image around the region.
COLOURS = "viridis"

#: Colours of a map's picture, and those named in the file, to draw the scale.
_SHADES = 128
_STOPS = 9

#: The scale spans these percentiles of the pixels of both maps.
_LIMITS = (1.0, 99.0)


@dataclass(frozen=True, slots=True)
class Extreme:
    """A case in which a feature is least or greatest, and its value there."""

    case: str
    value: float


def write_maps(folder: Path, run: Path, manifest: Manifest, *, cards: int, workers: int) -> None:
    """Write ``maps.json`` of an analysis.

    Parameters
    ----------
    folder : Path
        Of the analysis: ``trust.csv`` and ``features.parquet`` are read there.
    run : Path
        The run folder, for the settings of the extraction.
    manifest : Manifest
        The cohort.
    cards : int
        At most so many features; see `choose_features`.
    workers : int
        Processes. The result does not depend on it.

    Notes
    -----
    ``features`` has for each feature the case with its least and the one with its greatest
    value: ``case``, ``value``, ``picture`` (PNG, base64, the window of the picture of the
    lesion), ``low`` and ``high``, the ends of the scale, which both share. ``reasons`` tells
    why other selected features have no map, ``colours`` the scale from low to high.
    """
    with (folder / "trust.csv").open(encoding="utf-8", newline="") as file:
        chosen = choose_features(list(csv.DictReader(file)), cards)
    table = FeatureTable.read(folder / "features.parquet").measured()
    pairs = {tag: extremes(table, tag) for tag in chosen.tags}
    jobs = list(_jobs(pairs, manifest, run / "extraction" / "run.json"))
    views = dict(
        zip([job.case.name for job in jobs], map_views(jobs, workers=workers), strict=True)
    )
    drawn, reasons = {}, dict(chosen.reasons)
    for tag, pair in pairs.items():
        found = _drawn(tag, pair, views)
        if isinstance(found, str):
            reasons[tag] = found
        else:
            drawn[tag] = found
    ramp = _ramp(_STOPS)
    told = {
        "features": drawn,
        "reasons": reasons,
        "colours": [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in ramp],
    }
    write_json(folder / "maps.json", told, indent=1)


def extremes(table: FeatureTable, tag: str) -> tuple[Extreme, ...]:
    """The case with the least and the one with the greatest value; empty if none differ.

    The cases themselves, not percentiles: what a feature makes of its extremes is what the
    reader has to see, an outlier or a wrong region included.
    """
    values = table.frame[tag].to_numpy(dtype=np.float64, na_value=np.nan)
    places = least_and_greatest(values)
    cases = table.frame["case"]
    return tuple(Extreme(str(cases.iloc[at]), float(values[at])) for at in places or ())


def _jobs(
    pairs: Mapping[str, Sequence[Extreme]], manifest: Manifest, record: Path
) -> Iterator[MapJob]:
    """One job for each case, with all features that are wanted of it, in cohort order."""
    wanted: dict[str, list[str]] = {}
    for tag, pair in pairs.items():
        for each in pair:
            wanted.setdefault(each.case, []).append(tag)
    told = json.loads(record.read_text(encoding="utf-8"))
    settings = {case["case"]: told["settings"][case["settings"]] for case in told["cases"]
                if case["case"] in wanted}  # fmt: skip
    options = told["options"]
    for case in manifest.cases:
        if case.name in wanted:
            yield _job(case, wanted[case.name], settings[case.name], options)


def _job(
    case: Case, tags: Sequence[str], settings: Mapping[str, Any], options: Mapping[str, Any]
) -> MapJob:
    return MapJob(
        case,
        tuple(tags),
        settings,
        resample_mask=options["resample_mask"],
        fill_gaps=options["fill_gaps"],
    )


def _drawn(
    tag: str, pair: Sequence[Extreme], views: Mapping[str, MapView]
) -> list[dict[str, Any]] | str:
    """Entries of both cases of a feature, or why there are none."""
    if not pair:
        return "it has the same value in all cases"
    shown = [views[each.case] for each in pair]
    for view in shown:
        if view.drawing is None:
            return f"one of the two cases could not be mapped: {view.reason}"
    maps = [view.values[tag] for view in shown]
    known = [np.isfinite(values) for values in maps]
    if not all(each.any() for each in known):
        return "no voxel of the slice has a value of it in one of the two cases"
    pixels = np.concatenate([values[there] for values, there in zip(maps, known, strict=True)])
    low, high = (float(limit) for limit in np.percentile(pixels, _LIMITS))
    return [
        {
            "case": each.case,
            "value": each.value,
            "picture": map_picture(view.drawing, values, low, high),
            "low": low,
            "high": high,
        }
        for each, view, values in zip(pair, shown, maps, strict=True)
        if view.drawing is not None
    ]


def map_picture(drawing: Drawing, values: NDArray[np.float64], low: float, high: float) -> str:
    """PNG, base64, of a map over the picture of its lesion.

    Parameters
    ----------
    drawing : Drawing
        Greys around the map, and where it has no value; its outline stays.
    values : float64 array (SIZE, SIZE)
        The map at the pixels.
    low, high : float
        Values of the first and the last colour; what is beyond has that colour.
    """
    span = high - low
    share = np.clip((values - low) / span, 0, 1) if span > 0 else np.full(values.shape, 0.5)
    known = np.isfinite(values)
    shades = np.round(np.where(known, share, 0) * (_SHADES - 1)).astype(np.int64)
    numbers = np.where(known, GREYS + shades, drawing.greys)
    numbers = np.where(drawing.outline, GREYS + _SHADES, numbers)
    return encode(numbers, [*grey_ramp(), *_ramp(_SHADES), OUTLINE])


def _ramp(count: int) -> list[tuple[int, int, int]]:
    """Colours of the scale, from low to high, 0 to 255."""
    from matplotlib import colormaps

    parts = colormaps[COLOURS](np.linspace(0, 1, count), bytes=True)
    return [(int(red), int(green), int(blue)) for red, green, blue, _ in parts]
