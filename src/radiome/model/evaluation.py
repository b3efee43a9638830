"""One outcome from first split to figures; every step is stored and found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.acquisition_null import acquisition_strata, must_be_told_apart
from radiome.model.analysis_table import AnalysisTable
from radiome.model.crossvalidation import OutOfFold, cross_validate, leave_sites_out
from radiome.model.deep.out_of_fold import CropRows
from radiome.model.deep.steps import NetworkResult, NetworkSteps
from radiome.model.explain.shapley import require_shap
from radiome.model.ladder import Ladder, random_features
from radiome.model.ledger import Fit
from radiome.model.null.permutation import PermutationResult
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.outcomes import Outcome
from radiome.model.pipeline_null import PipelineStatistic, pipeline_null
from radiome.model.plan import Plan
from radiome.model.preparation import Design
from radiome.model.recipe import Recipe, baseline_recipe, radiomics_recipe
from radiome.model.report_steps import Report, ReportSteps
from radiome.model.splits import Rows, panel_folds, patient_index
from radiome.model.step_store import StepStore, fingerprint, table_fingerprint
from radiome.tables.crops import Crops

#: Patients that the rarest class, or the events, must have for a model to be worth fitting.
MINIMUM_PATIENTS = 10

#: Told ``(step, done, total)``.
Progress = Callable[[str, int, int], None]


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
    work = _Work(table, outcome, plan, store, workers, progress or (lambda *_: None), name, dealt)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """The steps of one outcome, each looked up in the store first."""

    table: AnalysisTable
    outcome: Outcome
    plan: Plan
    store: StepStore
    workers: int
    progress: Progress
    name: str
    dealt: Rows | None = None

    def _key(self, recipe: Recipe, design: Design, *more: object) -> str:
        choices = [[stage.name, list(stage.choices)] for stage in recipe.stages]
        beside = [] if design.beside is None else [design.beside]
        prepared = [recipe.preparation.model_dump(), str(recipe.harmonise)]
        of_table = table_fingerprint(self.table, self.name)
        return fingerprint(
            of_table, design.features, *beside, choices, prepared, self.plan.seed, *more
        )

    def steps(self, step: str, recipe: Recipe, design: Design) -> OutOfFold:
        validation = self.plan.validation
        told = validation.model_dump(exclude={"bootstrap", "stratify_panel"})
        shared = [] if self.dealt is None else [self.dealt]
        key = self._key(recipe, design, told, *shared)
        make = lambda: cross_validate(  # noqa: E731
            recipe,
            design,
            self.outcome,
            self.table.patients,
            folds=validation.folds,
            repeats=validation.repeats,
            inner_folds=validation.inner_folds,
            seed=self.plan.seed,
            workers=self.workers,
            progress=lambda done, total: self.progress(step, done, total),
            dealt=self.dealt,
        )
        return self.store.once(f"{_file_name(self.name)}-{step}", key, self.outcome, make)

    def sites(self, recipe: Recipe, design: Design) -> OutOfFold | None:
        sites = self.table.sites
        if sites is None or len(np.unique(sites)) < 2:
            return None
        if recipe.harmonise is not None and recipe.harmonise.unseen == "error":
            return None
        inner = self.plan.validation.inner_folds
        key = self._key(recipe, design, inner, sites.tolist(), "with whom they judge")
        make = lambda: leave_sites_out(  # noqa: E731
            recipe,
            design,
            self.outcome,
            self.table.patients,
            sites,
            inner_folds=inner,
            seed=self.plan.seed,
            workers=self.workers,
        )
        return self.store.once(f"{_file_name(self.name)}-left_out_sites", key, self.outcome, make)

    def null(
        self,
        recipe: Recipe,
        design: Design,
        strata: NDArray[np.str_] | None = None,
        *,
        step: str = "null",
        told: str = "permutations",
    ) -> PermutationResult:
        statistic = PipelineStatistic(recipe, design, self.outcome, self.table.patients, self.plan)
        validation = self.plan.validation
        repeats = self.plan.null.repeats
        more = [] if strata is None else [strata.tolist()]
        key = self._key(recipe, design, validation.folds, validation.inner_folds, repeats, *more)
        return pipeline_null(
            statistic,
            strata=self.table.sites if strata is None else strata,
            workers=self.workers,
            store=self.store.path(f"{_file_name(self.name)}-{step}", key, ".jsonl"),
            progress=lambda done, total: self.progress(told, done, total),
        )

    def within_acquisition(
        self, recipe: Recipe, design: Design, ladder: Ladder
    ) -> PermutationResult | None:
        alone = ladder.steps.get("acquisition")
        if alone is None or not must_be_told_apart(
            ladder.concordances()["acquisition"], ladder.gains()["acquisition"]
        ):
            return None
        table = self.table
        strata = acquisition_strata(table.blocks["acquisition"], table.patients, alone, table.sites)
        if np.unique(strata[patient_index(table.patients)[0]], return_counts=True)[1].max() < 2:
            return None
        return self.null(
            recipe, design, strata, step="null_within_acquisition",
            told="permutations within scanners",
        )  # fmt: skip

    def networks(self, crops: Crops | None) -> dict[str, NetworkResult]:
        if crops is None:
            return {}
        images = crops.of(self.table.cases.tolist())
        rows = CropRows(images, self.outcome, self.table.patients)
        prefix = _file_name(self.name)
        steps = NetworkSteps(rows, self.plan, self.store, prefix, self.workers, self.progress)
        return steps.all()

    def report(self, recipe: Recipe, design: Design) -> Report:
        validation = self.plan.validation
        rows = RecipeRefit(
            recipe, design, self.outcome, self.table.patients, validation.inner_folds
        )
        name = _file_name(self.name)
        shared = [] if self.dealt is None else [self.dealt]
        told = validation.model_dump(exclude={"bootstrap", "stratify_panel"})
        return ReportSteps(
            rows,
            self.table.sites,
            self.plan,
            key=self._key(recipe, design, told, *shared),
            path=lambda step, key: self.store.path(f"{name}-{step}", key, ".json"),
            workers=self.workers,
            progress=self.progress,
            dealt=self.dealt,
        ).all()


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name)
