"""How many permutations, when to stop, and which values count as extreme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from radiome.base.errors import SettingsError

Alternative = Literal["greater", "less"]


@dataclass(frozen=True, slots=True)
class PermutationPlan:
    """How many permutations, and when to stop.

    Parameters
    ----------
    permutations : int
        At most this many.
    stop_after : int, optional
        Stop once so many permutations were at least as extreme as the observed value
        (Besag and Clifford 1991); without it all permutations are done.
    alternative : {"greater", "less"}
        Which values are extreme.
    confidence : float
        Of the Monte-Carlo interval of p.
    seed : int
        Permutation b is drawn from child b of this seed.
    """

    permutations: int = 999
    stop_after: int | None = None
    alternative: Alternative = "greater"
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.permutations < 1:
            raise SettingsError(
                "too few permutations", expected="1 or more", got=str(self.permutations)
            )
        if self.stop_after is not None and self.stop_after < 1:
            raise SettingsError(
                "permutations cannot stop after so few exceedances",
                where="stop_after",
                expected="1 or more; 10 gives p within about a third of its value",
                got=str(self.stop_after),
            )
        if self.alternative not in ("greater", "less"):
            raise SettingsError(
                "unknown alternative", expected="greater or less", got=str(self.alternative)
            )
        if not 0 < self.confidence < 1:
            raise SettingsError(
                "confidence is not between 0 and 1", expected="0.95", got=str(self.confidence)
            )
        if self.seed < 0:
            raise SettingsError("a seed is negative", expected="0 or more", got=str(self.seed))
