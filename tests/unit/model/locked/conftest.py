"""Made-up studies, evaluated just far enough to be locked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from radiome.model.crossvalidation import cross_validate
from radiome.model.evaluation import Evaluation, design_of
from radiome.model.figures import performance_of
from radiome.model.ladder import Ladder
from radiome.model.locked.locking import lock, refit
from radiome.model.plan import make_plan
from radiome.model.recipe import radiomics_recipe
from radiome.model.table_building import build_table
from radiome.model.verdict import Verdict

KINDS = ("binary", "multiclass", "ordinal", "continuous", "count", "survival")


@dataclass
class Study:
    """Tables, and what was locked from them."""

    frame: pd.DataFrame
    outcomes: pd.DataFrame
    evaluation: Any
    plan: Any
    model: Any

    def expected(self):
        """Scores of the training rows by the model as fitted, never in a file."""
        return refit(self.evaluation, self.plan).scores(design_of(self.evaluation.table))


def made_frames(kind="binary", n=90, seed=0):
    """Eight features that say something of the outcome, from two scanners, and the outcome."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 8))
    age = rng.normal(60, 9, n)
    scanner = np.where(np.arange(n) % 3 == 0, "one", "two")
    driver = 1.5 * values[:, 0] - values[:, 1] + 0.5 * rng.normal(size=n)
    values[scanner == "one"] += 1.5
    values += 0.02 * (age - 60)[:, None]
    frame = pd.DataFrame(values, columns=[f"f{k}" for k in range(8)])
    frame.insert(0, "patient", [f"patient{seed}-{k}" for k in range(n)])
    frame = frame.assign(scanner=scanner, age=age, thickness=np.tile([1.0, 2.0, 3.0], n)[:n])
    outcomes = pd.DataFrame({"patient": frame["patient"]})
    if kind == "survival":
        times = np.round(np.exp(-driver) * 10 + 0.1, 3)
        return frame, outcomes.assign(t=times.astype(str), e=np.where(np.arange(n) % 4, "1", "0"))
    told = {
        "binary": np.where(driver > 0, "yes", "no"),
        "multiclass": np.array(["a", "b", "c"])[np.digitize(driver, [-0.8, 0.8])],
        "ordinal": np.array(["low", "mid", "high"])[np.digitize(driver, [-0.8, 0.8])],
        "continuous": driver.round(6).astype(str),
        "count": rng.poisson(np.exp(0.5 * np.clip(driver, -3, 3))).astype(str),
    }
    return frame, outcomes.assign(y=told[kind])


def declared(kind):
    options = {"name": "y", "kind": kind, "reference_standard": "sequence"}
    if kind == "survival":
        options |= {"time": "t", "event": "e"}
    if kind == "ordinal":
        options["order"] = ["low", "mid", "high"]
    if kind == "binary":
        options["positive"] = "yes"
    return options


def evaluated(frame, outcomes, plan, *, workers=1):
    """The features out of fold, without baselines and permutations."""
    table = build_table(frame, None, outcomes, plan).known("y")
    recipe = radiomics_recipe(plan, table.outcomes["y"].kind)
    validation = plan.validation
    found = cross_validate(
        recipe,
        design_of(table),
        table.outcomes["y"],
        table.patients,
        folds=validation.folds,
        repeats=validation.repeats,
        inner_folds=validation.inner_folds,
        seed=plan.seed,
        workers=workers,
    )
    ladder = Ladder.build({"features": found}, samples=100, seed=1)
    return Evaluation(table, table.outcomes["y"], ladder, None, None, recipe)


def locked(evaluation, plan, **more):
    figures = {
        "performance": performance_of(evaluation.ladder.steps["features"], seed=1),
        "concordance": {"features": evaluation.ladder.concordances()["features"].as_dict()},
        "left_out_sites": None,
    }
    verdict = Verdict("weak", "Weak evidence.", (), ())
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return lock(
        evaluation, plan, **{"figures": figures, "verdict": verdict, "created": created} | more
    )


@pytest.fixture(scope="session")
def made():
    """``made(kind, workers=1, frames=None, source=None, **plan)`` gives a `Study`."""

    def make(kind="binary", *, workers=1, frames=None, source=None, **changes):
        frame, outcomes = frames or made_frames(kind)
        harmonise = changes.get("harmonise") or {}
        aside = ["age", "scanner", "thickness"]
        beside = {harmonise.get("batch"), *harmonise.get("covariates", ())}
        columns = {"acquisition": [n for n in aside if n not in beside and n in frame]}
        plan = make_plan(
            {
                "outcomes": declared(kind),
                "columns": columns,
                "validation": {"folds": 3, "repeats": 2, "inner_folds": 2},
                "select": {"name": "univariate", "options": {"top": 3}},
                **changes,
            }
        )
        evaluation = evaluated(frame, outcomes, plan, workers=workers)
        return Study(frame, outcomes, evaluation, plan, locked(evaluation, plan, source=source))

    return make


@pytest.fixture(scope="session")
def binary(made):
    return made("binary")


@pytest.fixture(scope="session")
def others():
    """``others(kind)`` gives tables of 80 new patients."""
    return lambda kind="binary", n=80, seed=5: made_frames(kind, n=n, seed=seed)
