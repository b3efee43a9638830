"""How often whole studies of virtual CTs say what is true: from scans to the verdict.

    python benchmarks/study_calibration.py OUT [--cohorts N] [--shuffles K] [--jobs N]

Each cohort has 60 patients and is drawn anew. In arm `texture` the outcome follows the
texture; in arm `scanner` it follows the kernel alone; in `null` the outcomes of a texture
cohort are dealt out again at random, K times. Prints a count of the words by arm, with the
95 % interval of the share that said `evidence` (Clopper and Pearson).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from radiome.base.errors import UserError
from radiome.phantoms.demo_study import write_demo_study
from radiome.study.running import run_study
from radiome.tables.files import write_records


def words(out: Path, cohorts: int, shuffles: int, jobs: int | None) -> Iterator[tuple[str, str]]:
    """Arm and word of every study."""
    for seed in range(1, cohorts + 1):
        for arm in ("scanner", "texture"):
            folder = out / f"{arm}_{seed:03d}"
            path = write_demo_study(folder, arm, seed=seed)
            yield arm, word_of(path, jobs)
        for shuffle in range(shuffles):
            deal_again(folder / "outcomes.csv", seed=1000 * seed + shuffle)
            yield "null", word_of(path, jobs)


def deal_again(path: Path, seed: int) -> None:
    """Give the outcomes to other patients."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(seed).permutation(len(rows))
    responses = [rows[place]["response"] for place in order]
    dealt = [row | {"response": given} for row, given in zip(rows, responses, strict=True)]
    write_records(path, dealt, ("patient", "response"))


def word_of(path: Path, jobs: int | None) -> str:
    """What the study says; everything but the models is found finished where it was done."""
    try:
        run = run_study(path, path.parent / "run", jobs=jobs)
    except UserError as error:
        return f"not made: {error.what}"
    results = run.folder / "analyses" / "main" / "model" / "results.json"
    return str(json.loads(results.read_text(encoding="utf-8"))["verdict"])


def main() -> None:
    """Count words by arm."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--cohorts", type=int, default=10)
    parser.add_argument("--shuffles", type=int, default=4)
    parser.add_argument("--jobs", type=int)
    given = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    for arm, word in words(given.out, given.cohorts, given.shuffles, given.jobs):
        counts.setdefault(arm, Counter())[word] += 1
        print(f"{arm}: {word}", flush=True)
    for arm, found in counts.items():
        share = binomtest(found["evidence"], found.total()).proportion_ci(method="exact")
        print(f"{arm}: {dict(found)}; evidence {found['evidence']} of {found.total()} "
              f"({100 * share.low:.0f} to {100 * share.high:.0f} %)")  # fmt: skip


if __name__ == "__main__":
    main()
