"""What was fitted on which patients, and the refusal to judge a model by patients it has seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

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
    """

    step: str
    purpose: str
    n_patients: int
    patients_sha256: str
    saw_outcome: bool
    options: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "step": self.step,
            "purpose": self.purpose,
            "n_patients": self.n_patients,
            "patients_sha256": self.patients_sha256,
            "saw_outcome": self.saw_outcome,
            "options": dict(self.options),
        }


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
            got=f"{len(both)} patients, such as {', '.join(both[:3])}",
            do="fit every step inside the fold",
        )


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
