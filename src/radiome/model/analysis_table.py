"""Features, outcomes and baselines of the same rows: all that a study looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.model.outcomes import Outcome

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisTable:
    """Rows of one or more lesions for each patient, with all that a study looks at.

    Parameters
    ----------
    cases : str array (n,)
        Name of each row.
    patients : str array (n,)
        Patient of each row; rows found to be the same patient under two names share one.
    features : float64 array (n, p)
        Features; NaN where one is not defined.
    names : tuple of str
        Names of the p features.
    outcomes : mapping of str to Outcome
        Each of n rows.
    blocks : mapping of str to float64 array (n, q)
        Baselines: ``volume``, ``clinical``, ``acquisition``, ``site``, as far as given.
    block_names : mapping of str to tuple of str
        Names of their columns.
    sites : str array (n,) or None
        Centre of each row.
    batch : str array (n,) or None
        What is harmonised over.
    covariates : DataFrame (n, c) or None
        What harmonisation keeps: numbers, or text for categories.
    notes : tuple of str
        What was found and how it was dealt with.
    merged : tuple of (str, str)
        Patients that were taken for one.
    """

    cases: Texts
    patients: Texts
    features: Floats
    names: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    blocks: Mapping[str, Floats] = field(default_factory=dict)
    block_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sites: Texts | None = None
    batch: Texts | None = None
    covariates: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.cases)

    def known(self, name: str) -> AnalysisTable:
        """The rows whose outcome `name` is known, with that outcome alone."""
        rows = np.flatnonzero(self.outcomes[name].known)
        return AnalysisTable(
            self.cases[rows],
            self.patients[rows],
            self.features[rows],
            self.names,
            {name: self.outcomes[name].taken(rows)},
            {block: values[rows] for block, values in self.blocks.items()},
            self.block_names,
            None if self.sites is None else self.sites[rows],
            None if self.batch is None else self.batch[rows],
            None if self.covariates is None else self.covariates.iloc[rows],
            self.notes,
            self.merged,
        )
