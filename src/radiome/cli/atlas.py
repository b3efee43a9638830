"""`radiome atlas`: which features of a table say the same, and which stand in for volume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from radiome.base.counting import counted

if TYPE_CHECKING:
    from rich.table import Table

    from radiome.select.atlas import Atlas


@click.command()
@click.argument("features", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder; by default beside the table."
)
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True), default=0.8)
@click.option("--linkage", type=click.Choice(["average", "complete"]), default="average")
@click.option("--signed", is_flag=True, help="Keep opposite features apart.")
@click.option("--volume", metavar="COLUMN", help="By default morph_volume.")
@click.option("--patient", metavar="COLUMN", help="Which rows are of one patient.")
@click.option("--resamples", type=click.IntRange(min=1), default=100, help="For stability.")
@click.option("--seed", type=click.IntRange(min=0), default=0)
def atlas(
    features: Path,
    *,
    out: Path | None,
    threshold: float,
    linkage: str,
    signed: bool,
    volume: str | None,
    patient: str | None,
    resamples: int,
    seed: int,
) -> None:
    """Group the features of a table by what they say; nothing is deleted.

    \b
    radiome atlas RUN_DIR -o atlas

    FEATURES is features.parquet, features.csv or a run folder. Writes clusters.csv, with
    one row per feature, and atlas.svg. The outcome is never looked at.
    """
    from rich.console import Console

    from radiome.select.atlas import AtlasOptions, make_atlas
    from radiome.select.atlas_files import write_atlas
    from radiome.select.clusters import ClusterRule
    from radiome.tables.feature_table import FeatureTable

    rule = ClusterRule(threshold, linkage, signed)  # type: ignore[arg-type]
    options = AtlasOptions(rule, volume, patient, resamples, seed)
    found = make_atlas(FeatureTable.read(features), options)
    folder = out or (features if features.is_dir() else features.parent) / "atlas"
    written = write_atlas(found, folder)
    console = Console()
    console.print(_summary(found), highlight=False)
    console.print(_families(found))
    console.print(_largest(found))
    for path in written:
        click.echo(path)


def _summary(found: Atlas) -> str:
    clusters, effective, stability = found.clusters, found.effective, found.stability
    alone = sum(len(cluster) == 1 for cluster in clusters.clusters)
    rand = stability.adjusted_rand
    lines = [
        f"{counted(found.cases, 'case')}, {counted(len(found.features), 'feature')}, "
        f"{counted(len(clusters), 'cluster')} "
        f"({alone} of a single feature)",
        f"effective number of features: {effective.li_ji:.1f} (Li-Ji), "
        f"{effective.galwey:.1f} (Galwey), {effective.nyholt:.1f} (Nyholt)",
        f"stability over {rand.size} subsamples of patients: adjusted Rand "
        f"{rand.mean():.2f} ({rand.min():.2f} to {rand.max():.2f}), "
        f"{100 * stability.ambiguous_pairs:.1f} % of pairs ambiguous",
    ]
    if found.volume is None:
        lines.append("volume dependence: no complete column of the volume (--volume COLUMN)")
    else:
        lines.append(
            f"in place of {found.volume} (|ρ| ≥ 0.8): {counted(len(found.proxies), 'feature')}"
        )
    if found.excluded:
        lines.append(
            f"not compared: {counted(len(found.excluded), 'feature')}; clusters.csv says why"
        )
    return "\n".join(lines)


def _families(found: Atlas) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("family")
    for heading in ("features", "clusters", "effective (Li-Ji)", "for volume"):
        table.add_column(heading, justify="right")
    for family in found.families:
        table.add_row(
            family.family,
            str(family.features),
            str(family.clusters),
            f"{family.effective.li_ji:.1f}",
            "-" if family.proxies is None else str(family.proxies),
        )
    return table


def _largest(found: Atlas, most: int = 10) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("largest clusters")
    for heading in ("features", "least |ρ| to it", "co-membership", "volume ρ"):
        table.add_column(heading, justify="right")
    together = found.stability.membership()
    for cluster in found.clusters.clusters[:most]:
        dependence = found.dependence.get(cluster.representative)
        known = dependence is not None and dependence.rho is not None
        table.add_row(
            cluster.representative,
            str(len(cluster)),
            f"{min(abs(rho) for rho in cluster.correlations):.2f}",
            f"{sum(together[name] for name in cluster.members) / len(cluster):.2f}",
            f"{dependence.rho:.2f}" if known and dependence else "-",
        )
    return table
