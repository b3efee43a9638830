"""A small whole study, quick enough for tests."""

from __future__ import annotations

from pathlib import Path

from made_cohort import write_cohort

PROTOCOL = """\
title: Coarse or fine
cohort: cohort.csv
outcomes: outcomes.csv
extraction:
  settings: {families: [morphology, intensity_statistics, glcm]}
controls: {images: [shuffled_roi]}
trust: {resamples: 5}
analyses:
- plan:
    outcomes: [{name: coarse, kind: binary}]
    validation: {folds: 3, repeats: 1, inner_folds: 2, bootstrap: 200}
    null: {permutations: 19}
"""


def write_study(folder: Path, n: int = 24, *, broken: bool = True) -> Path:
    """Write images, cohort and outcome table, and ``study.yaml``; return the last."""
    write_cohort(folder, n, broken=broken)
    path = folder / "study.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path
