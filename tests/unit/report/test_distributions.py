"""Distributions of numbers and facts over cases."""

import re

from radiome.report.acquisition_facts import facts_of
from radiome.report.charts import histogram
from radiome.report.record import Case


def _texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_histogram_tells_least_median_greatest_and_its_scale():
    svg, bins = histogram([1, 2, 2, 3, 5, 7, 7, 7, 9], label="Size", unit="mm")
    assert _texts(svg)[1:] == ["1", "5", "9"]
    assert _texts(svg)[0] == str(max(count for _, _, count in bins))
    titles = re.findall(r"<title>([^<]*)</title>", svg)
    assert len(titles) == len(bins)
    assert titles[0].startswith("1 to 2.6 mm: ")
    assert sum(count for _, _, count in bins) == 9


def test_a_median_without_room_stands_below_the_others_and_inside():
    svg, _ = histogram([17.2, *[30.0] * 20, 2339.0], label="Volume")
    assert _texts(svg)[1:] == ["17.2", "30", "2339"]
    places = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>30<', svg)
    least = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>17.2<', svg)
    assert float(places[0][1]) > float(least[0][1]) + 8
    assert float(places[0][0]) >= 6
    height = float(re.search(r'viewBox="0 0 260 (\d+)"', svg)[1])
    assert float(places[0][1]) < height


def _cases(**columns):
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return [Case(f"c{n}", f"case-{n}", "measured", "", "", row) for n, row in enumerate(rows)]


def test_intensities_have_the_unit_that_all_images_share():
    minima = [str(-100 - n) for n in range(9)]
    [fact] = [f for f in facts_of(_cases(minimum=minima, unit=["HU"] * 9)) if f.bins]
    assert (fact.label, fact.unit) == ("Least intensity", "HU")
    mixed = facts_of(_cases(minimum=minima, unit=["HU", "SUVbw", *["HU"] * 7]))
    assert next(f for f in mixed if f.bins).unit == ""


def test_few_numbers_ascend_and_words_descend_by_count():
    facts = facts_of(_cases(slices=["8", "10", "10", "9"], ConvolutionKernel=["A", "B", "B", "C"]))
    assert [value for value, _, _ in facts[0].counts] == ["8", "9", "10"]
    assert [share for _, _, share in facts[0].counts] == [0.5, 0.5, 1]
    assert [value for value, _, _ in facts[1].counts] == ["B", "A", "C"]
