"""What a plan can ask for beyond its verdict; every long step is stored and found again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.conformal.figures import conformal_figures, plain_ranges
from radiome.model.conformal.folds_left_out import leave_two_out
from radiome.model.explain.groups import Group, feature_groups
from radiome.model.explain.importance import PERMUTATIONS
from radiome.model.explain.importance_figures import SHUFFLES, importance_figures
from radiome.model.explain.shap_figures import shap_figures
from radiome.model.ledger import Fit
from radiome.model.optimism.estimate_632 import estimate_632
from radiome.model.optimism.harrell import optimism
from radiome.model.optimism.refits import RecipeRefit
from radiome.model.optimism.resamples import Resampled, resample
from radiome.model.plan import Plan
from radiome.model.step_store import fingerprint
from radiome.tables.atomic import write_json

#: Told ``(step, done, total)``.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What the section ``report`` came to.

    Parameters
    ----------
    told : mapping
        Plain values of every step that the plan asks for, by its name in the results. A step
        that these data do not allow is ``{"reason": ...}``.
    fits : mapping of str to tuple of Fit
        What the steps fitted to judge patients left out. Those of the bootstrap are not among
        them: it compares every model with the patients that it has seen.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    fits: Mapping[str, tuple[Fit, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class ReportSteps:
    """The long steps of the plan's section ``report`` for one outcome.

    Parameters
    ----------
    rows : RecipeRefit
        The recipe of the features with its rows.
    sites : str array (n,) or None
        Within which outcomes are permuted.
    plan : Plan
        What is asked for.
    key : str
        Hash of everything but the section ``report`` that the steps are made from.
    path : callable
        ``path(step, key)`` is where a step is stored.
    workers : int
        Processes. The result does not depend on it.
    progress : callable
        Called with the name of the step, what is done of it, and all of it.
    dealt : int64 array (repeats, n), optional
        Fold of every row, where the outcome alone does not decide.
    """

    rows: RecipeRefit
    sites: NDArray[np.str_] | None
    plan: Plan
    key: str
    path: Callable[[str, str], Path]
    workers: int
    progress: Progress
    dealt: NDArray[np.int64] | None = None

    def all(self) -> Report:
        """Every step that the plan asks for."""
        asked = self.plan.report
        found = {}
        if asked.importance:
            more = [PERMUTATIONS, SHUFFLES, None if self.sites is None else self.sites.tolist()]
            found["importance"] = self._once("importance", self._importance, *more)
        if asked.shap:
            found["shap"] = self._once("shap", self._shap)
        if asked.conformal is not None:
            found["conformal"] = self._once("conformal", self._conformal, asked.conformal)
        if asked.bootstrap_632:
            found["bootstrap_632"] = self._once("bootstrap_632", self._632, asked.bootstrap_632)
        return Report(
            {step: stored["told"] for step, stored in found.items()},
            {
                step: tuple(Fit.from_dict(fit) for fit in stored["fits"])
                for step, stored in found.items()
                if stored["fits"]
            },
        )

    def _once(
        self, step: str, make: Callable[[], tuple[Any, Iterable[Fit]]], *more: Any
    ) -> dict[str, Any]:
        path = self.path(step, fingerprint(self.key, step, "with its fits", *more))
        if not path.is_file():
            try:
                told, fits = make()
            except UserError as error:
                # The outcome is modelled all the same; what more was asked for says why not.
                return {"told": {"reason": " ".join(error.message.split())}, "fits": []}
            write_json(path, {"told": told, "fits": [fit.as_dict() for fit in fits]})
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return stored

    def _groups(self) -> tuple[Group, ...]:
        return feature_groups(self.rows.recipe, self.rows.design)

    def _folds(self, step: str) -> dict[str, Any]:
        validation = self.plan.validation
        return {
            "folds": validation.folds,
            "repeats": validation.repeats,
            "seed": self.plan.seed,
            "workers": self.workers,
            "progress": partial(self.progress, step),
            "dealt": self.dealt,
        }

    def _importance(self) -> tuple[dict[str, Any], Iterable[Fit]]:
        told = self._folds("importance")
        return importance_figures(self.rows, self._groups(), strata=self.sites, **told)

    def _shap(self) -> tuple[dict[str, Any], Iterable[Fit]]:
        return shap_figures(self.rows, self._groups(), **self._folds("shap"))

    def _conformal(self) -> tuple[dict[str, Any], Iterable[Fit]]:
        level = self.plan.report.conformal
        if level is None or self.rows.outcome.kind == "survival":
            raise UserError("censored times have no value that an interval could cover")
        told = self._folds("conformal")
        del told["repeats"]
        found = leave_two_out(self.rows, **told)
        figures, ranges = conformal_figures(found, level)
        return {"figures": figures, "patients": plain_ranges(ranges)}, found.fits

    def _632(self) -> tuple[dict[str, Any], Iterable[Fit]]:
        samples = self.plan.report.bootstrap_632
        found = resample(
            self.rows,
            samples=samples,
            seed=self.plan.seed,
            workers=self.workers,
            progress=partial(self.progress, "bootstrap_632"),
        )
        return _bootstrap_figures(found), ()


def _bootstrap_figures(found: Resampled) -> dict[str, Any]:
    """.632+ of the concordance and, for classes, the error rate; optimism after Harrell."""
    figures: dict[str, Any] = {"concordance": estimate_632(found, "concordance").as_dict()}
    if found.outcome.classes:
        figures["error"] = estimate_632(found, "error").as_dict()
    corrected = {
        "concordance": optimism(found, "concordance"),
        "calibration_slope": optimism(found, "calibration_slope"),
    }
    figures["optimism"] = {
        name: {"reason": each.reason} if isinstance(each, NotApplicable) else each.as_dict()
        for name, each in corrected.items()
    }
    return figures
