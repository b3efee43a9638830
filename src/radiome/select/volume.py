"""How far features repeat the size of the region (Welch et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radiome.select.clusters import CorrelationClusters
from radiome.select.correlation import correlation_limits, spearman_with
from radiome.select.inputs import CONSTANT, SelectionError, refuse_unfinished, varying_columns
from radiome.select.multiplicity import benjamini_hochberg
from radiome.select.univariate_tests import spearman_pvalue

Floats = npt.NDArray[np.float64]

#: From this magnitude of ρ on a feature stands in for volume.
PROXY_LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Dependence:
    """Spearman's ρ of a feature with volume.

    Parameters
    ----------
    feature : str
        Its name.
    rho : float or None
        With volume, which is that with log volume.
    low, high : float or None
        Confidence limits.
    pvalue, adjusted : float or None
        Two-sided, and after Benjamini and Hochberg over all features.
    proxy : bool
        Whether the magnitude of ρ is at least 0.8.
    reason : str or None
        Why there is no ρ.
    """

    feature: str
    rho: float | None
    low: float | None = None
    high: float | None = None
    pvalue: float | None = None
    adjusted: float | None = None
    proxy: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterDependence:
    """Volume dependence of a cluster.

    Parameters
    ----------
    number : int
        Of the cluster.
    representative : Dependence
        That of its representative.
    least, largest : float
        Smallest and largest magnitude of ρ among the members.
    proxies : int
        Members that stand in for volume.
    """

    number: int
    representative: Dependence
    least: float
    largest: float
    proxies: int


def volume_dependence(
    values: npt.ArrayLike,
    names: Sequence[str],
    volume: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> tuple[Dependence, ...]:
    """Correlate each feature with volume, or with any other quantity of the region.

    Parameters
    ----------
    values : array of float, shape (n, p)
        No NaN; constant features get a reason instead of a number.
    names : sequence of str, length p
        Features.
    volume : array of float, shape (n,)
        In any unit; it must vary.
    level : float
        Of the confidence limits.

    Examples
    --------
    >>> import numpy as np
    >>> volume = np.arange(1.0, 21.0)
    >>> volume_dependence(volume[:, None] ** 2, ["square"], volume)[0].proxy
    True
    """
    table, size = np.asarray(values, dtype=np.float64), np.asarray(volume, dtype=np.float64)
    refuse_unfinished(table, tuple(names))
    refuse_unfinished(size[:, None], ("volume",))
    if len(size) != len(table) or len(size) < 3 or not varying_columns(size[:, None])[0]:
        raise SelectionError(
            "features cannot be compared with volume",
            expected="3 or more rows with a volume each that is not the same for all",
            got=f"{len(table)} rows and {len(size)} volumes",
        )
    rho = spearman_with(table, size)
    low, high = correlation_limits(rho, len(size), level=level)
    p = spearman_pvalue(rho, len(size))
    adjusted = benjamini_hochberg(p)
    return tuple(
        Dependence(str(name), None, reason=CONSTANT)
        if np.isnan(rho[place])
        else Dependence(
            str(name),
            float(rho[place]),
            float(low[place]),
            float(high[place]),
            float(p[place]),
            float(adjusted[place]),
            bool(abs(rho[place]) >= PROXY_LEVEL),
        )
        for place, name in enumerate(names)
    )


def cluster_dependence(
    clusters: CorrelationClusters, dependences: Sequence[Dependence]
) -> tuple[ClusterDependence, ...]:
    """Volume dependence of clusters, from that of their members."""
    by_name: Mapping[str, Dependence] = {item.feature: item for item in dependences}
    found = []
    for cluster in clusters.clusters:
        members = [by_name[name] for name in cluster.members]
        sizes = [abs(item.rho) for item in members if item.rho is not None]
        proxies = sum(item.proxy for item in members)
        representative = by_name[cluster.representative]
        found.append(
            ClusterDependence(cluster.number, representative, min(sizes), max(sizes), proxies)
        )
    return tuple(found)
