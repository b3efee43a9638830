from __future__ import annotations

import io

import pytest

from radiome.cohort.engine import Progress
from radiome.cohort.progress import ProgressReport, remaining_seconds
from radiome.cohort.store import Outcome


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(report: ProgressReport, total: int = 40) -> None:
    with report:
        report(Progress(total))
        for done in range(1, total + 1):
            outcome = Outcome(f"c{done}", "failed" if done == 7 else "ok", "[no] mask")
            report(Progress(total, done, failed=int(done >= 7), latest=outcome))


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    stream = io.StringIO()
    run(ProgressReport(stream))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 20 + 1
    assert "failed: c7: [no] mask" in lines
    assert lines[-1] == "40/40 cases, 1 failed"
    assert "left" in lines[0]


def test_the_number_of_lines_can_be_chosen() -> None:
    stream = io.StringIO()
    run(ProgressReport(stream, every=15))
    assert [line.split("/")[0] for line in stream.getvalue().splitlines()] == [
        "failed: c7: [no] mask",
        "15",
        "30",
        "40",
    ]


def test_on_a_terminal_there_is_a_bar_and_failures_stand_above_it() -> None:
    stream = Terminal()
    run(ProgressReport(stream))
    assert "40/40" in stream.getvalue()
    assert "failed: c7: [no] mask" in stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_what_a_run_waits_for_is_told(stream: io.StringIO) -> None:
    report = ProgressReport(stream)
    with report:
        report(Progress(40, 8))
        report(Progress(40, 8, note="no [bold]worker"))
    assert stream.getvalue().count("no [bold]worker") == 1


def test_resumed_cases_do_not_flatter_the_estimate() -> None:
    assert remaining_seconds(Progress(10, 6, resumed=4), elapsed=2.0) == 4.0
    assert remaining_seconds(Progress(10, 4, resumed=4), elapsed=1.0) is None
