"""What was fitted on which patients, and the refusal to judge a model by patients it has seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from radiome.base.counting import counted
from radiome.base.errors import UserError


@dataclass(frozen=True, slots=True)
class Fit:
    """One step fitted once.

    Parameters
    ----------
    step : str
        Name of the step.
    purpose : str
        For which prediction, such as ``repeat 1, fold 2``.
    n_patients : int
        Patients it was fitted on.
    patients_sha256 : str
        Hash of their sorted names.
    saw_outcome : bool
        Whether the step used the outcome.
    options : mapping
        Its options, after tuning.
    judged : tuple of str, optional
        Patients that the model was asked about, where ``predictions.csv`` does not name them.
    """

    step: str
    purpose: str
    n_patients: int
    patients_sha256: str
    saw_outcome: bool
    options: Mapping[str, Any]
    judged: tuple[str, ...] | None = None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Fit:
        """From the plain values of `as_dict`."""
        judged = values.get("judged")
        return cls(**{**values, "judged": None if judged is None else tuple(judged)})

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; ``judged`` only where it is told."""
        told: dict[str, Any] = {
            "step": self.step,
            "purpose": self.purpose,
            "n_patients": self.n_patients,
            "patients_sha256": self.patients_sha256,
            "saw_outcome": self.saw_outcome,
            "options": dict(self.options),
        }
        return told if self.judged is None else {**told, "judged": list(self.judged)}


def patients_hash(patients: Iterable[str]) -> str:
    """SHA-256 of the sorted, distinct names."""
    return hashlib.sha256("\n".join(sorted(set(patients))).encode()).hexdigest()


def require_apart(seen: Iterable[str], judged: Iterable[str], *, what: str) -> None:
    """Refuse to judge a model by patients that it was fitted on.

    Raises
    ------
    UserError
        If a patient is in both, with the first few.
    """
    both = sorted(set(seen) & set(judged))
    if both:
        raise UserError(
            f"{what} would be judged by patients that it was fitted on",
            expected="patients that no step has seen",
            got=f"{counted(len(both), 'patient')}, such as {', '.join(both[:3])}",
            do="fit every step inside the fold",
        )


def judging(fits: Iterable[Fit], seen: Iterable[str], judged: Iterable[str]) -> tuple[Fit, ...]:
    """Fits of a model with the patients that it is asked about, who are in no predictions.

    Parameters
    ----------
    fits : iterable of Fit
        Of one model.
    seen : iterable of str
        Patients that any step of it has seen.
    judged : iterable of str
        Patients of the rows that it is asked about.

    Raises
    ------
    UserError
        If a patient is in both.
    """
    asked = tuple(sorted(set(judged)))
    require_apart(seen, asked, what="a model")
    return tuple(replace(fit, judged=asked) for fit in fits)


def require_unfitted(step: Any, *, name: str) -> None:
    """Refuse a step that comes already fitted: it has seen patients that nobody counted.

    Raises
    ------
    UserError
        If the step is fitted.
    """
    try:
        check_is_fitted(step)
    except NotFittedError:
        return
    except TypeError:  # no estimator at all: it will be refused where it is used
        return
    if vars(step):
        raise UserError(
            f"step '{name}' was fitted before the fold it is used in",
            expected="a step that has not been fitted",
            do="pass the step unfitted; it is fitted on the training patients of each fold",
        )
