"""The models that calibrate: they saw neither fold, and figures of all kinds of outcome."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from made_study import QUICK, made_plan, made_table
from radiome.base.errors import SettingsError, UserError
from radiome.model.conformal.figures import conformal_figures, plain_ranges
from radiome.model.conformal.folds_left_out import leave_two_out
from radiome.model.evaluation import design_of
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.plan import make_plan
from radiome.model.recipe import radiomics_recipe
from radiome.model.table_building import build_table


def rows_of(table, plan, kind="binary"):
    outcome = table.outcomes["y"]
    return RecipeRefit(radiomics_recipe(plan, kind), design_of(table), outcome, table.patients, 2)


def made_numbers(kind, n=80):
    """Features and an outcome of numbers that follows two of them."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(n, 8))
    driver = values[:, 0] - values[:, 1] + 0.5 * rng.normal(size=n)
    told = {"continuous": driver, "count": rng.poisson(np.exp(0.5 * driver))}
    frame = pd.DataFrame(values, columns=[f"f{k}" for k in range(8)])
    frame.insert(0, "patient", [f"p{k}" for k in range(n)])
    outcome = pd.DataFrame({"patient": frame["patient"], "y": told[kind].astype(str)})
    quick = {key: value for key, value in QUICK.items() if key != "learner"}
    plan = make_plan({"outcomes": {"name": "y", "kind": kind}, **quick})
    return rows_of(build_table(frame, None, outcome, plan), plan, kind)


def test_every_prediction_is_of_a_model_without_both_folds():
    plan = made_plan()
    rows = rows_of(made_table(plan, signal=2.0), plan)
    seen = []

    class Watched(RecipeRefit):
        __slots__ = ()

        def fit(self, chosen, seed):
            seen.append((frozenset(self.patients[chosen].tolist()), super().fit(chosen, seed)))
            return seen[-1][1]

    parts = rows.recipe, rows.design, rows.outcome, rows.patients, rows.inner_folds
    found = leave_two_out(Watched(*parts), folds=4, seed=1)
    assert len(seen) == 6
    for patient, (name, fold) in enumerate(zip(found.patients, found.folds, strict=True)):
        for other in set(range(4)) - {int(fold)}:
            without = set(found.patients[np.isin(found.folds, [fold, other])].tolist())
            (model,) = [m for trained, m in seen if trained == set(found.patients) - without]
            row = rows.design.taken(np.flatnonzero(rows.patients == name))
            assert found.scores[other, patient] == pytest.approx(model.model.scores(row)[0])
        assert np.isnan(found.scores[fold, patient])


def test_changing_the_outcome_of_a_fold_changes_none_of_its_calibration():
    plan = made_plan()
    rows = rows_of(made_table(plan, signal=2.0), plan)
    found = leave_two_out(rows, folds=4, seed=1)
    other = rows.outcome.values.copy()
    held = found.folds == 0
    # Swapped within the fold, so that the folds stay as they are dealt.
    ones, zeros = (np.flatnonzero(held & (other == code))[:2] for code in (1, 0))
    design = rows.design.features.copy()
    design[np.r_[ones, zeros]] = design[np.r_[zeros, ones]]
    swapped = leave_two_out(
        replace(rows, design=replace(rows.design, features=design)), folds=4, seed=1
    )
    assert np.array_equal(found.scores[0, ~held], swapped.scores[0, ~held])
    assert not np.array_equal(found.scores[1, ~held], swapped.scores[1, ~held], equal_nan=True)


def test_figures_of_two_classes():
    plan = made_plan()
    found = leave_two_out(rows_of(made_table(plan, signal=4.0), plan), folds=4, seed=1)
    figures, ranges = conformal_figures(found, 0.8)
    assert figures["coverage"]["value"] > 0.7
    assert sum(figures["labels_in_set"].values()) == 80 == figures["coverage"]["n"]
    alone = figures["labels_in_set"]["1"]
    assert figures["abstention"]["value"] == pytest.approx(1 - alone / 80)
    hit = [told["observed"] in told["labels"] for told in plain_ranges(ranges)]
    assert np.mean(hit) == pytest.approx(figures["coverage"]["value"])
    assert set(figures["least_coverage"]) == set(figures["coverage_by_class"]) == {"0", "1"}


@pytest.mark.parametrize("kind", ["continuous", "count"])
def test_intervals_hold_what_they_say(kind):
    found = leave_two_out(made_numbers(kind), folds=4, seed=1)
    figures, ranges = conformal_figures(found, 0.9)
    assert 0.8 < figures["coverage"]["value"] <= 1
    inside = [told["lower"] <= told["observed"] <= told["upper"] for told in plain_ranges(ranges)]
    assert np.mean(inside) == figures["coverage"]["value"]
    if kind == "count":
        assert min(told.lower for told in ranges) == 0
    else:
        assert figures["width"]["mean"] < 0.7 * figures["width_without_features"]["mean"]


def test_a_level_that_the_patients_do_not_reach_is_said():
    found = leave_two_out(made_numbers("continuous", n=24), folds=3, seed=1)
    figures, ranges = conformal_figures(found, 0.97)
    assert "too few patients" in figures["width"]["reason"]
    assert {told.upper for told in ranges} == {None}


def test_censored_times_and_two_folds_are_refused():
    plan = made_plan()
    rows = rows_of(made_table(plan), plan)
    with pytest.raises(UserError, match="two folds at a time"):
        leave_two_out(rows, folds=2, seed=1)
    with pytest.raises(SettingsError, match=r"validation\.folds of 3 or more"):
        made_plan(report={"conformal": 0.9}, validation={"folds": 2})
    found = leave_two_out(rows, folds=3, seed=1)
    options = found.outcome.options.model_copy(update={"kind": "survival"})
    with pytest.raises(UserError, match="censored"):
        conformal_figures(replace(found, outcome=replace(found.outcome, options=options)), 0.9)
