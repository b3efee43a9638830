"""Everything that was tried in a study, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from radiome.base.errors import UserError
from radiome.model.discovery.cutpoint_corrections import (
    check_trim,
    even_fractions,
    miller_siegmund,
    scan_p,
)

#: Cut-points of a feature: how many were tried, or every possible one.
Cutpoints = int | Literal["all"]


@dataclass(frozen=True, slots=True)
class Trials:
    """Everything that was tried in a study.

    Parameters
    ----------
    features : int
        Candidate features, all that were looked at, not those that were kept.
    cutpoints : int or "all"
        Cut-points tried per feature; 1 for a median or no cut, "all" for an optimum.
    outcomes, subgroups : int
        Outcomes, and groups of patients analysed.
    effective : float, optional
        Effective number of independent hypotheses, if features are known to be correlated;
        at most features x outcomes x subgroups.
    trim : float
        Share of patients left out of the search of cut-points at each end.
    """

    features: int
    cutpoints: Cutpoints = 1
    outcomes: int = 1
    subgroups: int = 1
    effective: float | None = None
    trim: float = 0.1

    def __post_init__(self) -> None:
        counts = {
            "features": self.features,
            "outcomes": self.outcomes,
            "subgroups": self.subgroups,
        }
        if self.cutpoints != "all":
            counts["cutpoints"] = self.cutpoints
        for name, count in counts.items():
            if not isinstance(count, int) or count < 1:
                raise UserError(
                    f"'{name}' makes no sense", expected="a whole number, 1 or more", got=str(count)
                )
        check_trim(self.trim)
        if self.effective is not None and not 1 <= self.effective <= self.hypotheses:
            raise UserError(
                "the effective number of hypotheses makes no sense",
                expected=f"1 to {self.hypotheses}, which is features x outcomes x subgroups",
                got=str(self.effective),
            )

    @property
    def hypotheses(self) -> int:
        """Features times outcomes times subgroups."""
        return self.features * self.outcomes * self.subgroups

    @property
    def tests(self) -> int | None:
        """Hypotheses times cut-points; None if every possible cut-point was tried."""
        return None if self.cutpoints == "all" else self.hypotheses * self.cutpoints

    def p_over_cutpoints(self, p: float) -> float:
        """Return the p of one hypothesis once the search of its cut-point is counted."""
        if self.cutpoints == "all":
            return miller_siegmund(p, trim=self.trim)
        return scan_p(p, even_fractions(self.cutpoints, trim=self.trim))
