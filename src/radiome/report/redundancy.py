"""The correlations of the compared features, in the order of their clusters."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.report.analysis_record import Analysis
from radiome.report.reading import Row, number_of
from radiome.select.correlation import correlation_matrix

#: Features in the live map, at most; of more the representatives of clusters alone are shown.
MOST = 450


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """Correlations of features.

    Parameters
    ----------
    names : list of str
        In the order of rows and columns.
    clusters : list of int
        Their clusters.
    correlation : float64 array (p, p)
        Spearman, -1 to 1.
    representatives : bool
        Whether only one feature of each cluster is shown.
    """

    names: list[str]
    clusters: list[int]
    correlation: NDArray[np.float64]
    representatives: bool

    def as_plain(self) -> dict[str, Any]:
        """For a script: one signed byte per cell in hundredths, base64."""
        hundredths = np.round(self.correlation * 100).astype(np.int8)
        return {
            "names": self.names,
            "clusters": self.clusters,
            "cells": base64.b64encode(hundredths.tobytes()).decode("ascii"),
        }


def heat_map(analysis: Analysis) -> HeatMap | None:
    """Correlations of the features that were compared; nothing for fewer than two."""
    rows = [row for row in analysis.clusters if row.get("cluster")]
    table = analysis.features()
    if table is None or len(table) < 3:
        return None
    rows = [row for row in rows if row["feature"] in table.features]
    few = len(rows) > MOST
    if few:
        rows = [row for row in rows if row["feature"] == row["representative"]][:MOST]
    if len(rows) < 2:
        return None
    rows.sort(key=lambda row: (int(row["cluster"]), -_closeness(row)))
    names = [row["feature"] for row in rows]
    values = table.frame[names].to_numpy(dtype=np.float64)
    correlation = correlation_matrix(values)
    return HeatMap(names, [int(row["cluster"]) for row in rows], correlation, few)


def _closeness(row: Row) -> float:
    return abs(number_of(row.get("rho_to_representative")) or 0)
