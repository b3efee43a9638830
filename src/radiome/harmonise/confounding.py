"""Whether batches can be harmonised at all, or stand for the outcome."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from radiome.base.errors import UserError
from radiome.harmonise.batch_checks import batch_known, batch_sizes, covariate_checks, separable
from radiome.harmonise.batch_model import batch_codes, ordered_labels
from radiome.harmonise.outcome_checks import Resampling, cell_counts, outcome_checks
from radiome.harmonise.verdicts import Check, Status, as_lines, overall


@dataclass(frozen=True, slots=True)
class ConfoundingReport:
    """What is known about batch, outcome and covariates before anything is harmonised.

    Parameters
    ----------
    checks : tuple of Check
        Each question with its answer and figures.
    counts : tuple of (batch, class, cases)
        The table of batches by outcome classes, empty cells included.
    """

    checks: tuple[Check, ...]
    counts: tuple[tuple[Hashable, Hashable, int], ...]

    @property
    def status(self) -> Status:
        """ERROR, INSUFFICIENT_INFORMATION, WARN or OK."""
        return overall(self.checks)

    @property
    def verdict(self) -> Literal["CONFOUNDED", "NOT_CONFOUNDED", "UNKNOWN", "NOT_APPLICABLE"]:
        """CONFOUNDED when the batch goes with the outcome: no pooled performance claim holds."""
        answers = {c.verdict for c in self.checks if c.name.startswith("outcome_from_batch")}
        if "FAIL" in answers:
            return "CONFOUNDED"
        if "UNKNOWN" in answers:
            return "UNKNOWN"
        return "NOT_CONFOUNDED" if answers == {"PASS"} else "NOT_APPLICABLE"

    def check(self, name: str) -> Check:
        """The check of that name."""
        return next(check for check in self.checks if check.name == name)

    def __str__(self) -> str:
        return f"{self.verdict} ({self.status})\n{as_lines(self.checks)}"


def check_confounding(
    batch: Sequence[Hashable] | pd.Series[Any],
    outcome: Sequence[Hashable] | pd.Series[Any] | None = None,
    *,
    covariates: pd.DataFrame | None = None,
    categorical: Sequence[str] = (),
    preserve_outcome: bool = False,
    folds: int = 5,
    repeats: int = 10,
    seed: int = 0,
) -> ConfoundingReport:
    """Ask whether ComBat is valid for these batches, and whether they are confounded.

    CONFOUNDED means that bias-corrected Cramér's V of batch and outcome exceeds 0.3, or that
    the cross-validated area under the ROC curve of the outcome from the batch alone has a
    lower limit above 0.5. Then only within-batch or leave-one-centre-out claims hold.

    Parameters
    ----------
    batch : sequence, length cases
        Batch labels, None or NaN where not known.
    outcome : sequence, optional
        Classes; for survival the event. None makes the association UNKNOWN.
    covariates : DataFrame, optional
        Covariates that would be preserved, one row per case.
    categorical : sequence of str
        Numeric covariates that are categories.
    preserve_outcome : bool
        Whether the outcome would be a preserved covariate (descriptive use): an empty cell of
        batch and class then is an error, and the outcome enters the rank check.
    folds, repeats, seed : int
        Repeated stratified cross-validation for the area under the curve.

    Examples
    --------
    >>> scanner = ["one"] * 40 + ["two"] * 40
    >>> response = [1] * 34 + [0] * 6 + [1] * 6 + [0] * 34
    >>> report = check_confounding(scanner, response)
    >>> report.verdict, report.status
    ('CONFOUNDED', 'ERROR')
    >>> print(report.check("outcome_from_batch_cramers_v").evidence)
    bias-corrected Cramér's V 0.70, at most 0.3
    """
    labels = pd.Series(list(batch), dtype=object)
    table = pd.DataFrame(index=labels.index) if covariates is None else covariates
    result = None if outcome is None else pd.Series(list(outcome), dtype=object)
    _check_lengths(labels, result, table)
    known = labels.notna().to_numpy()
    first = batch_known(known)
    batches = ordered_labels(labels[known].tolist())
    codes = batch_codes(labels[known].tolist(), batches)
    if len(batches) < 2:
        alone = Check("batches", "NOT_APPLICABLE", False, f"{len(batches)} batch", len(batches))
        return ConfoundingReport((first, alone), ())
    table = table[known].reset_index(drop=True)
    result = None if result is None else result[known].reset_index(drop=True)
    checks = [first, separable(codes, table, categorical, result if preserve_outcome else None)]
    checks += batch_sizes(codes, batches)
    checks += outcome_checks(
        codes, batches, result, preserved=preserve_outcome, how=Resampling(folds, repeats, seed)
    )
    for name in table.columns:
        checks += covariate_checks(codes, batches, table[name], categorical=name in categorical)
    return ConfoundingReport(tuple(checks), cell_counts(codes, batches, result))


def _check_lengths(
    labels: pd.Series[Any], outcome: pd.Series[Any] | None, covariates: pd.DataFrame
) -> None:
    lengths = {"outcome": len(labels) if outcome is None else len(outcome)}
    lengths["covariates"] = len(covariates)
    for name, length in lengths.items():
        if length != len(labels):
            raise UserError(
                f"batch and {name} are not of the same cases",
                expected=f"{len(labels)} rows",
                got=str(length),
            )
