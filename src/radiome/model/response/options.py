"""What a table of changes is made of, and what is made of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from radiome.base.options import Options
from radiome.model.outcomes import OutcomeOptions

ChangeKind = Literal["absolute", "relative", "rate", "log_ratio"]

#: What the columns of each kind of change are called: the prefix and the feature.
PREFIXES: dict[ChangeKind, str] = {
    "absolute": "delta_",
    "relative": "relative_",
    "rate": "rate_",
    "log_ratio": "log_ratio_",
}


class DeltaOptions(Options):
    """Columns of the feature table, and which scans are compared how."""

    patient: str = Field(default="patient", description="Column of the patient.")
    time: str = Field(description="Column of the time point: numbers, or dates as in ISO 8601.")
    lesion: str | None = Field(
        default=None, description="Column of the lesion, where a patient has several."
    )
    baseline: str = Field(
        default="first",
        description="Time point that others are compared with: 'first' of each patient, or one.",
    )
    follow_up: str = Field(
        default="all", description="Time points to compare: 'all', 'first', 'last', or one."
    )
    kinds: tuple[ChangeKind, ...] = Field(
        default=("absolute",), min_length=1, description="Kinds of change, a column each."
    )
    include: tuple[str, ...] = Field(
        default=("*",), description="Patterns of the features to compare."
    )
    keep: tuple[str, ...] = Field(
        default=(), description="Columns of numbers that are no features and are carried through."
    )
    settings: str | None = Field(
        default=None,
        description="Column that tells the extraction settings; by default those radiome writes.",
    )
    mixed_settings: Literal["refuse", "warn"] = Field(
        default="refuse", description="Scans of one lesion measured with different settings."
    )
    with_baseline: bool = Field(
        default=False, description="Whether the values at baseline go into the table too."
    )

    @field_validator("kinds")
    @classmethod
    def _each_once(cls, kinds: tuple[ChangeKind, ...]) -> tuple[ChangeKind, ...]:
        return tuple(dict.fromkeys(kinds))


class ResponseOptions(Options):
    """What is made of the changes."""

    delta: DeltaOptions = Field(description="Columns, scans and kinds of change.")
    tests: bool = Field(default=False, description="Whether to test each feature for a change.")
    scale: Literal["absolute", "log_ratio"] = Field(
        default="absolute", description="Scale of the paired tests."
    )
    flips: int = Field(default=999, ge=1, description="Sign flips of the max-T test.")
    seed: int = Field(default=0, ge=0, description="Of the sign flips.")
    outcome: OutcomeOptions | None = Field(default=None, description="Outcome, or none.")
    landmark: float | None = Field(
        default=None, gt=0, description="Time since baseline from which events count."
    )
    outcome_unit: float = Field(
        default=1.0, gt=0, description="Units of scan time in a unit of the outcome's time."
    )

    @model_validator(mode="after")
    def _landmark_needs_time(self) -> ResponseOptions:
        if self.landmark and (self.outcome is None or self.outcome.kind != "survival"):
            raise ValueError("a landmark needs the time to an event as outcome")
        return self
