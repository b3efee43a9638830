"""Pictures of the run as parts of the page: one set of letters, names of their own, its colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from radiome.base.errors import UserError
from radiome.report.raster import lighter

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"

#: What a picture may be made of; anything else, such as a script, is left out.
_SHAPES = ("svg", "g", "path", "use", "defs", "clipPath", "rect", "circle", "line", "text",
           "tspan", "polyline", "polygon", "image")  # fmt: skip

#: Colours of the plots' sheet and what the page calls them, so that both turn dark together.
_COLOURS = {
    "#0072b2": "--accent",
    "#222222": "--ink",
    "#222": "--ink",
    "#444444": "--ink-2",
    "#555": "--quiet",
    "#666666": "--quiet",
    "#888": "--rule-2",
    "#a6a6a6": "--rule-2",
    "#e4e4e4": "--rule",
    "#ffffff": "--paper",
    "#fff": "--paper",
}
#: Lines of a title and a subtitle are no further apart than this, in points.
_LEADING = 11.5
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_PAINTED = ("fill", "stroke", "style")


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture and the words around it, which the page sets in its own type.

    Parameters
    ----------
    svg : str
        The drawing, to stand in HTML.
    title, subtitle, note : str
        What is seen, the figures behind it, how it was made.
    width : float
        Of the drawing, in points.
    """

    svg: str
    title: str
    subtitle: str
    note: str
    width: float


@dataclass(slots=True)
class Gallery:
    """Pictures of one page; letters that several of them use are kept once."""

    letters: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def sprite(self) -> str:
        """The letters, as a picture of no size that stands before the others."""
        paths = "".join(f'<path id="{name}" d="{shape}"/>' for name, shape in self.letters.items())
        frame = '<svg class="letters" width="0" height="0" aria-hidden="true">'
        return f"{frame}<defs>{paths}</defs></svg>"

    def plot(self, path: Path) -> Figure:
        """Take a plot of `radiome.model.plots`: its words leave the drawing."""
        return self.plot_bytes(path.read_bytes(), str(path))

    def plot_bytes(self, content: bytes, where: str) -> Figure:
        """Take the bytes of such a plot; `where` is for messages."""
        root = _parsed(content, where)
        return self._figure(root, *_words_taken(root))

    def drawing(self, path: Path) -> Figure:
        """Take any other SVG file as it is, pictures inside it as light as the page needs."""
        return self._figure(_parsed(lighter(path.read_bytes()), str(path)), "", "", "")

    def _figure(self, root: ElementTree.Element, title: str, subtitle: str, note: str) -> Figure:
        self.count += 1
        _sanitised(root)
        self._letters_shared(root)
        _named_apart(root, f"f{self.count}-")
        _coloured(root)
        box = root.get("viewBox", "0 0 252 180")
        width = float(box.split()[2])
        root.attrib.clear()
        root.set("viewBox", box)
        root.set("role", "img")
        root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
        root.set("aria-label", " ".join(part for part in (title, subtitle) if part) or "Figure")
        return Figure(_written(root), title, subtitle, note, width)

    def _letters_shared(self, root: ElementTree.Element) -> None:
        """Move outlines of letters to the sprite; the same name always means the same outline."""
        for parent in root.iter(f"{_SVG}defs"):
            for shape in list(parent):
                name, outline = shape.get("id", ""), shape.get("d", "")
                if not re.fullmatch(r"DejaVuSans(-Bold)?-[0-9a-f]+", name):
                    continue
                if self.letters.setdefault(name, _scaled(outline)) == _scaled(outline):
                    parent.remove(shape)


def _scaled(outline: str) -> str:
    """The outline with the scale of its definition, 1/64, taken in; without line breaks."""
    return " ".join(
        f"{float(part) / 64:.4g}" if part[0] in "-.0123456789" else part for part in outline.split()
    )


def _parsed(content: bytes, where: str) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    try:
        return ElementTree.fromstring(content, parser)
    except ElementTree.ParseError as error:
        raise UserError(
            "a picture of the run cannot be read", where=where, got=str(error),
            do="run the study again; only what is missing is computed",
        ) from None  # fmt: skip


