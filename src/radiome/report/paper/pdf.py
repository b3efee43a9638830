"""Shapes as a PDF file of one page (PDF 1.4, ISO 32000-1), the same bytes for the same shapes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from radiome.report.paper.outlines import Segment
from radiome.report.paper.shapes import Shape, shapes_of

_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}


def pdf_of(svg: bytes, *, title: str) -> bytes:
    """Turn a plot into PDF; letters stay outlines, lines stay lines.

    Parameters
    ----------
    svg : bytes
        A plot of `radiome.model.plots`.
    title : str
        Title of the document.

    Raises
    ------
    NotImplementedError
        If the plot has parts that matplotlib's plots do not.
    """
    width, height, shapes = shapes_of(svg)
    opacities = list(
        dict.fromkeys(pair for each in shapes if (pair := _opacities(each)) != (1.0, 1.0))
    )
    content = "\n".join(_commands(shapes, height, opacities)).encode("ascii")
    packed = zlib.compress(content, 9)
    states = "".join(
        f"/G{place} << /ca {fill:g} /CA {stroke:g} >> "
        for place, (fill, stroke) in enumerate(opacities)
    )
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] "
        f"/Resources << /ExtGState << {states}>> >> /Contents 4 0 R >>"
    )
    stream = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode("ascii")
    named = ("\ufeff" + title).encode("utf-16-be").hex()
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            page.encode("ascii"),
            stream + packed + b"\nendstream",
            f"<< /Title <{named}> /Creator (radiome) >>".encode("ascii"),
        ]
    )


def _file(objects: Sequence[bytes]) -> bytes:
    """The objects, numbered from 1, with the table of their places; the last is the title."""
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R >>" % (size, len(objects))
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return body + head + table + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, len(body))


def _opacities(shape: Shape) -> tuple[float, float]:
    return (shape.fill_opacity, shape.stroke_opacity)


def _commands(
    shapes: Iterable[Shape], height: float, opacities: Sequence[tuple[float, float]]
) -> Iterable[str]:
    # PDF counts from the lower edge.
    yield f"1 0 0 -1 0 {height:g} cm"
    for shape in shapes:
        how = _paint(shape)
        if not shape.path or how == "n":
            continue
        yield "q"
        if shape.clip:
            yield f"{_outline(shape.clip)} W n"
        if _opacities(shape) in opacities:
            yield f"/G{opacities.index(_opacities(shape))} gs"
        if shape.fill is not None:
            yield f"{_numbers(shape.fill)} rg"
        if shape.stroke is not None:
            dashes = f"[{_numbers(shape.dashes)}] 0 d"
            ends = f"{_CAPS[shape.cap]} J {_JOINS[shape.join]} j"
            yield f"{_numbers(shape.stroke)} RG {shape.width:.4g} w {ends} {dashes}"
        yield f"{_outline(shape.path)} {how}"
        yield "Q"


def _paint(shape: Shape) -> str:
    """Operator that fills and strokes."""
    if shape.fill is not None and shape.stroke is not None:
        return "B"
    if shape.fill is not None:
        return "f"
    return "n" if shape.stroke is None else "S"


def _outline(path: Iterable[Segment]) -> str:
    return " ".join(f"{_numbers(numbers)} {operator}".strip() for operator, numbers in path)


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)
