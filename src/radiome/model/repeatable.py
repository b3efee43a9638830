"""Features that repeated measurements do not reproduce: left out if the plan asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.robustness.repeatability import Repeatability


def leave_out_unrepeatable(
    table: AnalysisTable, least: float | None, known: Mapping[str, Repeatability] | None
) -> AnalysisTable:
    """The table with the features whose repeatability is good enough, and a note on the others.

    Parameters
    ----------
    table : AnalysisTable
        All features.
    least : float or None
        Least lower limit of the intraclass correlation; None keeps every feature.
    known : mapping of str to Repeatability or None
        By feature. It was found without the outcome, so that it may be known before the
        patients are split.

    Raises
    ------
    UserError
        If no repeatability is known, or no feature is left.
    """
    if least is None:
        return table
    if not known:
        raise UserError(
            "the plan leaves out features by their repeatability, and none is known",
            where="columns.least_repeatability",
            expected="the table of 'radiome repeatability', or repeats in the study",
            do="give it (--repeatability FILE, or trust.repeat in a study), or take the option out",
        )
    kept = np.array([_lower(known.get(name)) >= least for name in table.names], np.bool_)
    if not kept.any():
        raise UserError(
            "no feature is repeatable enough to learn from",
            where="columns.least_repeatability",
            expected=f"an intraclass correlation with a lower limit of {least:g} or more",
            got=f"at most {max(_lower(known.get(name)) for name in table.names):.2f}",
            do="lower it, or measure more lesions again: with few the limits are far apart",
        )
    lost = int((~kept).sum())
    note = (
        f"{lost} of {kept.size} features were not learned from: the lower limit of their "
        f"repeatability is below {least:g}, or not known"
    )
    return replace(
        table,
        features=table.features[:, kept],
        names=tuple(name for name, good in zip(table.names, kept, strict=True) if good),
        notes=(*table.notes, note) if lost else table.notes,
    )


def _lower(found: Repeatability | None) -> float:
    return found.lower if found is not None and found.lower is not None else -np.inf
