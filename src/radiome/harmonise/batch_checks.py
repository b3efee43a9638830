"""Checks of batches and of what else differs between them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radiome.base.counting import counted
from radiome.harmonise.association import (
    contingency,
    corrected_cramers_v,
    largest_mean_difference,
)
from radiome.harmonise.design import dependent_column, encode, learn_covariate
from radiome.harmonise.verdicts import Check, judged

Codes = npt.NDArray[np.intp]

#: Fewer cases in a batch than this are an error, or a warning.
FEWEST_CASES, ADVISED_CASES = 10, 20
#: Standardised mean difference of a covariate between batches that is a warning.
LARGEST_MEAN_DIFFERENCE = 0.5
#: Bias-corrected Cramér's V with the batch that is a warning for a covariate.
LARGEST_ASSOCIATION = 0.3


def batch_known(known: npt.NDArray[np.bool_]) -> Check:
    """Whether every case says which batch it is of."""
    missing = int((~known).sum())
    evidence = f"batch missing for {missing} of {len(known)} cases"
    return Check("batch_known", "UNKNOWN" if missing else "PASS", True, evidence, missing)


def separable(
    codes: Codes,
    covariates: pd.DataFrame,
    categorical: Sequence[str],
    outcome: pd.Series[Any] | None,
) -> Check:
    """Rank of [batch, covariates], with the outcome where it would be preserved."""
    named = [(str(n), covariates[n], n in categorical) for n in covariates.columns]
    if outcome is not None:
        named.append(("outcome", outcome.astype(str).where(outcome.notna()), True))
    complete = np.ones(len(codes), dtype=bool)
    for _, column, _ in named:
        complete &= column.notna().to_numpy()
    if not complete.any():
        return Check("separable", "UNKNOWN", True, "no case has every covariate")
    columns = [column[complete] for _, column, _ in named]
    learnt = [
        learn_covariate(column, name, categorical=listed)
        for (name, _, listed), column in zip(named, columns, strict=True)
    ]
    coded = encode(learnt, columns, int(complete.sum()))
    names = [name for covariate in learnt for name in covariate.columns]
    inside = np.unique(codes[complete], return_inverse=True)[1]
    dependent = dependent_column(inside, coded, names)
    evidence = (
        f"batch and {len(names)} covariate columns have full rank"
        if dependent is None
        else f"{dependent[0]}: {dependent[1]}"
    )
    return judged("separable", dependent is None, True, evidence, None)


def batch_sizes(codes: Codes, batches: Sequence[Hashable]) -> list[Check]:
    """Smallest batch against the fewest cases that are allowed and advised."""
    sizes = np.bincount(codes)
    smallest = int(sizes.min())
    evidence = f"smallest batch {batches[int(sizes.argmin())]!r} has {counted(smallest, 'case')}"
    return [
        judged(name, smallest >= limit, blocking, f"{evidence}, at least {limit}", smallest)
        for name, limit, blocking in (
            ("batch_size", FEWEST_CASES, True),
            ("batch_size_advised", ADVISED_CASES, False),
        )
    ]


def covariate_checks(
    codes: Codes, batches: Sequence[Hashable], column: pd.Series[Any], *, categorical: bool
) -> list[Check]:
    """How much a covariate differs between batches; cases that lack it are left out."""
    name = str(column.name)
    known = column.notna().to_numpy()
    missing = int((~known).sum())
    checks = []
    if missing:
        evidence = f"missing for {missing} of {len(known)} cases"
        checks.append(Check(f"covariate_known:{name}", "UNKNOWN", False, evidence, missing))
    if not known.any():
        return checks
    codes, column = codes[known], column[known]
    if not categorical and pd.api.types.is_numeric_dtype(column):
        numbers = {name: column.to_numpy(dtype=np.float64)}
    else:
        levels, names = pd.factorize(column)
        numbers = {f"{name}={names[k]}": (levels == k) * 1.0 for k in range(len(names))}
        checks.append(_covariate_association(name, codes, levels))
    checks.append(_mean_difference(name, codes, batches, numbers))
    return checks


def _covariate_association(name: str, codes: Codes, levels: Codes) -> Check:
    v = corrected_cramers_v(contingency(codes, levels))
    title = f"covariate_association:{name}"
    if v is None:
        return Check(title, "NOT_APPLICABLE", False, "a single category or batch")
    evidence = f"bias-corrected Cramér's V with the batch {v:.2f}, at most {LARGEST_ASSOCIATION}"
    return judged(title, v <= LARGEST_ASSOCIATION, False, evidence, v)


def _mean_difference(
    name: str,
    codes: Codes,
    batches: Sequence[Hashable],
    numbers: dict[str, npt.NDArray[np.float64]],
) -> Check:
    title = f"covariate_difference:{name}"
    found = []
    for label, values in numbers.items():
        largest = largest_mean_difference(codes, values)
        if largest is not None:
            found.append((*largest, label))
    if not found:
        return Check(title, "UNKNOWN", False, "no two batches have two cases with it")
    difference, one, other, label = max(found)
    evidence = (
        f"{label}: largest standardised mean difference {difference:.2f} "
        f"({batches[one]!r} and {batches[other]!r}), at most {LARGEST_MEAN_DIFFERENCE}"
    )
    return judged(title, difference <= LARGEST_MEAN_DIFFERENCE, False, evidence, difference)
