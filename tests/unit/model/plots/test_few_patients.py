"""What plots say and leave out where there is little to show."""

from types import SimpleNamespace

import numpy as np
import pytest

from radiome.model.concordance import Bounded
from radiome.model.plots.calibration import calibration
from radiome.model.plots.words import shortened, told_apart

SLOPE = Bounded(1.0, 0.5, 1.5)


def material(n, share, *, slope=SLOPE, highest=1.0):
    """Risks that are right, of n patients of whom a share has the event."""
    risk = np.linspace(0.02, 0.98, n) * highest
    values = np.zeros(n, np.int64)
    values[np.argsort(risk)[n - int(n * share) :]] = 1
    figures = {"slope": slope, "in_the_large": Bounded(0.0, -0.5, 0.5)}
    return SimpleNamespace(
        outcome=SimpleNamespace(values=values),
        found=SimpleNamespace(mean_scores=lambda: risk),
        interval=lambda _, name: figures[name],
    )


def predicted(plot, wanted):
    cells = zip(plot.cells["part"], plot.cells["predicted"], strict=True)
    return [x for part, x in cells if part == wanted]


@pytest.mark.parametrize(
    ("n", "share", "drawn"), [(24, 0.5, False), (100, 0.1, False), (80, 0.5, True)]
)
def test_a_smooth_curve_needs_patients_of_both_kinds(n, share, drawn):
    plot = calibration(material(n, share))
    assert ("smooth" in plot.cells["part"]) is drawn
    assert ("loess" in plot.note) is drawn


def test_the_smooth_curve_leaves_out_the_few_at_the_ends():
    plot = calibration(material(200, 0.5))
    drawn = predicted(plot, "smooth")
    assert 0.02 < min(drawn) < 0.06
    assert 0.94 < max(drawn) < 0.98


def test_axes_hold_every_interval_and_no_more():
    # 4 events of 40 patients in the last group: Wilson's limit is 0.23.
    for n, share, highest, end in ((200, 0.5, 1.0, 1.0), (400, 0.01, 0.05, 0.4)):
        plot = calibration(material(n, share, highest=highest))
        bars = predicted(plot, "histogram")
        assert bars[0] + bars[-1] == pytest.approx(end)
        assert max(u for u in plot.cells["upper"] if u is not None) <= end


def test_a_slope_that_may_be_zero_is_no_good_news():
    plot = calibration(material(24, 0.5, slope=Bounded(0.3, -2.7, 3.2)))
    assert plot.title == "Predicted risks are not shown to follow the outcome"
    assert "No miscalibration" in calibration(material(24, 0.5)).title


def test_long_names_that_differ_in_the_middle_stay_apart():
    names = [f"{'a' * 60}{k}{'b' * 60}" for k in range(3)]
    assert len({shortened(name, 20) for name in names}) == 1
    found = told_apart([*names, "volume"], 20)
    assert len(set(found)) == 4
    assert all(len(name) <= 20 for name in found)
