"""The report as a reader meets it."""

import json

import pytest


def _drawn(page):
    """Bring every chart into view, so that it is drawn."""
    for figure in page.locator("figure:has(.live)").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".live .main-svg").first.wait_for()
    return page


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_it_opens_and_draws_without_a_complaint(visit, report, width, dark):
    page = _drawn(visit(report, width=width, dark=dark))
    assert page.locator(".live").count() == 4
    assert page.title() == "Coarse texture in virtual lesions"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(21, 23, 26)" if dark else "rgb(255, 255, 255)")


def test_the_table_sorts_by_its_headings(visit, report):
    page = visit(report)
    heading = page.locator("#trust-0 th", has_text="Volume").first
    rho = """[...document.querySelectorAll('#trust-0 td[data-value]:nth-child(5)')]
        .map((cell) => cell.dataset.value)"""
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    values = [float(text) for text in page.evaluate(rho) if text]
    assert len(values) > 150
    assert values == sorted(values, reverse=True)
    assert all(text == "" for text in page.evaluate(rho)[len(values) :])
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert [float(text) for text in page.evaluate(rho) if text] == values[::-1]
    assert page.locator("#trust-0 th[aria-sort]").count() == 1


def test_the_table_is_filtered(visit, report):
    page = visit(report)
    rows = page.locator("#trust-0 tbody tr:visible")
    everything = rows.count()
    assert everything == 215
    page.get_by_placeholder("name, code, family").fill("glcm entropy")
    assert {row.get_attribute("data-family") for row in rows.all()} == {"glcm"}
    assert 0 < rows.count() < 20
    assert page.locator(".controls output").first.text_content() == f"{rows.count()} of 215 rows"
    page.get_by_placeholder("name, code, family").fill("")
    page.get_by_label("not volume in disguise").check()
    kept = rows.count()
    assert 0 < kept < everything
    assert page.locator("#trust-0 tbody tr[data-proxy]:visible").count() == 0
    page.get_by_label("Family").select_option("morphology")
    assert 0 < rows.count() < kept


def test_the_card_opens_by_mouse_and_by_keyboard(visit, report):
    page = visit(report)
    card = page.locator("#card")
    first = page.locator("#trust-0 .open").first
    first.click()
    assert card.is_visible()
    assert card.locator("h2").text_content() == first.text_content()
    assert card.locator(".duo figure").count() == 2
    widths = card.locator(".duo img").evaluate_all(
        "(all) => all.map((image) => image.naturalWidth)"
    )
    assert widths in ([144] * 2, [144] * 4)
    assert card.locator(".says").text_content().endswith(".")
    card.get_by_label("Close").click()
    assert not card.is_visible()
    first.focus()
    page.keyboard.press("Enter")
    assert card.is_visible()
    page.keyboard.press("Escape")
    assert not card.is_visible()
    assert page.evaluate("document.activeElement === document.querySelector('#trust-0 .open')")


def test_a_card_shows_the_map_of_both_cases_below_their_pictures(visit, report):
    told = json.loads((report.parent / "analyses/main/maps.json").read_text())
    mapped, unmapped = next(iter(told["features"])), next(iter(told["reasons"]))
    for width in (1280, 390):
        page = visit(report, width=width)
        card = page.locator("#card")
        page.locator(f"#trust-0 tr[data-feature={mapped}] .open").click()
        for figure in card.locator(".duo figure").all():
            lesion, drawn = (image.bounding_box() for image in figure.locator("img").all())
            assert drawn["y"] >= lesion["y"] + lesion["height"]
            assert (drawn["x"], drawn["width"]) == (lesion["x"], lesion["width"])
        bar = card.locator(".scale .bar")
        painted = bar.evaluate("(bar) => getComputedStyle(bar).backgroundImage")
        assert painted.count("rgb(") == 9
        ends = card.locator(".scale span").all_text_contents()
        assert ends[0]
        assert ends[2]
        assert page.evaluate("card.scrollWidth <= card.clientWidth")
        card.get_by_label("Close").click()
        page.evaluate("(tag) => openFeature(document.querySelector('#trust-0'), tag)", unmapped)
        assert card.locator(".scale").count() == 0
        assert "No map: " in card.text_content()


def test_a_card_leads_to_its_cluster(visit, report):
    page = visit(report)
    page.locator("#trust-0 tr[data-feature=morph_volume] .open").click()
    card = page.locator("#card")
    member = card.locator(".members .open").first
    name = member.text_content()
    member.click()
    assert card.locator("h2").text_content() == name
    page.keyboard.press("Escape")
    focused = page.evaluate("document.activeElement.closest('tr')?.dataset.feature")
    assert focused == "morph_volume"


def test_a_point_of_a_chart_tells_its_feature_and_opens_its_card(visit, report):
    page = visit(report)
    chart = page.locator("figure:has([data-chart='volume-0'])")
    chart.scroll_into_view_if_needed()
    points = chart.locator(".point")
    points.first.wait_for()
    box = points.nth(3).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(".hoverlayer text").first.wait_for()
    assert "ρ with volume" in chart.locator(".hoverlayer").text_content()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#card").wait_for()


def test_the_switch_of_appearance_goes_round_and_charts_follow(visit, report):
    page = visit(report)
    button = page.locator("#theme")
    seen = []
    for _ in range(3):
        button.click()
        seen.append(page.evaluate("document.documentElement.dataset.theme ?? ''"))
    assert seen == ["light", "dark", ""]


def test_contents_lead_to_sections_and_the_keyboard_reaches_the_report(visit, report):
    page = visit(report)
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator(".contents a", has_text="Methods text").click()
    assert page.url.endswith("#methods")
    box = page.locator("#methods").bounding_box()
    assert abs(box["y"]) < 60


def test_names_that_attack_do_nothing(visit, hostile_report):
    page = _drawn(visit(hostile_report))
    page.locator("#trust-0 .open").first.click()
    assert page.locator("#card .duo figcaption").first.text_content().count("<script>") == 1
    assert page.evaluate("window.owned") is None
    assert page.locator("main img[src='x']").count() == 0


def test_tables_fit_a_telephone(visit, report):
    page = visit(report, width=390)
    for name in (".trust", ".alternatives", ".short .data", ".gates"):
        table = page.locator(name).first
        assert table.evaluate("(t) => t.scrollWidth <= t.parentElement.clientWidth + 1"), name


def test_bars_tell_their_range_and_their_cases(visit, report):
    page = visit(report)
    told = page.locator(".histogram .bars title").all_text_contents()
    assert len(told) > 10
    assert all(text.rpartition(": ")[2].endswith(("case", "cases")) for text in told)
