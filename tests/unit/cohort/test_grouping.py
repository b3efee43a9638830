"""Quick cases go together, slow ones by themselves, and each case exactly once."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from radiome.cohort.grouping import GROUP_SECONDS, Group, Line
from radiome.cohort.worker import Task


def tasks(count: int) -> list[Task]:
    return [cast(Task, {"index": index}) for index in range(count)]


def numbers(group: Group | None) -> list[int]:
    return [] if group is None else [task["index"] for task in group.tasks]


def take(line: Line, **options: Any) -> Group:
    group = line.take(1, **({"idle": False} | options))
    assert group is not None
    return group


def after(seconds: float, *, count: int = 1000) -> Line:
    """A line of which one case was measured, in the given time."""
    line = Line(tasks(count + 1), retries=1)
    line.learn(take(line), done=1, seconds=seconds)
    return line


def test_the_first_cases_go_one_by_one() -> None:
    line = Line(tasks(100), retries=1)
    assert [numbers(take(line)) for _ in range(3)] == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("seconds", "size"), [(GROUP_SECONDS / 10.5, 10), (GROUP_SECONDS, 1), (300.0, 1), (0.0, 100)]
)
def test_a_group_takes_about_the_time_it_should(seconds: float, size: int) -> None:
    assert len(take(after(seconds)).tasks) == size


def test_a_slow_start_of_two_workers_does_not_count_for_long() -> None:
    line = Line(tasks(1000), retries=1)
    for seconds in (1.5, 1.5, 0.01, 0.01, 0.01):
        line.learn(take(line), done=1, seconds=seconds)
    assert len(take(line).tasks) > 50


def test_the_last_cases_are_shared_out() -> None:
    line = after(0.001, count=40)
    sizes = []
    while (group := line.take(2, idle=False)) is not None:
        sizes.append(len(group.tasks))
    assert sizes[0] == 10
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == 40


def test_what_a_group_had_no_time_for_is_next() -> None:
    line = after(0.01)
    group = take(line)
    line.learn(group, done=2, seconds=2.0)
    # The median of 0.01 s and 1 s is half a second.
    assert numbers(take(line)) == [numbers(group)[2]]


def test_a_group_whose_worker_died_is_taken_apart_before_all_others() -> None:
    line = after(0.1)
    group = take(line)
    assert numbers(group) == [1, 2, 3, 4, 5, 6]
    assert line.lose(group)
    assert [numbers(take(line)) for _ in range(6)] == [[1], [2], [3], [4], [5], [6]]
    assert numbers(take(line))[0] == 7


def test_a_suspect_is_tried_again_when_nothing_else_is_at_the_cluster() -> None:
    line = Line(tasks(2), retries=2)
    suspect, _ = take(line), take(line)
    assert line.lose(suspect)
    assert line.take(1, idle=False) is None
    second = take(line, idle=True)
    assert (numbers(second), second.attempt) == ([0], 2)
    assert line.lose(second)
    third = take(line, idle=True)
    assert not line.lose(third)
    assert line.take(1, idle=True) is None


def test_whatever_happens_each_case_ends_once() -> None:
    rng = np.random.default_rng(1)
    line = Line(tasks(300), retries=1)
    deadly = {17, 18, 130, 299}
    ended: list[int] = []
    held: list[Group] = []
    while True:
        while len(held) < 8 and (group := line.take(2, idle=not held)) is not None:
            held.append(group)
        if not held:
            break
        group = held.pop(int(rng.integers(len(held))))
        if deadly & set(numbers(group)) or rng.random() < 0.1:
            if not line.lose(group):
                ended += numbers(group)
            continue
        done = int(rng.integers(1, len(group.tasks) + 1))
        ended += numbers(group)[:done]
        line.learn(group, done=done, seconds=0.02 * done)
    assert sorted(ended) == list(range(300))
