"""Pictures as parts of the page."""

import re

import pytest

from radiome.base.errors import UserError
from radiome.report.figures import Gallery

_HOSTILE = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script><foreignObject/>
<a xlink:href="https://example.org"><rect width="1" height="1"/></a>
<image href="https://example.org/x.png"/><image href="data:image/png;base64,AAAA"/>
<rect id="r" width="1" height="1" fill="#fff"/><use xlink:href="#r"/></svg>"""


def test_words_leave_the_drawing_and_letters_are_shared(run):
    folder = run / "analyses/main/model/plots"
    gallery = Gallery()
    figures = [gallery.plot(path) for path in sorted(folder.glob("*.svg"))]
    assert len(figures) == 10
    assert all(figure.title and figure.note for figure in figures)
    null = next(figure for figure in figures if "permutation" in figure.title)
    assert null.subtitle.startswith("p = ")
    assert null.title not in re.sub(r'aria-label="[^"]*"', "", null.svg)
    letters = set(re.findall(r'id="(DejaVuSans[^"]*)"', gallery.sprite()))
    used = {name for each in figures for name in re.findall(r'href="#(DejaVuSans[^"]*)"', each.svg)}
    assert used <= letters
    assert not any('<path id="DejaVu' in figure.svg for figure in figures)


def test_names_differ_between_pictures_and_all_references_hold(run):
    path = next((run / "analyses/main/model/plots").glob("*-roc.svg"))
    gallery = Gallery()
    texts = [gallery.plot(path).svg, gallery.plot(path).svg]
    names = [set(re.findall(r' id="([^"]*)"', text)) for text in texts]
    assert names[0]
    assert not names[0] & names[1]
    for own, text in zip(names, texts, strict=True):
        referred = set(re.findall(r'(?:url\(#|href="#)([^")]*)', text))
        assert {name for name in referred if not name.startswith("DejaVu")} == own


def test_colours_are_those_of_the_page(run):
    path = next((run / "analyses/main/model/plots").glob("*-roc.svg"))
    svg = Gallery().plot(path).svg
    assert "var(--accent)" in svg
    assert not re.search(r"#(0072B2|222222|ffffff)", svg, re.IGNORECASE)


def test_scripts_links_and_addresses_are_left_out():
    svg = Gallery().plot_bytes(_HOSTILE, "here").svg
    assert "alert" not in svg
    assert "example.org" not in svg
    assert "foreignObject" not in svg
    assert 'href="data:image/png;base64,AAAA"' in svg
    assert 'href="#f1-r"' in svg


def test_at_risk_numbers_of_survival_curves_stay_in_the_drawing(tmp_path):
    gallery = Gallery()
    svg = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 252 200"><g id="figure_1">
    <g id="axes_1"/>
    <g id="text_1"><!-- Title --><g transform="translate(5 14) scale(0.08 -0.08)"/></g>
    <g id="text_2"><!-- Under it --><g transform="translate(5 24) scale(0.065 -0.065)"/></g>
    <g id="text_3"><!-- At risk --><g transform="translate(5 150) scale(0.065 -0.065)"/></g>
    <g id="text_4"><!-- Note --><g transform="translate(5 190) scale(0.058 -0.058)"/></g>
    </g></svg>"""
    figure = gallery.plot_bytes(svg.encode(), "here")
    assert (figure.title, figure.subtitle, figure.note) == ("Title", "Under it", "Note")
    assert "translate(5 150)" in figure.svg
    assert 'viewBox="0 26.5 252 155.5"' in figure.svg


def test_a_picture_that_is_no_xml_is_refused():
    with pytest.raises(UserError, match="picture"):
        Gallery().plot_bytes(b"<svg", "here")
