"""The report for those who do not see it, or see it otherwise: checked by axe-core."""

from pathlib import Path

import pytest

#: axe-core 4.14, Mozilla Public License 2.0, used by this test alone.
_AXE = Path(__file__).with_name("axe") / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def _violations(page):
    # Rows are alike, and drawings have a name each: a few rows and no drawings are enough.
    page.locator("tbody tr:nth-child(n+9)").evaluate_all("(all) => all.forEach((e) => e.remove())")
    # The page's policy lets no script in; the debugger's protocol does not ask it.
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    context = {"exclude": [[".live"], [".still > svg > *"], [".montage li:nth-child(n+3)"]]}
    found = page.evaluate(
        "([context, tags]) => axe.run(context, {runOnly: tags})", [context, _RULES]
    )
    assert len(found["passes"]) > 20
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)])
def test_page_and_card_have_no_violation(visit, report, dark, width):
    page = visit(report, dark=dark, width=width)
    page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    assert _violations(page) == []
    page.locator("#trust-0 .open").first.click()
    assert _violations(page) == []
