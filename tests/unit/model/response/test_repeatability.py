"""Smallest detectable changes: read, compared, counted."""

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.model.response.repeatability import Limit, mark, read_limits, summary

# Shrout and Fleiss 1979, table 2: six subjects, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def written(tmp_path, text):
    path = tmp_path / "rc.csv"
    path.write_text(text)
    return path


def test_the_coefficient_from_the_within_subject_deviation(tmp_path):
    wsd = np.sqrt(SHROUT_FLEISS.var(axis=1, ddof=1).mean())
    assert wsd == pytest.approx(2.5027762363, abs=1e-9)
    path = written(tmp_path, f"feature,wsd\nf,{float(wsd)!r}\nelsewhere,1\n")
    limits = read_limits(path, ["f", "g"])
    assert list(limits) == ["f"]
    # 2.77 √(451/72), exactly; RIGOR.md A2 prints 6.9326903742, its own output 6.9326901745.
    assert limits["f"].size == pytest.approx(6.932690174496157, abs=1e-12)
    assert limits["f"].wsd() == pytest.approx(wsd)


def test_repeated_scans_stay_within_in_95_of_100():
    rng = np.random.default_rng(0)
    first, second = rng.normal(10, 1, (2, 20000))
    words = mark(first, second, Limit(2.77, share=False))
    assert words.count("within_repeatability") / 20000 == pytest.approx(0.95, abs=0.006)
    # An error in proportion to the size, as for wCV.
    level = rng.lognormal(3, 1, 20000)
    words = mark(level * first / 10, level * second / 10, Limit(2.77 * 0.1, share=True))
    assert words.count("within_repeatability") / 20000 == pytest.approx(0.95, abs=0.006)


def test_marks():
    before = np.array([10.0, 10.0, 10.0, np.nan, 10.0, 0.0, -10.0])
    after = np.array([12.0, 12.1, 7.9, 1.0, -10.0, 0.0, -13.0])
    absolute = mark(before, after, Limit(2.0, share=False))
    within = "within_repeatability"
    assert absolute == [within, "increase", "decrease", "", "decrease", within, "decrease"]
    share = mark(before, after, Limit(0.2, share=True))
    assert share == [within, within, "decrease", "", "", "", "decrease"]


@pytest.mark.parametrize(
    "text, message",
    [
        ("feature,wsd\nf,0\n", "not clear"),
        ("feature,wsd\nf,-1\n", "not clear"),
        ("feature,rc,wcv\nf,1,0.1\n", "not clear"),
        ("feature,rc\nf,\n", "not clear"),
        ("feature,rc\nf,many\n", "not numbers"),
        ("feature,rc\nf,1\nf,2\n", "twice"),
        ("feature,sdc\nf,1\n", "no column of limits"),
        ("name,rc\nf,1\n", "no column 'feature'"),
        ("feature,rc\nmorph_vol,1\n", "did you mean 'morph_volume'"),
    ],
)
def test_a_table_that_is_not_clear_is_refused(tmp_path, text, message):
    with pytest.raises(UserError, match=message):
        read_limits(written(tmp_path, text), ["f"] if "morph" not in text else ["morph_volume"])


def test_summary():
    found = summary({"f": ["increase", "", "within_repeatability"]}, 3)
    assert found["features_without"] == 2
    assert found["changes_marked"] == 2
    assert found["increase"] == 1
