"""What a plan makes of an outcome: the chain of steps, and the options to tune over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from radiome.model.learners import catalogue as learners
from radiome.model.ledger import require_unfitted
from radiome.model.outcomes import Kind
from radiome.model.plan import DEFAULT_LEARNERS, Harmonisation, Plan, Preparation
from radiome.select.catalogue import selector as new_selector

Maker = Callable[[dict[str, Any], int], Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step with its alternatives.

    Parameters
    ----------
    name : str
        Name in its catalogue.
    choices : tuple of dict
        Options to choose from, the simplest first.
    make : callable
        ``make(options, seed)`` gives the step, unfitted.
    """

    name: str
    choices: tuple[dict[str, Any], ...]
    make: Maker

    def new(self, choice: int, seed: int) -> Any:
        """The step with one of its options, checked to be unfitted."""
        step = self.make(self.choices[choice], seed)
        require_unfitted(step, name=self.name)
        return step


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps from features to scores, each refitted wherever the recipe is.

    Parameters
    ----------
    kind : str
        Kind of the outcome.
    selectors : tuple of Stage
        One after the other.
    learner : Stage
        The last step.
    preparation : Preparation
        Missing values and scale.
    harmonise : Harmonisation, optional
        ComBat.
    """

    kind: Kind
    selectors: tuple[Stage, ...]
    learner: Stage
    preparation: Preparation
    harmonise: Harmonisation | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Selectors, then the learner."""
        return (*self.selectors, self.learner)

    @property
    def configurations(self) -> int:
        """How many combinations of options are tried."""
        product = 1
        for stage in self.stages:
            product *= len(stage.choices)
        return product

    def named(self, choice: tuple[int, ...]) -> dict[str, dict[str, Any]]:
        """Options of a combination, by step."""
        return {
            f"{number}. {stage.name}": stage.choices[index]
            for number, (stage, index) in enumerate(zip(self.stages, choice, strict=True), start=1)
        }


def radiomics_recipe(plan: Plan, kind: Kind) -> Recipe:
    """The recipe of the plan."""
    learner = plan.learner_of(kind)
    return Recipe(
        kind,
        tuple(_selector(step.name, step.options, kind) for step in plan.select),
        _learner(learner.name, learner.options, kind),
        plan.preparation,
        plan.harmonise,
    )


def baseline_recipe(plan: Plan, kind: Kind) -> Recipe:
    """The recipe of baselines of few columns: the same kind of learner, nothing selected."""
    preparation = Preparation(missing="median", scale="standard")
    return Recipe(kind, (), _learner(DEFAULT_LEARNERS[kind], {}, kind), preparation)


def _selector(name: str, options: Mapping[str, Any], kind: Kind) -> Stage:
    choices = tuple(_combinations(options))
    for choice in choices:
        new_selector(name, choice, outcome=kind, seed=0)  # refuses what is not valid
    return Stage(
        name,
        choices,
        lambda chosen, seed: new_selector(name, chosen, outcome=kind, seed=seed),
    )


def _learner(name: str, options: Mapping[str, Any], kind: Kind) -> Stage:
    choices = tuple(learners.grid(name, kind, options))
    return Stage(name, choices, lambda chosen, seed: learners.make(name, kind, chosen, seed))


def _combinations(options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every combination of options that are lists, the first ones of each list first."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in options.items()}
    for values in product(*lists.values()):
        yield dict(zip(lists, values, strict=True))
