"""The report on paper."""

import pytest

#: Content of an A4 page between its margins, in CSS pixels.
_WIDTH = round((210 - 32) / 25.4 * 96)

_CUT = """() => [...document.querySelectorAll('table, svg, pre, figure, .scroll')]
    .filter((each) => {
    const box = each.getBoundingClientRect();
    if (!box.width || each.closest('.letters')) return false;
    for (let up = each.parentElement; up; up = up.parentElement) {
        const style = getComputedStyle(up), frame = up.getBoundingClientRect();
        const hides = style.overflowX !== 'visible' || style.overflowY !== 'visible';
        if (hides && up.tagName !== 'HTML' && up.tagName.toLowerCase() !== 'svg'
            && (box.right > frame.right + 1 || box.bottom > frame.bottom + 1)) return true;
    }
    return box.right > document.documentElement.clientWidth + 1;
}).map((each) => `${each.tagName} ${each.className.baseVal ?? each.className}`)"""


@pytest.fixture
def paper(visit, report):
    page = visit(report, width=_WIDTH, dark=True)
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    return page


def test_no_table_and_no_figure_is_cut(paper):
    assert paper.evaluate(_CUT) == []


def test_paper_is_white_and_figures_are_drawings(paper):
    assert paper.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert paper.locator(".live:visible").count() == 0
    assert paper.locator(".still:visible svg").count() == 13
    assert paper.locator(".controls:visible, #theme:visible").count() == 0


def test_charts_give_way_to_drawings_even_after_they_were_seen(visit, report):
    page = visit(report)
    page.locator("figure:has([data-chart='volume-0'])").scroll_into_view_if_needed()
    page.locator("[data-chart='volume-0'] .main-svg").first.wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".live:visible").count() == 0
    assert page.locator(".still:visible svg").count() == 13


def test_checklists_and_settings_are_open_on_paper_and_closed_afterwards(paper):
    for kind in ("checklist", "settings"):
        assert paper.locator(f"details.{kind}").count() >= 1
        assert paper.locator(f"details.{kind}:not([open])").count() == 0
    assert paper.locator("details:not([open]) > summary:visible").count() == 0
    paper.evaluate("dispatchEvent(new Event('afterprint'))")
    assert paper.locator("details[open]").count() == 0


def test_notes_are_smaller_than_the_text_on_paper(paper):
    size = "(each) => parseFloat(getComputedStyle(each).fontSize)"
    text = paper.locator("#cohort p:not([class])").first.evaluate(size)
    notes = paper.locator(".note:visible").evaluate_all(f"(all) => all.map({size})")
    assert max(notes) < text


def test_it_prints(visit, report, tmp_path):
    page = visit(report)
    page.pdf(path=tmp_path / "report.pdf", format="A4", prefer_css_page_size=True)
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert len(content) < 5_000_000
