"""The tables of a cohort run do not depend on how many workers made them."""

from __future__ import annotations

from pathlib import Path

from radiome.cohort.engine import run_cohort
from unit.cohort.fake_cases import FUNCTION, write_cohort


def test_tables_are_identical_for_any_number_of_workers(tmp_path: Path) -> None:
    orders = {f"case{n}": f"value {n * 1.1}" for n in range(9)}
    orders |= {"bad": "fail", "dead": "kill", "slow": "wait 0.2"}
    cohort = write_cohort(tmp_path / "in", orders, extra="x")
    made = []
    for jobs in (1, 2, 3):
        out = tmp_path / f"out{jobs}"
        run_cohort(cohort, out, jobs=jobs, csv=True, crash_retries=0, case_function=FUNCTION)
        names = ("features.parquet", "features.csv", "catalogue.csv", "nulls.csv")
        made.append([(out / name).read_bytes() for name in names])
    assert made[0] == made[1] == made[2]
