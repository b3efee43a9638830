"""The atlas as a picture: an SVG that stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import isotonic_regression

from radiome.base.counting import counted
from radiome.select.atlas import Atlas
from radiome.select.clusters import Cluster
from radiome.select.feature_families import FAMILIES, OTHER, origin_of
from radiome.select.heat_map import as_hex, png_data_uri, ramp_colours

Floats = npt.NDArray[np.float64]

#: One colour per family, in the order of the standard, then one for other columns.
_COLOURS = (
    "#4e79a7", "#86bcb6", "#59a14f", "#b6992d", "#f1ce63", "#e15759", "#ff9d9a",
    "#b07aa1", "#d7b5a6", "#9c755f", "#f28e2b", "#499894", "#79706e", "#bab0ac",
)  # fmt: skip
FAMILY_COLOURS = dict(zip((*FAMILIES.values(), OTHER), _COLOURS, strict=True))

_LEFT, _TOP, _SIDE = 62.0, 100.0, 640.0
_STRIP = 12.0
_LABELS = _LEFT + _SIDE + 26
_WIDTH, _HEIGHT = 1090.0, 905.0
_LINE = 15.0
_BOUNDARY = "#d9480f"


def atlas_svg(atlas: Atlas, *, title: str = "Feature atlas") -> str:
    """Draw the reordered heat map of abs(ρ) with families, volume and clusters.

    Rows and columns are the compared features, similar ones side by side. Boxes are clusters of
    two or more. The strips on the left show the family and abs(ρ) with volume.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'width="{_WIDTH:g}" height="{_HEIGHT:g}" font-size="11.5" fill="#222" '
        'font-family="Helvetica, Arial, DejaVu Sans, sans-serif">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        *_heading(atlas, title),
        *_matrix(atlas),
        *_strips(atlas),
        *_boxes(atlas),
        *_labels(atlas),
        *_family_legend(atlas),
        *_scale(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _text(x: float, y: float, words: str, **style: object) -> str:
    settings = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{settings}>{escape(words)}</text>'


def _rectangle(x: float, y: float, width: float, height: float, **style: object) -> str:
    settings = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
    box = f'x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"'
    return f"<rect {box}{settings}/>"


def _heading(atlas: Atlas, title: str) -> Iterator[str]:
    rule = atlas.clusters.rule
    likeness = "ρ" if rule.signed else "|ρ|"
    alone = sum(len(cluster) == 1 for cluster in atlas.clusters.clusters)
    yield _text(_LEFT - 40, 34, title, font_size=21, font_weight="bold")
    yield _text(
        _LEFT - 40,
        56,
        f"{counted(atlas.cases, 'case')} · {counted(len(atlas.clusters.leaves), 'feature')} · "
        f"{counted(len(atlas.clusters), 'cluster')} at {likeness} ≥ {rule.threshold:g} "
        f"({rule.linkage} linkage, Spearman), {alone} of them single features · effective "
        f"number {atlas.effective.li_ji:.0f} (Li-Ji)",
        fill="#555",
        font_size=12.5,
    )
    if atlas.excluded:
        words = f"not compared, for they are constant or missing in a case: {len(atlas.excluded)}"
        yield _text(_LEFT - 40, 73, words, fill="#a33", font_size=12)


def _matrix(atlas: Atlas) -> Iterator[str]:
    uri = png_data_uri(ramp_colours(np.abs(atlas.correlation)))
    yield (
        f'<image x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated" href="{uri}"/>'
    )
    yield _rectangle(_LEFT, _TOP, _SIDE, _SIDE, fill="none", stroke="#888", stroke_width=0.6)


def _strips(atlas: Atlas) -> Iterator[str]:
    """Families and volume on the left, families again above."""
    leaves = atlas.clusters.leaves
    step = _SIDE / len(leaves)
    families = [origin_of(name).family for name in leaves]
    x = _LEFT - _STRIP - 3
    for start, stop in _runs(families):
        colour, length = FAMILY_COLOURS[families[start]], (stop - start) * step
        yield _rectangle(x, _TOP + start * step, _STRIP, length, fill=colour)
        yield _rectangle(_LEFT + start * step, _TOP - _STRIP - 3, length, _STRIP, fill=colour)
    yield _side_title(x + _STRIP / 2, "family")
    if not atlas.dependence:
        return
    x -= _STRIP + 3
    for place, name in enumerate(leaves):
        rho = atlas.dependence[name].rho
        colour = as_hex(abs(rho)) if rho is not None else "#eee"
        yield _rectangle(x, _TOP + place * step, _STRIP, step + 0.2, fill=colour)
    yield _rectangle(x, _TOP, _STRIP, _SIDE, fill="none", stroke="#888", stroke_width=0.6)
    yield _side_title(x + _STRIP / 2, "volume")


def _side_title(x: float, words: str) -> str:
    y = _TOP + _SIDE + 8
    return _text(
        x + 3, y, words, font_size=10, fill="#555", text_anchor="end",
        transform=f"rotate(-60 {x + 3:.1f} {y:.1f})",
    )  # fmt: skip


def _runs(labels: list[str]) -> Iterator[tuple[int, int]]:
    """First and one after last position of each stretch of equal labels."""
    starts = [0, *(i for i in range(1, len(labels)) if labels[i] != labels[i - 1])]
    yield from zip(starts, [*starts[1:], len(labels)], strict=True)


def _spans(atlas: Atlas) -> list[tuple[Cluster, int]]:
    """Clusters of two or more with the position of their first leaf, from the top."""
    place = {name: position for position, name in enumerate(atlas.clusters.leaves)}
    spans = [
        (cluster, min(place[name] for name in cluster.members))
        for cluster in atlas.clusters.clusters
        if len(cluster) > 1
    ]
    return sorted(spans, key=lambda span: span[1])


def _boxes(atlas: Atlas) -> Iterator[str]:
    step = _SIDE / len(atlas.clusters.leaves)
    for cluster, start in _spans(atlas):
        size = len(cluster) * step
        yield _rectangle(
            _LEFT + start * step, _TOP + start * step, size, size,
            fill="none", stroke=_BOUNDARY, stroke_width=1.2,
        )  # fmt: skip


def _labels(atlas: Atlas) -> Iterator[str]:
    """Sizes and representatives of the largest clusters, each with a line to its box."""
    step = _SIDE / len(atlas.clusters.leaves)
    most = int(_SIDE // _LINE)
    largest = sorted(_spans(atlas), key=lambda span: -len(span[0]))[:most]
    shown = sorted(largest, key=lambda span: span[1])
    centres = [_TOP + (start + len(cluster) / 2) * step for cluster, start in shown]
    yield _text(_LABELS, _TOP - 8, "representative, members", font_weight="bold")
    for (cluster, _), centre, y in zip(shown, centres, _apart(centres), strict=True):
        edge = _LEFT + _SIDE
        line = f"M{edge + 2:.1f} {centre:.1f}L{edge + 12:.1f} {y:.1f}H{_LABELS - 4:.1f}"
        yield f'<path d="{line}" fill="none" stroke="{_BOUNDARY}" stroke-width="0.7"/>'
        colour = FAMILY_COLOURS[origin_of(cluster.representative).family]
        yield _rectangle(_LABELS, y - 4.5, 9, 9, fill=colour)
        words = f"{cluster.representative} · {len(cluster)}{_volume_note(atlas, cluster)}"
        yield _text(_LABELS + 14, y + 4, words)


def _volume_note(atlas: Atlas, cluster: Cluster) -> str:
    found = atlas.dependence.get(cluster.representative)
    if found is None or found.rho is None or not found.proxy:
        return ""
    return f" · volume ρ {found.rho:.2f}".replace("-", "−")


def _apart(centres: list[float]) -> list[float]:
    """Heights nearest to the centres, in their order, a line apart and beside the matrix.

    Without the distance between lines it is a monotone regression.
    """
    if not centres:
        return []
    offsets = _LINE * np.arange(len(centres))
    lowest = _TOP + _SIDE - _LINE / 2 - offsets[-1]
    free = isotonic_regression(np.array(centres) - offsets)
    heights: list[float] = (np.clip(free, _TOP + _LINE / 2, lowest) + offsets).tolist()
    return heights


def _family_legend(atlas: Atlas) -> Iterator[str]:
    """Families with their features, clusters and effective number, in two columns."""
    top = _TOP + _SIDE + 52
    half = -(-len(atlas.families) // 2)
    for number, family in enumerate(atlas.families):
        x = _LEFT + (number // half) * 400
        y = top + 18 + (number % half) * _LINE
        yield _rectangle(x, y - 9, 10, 10, fill=FAMILY_COLOURS[family.family])
        yield _text(x + 16, y, family.family)
        cells = (family.features, family.clusters, f"{family.effective.li_ji:.1f}")
        for cell, place in zip(cells, _LEGEND_COLUMNS, strict=True):
            yield _text(x + place, y, str(cell), text_anchor="end")
    for x in (_LEFT, _LEFT + 400)[: 1 if len(atlas.families) <= half else 2]:
        for heading, place in zip(
            ("features", "clusters", "effective"), _LEGEND_COLUMNS, strict=True
        ):
            yield _text(x + place, top, heading, text_anchor="end", fill="#555", font_size=10.5)


_LEGEND_COLUMNS = (235, 290, 348)


def _scale() -> Iterator[str]:
    """The colour scale of abs(ρ)."""
    x, y, width = _LEFT + 810, _TOP + _SIDE + 52, 160.0
    yield _text(x, y, "|ρ|", fill="#555")
    uri = png_data_uri(ramp_colours(np.linspace(0, 1, 64)[None, :]))
    yield (
        f'<image x="{x}" y="{y + 8}" width="{width}" height="12" '
        f'preserveAspectRatio="none" href="{uri}"/>'
    )
    yield _rectangle(x, y + 8, width, 12, fill="none", stroke="#888", stroke_width=0.6)
    for share in (0, 0.5, 1):
        yield _text(x + share * width, y + 33, f"{share:g}", text_anchor="middle", fill="#555")
    yield _rectangle(x, y + 46, 14, 10, fill="none", stroke=_BOUNDARY, stroke_width=1.2)
    yield _text(x + 20, y + 55, "cluster of two or more")
