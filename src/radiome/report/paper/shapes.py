"""What an SVG of matplotlib paints, shape by shape, with all inheritance resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree

from radiome.report.paper.outlines import (
    IDENTITY,
    Matrix,
    Segment,
    scale_of,
    segments,
    times,
    transformation,
)

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A path with its paint; lengths are in points, y grows downwards.

    Parameters
    ----------
    path : list of Segment
        Lines and curves.
    fill, stroke : Colour or None
        Red, green, blue from 0 to 1; None is not painted.
    fill_opacity, stroke_opacity : float
        1 hides what is below.
    width : float
        Of the stroke.
    dashes : tuple of float
        Lengths on and off; empty for an unbroken line.
    cap, join : str
        ``butt``, ``round`` or ``square``; ``miter``, ``round`` or ``bevel``.
    clip : list of Segment
        Nothing is painted outside it; empty for no limit.
    """

    path: list[Segment]
    fill: Colour | None
    stroke: Colour | None
    fill_opacity: float
    stroke_opacity: float
    width: float
    dashes: tuple[float, ...]
    cap: str
    join: str
    clip: list[Segment]


@dataclass(frozen=True, slots=True)
class _State:
    """What a part inherits."""

    matrix: Matrix = IDENTITY
    style: Mapping[str, str] = field(default_factory=dict)
    clip: tuple[Segment, ...] = ()


def shapes_of(svg: bytes) -> tuple[float, float, list[Shape]]:
    """Width and height of a drawing in points, and its shapes in the order of painting.

    Raises
    ------
    NotImplementedError
        If it has parts that matplotlib's plots do not, such as text in fonts or pictures.
    """
    root = ElementTree.fromstring(svg)
    known = {name: each for each in root.iter() if (name := each.get("id"))}
    _, _, width, height = (float(part) for part in root.get("viewBox", "").split())
    start = _State(style={"stroke-linejoin": "round"})
    return width, height, list(_shapes(root, start, known))


def _shapes(
    part: ElementTree.Element, above: _State, known: Mapping[str, ElementTree.Element]
) -> Iterator[Shape]:
    tag = part.tag.removeprefix(_SVG)
    if tag in ("defs", "title", "metadata", "style", "clipPath"):
        return
    state = _inherited(part, above, known)
    if tag in ("svg", "g"):
        for child in part:
            yield from _shapes(child, state, known)
    elif tag == "path":
        yield _painted(segments(part.get("d", ""), state.matrix), state)
    elif tag == "use":
        target = part.get(f"{_XLINK}href") or part.get("href") or ""
        moved = (1.0, 0.0, 0.0, 1.0, float(part.get("x", 0)), float(part.get("y", 0)))
        inside = replace(state, matrix=times(state.matrix, moved))
        yield from _shapes(known[target.removeprefix("#")], inside, known)
    else:
        raise NotImplementedError(f"a part {tag} of an SVG")


def _inherited(
    part: ElementTree.Element, above: _State, known: Mapping[str, ElementTree.Element]
) -> _State:
    declared = [piece.partition(":") for piece in part.get("style", "").split(";") if piece.strip()]
    style = {**above.style, **{name.strip(): value.strip() for name, _, value in declared}}
    matrix = times(above.matrix, transformation(part.get("transform", "")))
    limit = re.fullmatch(r"url\(#(.+)\)", part.get("clip-path", ""))
    clip = _limits(known[limit[1]], above.matrix) if limit else above.clip
    return _State(matrix, style, clip)


def _limits(clip: ElementTree.Element, matrix: Matrix) -> tuple[Segment, ...]:
    found: list[Segment] = []
    for each in clip:
        outline = each.get("d", "")
        if each.tag == f"{_SVG}rect":
            x, y, wide, high = (float(each.get(name, 0)) for name in ("x", "y", "width", "height"))
            outline = f"M {x} {y} L {x + wide} {y} L {x + wide} {y + high} L {x} {y + high} z"
        found += segments(outline, matrix)
    return tuple(found)


def _painted(path: list[Segment], state: _State) -> Shape:
    style = state.style
    opacity = float(style.get("opacity", 1))
    scale = scale_of(state.matrix)
    dashes = style.get("stroke-dasharray", "none")
    lengths = () if dashes == "none" else tuple(
        scale * float(part) for part in re.split(r"[\s,]+", dashes))  # fmt: skip
    return Shape(
        path=path,
        fill=_colour(style.get("fill", "#000000")),
        stroke=_colour(style.get("stroke", "none")),
        fill_opacity=opacity * float(style.get("fill-opacity", 1)),
        stroke_opacity=opacity * float(style.get("stroke-opacity", 1)),
        width=scale * float(style.get("stroke-width", 1)),
        dashes=lengths,
        cap=style.get("stroke-linecap", "butt"),
        join=style.get("stroke-linejoin", "miter"),
        clip=list(state.clip),
    )


def _colour(text: str) -> Colour | None:
    if text == "none":
        return None
    code = re.fullmatch(r"#([0-9a-fA-F]{6})", text)
    if code is None:
        raise NotImplementedError(f"the colour {text} of an SVG")
    red, green, blue = (int(code[1][place : place + 2], 16) / 255 for place in (0, 2, 4))
    return (red, green, blue)
