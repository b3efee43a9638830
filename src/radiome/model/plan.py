"""The plan of a study: what is learned from what, and how it is proved. Strict, one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from radiome.base.errors import SettingsError
from radiome.base.options import Options, parse_options
from radiome.base.yaml_text import load_yaml
from radiome.model.deep.options import DeepOptions
from radiome.model.outcomes import OutcomeOptions
from radiome.model.report_options import Report


class Columns(Options):
    """What the columns of the feature table and the outcome table are."""

    patient: str | None = Field(
        default=None,
        description="Patient, in both tables; by default 'patient', else 'case'.",
    )
    outcome_patient: str | None = Field(
        default=None, description="Patient in the outcome table, if it is called otherwise there."
    )
    site: str | None = Field(default=None, description="Centre; splits and controls know it.")
    volume: str | None = Field(
        default=None,
        description="Volume of the lesion; by default the volume feature, where there is one.",
    )
    clinical: tuple[str, ...] = Field(default=(), description="Clinical baseline.")
    acquisition: tuple[str, ...] = Field(
        default=(), description="Facts of scanner and protocol that must not predict the outcome."
    )
    include: tuple[str, ...] = Field(
        default=("*",), description="Patterns of the feature columns to learn from."
    )
    exclude: tuple[str, ...] = Field(default=(), description="Patterns to leave out of those.")
    least_repeatability: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Where lesions were measured again: features whose intraclass correlation "
        "has a lower limit below this, or none, are not learned from. Null learns from all.",
    )


class Preparation(Options):
    """Steps before selection, refitted in each fold."""

    missing: Literal["median", "refuse"] = Field(
        default="median", description="What a missing value becomes."
    )
    scale: Literal["standard", "robust", "power", "none"] = Field(
        default="standard", description="Scaling of the features; power is Yeo-Johnson."
    )


class Harmonisation(Options):
    """ComBat over a batch variable, fitted on the training patients of each fold."""

    batch: str = Field(description="Column that names the scanner, protocol or site.")
    covariates: tuple[str, ...] = Field(
        default=(), description="Columns whose effect is kept; the outcome cannot be one."
    )
    mean_only: bool = Field(default=False, description="Leave the variances alone.")
    parametric: bool = Field(default=True, description="Parametric priors.")
    unseen: Literal["error", "identity"] = Field(
        default="error", description="A batch that no training patient has: refused, or left alone."
    )


class Step(Options):
    """A selector or learner by name, with its options."""

    name: str = Field(description="Name in the catalogue.")
    options: dict[str, Any] = Field(
        default_factory=dict, description="Values, or lists of values to tune over."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Validation(Options):
    """Nested cross-validation."""

    folds: int = Field(default=5, ge=2, le=50, description="Outer folds.")
    repeats: int = Field(default=5, ge=1, le=200, description="Outer repeats.")
    inner_folds: int = Field(default=3, ge=2, le=20, description="Inner folds, to tune.")
    bootstrap: int = Field(default=2000, ge=200, description="Samples for the intervals.")
    stratify_panel: bool = Field(
        default=False, description="Share outer folds between outcomes, balanced for all of them."
    )


class Null(Options):
    """The permutation null of the whole pipeline."""

    permutations: int = Field(default=999, ge=19, description="At most so many.")
    stop_after: int = Field(
        default=10,
        ge=1,
        description="Stop when so many permutations have done as well as the data.",
    )
    repeats: int = Field(
        default=1, ge=1, description="Repeats of the cross-validation that the test is made with."
    )
    level: float = Field(default=0.05, gt=0, lt=0.5, description="Level of the test.")


class Plan(Options):
    """A whole study on a feature table."""

    advice = "'radiome study new FOLDER' writes every option of a plan with its meaning"

    outcomes: tuple[OutcomeOptions, ...] = Field(min_length=1, description="What is predicted.")
    columns: Columns = Field(default_factory=Columns, description="What the columns are.")
    preparation: Preparation = Field(default_factory=Preparation, description="Missing, scale.")
    harmonise: Harmonisation | None = Field(default=None, description="ComBat, or null.")
    select: tuple[Step, ...] = Field(
        default=(Step(name="univariate", options={"top": [5, 10, 20]}),),
        description="Selectors, one after the other.",
    )
    learner: Step | None = Field(
        default=None, description="Learner; by default the penalised linear one of the outcome."
    )
    validation: Validation = Field(default_factory=Validation, description="Cross-validation.")
    null: Null = Field(default_factory=Null, description="Permutation null.")
    report: Report = Field(default_factory=Report, description="What else is told.")
    deep: DeepOptions | None = Field(default=None, description="Networks on images, or null.")
    seed: int = Field(default=1, ge=0, description="All randomness comes from it.")

    @field_validator("outcomes", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, Mapping) else value

    @field_validator("select", mode="before")
    @classmethod
    def _steps(cls, value: Any) -> Any:
        return [value] if isinstance(value, str | Mapping) else value

    @model_validator(mode="after")
    def _names_differ(self) -> Plan:
        names = [outcome.name for outcome in self.outcomes]
        if len(set(names)) < len(names):
            raise ValueError("two outcomes have the same name")
        return self

    @model_validator(mode="after")
    def _folds_for_conformal(self) -> Plan:
        if self.report.conformal is not None and self.validation.folds < 3:
            raise ValueError("report.conformal needs validation.folds of 3 or more")
        return self

    @model_validator(mode="after")
    def _repeats_for_networks(self) -> Plan:
        if self.deep is not None and (self.deep.repeats or 1) > self.validation.repeats:
            raise ValueError("deep.repeats is more than validation.repeats")
        if self.deep is not None and self.validation.stratify_panel:
            raise ValueError("deep takes the folds of one outcome: leave out stratify_panel")
        return self

    def learner_of(self, kind: str) -> Step:
        """The learner of the plan, or the penalised linear model that suits the outcome."""
        return self.learner or Step(name=DEFAULT_LEARNERS[kind])


#: Penalised linear models: the learners that ask least of few patients.
DEFAULT_LEARNERS = {
    "binary": "logistic",
    "multiclass": "logistic",
    "ordinal": "ordinal",
    "continuous": "linear",
    "count": "poisson",
    "survival": "cox",
}


def read_plan(path: str | Path) -> Plan:
    """Read a plan from YAML or JSON.

    Raises
    ------
    SettingsError
        If the file cannot be read, or an option is unknown or not valid.
    """
    path = Path(path)
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(
            "the plan cannot be read", where=str(path), expected="a YAML file", got=str(error)
        ) from None
    if not isinstance(values, Mapping):
        raise SettingsError(
            "the plan is empty",
            where=str(path),
            expected="at least 'outcomes: [{name: ..., kind: ...}]'",
        )
    return make_plan(values, where=str(path))


def make_plan(values: Mapping[str, Any], *, where: str = "plan") -> Plan:
    """Build a plan from plain values; unknown keys are errors that name the nearest one."""
    return parse_options(Plan, values, where=where)
