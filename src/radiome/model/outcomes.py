"""Outcomes, declared with their kind and with the standard that says what is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from radiome.base.options import Options

Kind = Literal["binary", "multiclass", "ordinal", "continuous", "count", "survival"]
KINDS: tuple[str, ...] = ("binary", "multiclass", "ordinal", "continuous", "count", "survival")

ReferenceStandard = Literal[
    "histopathology",
    "immunohistochemistry",
    "sequence",
    "expression",
    "mass_spectrometry",
    "clinical_follow_up",
    "imaging_follow_up",
    "expert_reading",
    "not_stated",
]

#: Fields of the outcome of a time to event.
SURVIVAL = np.dtype([("event", np.bool_), ("time", np.float64)])

#: Text, or a number that stands for its text: ``positive: 1`` in YAML.
Text = Annotated[
    str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)
]


class OutcomeOptions(Options):
    """One outcome as the plan declares it."""

    name: str = Field(description="What the outcome is called.")
    kind: Kind = Field(description="Type of the outcome.")
    reference_standard: ReferenceStandard = Field(
        default="not_stated", description="What says which patients have it."
    )
    column: str | None = Field(
        default=None, description="Column of the outcome table; by default the name."
    )
    positive: Text | None = Field(
        default=None, description="Value that counts as having it, for a binary outcome."
    )
    order: tuple[Text, ...] = Field(
        default=(), description="Values of an ordinal outcome, lowest first."
    )
    time: str | None = Field(
        default=None, description="Column with the time to event or censoring."
    )
    event: str | None = Field(
        default=None, description="Column that says which event ended the time; 0 is censored."
    )
    event_of_interest: Text = Field(
        default="1",
        description="Value of the event column that counts; any other but 0 is a competing event.",
    )
    assay: str | None = Field(default=None, description="Assay or instrument, for the report.")
    threshold: str | None = Field(default=None, description="Cut-off of a positive call.")

    @model_validator(mode="after")
    def _complete(self) -> OutcomeOptions:
        if self.kind == "survival" and not (self.time and self.event):
            raise ValueError(
                "a survival outcome needs 'time' and 'event', the names of its columns"
            )
        if self.kind != "survival" and (self.time or self.event):
            raise ValueError("'time' and 'event' belong to an outcome of kind survival")
        if self.order and self.kind != "ordinal":
            raise ValueError("'order' belongs to an outcome of kind ordinal")
        if self.positive is not None and self.kind != "binary":
            raise ValueError("'positive' belongs to an outcome of kind binary")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the outcome table that the outcome is read from."""
        if self.kind == "survival":
            return (str(self.time), str(self.event))
        return (self.column or self.name,)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """An outcome of n patients.

    Parameters
    ----------
    options : OutcomeOptions
        Its declaration.
    values : array (n,)
        Codes (int64) of binary, multiclass and ordinal outcomes, numbers (float64) of
        continuous ones and counts, a structured array of ``event`` and ``time`` for
        survival. Undefined where `known` is False.
    known : bool array (n,)
        Which patients have a value.
    classes : tuple of str
        What the codes stand for; empty for outcomes that have none.
    competing : bool array (n,)
        Patients whose time ended by another event; they are censored in `values`.
    """

    options: OutcomeOptions
    values: NDArray[Any]
    known: NDArray[np.bool_]
    classes: tuple[str, ...] = ()
    competing: NDArray[np.bool_] | None = None

    @property
    def kind(self) -> Kind:
        """Type of the outcome."""
        return self.options.kind

    def __len__(self) -> int:
        return len(self.values)

    def strata(self) -> NDArray[np.int64]:
        """Class of each patient for stratified splits (n,): code, event, or third of the range."""
        if self.kind == "survival":
            return np.asarray(self.values["event"], np.int64)
        if self.classes:
            return np.asarray(self.values, np.int64)
        thirds = np.quantile(self.values[self.known], [1 / 3, 2 / 3]) if self.known.any() else []
        return np.asarray(np.digitize(self.values, thirds), np.int64)

    def taken(self, rows: NDArray[Any]) -> Outcome:
        """The outcome of some rows (index or bool array)."""
        competing = None if self.competing is None else self.competing[rows]
        return Outcome(self.options, self.values[rows], self.known[rows], self.classes, competing)

    def texts(self) -> list[str]:
        """Each outcome as a person writes it: class, number, or ``12.5 event``; else empty."""
        if self.kind == "survival":
            ends = ("censored", "event")
            told = [f"{time:g} {ends[int(event)]}" for event, time in self.values.tolist()]
        elif self.classes:
            told = [self.classes[code] if known else "" for code, known in self._pairs()]
        else:
            told = [repr(value) for value in self.values.tolist()]
        return [text if known else "" for text, known in zip(told, self.known, strict=True)]

    def _pairs(self) -> list[tuple[int, bool]]:
        return list(zip(self.values.tolist(), self.known.tolist(), strict=True))

    def summary(self) -> dict[str, Any]:
        """Counts for the report: patients with a value, and how they are distributed."""
        known = self.values[self.known]
        facts: dict[str, Any] = {
            "name": self.options.name,
            "kind": self.kind,
            "reference_standard": self.options.reference_standard,
            "patients": len(known),
            "missing": int((~self.known).sum()),
        }
        if self.kind == "survival":
            facts["events"] = int(known["event"].sum())
            facts["median_time"] = float(np.median(known["time"])) if len(known) else None
            if self.competing is not None:
                facts["competing_events"] = int(self.competing[self.known].sum())
        elif self.classes:
            counts = np.bincount(known, minlength=len(self.classes))
            facts["classes"] = dict(zip(self.classes, counts.tolist(), strict=True))
        elif len(known):
            facts["mean"], facts["sd"] = (
                float(known.mean()),
                float(known.std(ddof=min(1, len(known) - 1))),
            )
        return facts
