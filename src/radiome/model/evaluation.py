"""One outcome from first split to figures; every step is stored and found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.model.explain.shapley import require_shap
from radiome.model.ladder import Ladder, random_features
from radiome.model.ledger import Fit
from radiome.model.null.permutation import PermutationResult
from radiome.model.out_of_fold import OutOfFold
from radiome.model.outcome_steps import OutcomeSteps, Progress
from radiome.model.outcomes import Outcome
from radiome.model.plan import Plan
from radiome.model.preparation import Design
from radiome.model.recipe import Recipe, baseline_recipe, radiomics_recipe
from radiome.model.splits import Rows, panel_folds, patient_index
from radiome.model.step_store import StepStore
from radiome.tables.crops import Crops

#: Patients that the rarest class, or the events, must have for a model to be worth fitting.
MINIMUM_PATIENTS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What was computed for one outcome.

    Parameters
    ----------
    table : AnalysisTable
        Rows whose outcome is known.
    outcome : Outcome
        Of those rows.
    ladder : Ladder
        Features and baselines out of fold.
    null : PermutationResult
        Permutation null of the whole pipeline.
    left_out : OutOfFold or None
        Each site predicted by the others.
    recipe : Recipe
        What was fitted.
    report : mapping
        What the plan's section ``report`` asks for, as plain values.
    networks : mapping
        What is told of each network on images, by its name on the ladder.
    report_fits : mapping of str to tuple of Fit
        What the section ``report`` fitted to judge patients left out.
    within_acquisition : PermutationResult or None
        The same null among patients scanned alike, where the acquisition alone predicts and
        the features seem to beat it; None where this is not so, or nobody was scanned alike.
    """

    table: AnalysisTable
    outcome: Outcome
    ladder: Ladder
    null: PermutationResult
    left_out: OutOfFold | None
    recipe: Recipe
    report: Mapping[str, Any] = field(default_factory=dict)
    networks: Mapping[str, Any] = field(default_factory=dict)
    report_fits: Mapping[str, tuple[Fit, ...]] = field(default_factory=dict)
    within_acquisition: PermutationResult | None = None

    def fits(self) -> dict[str, tuple[Fit, ...]]:
        """The ledger: all fits that judge patients, by what they are for."""
        found = {name: step.fits for name, step in self.ladder.steps.items()}
        if self.left_out is not None:
            found["left_out_sites"] = self.left_out.fits
        return {**found, **self.report_fits}


def require_enough(outcome: Outcome, patients: np.ndarray[tuple[int], np.dtype[np.str_]]) -> None:
    """Refuse outcomes that too few patients have.

    Raises
    ------
    UserError
        With the number there is and the number there should be.
    """
    first, _ = patient_index(patients)
    each = outcome.taken(first)
    what, least = "patients", len(each)
    if each.kind == "survival":
        what, least = "patients with the event", int(each.values["event"].sum())
    elif each.classes:
        counts = np.bincount(each.values, minlength=len(each.classes))
        what = f"patients with '{each.classes[int(counts.argmin())]}'"
        least = int(counts.min())
    needed = MINIMUM_PATIENTS if what != "patients" else 2 * MINIMUM_PATIENTS
    if least < needed:
        raise UserError(
            f"too few {what} to model outcome '{each.options.name}'",
            expected=f"at least {needed}",
            got=str(least),
            do="describe them only, or merge classes",
        )


def evaluate(
    whole: AnalysisTable,
    name: str,
    plan: Plan,
    store: StepStore,
    *,
    controls: Mapping[str, AnalysisTable] | None = None,
    crops: Crops | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Evaluation:
    """Cross-validate the features and every baseline, and test against permuted outcomes.

    Parameters
    ----------
    whole : AnalysisTable
        All rows.
    name : str
        The outcome.
    plan : Plan
        How.
    store : StepStore
        Where finished steps are kept.
    controls : mapping of str to AnalysisTable, optional
        The same rows measured on control images, such as ``shuffled_roi``.
    crops : Crops, optional
        Cubes of image for the networks of the plan's section ``deep``.
    workers : int
        Processes. The result does not depend on it.
    progress : callable, optional
        Called with the name of the step, what is done of it, and all of it.

    Raises
    ------
    UserError
        If too few patients have the outcome.
    """
    table = whole.known(name)
    outcome = table.outcomes[name]
    require_enough(outcome, table.patients)
    if plan.report.shap:
        require_shap()
    dealt = _shared_folds(whole, name, plan) if plan.validation.stratify_panel else None
    tell = progress or (lambda *_: None)
    work = OutcomeSteps(table, outcome, plan, store, workers, tell, name, dealt)
    recipe = radiomics_recipe(plan, outcome.kind)
    design = design_of(table)
    steps = {"features": work.steps("features", recipe, design)}
    baseline = baseline_recipe(plan, outcome.kind)
    for block, values in table.blocks.items():
        alone = Design(values, table.block_names[block])
        steps[block] = work.steps(block, baseline, alone)
    if "clinical" in table.blocks:
        both = replace(design, beside=table.blocks["clinical"])
        steps["clinical_and_features"] = work.steps("clinical_and_features", recipe, both)
    steps["random_features"] = work.steps(
        "random_features", replace(recipe, harmonise=None), random_features(design, plan.seed)
    )
    for control, other in (controls or {}).items():
        steps[f"control {control}"] = work.steps(
            f"control_{control}", recipe, design_of(other.known(name))
        )
    networks = work.networks(crops)
    steps |= {network: result.average for network, result in networks.items()}
    ladder = Ladder.build(steps, samples=plan.validation.bootstrap, seed=plan.seed)
    left_out = work.sites(recipe, design)
    null = work.null(recipe, design)
    within = work.within_acquisition(recipe, design, ladder)
    report = work.report(recipe, design)
    told = {network: result.told for network, result in networks.items()}
    return Evaluation(
        table, outcome, ladder, null, left_out, recipe, report.told, told, report.fits, within
    )


def _shared_folds(whole: AnalysisTable, name: str, plan: Plan) -> Rows:
    """Folds (repeats, n) of the rows whose outcome is known, balanced for all outcomes."""
    labels = [np.where(each.known, each.strata(), -1) for each in whole.outcomes.values()]
    validation = plan.validation
    folds = panel_folds(
        np.stack(labels, axis=1), whole.patients, validation.folds, validation.repeats, plan.seed
    )
    return folds[:, whole.outcomes[name].known]


def design_of(table: AnalysisTable) -> Design:
    """What models see of the rows of a table."""
    return Design(table.features, table.names, table.batch, table.covariates)
