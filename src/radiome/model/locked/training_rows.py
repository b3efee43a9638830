"""Find training rows again among other rows, without a patient's name or values in the file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Significant digits that count, well below the fifteen that a spreadsheet keeps.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Hashes of the values that the training rows have in the needed features.

    Names of patients are guessed too easily for their hashes to be safe; a hash of measured
    values tells nothing to anyone who does not have the values.

    Parameters
    ----------
    salt : str
        Put before the values.
    digests : frozenset of str
        One per training row; empty if rows cannot be told apart.
    reason : str
        Why there are none, else empty.
    """

    salt: str
    digests: frozenset[str]
    reason: str = ""

    def found_in(self, values: Floats) -> Flags:
        """Which rows (n, k), as measured, are training rows."""
        return np.array([_digest(self.salt, row) in self.digests for row in values], np.bool_)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"salt": self.salt, "digests": sorted(self.digests), "reason": self.reason or None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingRows:
        """The rows that `as_dict` told of."""
        return cls(values["salt"], frozenset(values["digests"]), values["reason"] or "")


def remember(values: Floats, salt: str) -> TrainingRows:
    """Hashes of the values of training rows (n, k), as measured.

    None are kept if other patients could have the same values by chance: if all are whole
    numbers, or two training rows are the same.
    """
    given = values[np.isfinite(values)]
    if not (given % 1 != 0).any():
        return TrainingRows(salt, frozenset(), "the needed features are whole numbers")
    digests = frozenset(_digest(salt, row) for row in values)
    if len(digests) < len(values):
        return TrainingRows(salt, frozenset(), "two training rows have the same values")
    return TrainingRows(salt, digests)


def _digest(salt: str, row: Floats) -> str:
    text = salt + "|" + "|".join(f"{value:.{_DIGITS - 1}e}" for value in row)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
