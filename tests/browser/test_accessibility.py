"""The report for those who do not see it, or see it otherwise: checked by axe-core."""

from pathlib import Path

import pytest

#: axe-core 4.14, Mozilla Public License 2.0, used by this test alone.
_AXE = Path(__file__).with_name("axe") / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def _violations(page, rules=_RULES):
    # Rows are alike, and drawings have a name each: a few rows and no drawings are enough.
    page.locator("tbody tr:nth-child(n+5)").evaluate_all("(all) => all.forEach((e) => e.remove())")
    # The page's policy lets no script in; the debugger's protocol does not ask it.
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    context = {"exclude": [[".live"], [".still > svg > *"], [".montage li:nth-child(n+3)"]]}
    found = page.evaluate(
        "([context, rules]) => axe.run(context, {runOnly: rules})", [context, rules]
    )
    assert found["passes"]
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.fixture
def opened(visit, report):
    def _opened(**how):
        page = visit(report, **how)
        page.locator("details").evaluate_all("(all) => all.forEach((e) => { e.open = true; })")
        return page

    return _opened


def test_page_and_card_have_no_violation(opened):
    page = opened()
    assert _violations(page) == []
    page.locator("#trust-0 .open").first.click()
    assert _violations(page) == []


def test_dark_colours_have_contrast_on_a_narrow_screen(opened):
    page = opened(dark=True, width=390)
    assert _violations(page, ["color-contrast"]) == []
    page.locator("#trust-0 .open").first.click()
    assert _violations(page, ["color-contrast"]) == []
