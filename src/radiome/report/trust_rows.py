"""What is known of each feature, as rows of the trust table and as cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from radiome.features.catalogue import split_column
from radiome.report.analysis_record import Analysis
from radiome.report.reading import Row, number_of
from radiome.report.record import Record
from radiome.report.words import family_words, with_unit
from radiome.tables.extremes import least_and_greatest
from radiome.tables.feature_table import FeatureTable


@dataclass(frozen=True, slots=True)
class Extreme:
    """The case in which a feature is least or greatest."""

    case: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class TrustRow:
    """One feature.

    Parameters
    ----------
    tag, base : str
        Its column, and that without image and aggregation, which names its definition.
    name, code, family, unit, image, aggregation : str
        What the catalogue says.
    cluster, cluster_size : int or None
        Its group; None if it was not compared.
    representative : str
        Which feature stands for the group.
    volume_rho : float or None
        Spearman correlation with volume.
    proxy : bool
        Whether it stands in for volume.
    icc, icc_low, icc_high : float or None
        Repeatability with its interval.
    selected : float or None
        Largest share of the fits of any outcome that use it.
    excluded : str
        Why it was not compared.
    extremes : tuple of Extreme
        Least and greatest; empty if it does not vary.
    """

    tag: str
    base: str
    name: str
    code: str
    family: str
    unit: str
    image: str
    aggregation: str
    cluster: int | None
    cluster_size: int | None
    representative: str
    volume_rho: float | None
    proxy: bool
    icc: float | None
    icc_low: float | None
    icc_high: float | None
    selected: float | None
    excluded: str
    extremes: tuple[Extreme, ...]

    @property
    def family_words(self) -> str:
        """The family in words."""
        return family_words(self.family)


def trust_rows(record: Record, analysis: Analysis) -> list[TrustRow]:
    """Rows of the trust table, those selected most often first."""
    extremes = _extremes(record, analysis)
    sizes = {row["feature"]: row.get("cluster_size", "") for row in analysis.clusters}
    rows = [
        _row(told, record.catalogue.get(told["feature"], {}), sizes, extremes)
        for told in analysis.trust
    ]
    return sorted(rows, key=lambda row: -(row.selected or 0))


def _row(
    told: Row, known: Row, sizes: Mapping[str, str], extremes: Mapping[str, tuple[Extreme, ...]]
) -> TrustRow:
    tag = told["feature"]
    return TrustRow(
        tag=tag,
        base=base_tag(tag),
        name=told.get("name", "") or tag,
        code=told.get("ibsi_code", ""),
        family=told.get("family") or "other",
        unit=told.get("unit", ""),
        image=told.get("image", ""),
        aggregation=told.get("aggregation") or known.get("aggregation", ""),
        cluster=_whole(told.get("cluster")),
        cluster_size=_whole(told.get("cluster_size") or sizes.get(tag)),
        representative=told.get("representative", ""),
        volume_rho=number_of(told.get("volume_rho")),
        proxy=told.get("volume_proxy") == "yes",
        icc=number_of(told.get("repeatability_icc")),
        icc_low=number_of(told.get("icc_low")),
        icc_high=number_of(told.get("icc_high")),
        selected=_selected(told),
        excluded=told.get("excluded_reason", ""),
        extremes=extremes.get(tag, ()),
    )


def base_tag(tag: str) -> str:
    """The tag without the image it is computed from and without its aggregation.

    Empty for a column that is no feature of the catalogue.

    Examples
    --------
    >>> base_tag("cm_contrast_3D_avg"), base_tag("log_2mm_stat_mean"), base_tag("age")
    ('cm_contrast', 'stat_mean', '')
    """
    try:
        return split_column(tag)[1]
    except KeyError:
        return ""


def _whole(cell: str | None) -> int | None:
    value = number_of(cell)
    return None if value is None else int(value)


def _selected(told: Row) -> float | None:
    shares = [
        number_of(cell)
        for name, cell in told.items()
        if name == "selected" or name.startswith("selected ")
    ]
    known = [share for share in shares if share is not None]
    return max(known) if known else None


def _extremes(record: Record, analysis: Analysis) -> dict[str, tuple[Extreme, ...]]:
    """The two cases that differ most in each feature."""
    table = analysis.features()
    if table is None or not len(table) or "case" not in table.frame:
        return {}
    codes = {case.name: case.code for case in record.cases}
    cases = [str(name) for name in table.frame["case"]]
    units = {row["feature"]: row.get("unit", "") for row in analysis.trust}
    return {
        tag: found
        for tag, unit in units.items()
        if tag in table.features and (found := _least_and_greatest(table, tag, unit, cases, codes))
    }


def _least_and_greatest(
    table: FeatureTable, tag: str, unit: str, cases: list[str], codes: Mapping[str, str]
) -> tuple[Extreme, ...]:
    values = table.frame[tag].to_numpy(dtype=np.float64, na_value=np.nan)
    return tuple(
        Extreme(
            cases[at], codes.get(cases[at], f"row {at + 1}"), with_unit(float(values[at]), unit)
        )
        for at in least_and_greatest(values) or ()
    )


def card_values(row: TrustRow) -> dict[str, Any]:
    """What the card of a feature shows beyond its row of the table."""
    return {
        "base": row.base,
        "image": row.image,
        "aggregation": row.aggregation,
        "excluded": row.excluded,
        "extremes": [[each.code, each.value] for each in row.extremes],
    }
