"""Groups of features that say the same; every member is kept in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

from radiome.base.errors import SettingsError
from radiome.select.correlation import correlation_matrix
from radiome.select.inputs import CONSTANT, SelectionError, refuse_unfinished, varying_columns

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Linkage = Literal["average", "complete"]

#: Differences below this are rounding: they decide no merge, no cut and no medoid.
_ROUNDING = 1e-10
_DECIMALS = 10


@dataclass(frozen=True, slots=True)
class ClusterRule:
    """How features are grouped.

    Parameters
    ----------
    threshold : float
        Correlation at which the tree is cut, between 0 and 1.
    linkage : {"average", "complete"}
        Mean correlation between groups, or the least: then all pairs within a cluster reach
        the threshold.
    signed : bool
        Whether opposite features are apart: distance 1 - ρ instead of 1 - abs(ρ).
    """

    threshold: float = 0.8
    linkage: Linkage = "average"
    signed: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1 or self.linkage not in ("average", "complete"):
            raise SettingsError(
                "features cannot be grouped like this",
                expected="a threshold above 0 and up to 1, and average or complete linkage",
                got=f"{self.threshold} and {self.linkage}",
            )


@dataclass(frozen=True, slots=True)
class Cluster:
    """Features that are exchangeable at the threshold.

    Parameters
    ----------
    number : int
        From 1, the largest cluster first.
    representative : str
        Medoid: the member with the largest mean correlation to the others.
    members : tuple of str
        All members, the representative first, then by falling correlation to it.
    correlations : tuple of float
        Spearman's ρ of each member to the representative, with its sign.
    """

    number: int
    representative: str
    members: tuple[str, ...]
    correlations: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.members)


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationClusters:
    """All clusters of a table.

    Parameters
    ----------
    rule : ClusterRule
        How they were made.
    rows : int
        Rows behind the correlations.
    clusters : tuple of Cluster
        The largest first.
    excluded : mapping of str to str
        Features in no cluster, and why.
    leaves : tuple of str
        Names in an order that puts similar features side by side, clusters in one piece.
    """

    rule: ClusterRule
    rows: int
    clusters: tuple[Cluster, ...]
    excluded: Mapping[str, str]
    leaves: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.clusters)

    @property
    def representatives(self) -> tuple[str, ...]:
        """One name per cluster."""
        return tuple(cluster.representative for cluster in self.clusters)

    def number_of(self) -> dict[str, int]:
        """Cluster number of each feature."""
        return {name: cluster.number for cluster in self.clusters for name in cluster.members}

    def table(self) -> pd.DataFrame:
        """One row per feature: feature, cluster, representative, rho_to_representative."""
        rows = [
            (name, cluster.number, cluster.representative, rho)
            for cluster in self.clusters
            for name, rho in zip(cluster.members, cluster.correlations, strict=True)
        ]
        headings = ["feature", "cluster", "representative", "rho_to_representative"]
        return pd.DataFrame(rows, columns=headings)


def correlation_clusters(
    values: npt.ArrayLike,
    names: Sequence[str],
    *,
    rule: ClusterRule | None = None,
    priority: Mapping[str, float] | None = None,
) -> CorrelationClusters:
    """Group features by Spearman's ρ; the outcome is never looked at.

    The result does not depend on the order of columns: they are taken by name.

    Parameters
    ----------
    values : array of float, shape (n, p)
        Training rows; no NaN. Constant columns are recorded and left out.
    names : sequence of str, length p
        Their names, each once.
    rule : ClusterRule, optional
        By default average linkage of abs(ρ) cut at 0.8.
    priority : mapping of str to float, optional
        Decides between members of equal mean correlation: the least first, for example minus
        the lower limit of a reliability. Without it, and where it is equal, the name does.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.normal(size=(2, 50))
    >>> found = correlation_clusters(np.column_stack([a, b, -a]), ["a", "b", "opposite"])
    >>> [cluster.members for cluster in found.clusters]
    [('a', 'opposite'), ('b',)]
    """
    rule = rule or ClusterRule()
    table = np.asarray(values, dtype=np.float64)
    _check(table, names)
    by_name = np.argsort(np.array(names, dtype=object), kind="stable")
    varies = varying_columns(table)
    kept = by_name[varies[by_name]]
    excluded = {str(names[place]): CONSTANT for place in np.flatnonzero(~varies).tolist()}
    rho = correlation_matrix(table[:, kept])
    labels, leaves = group(rho, rule)
    named = [str(names[place]) for place in kept.tolist()]
    found = [
        _cluster(np.flatnonzero(labels == label), rho, named, rule, priority or {})
        for label in np.unique(labels)
    ]
    found.sort(key=lambda cluster: (-len(cluster), cluster.representative))
    numbered = tuple(
        Cluster(number, cluster.representative, cluster.members, cluster.correlations)
        for number, cluster in enumerate(found, start=1)
    )
    order = tuple(named[place] for place in leaves)
    return CorrelationClusters(rule, len(table), numbered, excluded, order)


def group(rho: Floats, rule: ClusterRule) -> tuple[npt.NDArray[np.int64], Places]:
    """Label of each of p features (p,), and the order of the leaves of the tree (p,)."""
    if len(rho) < 2:
        return np.ones(len(rho), dtype=np.int64), np.arange(len(rho))
    likeness = rho if rule.signed else np.abs(rho)
    # Rank correlations are often equal: then the order of names decides, not the last bit.
    distance = np.round(np.maximum(1 - likeness, 0), _DECIMALS)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), method=rule.linkage)
    labels = fcluster(tree, 1 - rule.threshold + _ROUNDING, criterion="distance")
    return np.asarray(labels, dtype=np.int64), np.asarray(leaves_list(tree), dtype=np.intp)


def threshold_table(
    values: npt.ArrayLike,
    names: Sequence[str],
    *,
    thresholds: Sequence[float] = (0.7, 0.8, 0.9),
    rule: ClusterRule | None = None,
) -> pd.DataFrame:
    """How much the grouping hangs on the threshold: clusters, largest, and features alone."""
    rule = rule or ClusterRule()
    rows = []
    for threshold in thresholds:
        one = ClusterRule(threshold, rule.linkage, rule.signed)
        sizes = [len(cluster) for cluster in correlation_clusters(values, names, rule=one).clusters]
        rows.append((threshold, len(sizes), max(sizes, default=0), sizes.count(1)))
    return pd.DataFrame(rows, columns=["threshold", "clusters", "largest", "alone"])


def _cluster(
    places: Places,
    rho: Floats,
    names: Sequence[str],
    rule: ClusterRule,
    priority: Mapping[str, float],
) -> Cluster:
    """The cluster of some columns, not yet numbered; columns come by name."""
    inner = rho[np.ix_(places, places)]
    means = (inner if rule.signed else np.abs(inner)).mean(axis=1)
    equal = np.flatnonzero(means >= means.max() - _ROUNDING)
    own = [names[place] for place in places.tolist()]
    best = min(equal.tolist(), key=lambda place: (priority.get(own[place], 0.0), place))
    to_best = inner[best]
    strength = np.abs(to_best)
    strength[best] = np.inf
    order = np.argsort(-strength, kind="stable")
    members = tuple(own[place] for place in order.tolist())
    return Cluster(0, members[0], members, tuple(float(to_best[place]) for place in order))


def _check(table: Floats, names: Sequence[str]) -> None:
    if table.ndim != 2 or table.shape[1] != len(names) or len(set(names)) != len(names):
        raise SelectionError(
            "features and names do not fit together",
            expected="a table of rows and features, and a name of its own for each feature",
            got=f"shape {table.shape} and {len(names)} names, {len(set(names))} of them distinct",
        )
    if len(table) < 3:
        raise SelectionError(
            "too few rows to correlate features", expected="3 or more", got=str(len(table))
        )
    refuse_unfinished(table, tuple(names))
