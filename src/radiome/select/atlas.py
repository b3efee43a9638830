"""What a feature table holds once: clusters, volume dependence, effective number of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from radiome.base.errors import UserError, nearest_name
from radiome.select.cluster_stability import ClusterStability, cluster_stability
from radiome.select.clusters import ClusterRule, CorrelationClusters
from radiome.select.correlation import correlation_matrix
from radiome.select.effective_number import EffectiveNumber, effective_number
from radiome.select.feature_families import FAMILIES, OTHER, origin_of
from radiome.select.volume import Dependence, volume_dependence
from radiome.tables.feature_table import FeatureTable

Floats = npt.NDArray[np.float64]

#: Columns that hold the volume of the region, the best first.
VOLUME_COLUMNS = ("morph_volume", "morph_vol_approx")

_FEWEST_CASES = 5


@dataclass(frozen=True, slots=True)
class AtlasOptions:
    """What an atlas is made with.

    Parameters
    ----------
    rule : ClusterRule
        How features are grouped.
    volume : str, optional
        Column of the volume; by default the first of `VOLUME_COLUMNS` that is there.
    patient : str, optional
        Column that says which rows are of one patient; by default each row is one.
    resamples : int
        Subsamples of 80 % of the patients that clusters are tried on.
    seed : int
        Of the subsamples.
    """

    rule: ClusterRule = ClusterRule()  # noqa: RUF009 - frozen
    volume: str | None = None
    patient: str | None = None
    resamples: int = 100
    seed: int = 0


@dataclass(frozen=True, slots=True)
class FamilyCount:
    """Features of one family.

    Parameters
    ----------
    family : str
        Its name.
    features : int
        Compared features.
    clusters : int
        Clusters that have a member in the family.
    effective : EffectiveNumber
        Effective number of its features.
    proxies : int or None
        Features that stand in for volume; None without a volume.
    """

    family: str
    features: int
    clusters: int
    effective: EffectiveNumber
    proxies: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """The redundancy of a feature table.

    Parameters
    ----------
    cases : int
        Measured cases.
    features : tuple of str
        All features, in the order of the table.
    excluded : mapping of str to str
        Features that could not be compared, and why.
    correlation : array of float, shape (q, q)
        Spearman's ρ between the compared features, in the order of ``clusters.leaves``.
    stability : ClusterStability
        Clusters of all cases, and over subsamples.
    volume : str or None
        Column of the volume.
    dependence : mapping of str to Dependence
        Volume dependence of the compared features; empty without a volume.
    effective : EffectiveNumber
        Of all compared features.
    families : tuple of FamilyCount
        In the order of the standard.
    """

    cases: int
    features: tuple[str, ...]
    excluded: Mapping[str, str]
    correlation: Floats
    stability: ClusterStability
    volume: str | None
    dependence: Mapping[str, Dependence]
    effective: EffectiveNumber
    families: tuple[FamilyCount, ...]

    @property
    def clusters(self) -> CorrelationClusters:
        """Clusters of all cases."""
        return self.stability.clusters

    @property
    def proxies(self) -> tuple[str, ...]:
        """Features that stand in for volume."""
        return tuple(name for name, found in self.dependence.items() if found.proxy)


def make_atlas(table: FeatureTable, options: AtlasOptions | None = None) -> Atlas:
    """Compare all features of the measured cases with each other and with volume.

    Features with a missing value are left out, and named in ``excluded``.

    Raises
    ------
    UserError
        If there are fewer than 5 cases or 2 features to compare, or a column is not there.
    """
    options = options or AtlasOptions()
    measured = table.measured()
    values = measured.values()
    if len(values) < _FEWEST_CASES:
        raise UserError(
            "there are too few measured cases to compare features",
            expected=f"{_FEWEST_CASES} or more",
            got=str(len(values)),
        )
    gaps = values.isna().sum()
    excluded = {
        str(name): f"missing in {count} of {len(values)} cases"
        for name, count in gaps[gaps > 0].items()
    }
    names = [name for name in measured.features if name not in excluded]
    stability = cluster_stability(
        values[names].to_numpy(),
        names,
        patients=_patients(measured, options.patient),
        rule=options.rule,
        resamples=options.resamples,
        seed=options.seed,
    )
    clusters = stability.clusters
    excluded |= clusters.excluded
    if len(clusters.leaves) < 2:
        raise UserError(
            "there are fewer than two features to compare",
            expected="features that are measured in every case and vary",
            got=f"{len(excluded)} of {len(measured.features)} features are left out",
        )
    order = list(clusters.leaves)
    correlation = correlation_matrix(values[order].to_numpy())
    volume = _volume_column(measured, options.volume)
    dependence: dict[str, Dependence] = {}
    if volume is not None and not measured.frame[volume].isna().any():
        size = measured.frame[volume].to_numpy(dtype=np.float64)
        found = volume_dependence(values[order].to_numpy(), order, size)
        dependence = {item.feature: item for item in found}
    return Atlas(
        len(values),
        measured.features,
        excluded,
        correlation,
        stability,
        volume if dependence else None,
        dependence,
        effective_number(correlation),
        _families(order, correlation, clusters, dependence),
    )


def _families(
    order: Sequence[str],
    correlation: Floats,
    clusters: CorrelationClusters,
    dependence: Mapping[str, Dependence],
) -> tuple[FamilyCount, ...]:
    family = np.array([origin_of(name).family for name in order])
    numbers = clusters.number_of()
    counts = []
    for known in (*FAMILIES.values(), OTHER):
        places = np.flatnonzero(family == known)
        if places.size:
            members = [order[place] for place in places.tolist()]
            inner = correlation[np.ix_(places, places)]
            proxies = sum(dependence[name].proxy for name in members) if dependence else None
            reached = len({numbers[name] for name in members})
            counts.append(
                FamilyCount(known, len(members), reached, effective_number(inner), proxies)
            )
    return tuple(counts)


def _volume_column(table: FeatureTable, wanted: str | None) -> str | None:
    columns = [str(name) for name in table.frame.columns]
    if wanted is None:
        return next((name for name in VOLUME_COLUMNS if name in columns), None)
    _require(wanted, columns, "volume")
    if not pd.api.types.is_numeric_dtype(table.frame[wanted]):
        raise UserError(
            f"column '{wanted}' cannot be the volume",
            expected="numbers",
            got=f"'{table.frame[wanted].iloc[0]}'",
            do="name the column of the volume",
        )
    return wanted


def _patients(table: FeatureTable, column: str | None) -> list[object] | None:
    if column is None:
        return None
    _require(column, [str(name) for name in table.frame.columns], "patient")
    return list(table.frame[column].astype(str))


def _require(name: str, columns: Sequence[str], role: str) -> None:
    if name in columns:
        return
    near = nearest_name(name, columns)
    raise UserError(
        f"the table has no column '{name}' for the {role}",
        do=f"did you mean '{near}'?" if near else "name a column of the table",
    )


def cluster_table(atlas: Atlas) -> pd.DataFrame:
    """One row per feature of the table, none left out.

    Returns
    -------
    DataFrame
        Columns feature, image, family, cluster, cluster_size, representative,
        rho_to_representative, co_membership, volume_rho, volume_rho_low, volume_rho_high,
        volume_p_adjusted, volume_proxy and excluded_reason; empty where there is nothing.
    """
    by_name = {
        name: (cluster, rho)
        for cluster in atlas.clusters.clusters
        for name, rho in zip(cluster.members, cluster.correlations, strict=True)
    }
    together = atlas.stability.membership()
    rows = []
    for name in atlas.features:
        row: dict[str, object] = {"feature": name, **origin_of(name)._asdict()}
        if name in by_name:
            cluster, rho = by_name[name]
            row |= {"cluster": cluster.number, "cluster_size": len(cluster)}
            row |= {"representative": cluster.representative, "rho_to_representative": rho}
            row["co_membership"] = together[name]
        row |= _volume_cells(atlas.dependence.get(name))
        row["excluded_reason"] = atlas.excluded.get(name)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(dict.fromkeys(_WHOLE, "Int64"))


def _volume_cells(found: Dependence | None) -> dict[str, object]:
    if found is None:
        return {}
    return {
        "volume_rho": found.rho,
        "volume_rho_low": found.low,
        "volume_rho_high": found.high,
        "volume_p_adjusted": found.adjusted,
        "volume_proxy": "yes" if found.proxy else "no",
    }


_WHOLE = ("cluster", "cluster_size")
_COLUMNS = (
    "feature",
    "image",
    "family",
    *_WHOLE,
    "representative",
    "rho_to_representative",
    "co_membership",
    "volume_rho",
    "volume_rho_low",
    "volume_rho_high",
    "volume_p_adjusted",
    "volume_proxy",
    "excluded_reason",
)
