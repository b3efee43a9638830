"""The features: how far each can be trusted, which say the same, and what each measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import Any

from radiome.report.analysis_record import Analysis
from radiome.report.definitions import definitions
from radiome.report.downloads import Download
from radiome.report.feature_maps import map_values
from radiome.report.figures import Figure
from radiome.report.own_plots import in_catalogue, volume_plot
from radiome.report.placing import placed
from radiome.report.record import Record
from radiome.report.redundancy import HeatMap, heat_map
from radiome.report.section import Output, Section
from radiome.report.sections.cohort import PICTURE_BUDGET, pictures_shown
from radiome.report.trust_rows import TrustRow, card_values, trust_rows
from radiome.report.words import counted

#: Rows of the trust table that are printed; a longer table is for the screen and the file.
PRINTED = 60


def features(record: Record, output: Output) -> Section | None:
    """Trust table, volume dependence and redundancy of every analysis that has them."""
    parts, cards, maps = [], {}, {}
    needed: list[str] = []
    bases: set[str] = set()
    colours: list[str] = []
    for number, analysis in enumerate(record.analyses):
        rows = trust_rows(record, analysis)
        if not rows:
            continue
        part = _part(analysis, rows, number, output)
        found = heat_map(analysis)
        if found is not None:
            maps[f"map-{number}"] = found.as_plain()
            part["map"] = _map_words(found.representatives, len(found.names))
            part["map_file"] = _map_file(found, analysis.name, output)
        parts.append(part)
        drawn = map_values(record, analysis, rows)
        cards[f"cards-{number}"] = {
            row.tag: card_values(row) | {"map": drawn.get(row.tag, {})} for row in rows
        }
        colours = colours or analysis.maps.get("colours", [])
        needed += [each.case for row in rows for each in row.extremes]
        bases |= {row.base for row in rows}
    if not parts:
        return None
    data = {
        "cards": cards,
        "maps": maps,
        "colours": colours,
        "definitions": {
            base: list(definitions()[base]) for base in sorted(bases & definitions().keys())
        },
        "pictures": _more_pictures(record, needed),
    }
    content = {"parts": parts, "many": len(record.analyses) > 1, "printed": PRINTED}
    return Section("features", "Features", content, data)


def _part(analysis: Analysis, rows: list[TrustRow], number: int, output: Output) -> dict[str, Any]:
    name = f"{analysis.name}-volume"
    plot = volume_plot(rows)
    points = None
    figure: tuple[Figure, Any] | None = None
    if plot is not None:
        figure = placed(plot, name, output)
        points = [[row.family_words, row.tag, row.volume_rho, row.selected or 0]
                  for row in in_catalogue(rows) if row.volume_rho is not None]  # fmt: skip
    return {
        "analysis": analysis.name,
        "number": number,
        "rows": rows,
        "families": list(dict.fromkeys((row.family, row.family_words) for row in rows)),
        "shows": {
            "icc": any(row.icc is not None for row in rows),
            "selected": any(row.selected is not None for row in rows),
            "volume": any(row.volume_rho is not None for row in rows),
            "cluster": any(row.cluster is not None for row in rows),
            "image": any(row.image for row in rows),
        },
        "summary": _summary(rows),
        "volume": figure,
        "points": points,
        "atlas": _atlas(analysis, output),
        "file": _file(analysis, rows, output),
        "map": "",
        "map_file": None,
    }


def _atlas(analysis: Analysis, output: Output) -> Figure | None:
    """The heat map as it is drawn for paper."""
    path = analysis.folder / "atlas.svg"
    if not path.is_file():
        return None
    output.downloads.add(f"figures/{analysis.name}-atlas.svg", path.read_bytes())
    return output.gallery.drawing(path)


def _summary(rows: Sequence[TrustRow]) -> str:
    clusters = {row.cluster for row in rows if row.cluster is not None}
    sentences = [f"{counted(len(rows), 'feature')} per case"]
    if clusters:
        groups = counted(len(clusters), "cluster")
        sentences[0] += f" in {groups} of features that say much the same"
    apart = sum(bool(row.excluded) for row in rows)
    if apart:
        verbs = "does not vary or is" if apart == 1 else "do not vary or are"
        sentences.append(f"{apart} {verbs} missing in a case, so cannot be compared")
    repeated = [row for row in rows if row.icc is not None]
    if repeated:
        good = sum(row.icc_low is not None and row.icc_low >= 0.75 for row in repeated)
        sentences.append(
            f"{good} of {len(repeated)} repeat well: the lower limit of their intraclass "
            "correlation is 0.75 or more"
        )
    else:
        sentences.append("how well they repeat is not known: nothing was measured twice")
    chosen = sum(bool(row.selected) for row in rows)
    if chosen:
        were = "was" if chosen == 1 else "were"
        sentences.append(f"{chosen} {were} selected by a model in at least one fold")
    return ". ".join(f"{text[0].upper()}{text[1:]}" for text in sentences) + "."


def _map_words(representatives: bool, count: int) -> str:
    if representatives:
        return f"The {count} representatives of the clusters; their members are left out here."
    return f"{count} features that could be compared, in the order of their clusters."


def _map_file(found: HeatMap, name: str, output: Output) -> Download:
    """The correlations as a matrix, four decimals each."""
    rows = (
        [feature, cluster, *(f"{value:.4f}" for value in line)]
        for feature, cluster, line in zip(
            found.names, found.clusters, found.correlation.tolist(), strict=True
        )
    )
    return output.downloads.table(
        f"{name}-correlations", ("feature", "cluster", *found.names), rows
    )


def _file(analysis: Analysis, rows: Sequence[TrustRow], output: Output) -> Any:
    names = [each.name for each in fields(TrustRow)][:-1]
    return output.downloads.table(
        f"{analysis.name}-trust", names, [astuple(row)[:-1] for row in rows]
    )


def _more_pictures(record: Record, needed: Sequence[str]) -> dict[str, str]:
    """Pictures that cards need and the cohort does not show, within the room for pictures."""
    shown = pictures_shown(record)
    there = {case.code for case, _ in shown}
    room = PICTURE_BUDGET - sum(len(picture) for _, picture in shown)
    codes = {case.name: case.code for case in record.cases}
    found: dict[str, str] = {}
    for name in needed:
        code, picture = codes.get(name, ""), record.pictures.get(name, "")
        if code and picture and code not in there and code not in found and len(picture) <= room:
            found[code] = picture
            room -= len(picture)
    return found
