"""Features beside a scanner that tells the outcome: what is left among patients scanned alike."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from made_study import made_plan, made_table, made_tables
from radiome.model.acquisition_null import acquisition_strata, must_be_told_apart
from radiome.model.analysis_table import AnalysisTable
from radiome.model.concordance import Bounded
from radiome.model.out_of_fold import OutOfFold
from radiome.model.plan import Plan
from radiome.model.run import record_of, run_plan
from radiome.model.table_building import build_table

HIGH, CHANCE = Bounded(0.8, 0.7, 0.9), Bounded(0.5, 0.4, 0.6)
GAIN, NO_GAIN = Bounded(0.2, 0.1, 0.3), Bounded(0.0, -0.1, 0.1)


@dataclass
class Alone:
    """Out-of-fold predictions by the acquisition alone."""

    patients: NDArray[np.str_]
    scores: NDArray[np.float64]

    def mean_scores(self) -> NDArray[np.float64]:
        return self.scores


def strata(values: Any, patients: list[str], scores: Any = None, sites: Any = None) -> list[str]:
    names = np.unique(patients)
    alone = Alone(names, np.zeros(len(names)) if scores is None else np.asarray(scores))
    found = acquisition_strata(
        np.asarray(values, float), np.asarray(patients), cast(OutOfFold, alone), sites
    )
    return found.tolist()


def test_only_a_scanner_that_predicts_and_seems_to_be_beaten_is_looked_into() -> None:
    assert must_be_told_apart(HIGH, GAIN)
    assert not must_be_told_apart(CHANCE, GAIN)
    assert not must_be_told_apart(HIGH, NO_GAIN)
    assert not must_be_told_apart(None, None)


def test_patients_with_the_same_facts_are_a_stratum_and_all_their_lesions_in_it() -> None:
    patients = [f"p{n}" for n in range(12) for _ in range(2)]
    values = np.repeat([[0.0, np.nan], [1.0, 2.0]], 12, axis=0)
    found = strata(values, patients)
    assert len(set(found[:12])) == len(set(found[12:])) == 1
    assert found[0] != found[12]
    astray = values.copy()
    astray[1] = [1.0, 2.0]  # The second lesion of the first patient, on the other scanner.
    assert strata(astray, patients) == found


def test_too_many_combinations_become_fifths_of_the_predicted_outcome() -> None:
    patients = [f"p{n:03d}" for n in range(50)]
    scores = np.random.default_rng(0).permutation(50)
    found = strata(np.arange(50.0)[:, None], patients, scores)
    members = defaultdict(list)
    for label, score in zip(found, scores, strict=True):
        members[label].append(score)
    assert sorted(len(group) for group in members.values()) == [10] * 5
    spans = sorted((min(group), max(group)) for group in members.values())
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_of_several_classes_the_likeliest_is_the_stratum() -> None:
    patients = [f"p{n:03d}" for n in range(9)]
    scores = np.eye(3)[[0, 1, 2, 2, 1, 0, 0, 1, 2]]
    assert strata(np.arange(9.0)[:, None], patients, scores) == list("012210012")


def test_sites_are_kept_apart() -> None:
    patients = [f"p{n:02d}" for n in range(20)]
    sites = np.array(["a"] * 10 + ["b"] * 10)
    assert len(set(strata(np.tile([[0.0], [1.0]], (10, 1)), patients, sites=sites))) == 4


def plan_of() -> Plan:
    return made_plan(columns={"acquisition": ["scanner"], "exclude": ["morph_volume"]})


def gate_3(table: AnalysisTable, plan: Plan, folder: Path) -> dict[str, Any]:
    told = record_of(run_plan(table, plan, folder), provenance={})
    found: dict[str, Any] = told["outcomes"][0]["gates"][2]
    return found


def test_a_signal_beside_the_scanner_is_found_among_patients_scanned_alike(
    tmp_path: Path,
) -> None:
    """Outcome by scanner and, independently of it, by one feature."""
    plan = plan_of()
    frame, outcome = made_tables(n=160, scanner=True, seed=3)
    positive = outcome["y"].to_numpy() == "1"
    frame["f15"] += 2.5 * positive
    found = gate_3(build_table(frame, None, outcome, plan), plan, tmp_path)
    assert found["status"] == "PASS"
    assert found["figures"]["confounded"]
    assert found["figures"]["within_acquisition"]["p"] <= 0.05
    assert list(tmp_path.glob("steps/y-null_within_acquisition*"))


@pytest.mark.parametrize("seed", [1, 2])
def test_features_that_know_the_scanner_alone_do_not_pass(seed: int, tmp_path: Path) -> None:
    plan = plan_of()
    found = gate_3(made_table(plan, n=80, scanner=True, seed=seed), plan, tmp_path)
    assert (found["status"], found["figures"]["confounded"]) == ("FAIL", True)
