"""Whether resamples select the same features: stability index and frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from radiome.select.inputs import SelectionError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SelectionStability:
    """Nogueira's index of M selections among d features.

    Parameters
    ----------
    value : float or None
        Φ: 1 where all selections agree, about 0 where they agree by chance alone.
    variance : float or None
        Of Φ.
    low, high : float or None
        Normal confidence limits; Φ itself never exceeds 1, its upper limit can.
    band : str or None
        "poor" below 0.40, "fair to good" up to 0.75, "excellent" above.
    reason : str or None
        Why there is no value.
    """

    value: float | None
    variance: float | None = None
    low: float | None = None
    high: float | None = None
    band: str | None = None
    reason: str | None = None


def selection_stability(selections: npt.ArrayLike, *, level: float = 0.95) -> SelectionStability:
    """Stability of selections, corrected for chance (Nogueira, Sechidis, Brown, JMLR 2018).

    Φ = 1 - mean over f of M/(M-1) p̂_f (1 - p̂_f) / ((k̄/d)(1 - k̄/d)), with p̂_f the selection
    frequency of feature f and k̄ the mean number selected. The variance is theirs too.

    Parameters
    ----------
    selections : array of bool, shape (M, d)
        One row per fold, repeat or resample.
    level : float
        Of the confidence limits.

    Examples
    --------
    >>> round(selection_stability([[1, 1, 0], [0, 1, 1], [1, 0, 1]]).value, 6)
    -0.5
    """
    z = _as_selections(selections)
    m, d = z.shape
    if m < 2:
        return SelectionStability(None, reason="there is a single selection")
    frequency, sizes = z.mean(axis=0), z.sum(axis=1)
    share = float(sizes.mean()) / d
    if share in (0.0, 1.0):
        word = "nothing" if share == 0 else "every feature"
        return SelectionStability(None, reason=f"{word} is selected in all {m} selections")
    chance = share * (1 - share)
    value = 1 - float((m / (m - 1) * frequency * (1 - frequency)).mean()) / chance
    parts = (z @ frequency / d - sizes * share / d) + value / 2 * (
        2 * sizes * share / d - sizes / d - share + 1
    )
    parts /= chance
    variance = 4 / m**2 * float(((parts - parts.mean()) ** 2).sum())
    half = float(ndtri((1 + level) / 2)) * variance**0.5
    return SelectionStability(value, variance, value - half, value + half, _band(value))


def selections_of_clusters(selections: npt.ArrayLike, clusters: Sequence[int]) -> Floats:
    """Selections of clusters: one is selected where any member is; shape (M, clusters).

    Parameters
    ----------
    selections : array of bool, shape (M, d)
        Selections of features.
    clusters : sequence of int, length d
        Number of the cluster of each feature.
    """
    z, labels = _as_selections(selections), np.asarray(clusters)
    if labels.shape != (z.shape[1],):
        raise SelectionError(
            "clusters and selections differ in the number of features",
            expected=f"{z.shape[1]} cluster numbers",
            got=str(labels.size),
        )
    numbers = np.unique(labels)
    return np.column_stack([z[:, labels == number].max(axis=1) for number in numbers])


def selection_frequencies(
    selections: npt.ArrayLike,
    names: Sequence[str],
    *,
    clusters: Sequence[int] | None = None,
) -> pd.DataFrame:
    """How often each feature is selected, the most frequent first; equal ones by column order.

    Parameters
    ----------
    selections : array of bool, shape (M, d)
        Selections of features.
    names : sequence of str, length d
        Their names.
    clusters : sequence of int, length d, optional
        Cluster of each feature, for the frequency with which any member is selected.

    Returns
    -------
    DataFrame
        Columns feature, times, frequency and, with clusters, cluster and cluster_frequency.
    """
    z = _as_selections(selections)
    if len(names) != z.shape[1]:
        raise SelectionError(
            "names and selections differ in the number of features",
            expected=f"{z.shape[1]} names",
            got=str(len(names)),
        )
    table = pd.DataFrame({"feature": list(names), "times": z.sum(axis=0).astype(np.int64)})
    table["frequency"] = z.mean(axis=0)
    if clusters is not None:
        labels = np.asarray(clusters)
        shares = selections_of_clusters(z, labels.tolist()).mean(axis=0)
        table["cluster"] = labels
        table["cluster_frequency"] = shares[np.searchsorted(np.unique(labels), labels)]
    return table.sort_values("times", ascending=False, kind="stable", ignore_index=True)


def _as_selections(selections: npt.ArrayLike) -> Floats:
    z = np.asarray(selections, dtype=np.float64)
    if z.ndim != 2 or z.shape[1] < 1 or not np.isin(z, (0, 1)).all():
        raise SelectionError(
            "selections are not as expected",
            expected="a table of true and false, one row per selection, one column per feature",
            got=f"shape {z.shape}",
        )
    return z


def _band(value: float) -> str:
    if value < 0.40:
        return "poor"
    return "fair to good" if value <= 0.75 else "excellent"
