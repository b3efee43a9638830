"""The steps of one outcome, each looked up in the store before it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.model.acquisition_null import acquisition_strata, must_be_told_apart
from radiome.model.analysis_table import AnalysisTable
from radiome.model.crossvalidation import cross_validate, leave_sites_out
from radiome.model.deep.out_of_fold import CropRows
from radiome.model.deep.steps import NetworkResult, NetworkSteps
from radiome.model.ladder import Ladder
from radiome.model.null.permutation import PermutationResult
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.out_of_fold import OutOfFold
from radiome.model.outcomes import Outcome
from radiome.model.pipeline_null import PipelineStatistic, pipeline_null
from radiome.model.plan import Plan
from radiome.model.preparation import Design
from radiome.model.recipe import Recipe
from radiome.model.report_steps import Report, ReportSteps
from radiome.model.splits import Rows, patient_index
from radiome.model.step_store import StepStore, fingerprint, table_fingerprint
from radiome.tables.crops import Crops

#: Told ``(step, done, total)``.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeSteps:
    """The steps of one outcome, each looked up in the store first.

    Parameters
    ----------
    table : AnalysisTable
        Rows whose outcome is known.
    outcome : Outcome
        Of those rows.
    plan : Plan
        How.
    store : StepStore
        Where finished steps are kept.
    workers : int
        Processes. No result depends on it.
    progress : callable
        Called with the name of the step, what is done of it, and all of it.
    name : str
        The outcome, for the files of the store.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.
    """

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
        """A model of the ladder out of fold."""
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
        """Each site predicted by the others; None for one site, or where batches forbid it."""
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
        """The whole pipeline on permuted outcomes, within strata, by default within sites."""
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
        """The same among patients scanned alike, where the acquisition could be the reason."""
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
        """Networks on crops by their name on the ladder; none without crops."""
        if crops is None:
            return {}
        images = crops.of(self.table.cases.tolist())
        rows = CropRows(images, self.outcome, self.table.patients)
        prefix = _file_name(self.name)
        steps = NetworkSteps(rows, self.plan, self.store, prefix, self.workers, self.progress)
        return steps.all()

    def report(self, recipe: Recipe, design: Design) -> Report:
        """What the plan's section ``report`` asks for."""
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
