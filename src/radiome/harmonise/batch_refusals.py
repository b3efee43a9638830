"""Batches that cannot be told apart from covariates, were never seen, or are too small."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radiome.base.errors import UserError
from radiome.harmonise.batch_model import batch_codes, ordered_labels
from radiome.harmonise.design import dependent_column


@dataclass(frozen=True, slots=True)
class Calibration:
    """A batch whose adjustment was estimated after the fit.

    Parameters
    ----------
    batch : label
        The new batch.
    cases : int
        Unlabelled cases that it was estimated from.
    """

    batch: Hashable
    cases: int


def refuse_inseparable(
    labels: Sequence[Hashable], covariates: npt.NDArray[np.float64], names: Sequence[str]
) -> None:
    """Raise when [batch, covariates] lacks rank, naming the first column at fault."""
    codes = batch_codes(labels, ordered_labels(labels))
    dependent = dependent_column(codes, covariates, names)
    if dependent is not None:
        name, cause = dependent
        raise UserError(
            f"covariate '{name}' cannot be told apart from the batch",
            expected="covariates that vary within batches, independently of each other",
            got=cause,
            do="leave the covariate out, and say that its effect is lost with the batch",
        )


def answer_unseen(labels: Sequence[Hashable], known: Sequence[Hashable], *, raising: bool) -> None:
    """Raise for batches that are not known, or warn that their values stay as they are."""
    unseen = [batch for batch in ordered_labels(labels) if batch not in known]
    if not unseen:
        return
    named = ", ".join(repr(batch) for batch in unseen)
    if raising:
        raise UserError(
            "cases come from a batch that the fit did not see",
            expected="one of " + ", ".join(repr(batch) for batch in known),
            got=named,
            do="calibrate(...) on unlabelled cases of it, or take unseen='identity' "
            "and say that those cases were not harmonised",
        )
    warnings.warn(f"batch {named} was not fitted: its values are unchanged", stacklevel=3)


def check_calibration(
    batch: Hashable, cases: int, *, known: Sequence[Hashable], minimum: int
) -> None:
    """Raise when a batch needs no calibration or has too few cases for it."""
    if batch in known:
        raise UserError(
            "calibration is for batches that the fit did not see",
            expected="a batch other than " + ", ".join(repr(label) for label in known),
            got=repr(batch),
            do="transform its cases, or fit again",
        )
    needed = max(minimum, 2)
    if cases < needed:
        raise UserError(
            f"too few cases to calibrate batch {batch!r}",
            expected=f"at least {needed}",
            got=str(cases),
            do="collect more unlabelled cases of it",
        )