def _words_taken(root: ElementTree.Element) -> tuple[str, str, str]:
    """Title, subtitle and note of a plot; they are cut off the drawing.

    They are the texts of the figure, not of its axes: the title in letters of 8 points, the
    subtitle in 6.5 above the axes, the note in 5.8 below.
    """
    figure = root.find(f"{_SVG}g")
    if figure is None:
        return "", "", ""
    told = [(group, line) for group in figure if (line := _line_of(group)) is not None]
    title, subtitle, note = _parted([line for _, line in told])
    for group, line in told:
        if line in (*title, *subtitle, *note):
            figure.remove(group)
    x, _, width, height = (float(part) for part in root.get("viewBox", "0 0 252 180").split())
    above, below = [line.y for line in (*title, *subtitle)], [line.y for line in note]
    top = max(above) + 2.5 if above else 0.0
    bottom = min(below) - 8.0 if below else height
    root.set("viewBox", f"{x:g} {top:g} {width:g} {bottom - top:g}")
    return _joined(title), _joined(subtitle), _joined(note)


class _Line(NamedTuple):
    """A text of a figure: size of its letters, height of its foot, words."""

    size: str
    y: float
    words: str


def _parted(lines: Sequence[_Line]) -> tuple[list[_Line], list[_Line], list[_Line]]:
    """Title, subtitle and note among the texts of a figure; others belong to the drawing."""
    title = [line for line in lines if line.size == "0.08"]
    note = [line for line in lines if line.size == "0.058"]
    subtitle: list[_Line] = []
    foot = max((line.y for line in title), default=0.0)
    for line in sorted(lines, key=lambda line: line.y):
        if title and line.size == "0.065" and 0 < line.y - foot < _LEADING:
            subtitle.append(line)
            foot = line.y
    return title, subtitle, note


def _joined(lines: Sequence[_Line]) -> str:
    return " ".join(line.words for line in lines)


def _line_of(group: ElementTree.Element) -> _Line | None:
    """A text of matplotlib; its words are its comment."""
    comment = next((each for each in group if not isinstance(each.tag, str)), None)
    drawn = next((each.get("transform", "") for each in group if each.tag == f"{_SVG}g"), "")
    place = re.search(r"translate\(\S+ (\S+)\) scale\((\S+)", drawn)
    if not group.get("id", "").startswith("text_") or comment is None or place is None:
        return None
    return _Line(place[2], float(place[1]), (comment.text or "").strip())


def _sanitised(root: ElementTree.Element) -> None:
    """Keep shapes and letters only: no scripts, no links, no addresses outside the page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.removeprefix(_SVG) not in _SHAPES:
                parent.remove(child)
        if not isinstance(parent.tag, str):
            continue
        for name, value in list(parent.attrib.items()):
            target = name.removeprefix(_XLINK) == "href"
            inside = value.startswith(("#", "data:image/png;base64,"))
            if name.lower().startswith("on") or (target and not inside):
                del parent.attrib[name]
            elif target:
                del parent.attrib[name]
                parent.set("href", value)


def _named_apart(root: ElementTree.Element, prefix: str) -> None:
    """Give what is referred to a name of this picture's own, and drop all other names."""
    used = set()
    for each in root.iter():
        used.add(each.get("href", "").removeprefix("#"))
        for value in each.attrib.values():
            used.update(_REFERENCE.findall(value))
    own = {each.get("id") for each in root.iter()} & used
    for each in root.iter():
        name = each.attrib.pop("id", None)
        if name in own:
            each.set("id", prefix + str(name))
        for key, value in list(each.attrib.items()):
            if key == "href" and value.removeprefix("#") in own:
                each.set("href", f"#{prefix}{value[1:]}")
            elif "url(#" in value:
                each.set(key, _REFERENCE.sub(lambda found: f"url(#{prefix}{found[1]})", value))


def _coloured(root: ElementTree.Element) -> None:
    """Turn the sheet's colours into those of the page; paint goes where variables work."""
    for each in root.iter():
        style = [each.attrib.pop("style", "")]
        for name in _PAINTED[:2]:
            if _COLOUR.fullmatch(each.get(name, "")):
                style.insert(0, f"{name}: {each.attrib.pop(name)}")
        text = "; ".join(part.strip().rstrip(";") for part in style if part)
        if text:
            each.set("style", _COLOUR.sub(_variable, text))


def _variable(found: re.Match[str]) -> str:
    name = _COLOURS.get(found[0].lower())
    return f"var({name})" if name else found[0]


def _written(root: ElementTree.Element) -> str:
    for each in root.iter():
        each.tag = each.tag.removeprefix(_SVG)
        each.tail = None if each.tag not in ("tspan",) else each.tail
        if each.tag not in ("text", "tspan"):
            each.text = None
        if "d" in each.attrib:
            each.set("d", " ".join(each.attrib["d"].split()))
    return ElementTree.tostring(root, encoding="unicode")
