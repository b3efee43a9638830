"""Plots as PDF."""

import re
import zlib

import pytest

from radiome.report.paper.outlines import segments, transformation
from radiome.report.paper.pdf import pdf_of
from radiome.report.paper.shapes import shapes_of

_SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 100 50"><defs><path id="dot" d="M 0 0 L 1 0 L 1 1 z"/>
 <clipPath id="box"><rect x="1" y="2" width="3" height="4"/></clipPath></defs>
 <g style="fill: #ff0000" transform="translate(10 20) scale(2 -2)">
 <use xlink:href="#dot" x="3" y="1"/></g>
 <path d="M 0 0 Q 3 3 6 0" clip-path="url(#box)"
  style="fill: none; stroke: #0072B2; stroke-width: 2; stroke-dasharray: 3,2; stroke-opacity: 0.5"/>
 </svg>"""


def _content(pdf):
    packed = re.search(rb"stream\n(.*)\nendstream", pdf, re.DOTALL)[1]
    return zlib.decompress(packed).decode()


def test_shapes_inherit_paint_place_and_limits():
    width, height, (letter, line) = shapes_of(_SVG)
    assert (width, height) == (100, 50)
    assert letter.fill == (1, 0, 0)
    assert letter.stroke is None
    assert letter.path[:2] == [("m", (16.0, 18.0)), ("l", (18.0, 18.0))]
    assert line.fill is None
    assert (line.width, line.dashes, line.stroke_opacity) == (2, (3, 2), 0.5)
    assert line.clip[0] == ("m", (1, 2))
    assert line.clip[2] == ("l", (4, 6))


def test_a_quadratic_curve_equals_its_cubic_one():
    (_, start), (_, (ax, ay, bx, by, x, y)) = segments("M 0 0 Q 3 3 6 0", transformation(""))
    for t in (0.25, 0.5, 0.9):
        quadratic = (2 * (1 - t) * t * 3 + t * t * 6, 2 * (1 - t) * t * 3)
        cubic = tuple(
            (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * q
            for p, a, b, q in zip(start, (ax, ay), (bx, by), (x, y), strict=True)
        )
        assert cubic == pytest.approx(quadratic)


def test_transformations_are_done_from_the_right():
    ((_, moved),) = segments("M 3 0", transformation("translate(1 2) rotate(90)"))
    assert moved == pytest.approx((1, 5))
    assert segments("M 1 1", transformation("matrix(1 2 3 4 5 6)")) == [("m", (9, 12))]


def test_every_object_lies_where_the_table_says(run):
    for path in (run / "analyses/main/model/plots").glob("*.svg"):
        pdf = pdf_of(path.read_bytes(), title="ρ")
        assert pdf == pdf_of(path.read_bytes(), title="ρ")
        start = int(re.search(rb"startxref\n(\d+)", pdf)[1])
        assert pdf[start:].startswith(b"xref")
        places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n", pdf[start:])]
        assert [pdf[at : at + 7] for at in places] == [b"%d 0 obj" % n for n in range(1, 6)]
        assert b"feff03c1" in pdf
        commands = _content(pdf)
        assert commands.count("q\n") == commands.count("\nQ")
        assert commands.count(" f") > 20


def test_dashes_limits_and_opacity_are_written():
    commands = _content(pdf_of(_SVG, title=""))
    assert "[3 2] 0 d" in commands
    assert "W n" in commands
    assert "/G0 gs" in commands
    assert commands.startswith("1 0 0 -1 0 50 cm")


@pytest.mark.parametrize(
    "part",
    [b"<text>a</text>", b'<path d="M 0 0 A 1 1 0 0 0 1 1"/>', b'<g style="fill: red"><path/></g>'],
)
def test_what_no_plot_has_is_refused_rather_than_left_out(part):
    with pytest.raises(NotImplementedError, match="SVG"):
        shapes_of(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">' + part + b"</svg>")
