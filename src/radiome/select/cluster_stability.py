"""Whether other patients would have given the same clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

from radiome.base.errors import SettingsError
from radiome.select.clusters import ClusterRule, CorrelationClusters, correlation_clusters, group
from radiome.select.correlation import correlation_matrix
from radiome.select.inputs import SelectionError, varying_columns

Floats = npt.NDArray[np.float64]
Scheme = Literal["subsample", "bootstrap"]

_AMBIGUOUS = (0.1, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class ClusterStability:
    """Clusters over resamples of patients.

    Parameters
    ----------
    names : tuple of str
        p features, by name.
    co_membership : array of float, shape (p, p)
        Share of the resamples in which two features are in one cluster, of those in which both
        vary; NaN if there are none.
    adjusted_rand : array of float, shape (resamples,)
        Agreement of each resample with the clusters of all patients: 1 the same, 0 by chance.
    ambiguous_pairs : float
        Share of pairs with a co-membership between 0.1 and 0.9 (PAC).
    clusters : CorrelationClusters
        Of all patients.
    """

    names: tuple[str, ...]
    co_membership: Floats
    adjusted_rand: Floats
    ambiguous_pairs: float
    clusters: CorrelationClusters

    def membership(self) -> dict[str, float]:
        """For each feature, its co-membership with the representative of its cluster."""
        place = {name: position for position, name in enumerate(self.names)}
        return {
            name: float(self.co_membership[place[name], place[cluster.representative]])
            for cluster in self.clusters.clusters
            for name in cluster.members
        }

    def consensus(self, *, share: float = 0.5) -> dict[str, int]:
        """Clusters that resamples agree on: average linkage of co-membership, cut at `share`."""
        if len(self.names) < 2:
            return dict.fromkeys(self.names, 1)
        distance = 1 - np.nan_to_num(self.co_membership, nan=0.0)
        np.fill_diagonal(distance, 0)
        tree = linkage(squareform(distance, checks=False), method="average")
        labels = fcluster(tree, 1 - share, criterion="distance")
        return dict(zip(self.names, (int(label) for label in labels), strict=True))


def cluster_stability(
    values: npt.ArrayLike,
    names: Sequence[str],
    *,
    patients: Sequence[object] | None = None,
    rule: ClusterRule | None = None,
    resamples: int = 200,
    scheme: Scheme = "subsample",
    share: float = 0.8,
    seed: int = 0,
) -> ClusterStability:
    """Group the features again on resamples of the patients.

    Parameters
    ----------
    values, names, rule
        As for `correlation_clusters`.
    patients : sequence, length n, optional
        Patient of each row; all rows of a patient come or go together.
    resamples : int
        How many.
    scheme : {"subsample", "bootstrap"}
        A share of the patients without replacement, or as many with replacement. The bootstrap
        repeats patients, which makes small tables look more correlated than they are.
    share : float
        Of the patients in a subsample.
    seed : int
        Of the draws.
    """
    table = np.asarray(values, dtype=np.float64)
    rule = rule or ClusterRule()
    clusters = correlation_clusters(table, names, rule=rule)
    numbers = clusters.number_of()
    place = {str(name): position for position, name in enumerate(names)}
    kept = tuple(sorted(numbers))
    columns = table[:, [place[name] for name in kept]]
    whole = np.array([numbers[name] for name in kept])
    together, seen = np.zeros((2, len(kept), len(kept)))
    rand = np.empty(resamples)
    draws = _draws(len(table), patients, resamples, scheme, share, seed)
    for number, rows in enumerate(draws):
        labels = _labels(columns[rows], rule)
        varies = labels > 0
        seen += np.outer(varies, varies)
        together += (labels[:, None] == labels) & np.outer(varies, varies)
        rand[number] = adjusted_rand_score(whole[varies], labels[varies])
    shares = np.divide(together, seen, out=np.full(seen.shape, np.nan), where=seen > 0)
    return ClusterStability(kept, shares, rand, _ambiguous(shares), clusters)


def _labels(columns: Floats, rule: ClusterRule) -> npt.NDArray[np.int64]:
    """Cluster of each column, from 1; 0 for those constant in these rows."""
    varies = varying_columns(columns)
    labels = np.zeros(columns.shape[1], dtype=np.int64)
    labels[varies] = group(correlation_matrix(columns[:, varies]), rule)[0]
    return labels


def _ambiguous(shares: Floats) -> float:
    pairs = shares[np.triu_indices(len(shares), 1)]
    if not pairs.size:
        return 0.0
    low, high = _AMBIGUOUS
    return float(((pairs > low) & (pairs < high)).mean())


def _draws(
    rows: int,
    patients: Sequence[object] | None,
    resamples: int,
    scheme: Scheme,
    share: float,
    seed: int,
) -> Iterator[npt.NDArray[np.intp]]:
    """Rows of each resample; every resample has a generator of its own."""
    if scheme not in ("subsample", "bootstrap") or not 0 < share < 1 or resamples < 1:
        raise SettingsError(
            "patients cannot be resampled like this",
            expected="subsample or bootstrap, a share between 0 and 1, 1 resample or more",
            got=f"{scheme}, {share}, {resamples}",
        )
    labels = (
        np.arange(rows)
        if patients is None
        else np.unique(np.asarray(patients), return_inverse=True)[1]
    )
    if labels.size != rows:
        raise SelectionError(
            "rows and patients differ in number", expected=str(rows), got=str(labels.size)
        )
    members = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    count = len(members)
    size = count if scheme == "bootstrap" else max(3, round(share * count))
    for sequence in np.random.SeedSequence(seed).spawn(resamples):
        rng = np.random.default_rng(sequence)
        chosen = rng.choice(count, size=min(size, count), replace=scheme == "bootstrap")
        yield np.concatenate([members[patient] for patient in chosen])
