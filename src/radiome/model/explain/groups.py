"""Features that are explained together, since a model may take one for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from radiome.model.preparation import Design, FeaturePreparation
from radiome.model.recipe import Recipe
from radiome.select.clusters import ClusterRule, correlation_clusters


@dataclass(frozen=True, slots=True)
class Group:
    """Features that are permuted or hidden together.

    Parameters
    ----------
    representative : str
        Medoid of the cluster.
    members : tuple of str
        All of them, the representative first.
    """

    representative: str
    members: tuple[str, ...]


def feature_groups(recipe: Recipe, design: Design, threshold: float = 0.8) -> tuple[Group, ...]:
    """Clusters of the features as models see them, of all rows; the outcome is never looked at.

    Groups must be the same in every fold to be averaged over folds. Nothing is fitted on
    them: they decide what is reported together, and no prediction.

    Parameters
    ----------
    recipe : Recipe
        Whose preparation (gaps, harmonisation) is done first.
    design : Design
        n rows, p features.
    threshold : float
        Spearman correlation at which clusters are cut.

    Returns
    -------
    tuple of Group
        Every feature is in one of them; those that never vary are alone.
    """
    preparation = FeaturePreparation(recipe.preparation, recipe.harmonise)
    values = preparation.fit_transform(design)
    names = [design.names[place] for place in preparation.kept_.tolist()]
    found = correlation_clusters(values, names, rule=ClusterRule(threshold))
    groups = [Group(each.representative, each.members) for each in found.clusters]
    grouped = {name for group in groups for name in group.members}
    groups += [Group(name, (name,)) for name in design.names if name not in grouped]
    return tuple(groups)


def columns_of(groups: Sequence[Group], selected: Sequence[str]) -> list[list[int]]:
    """Columns of the selected features that each group has; empty where none was selected."""
    place = {name: column for column, name in enumerate(selected)}
    return [[place[name] for name in group.members if name in place] for group in groups]
