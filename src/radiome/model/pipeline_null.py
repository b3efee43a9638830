"""The null of the whole pipeline: everything is done again with outcomes dealt anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radiome.model.crossvalidation import cross_validate
from radiome.model.null.permutation import PermutationResult, permutation_test
from radiome.model.null.plan import PermutationPlan
from radiome.model.null.scheme import permutation_scheme
from radiome.model.outcomes import Outcome
from radiome.model.plan import Plan
from radiome.model.preparation import Design
from radiome.model.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class PipelineStatistic:
    """Concordance of the cross-validated pipeline for outcomes in a given order.

    Splits, tuning, selection, harmonisation and fits are all made anew for each order: what
    would be left outside would see the true outcome and make the test too good.
    """

    recipe: Recipe
    design: Design
    outcome: Outcome
    patients: NDArray[np.str_]
    plan: Plan

    def __call__(self, order: NDArray[np.intp], _: np.random.Generator) -> float:
        """Concordance (0 to 1) out of fold; the seed of the plan decides the folds."""
        validation = self.plan.validation
        found = cross_validate(
            self.recipe,
            self.design,
            self.outcome.taken(order),
            self.patients,
            folds=validation.folds,
            repeats=self.plan.null.repeats,
            inner_folds=validation.inner_folds,
            seed=self.plan.seed,
        )
        return found.judged().concordance()


def pipeline_null(
    statistic: PipelineStatistic,
    *,
    strata: NDArray[np.str_] | None = None,
    workers: int = 1,
    store: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PermutationResult:
    """Test the pipeline against outcomes permuted over patients.

    Parameters
    ----------
    statistic : PipelineStatistic
        The pipeline.
    strata : str array (n,), optional
        Site of each row; outcomes are exchanged within a site, so that what the sites
        differ by cannot pass for an association.
    workers : int
        Processes. The result does not depend on it.
    store : Path, optional
        File of finished permutations, for going on after an interruption.
    progress : callable, optional
        Called with permutations done and the most there can be.
    """
    null = statistic.plan.null
    scheme = permutation_scheme(len(statistic.patients), strata=strata, groups=statistic.patients)
    plan = PermutationPlan(
        permutations=null.permutations, stop_after=null.stop_after, seed=statistic.plan.seed
    )
    return permutation_test(
        statistic, scheme, plan, workers=workers, store=store, progress=progress
    )
