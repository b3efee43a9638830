"""The patients that each criterion asks for, and the greatest of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

OutcomeKind = Literal["binary", "continuous", "survival"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion and the patients it asks for."""

    name: str
    patients: int


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Patients needed to develop a model.

    Attributes
    ----------
    outcome : {"binary", "continuous", "survival"}
        Kind of outcome.
    parameters : int
        Candidate parameters: all that are looked at, before any selection.
    r2 : float
        Anticipated R-squared (Cox and Snell's, or adjusted for a continuous outcome).
    r2_greatest : float or None
        Of a perfect model; None for a continuous outcome, where it is 1.
    criteria : tuple of Criterion
        What each criterion asks for.
    patients : int
        The greatest of them.
    events : int or None
        Expected events among so many patients.
    events_per_parameter : float or None
        Expected events (patients, for a continuous outcome None) per parameter.
    """

    outcome: OutcomeKind
    parameters: int
    r2: float
    r2_greatest: float | None
    criteria: tuple[Criterion, ...]
    patients: int
    events: int | None
    events_per_parameter: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        values = asdict(self)
        values["criteria"] = {item.name: item.patients for item in self.criteria}
        return {**values, "sentence": self.sentence}

    @property
    def sentence(self) -> str:
        """The result in plain words."""
        events = "" if self.events is None else f" with {self.events} events"
        return (
            f"To develop a model of {self.parameters} candidate parameters and an expected "
            f"R-squared of {self.r2:.3g}, at least {self.patients} patients{events} are needed."
        )
