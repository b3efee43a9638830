"""Features of cases as pyradiomics' command line writes them: CSV, JSON or text."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np

Case = dict[str, Any]


def write_cases(
    cases: list[Case], out: TextIO, *, form: str, skip_nans: bool, paths: Callable[[str], str]
) -> None:
    """Write rows as ``csv``, ``json`` or ``txt`` in the layout of pyradiomics."""
    first = list(cases[0]) if cases else []
    others = {name for case in cases[1:] for name in case} - set(first)
    headers = first + sorted(others)
    shown = [_shown(case, skip_nans=skip_nans, paths=paths) for case in cases]
    if form == "csv":
        writer = csv.DictWriter(out, headers, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(shown)
    elif form == "json":
        json.dump(shown, out, default=_plain, indent=2)
    else:
        for number, case in enumerate(shown, start=1):
            for name, value in case.items():
                out.write(f"Case-{number}_{name}: {value}\n")


def _shown(case: Case, *, skip_nans: bool, paths: Callable[[str], str]) -> Case:
    kept = {n: v for n, v in case.items() if not (skip_nans and _is_nan(v))}
    return kept | {"Image": paths(case["Image"]), "Mask": paths(case["Mask"])}


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.ndarray) and bool(np.isnan(value).all())


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
