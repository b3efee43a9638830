"""Negative controls of a cohort: the same extraction on images without what is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from radiome.cohort.engine import RunResult, run_cohort
from radiome.cohort.manifest import Manifest
from radiome.cohort.single import extract
from radiome.extraction.row import Row
from radiome.io.readers import check_pair, read_mask, read_volume
from radiome.preprocess.negative_controls import Control, control_volume, parse_control

_FUNCTION = re.compile(r"(?P<control>\w+?)_seed_(?P<seed>\d+)")


def run_controls(
    cohort: str | Path | Manifest,
    out: str | Path,
    names: Sequence[str],
    *,
    seed: int = 0,
    **options: Any,
) -> dict[str, RunResult]:
    """Extract the features of every case from the images of negative controls.

    Parameters
    ----------
    cohort : path or Manifest
        As for `run_cohort`.
    out : path
        Folder; each control gets a run folder of its name in it.
    names : sequence of str
        Such as ``shuffled_roi`` and ``shuffled_roi_2``, a second draw; see
        `radiome.preprocess.negative_controls`.
    seed : int
        Of the draws.
    **options
        Those of `run_cohort`.

    Returns
    -------
    dict
        The result of each control. The rest is not begun if one is interrupted.

    Raises
    ------
    SettingsError
        For an unknown control, before anything is measured.
    """
    controls = [parse_control(name) for name in names]
    results: dict[str, RunResult] = {}
    for control in controls:
        results[control.name] = run_cohort(
            cohort, Path(out) / control.name, case_function=function_name(control, seed), **options
        )
        if results[control.name].interrupted:
            break
    return results


def function_name(control: Control, seed: int) -> str:
    """The case function of a control, ``module:name``; workers know functions by name only."""
    return f"{__name__}:{control.name}_seed_{seed}"


def __getattr__(name: str) -> Callable[..., Row]:
    found = _FUNCTION.fullmatch(name)
    if found is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    control = parse_control(found["control"])
    return partial(extract_control, control=control, seed=int(found["seed"]))


def extract_control(
    image: Any,
    mask: Any,
    settings: Any = None,
    *,
    control: Control,
    seed: int,
    roi: str | int | None = None,
    modality: str | None = None,
    resample_mask: bool = False,
    fill_gaps: bool = False,
    threads: int | None = None,
) -> Row:
    """Extract the features of one lesion from the image of a negative control.

    Parameters
    ----------
    control : Control
        What is destroyed in the image.
    seed : int
        Of what is drawn.
    image, mask, settings, roi, modality, resample_mask, fill_gaps, threads
        As for `radiome.extract`.
    """
    volume = read_volume(image, modality=modality)
    region = read_mask(mask, volume, roi=roi, resample=resample_mask, fill_gaps=fill_gaps)
    check_pair(volume, region)
    row = extract(control_volume(volume, region, control, seed=seed), region, settings,
                  threads=threads)  # fmt: skip
    row.record.update(
        control=control.name, seed=seed, resample_mask=resample_mask, fill_gaps=fill_gaps
    )
    return row
