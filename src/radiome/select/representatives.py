"""One feature of each cluster, as a step of a pipeline."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted

from radiome.select.clusters import ClusterRule, CorrelationClusters, Linkage, correlation_clusters
from radiome.select.contract import SelectorOptions
from radiome.select.inputs import SelectionError, column_names, read_matrix


class ClusterRepresentatives(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Keep the medoid of each correlation cluster of the training rows.

    Columns of an array are named x000, x001, ... so that their names sort by position.

    Parameters
    ----------
    threshold : float
        Correlation at which the tree is cut.
    linkage : {"average", "complete"}
        With "complete" all pairs within a cluster reach the threshold.
    signed : bool
        Whether opposite features are apart.

    Attributes
    ----------
    clusters_ : CorrelationClusters
        All clusters with all members: nothing is forgotten.
    support_ : array of bool, shape (features,)
        True for representatives.
    labels_ : array of int, shape (features,)
        Cluster of each feature; 0 for constant ones.
    excluded_ : dict of str to str
        Constant columns.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.normal(size=(2, 50))
    >>> step = ClusterRepresentatives().fit(np.column_stack([a, a**3, b]))
    >>> step.get_support(), step.labels_
    (array([ True, False,  True]), array([1, 1, 2]))
    """

    def __init__(
        self, threshold: float = 0.8, *, linkage: Linkage = "average", signed: bool = False
    ) -> None:
        self.threshold = threshold
        self.linkage = linkage
        self.signed = signed

    def fit(self, X: Any, y: Any = None) -> Self:
        """Group the columns; y is not looked at."""
        values = read_matrix(self, X)
        if len(values) < 3:
            raise SelectionError(
                "too few rows to correlate features",
                expected="3 or more",
                got=f"n_samples = {len(values)}",
            )
        names = self._names(values.shape[1])
        rule = ClusterRule(self.threshold, self.linkage, self.signed)
        self.clusters_: CorrelationClusters = correlation_clusters(values, names, rule=rule)
        numbers, chosen = self.clusters_.number_of(), set(self.clusters_.representatives)
        self.labels_ = np.array([numbers.get(name, 0) for name in names])
        self.support_ = np.array([name in chosen for name in names])
        self.excluded_ = dict(self.clusters_.excluded)
        return self

    def _names(self, count: int) -> tuple[str, ...]:
        if hasattr(self, "feature_names_in_"):
            return column_names(self, count)
        return tuple(f"x{place:0{len(str(count - 1))}d}" for place in range(count))

    def _get_support_mask(self) -> npt.NDArray[np.bool_]:
        check_is_fitted(self)
        support: npt.NDArray[np.bool_] = self.support_
        return support


class RepresentativesOptions(SelectorOptions):
    """Options of `ClusterRepresentatives`."""

    threshold: float = Field(default=0.8, gt=0, le=1, description="Correlation to cut at.")
    linkage: Linkage = Field(default="average", description="average or complete.")
    signed: bool = Field(default=False, description="Whether opposite features are apart.")

    def build(self, *, outcome: str, seed: int) -> ClusterRepresentatives:
        """The selector; it sees no outcome and draws nothing."""
        return ClusterRepresentatives(**self.model_dump())
