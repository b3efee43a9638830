"""A run on a Dask cluster is the run on this machine, whatever happens to the workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.cohort import dask_engine
from radiome.cohort.cluster import ClusterOptions, queue_options, read_cluster_options
from radiome.cohort.dask_engine import measure_here
from radiome.cohort.engine import Progress, run_cohort
from radiome.cohort.grouping import GROUP_SECONDS, Group
from radiome.cohort.manifest import read_manifest
from radiome.cohort.plan import SettingsPlan, make_tasks
from radiome.cohort.worker import Task
from radiome.tables.files import read_features
from unit.cohort.fake_cases import FUNCTION, calls, write_cohort

pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")

TESTS = Path(__file__).resolve().parents[2]
#: Seconds that a start may take on a machine that is busy with much else.
PATIENCE = 120

TABLES = ("features.parquet", "features.csv", "nulls.csv", "catalogue.csv")


@dataclass
class Cluster:
    """A scheduler and its workers, each a process of its own with a group of its own."""

    file: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "PYTHONPATH": str(TESTS),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(self.file)]
        with (self.file.parent / "cluster.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def stands(self) -> bool:
        """Whether the scheduler has written where it is: its file is there before its content."""
        try:
            return "address" in json.loads(self.file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False

    def worker(self) -> subprocess.Popen[bytes]:
        wait_for(self.stands)  # A worker would read half a file, too.
        return self.start("worker", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")

    def settled_workers(self, number: int) -> None:
        """Start workers and wait until their nannies stand too.

        A worker that dies while its nanny is still starting takes the nanny along, and
        nobody starts it anew: the scheduler would be left without any worker.
        """
        for _ in range(number):
            self.worker()
        with self.client() as client:
            client.wait_for_workers(number, timeout=PATIENCE)
            # A worker says that it is there a moment before its nanny has heard of it.
            wait_for(lambda: set(client.run(_status, nanny=True).values()) == {"running"})

    def client(self) -> Any:
        from distributed import Client

        return Client(self.options.scheduler, timeout=PATIENCE, set_as_default=False)

    @property
    def options(self) -> ClusterOptions:
        wait_for(self.stands)
        return ClusterOptions(scheduler=json.loads(self.file.read_text())["address"])


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.05)


def _status(dask_worker: Any) -> str:
    return str(dask_worker.status.name)


def _at_work(dask_worker: Any) -> int:
    return len(dask_worker.state.executing) + len(dask_worker.state.ready)


def _tasks(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder / "scheduler.json")
    started.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    try:
        yield started
    finally:
        for process in started.processes:
            if process.poll() is None:
                kill(process)


def same_tables(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in TABLES)


def test_a_killed_worker_changes_no_bit_of_the_tables(tmp_path: Path, cluster: Cluster) -> None:
    orders = {f"c{i:02d}": f"wait 0.{i % 3}" if i % 2 else f"value {i}" for i in range(24)}
    orders["bad"] = "fail"
    cohort = write_cohort(tmp_path / "data", orders)
    cluster.worker()
    doomed = cluster.worker()

    def kill_midway(progress: Progress) -> None:
        if progress.done == 8:
            kill(doomed)

    remote = run_cohort(
        cohort,
        tmp_path / "remote",
        csv=True,
        case_function=FUNCTION,
        cluster=cluster.options,
        progress=kill_midway,
    )
    assert doomed.poll() is not None
    assert (remote.count("ok"), remote.count("failed")) == (24, 1)
    local = run_cohort(cohort, tmp_path / "local", csv=True, case_function=FUNCTION, jobs=2)
    assert local.count("ok") == 24
    assert same_tables(tmp_path / "remote", tmp_path / "local")
    # The run folder goes on under the other engine, and nothing is measured again.
    before = len(calls(tmp_path / "data"))
    again = run_cohort(cohort, tmp_path / "remote", csv=True, case_function=FUNCTION, jobs=1)
    assert again.resumed == 25
    assert len(calls(tmp_path / "data")) == before
    assert same_tables(tmp_path / "remote", tmp_path / "local")


def test_a_case_that_takes_workers_down_is_crashed_and_the_others_are_measured(
    tmp_path: Path, cluster: Cluster
) -> None:
    orders = {"a": "value 1", "deadly": "kill", "b": "value 2", "once": "kill-once 3"}
    cohort = write_cohort(tmp_path / "data", orders)
    cluster.settled_workers(1)
    result = run_cohort(
        cohort, tmp_path / "run", case_function=FUNCTION, cluster=cluster.options, crash_retries=0
    )
    status = {outcome.case: outcome.status for outcome in result.outcomes}
    assert status == {"a": "ok", "deadly": "crashed", "b": "ok", "once": "ok"}
    assert "worker died" in next(o.reason for o in result.outcomes if o.case == "deadly")


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The positions of the cases of each group that goes to the cluster.

    Quick is here what takes a tenth of what groups may take, also on a busy machine.
    """
    monkeypatch.setattr("radiome.cohort.grouping.GROUP_SECONDS", 10 * GROUP_SECONDS)
    seen: list[list[int]] = []
    submit = dask_engine._submit

    def note(client: Any, group: Group, token: str) -> Any:
        seen.append([task["index"] for task in group.tasks])
        return submit(client, group, token)

    monkeypatch.setattr(dask_engine, "_submit", note)
    return seen


@pytest.mark.parametrize("resume", [True, False])
def test_a_deadly_case_in_a_group_is_the_only_one_to_crash_or_to_be_measured_twice(
    tmp_path: Path, cluster: Cluster, groups: list[list[int]], resume: bool
) -> None:
    orders = {f"c{i:02d}": f"value {i}" for i in range(90)} | {"c07": "fail", "c50": "break"}
    orders["c60"] = "kill"
    cohort = write_cohort(tmp_path / "data", orders)
    cluster.settled_workers(2)
    result = run_cohort(
        cohort,
        tmp_path / "run",
        csv=True,
        resume=resume,
        case_function=FUNCTION,
        cluster=cluster.options,
    )
    status = {outcome.case: outcome.status for outcome in result.outcomes}
    unlike = {case: how for case, how in status.items() if how != "ok"}
    assert unlike == {"c07": "failed", "c50": "failed", "c60": "crashed"}
    assert result.resumed == 0
    together = next(group for group in groups if 60 in group)
    assert len(together) > 1
    assert [60] in groups
    count = Counter(calls(tmp_path / "data"))
    assert count.pop("c60") > 1
    assert set(count) == set(orders) - {"c60"}
    assert set(count.values()) == {1}
    assert len(list((tmp_path / "run" / "cases").glob("*.json"))) == 89
    local = run_cohort(cohort, tmp_path / "local", csv=True, case_function=FUNCTION, jobs=2)
    assert local.count("crashed") == 1
    for name in ("nulls.csv", "catalogue.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
    one, other = read_features(tmp_path / "run"), read_features(tmp_path / "local")
    # How a worker died is told in other words.
    assert one.drop(columns="reason").equals(other.drop(columns="reason"))


def test_quick_cases_go_in_groups_and_slow_ones_by_themselves(
    tmp_path: Path, cluster: Cluster, groups: list[list[int]]
) -> None:
    orders = {f"q{i:03d}": f"value {i}" for i in range(200)}
    orders |= {f"s{i}": f"wait 0.8{i}" for i in range(4)}
    cohort = write_cohort(tmp_path / "data", orders)
    cluster.worker()
    result = run_cohort(cohort, tmp_path / "run", case_function=FUNCTION, cluster=cluster.options)
    assert result.count("ok") == 204
    assert len(groups) < 60
    assert groups[0] == [0]
    assert sorted(calls(tmp_path / "data")) == sorted(orders)


def test_a_case_that_takes_more_memory_than_it_may_is_the_only_one_to_crash(
    tmp_path: Path, groups: list[list[int]]
) -> None:
    orders = {f"c{i:02d}": f"value {i}" for i in range(60)} | {"c40": "hoard 2000"}
    cohort = write_cohort(tmp_path / "data", orders)
    limited = ClusterOptions(kind="local", workers=1, memory="500MB")
    result = run_cohort(cohort, tmp_path / "run", case_function=FUNCTION, cluster=limited)
    assert [o.case for o in result.outcomes if o.status != "ok"] == ["c40"]
    assert result.outcomes[40].status == "crashed"
    assert len(next(group for group in groups if 40 in group)) > 1
    count = Counter(calls(tmp_path / "data"))
    assert {case for case, times in count.items() if times > 1} == {"c40"}


def test_a_worker_that_is_long_in_coming_back_is_not_given_up(tmp_path: Path) -> None:
    import dask

    cohort = write_cohort(tmp_path / "data", {"a": "value 1", "once": "kill-once 3"})

    def refuse_to_wait(progress: Progress) -> None:
        assert not progress.note

    local = ClusterOptions(kind="local", workers=1, tell_after=PATIENCE)
    # To start takes longer than this.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "10ms"}):
        result = run_cohort(
            cohort,
            tmp_path / "run",
            case_function=FUNCTION,
            cluster=local,
            progress=refuse_to_wait,
        )
    assert result.count("ok") == 2


def tasks_of(cohort: Path, folder: Path, *, run: str, resume: bool) -> list[Task]:
    folder.mkdir(exist_ok=True)
    return make_tasks(
        read_manifest(cohort),
        SettingsPlan("ct"),
        folder=folder,
        known={},
        resample_mask=False,
        fill_gaps=False,
        threads=1,
        function=FUNCTION,
        run=run,
        resume=resume,
    )[0]


def test_a_group_that_takes_too_long_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_engine, "GROUP_SECONDS", 0.1)
    cohort = write_cohort(tmp_path / "data", {f"c{i}": f"value {i}" for i in range(4)})
    # A clock by which each case takes 0.15 s, however busy the machine is.
    clock = SimpleNamespace(perf_counter=lambda: 0.15 * len(calls(tmp_path / "data")))
    monkeypatch.setattr(dask_engine, "time", clock)
    tasks = tasks_of(cohort, tmp_path / "cases", run="1", resume=True)
    answers, seconds = measure_here(tasks, str(tmp_path), __version__)
    assert [answer["status"] for answer in answers] == ["ok", "ok"]
    assert seconds == pytest.approx(0.3)
    assert calls(tmp_path / "data") == ["c0", "c1"]


@pytest.mark.parametrize("resume", [True, False])
def test_a_group_that_comes_again_in_the_same_run_measures_only_what_is_left(
    tmp_path: Path, resume: bool
) -> None:
    orders = {"a": "value 1", "b": "fail", "c": "break", "d": "value 4"}
    cohort = write_cohort(tmp_path / "data", orders)
    tasks = tasks_of(cohort, tmp_path / "cases", run="1", resume=resume)
    first, _ = measure_here(tasks[:3], str(tmp_path), __version__)
    again, _ = measure_here(tasks, str(tmp_path), __version__)
    assert calls(tmp_path / "data") == ["a", "b", "c", "d"]
    for one, other in zip(first, again, strict=False):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}
    tasks = tasks_of(cohort, tmp_path / "cases", run="2", resume=resume)
    measure_here(tasks, str(tmp_path), __version__)
    assert calls(tmp_path / "data")[4:] == (["c"] if resume else ["a", "b", "c", "d"])


def test_a_worker_that_does_not_fit_says_why(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="another version"):
        measure_here([], str(tmp_path), "0")
    with pytest.raises(UserError, match="does not see the run folder"):
        measure_here([], str(tmp_path / "none"), __version__)


DRIVER = """
import sys
from radiome.cohort.cluster import ClusterOptions
from radiome.cohort.engine import run_cohort
cohort, out, address, function = sys.argv[1:]
run_cohort(cohort, out, case_function=function, cluster=ClusterOptions(scheduler=address))
"""


def test_a_killed_driver_loses_nothing_and_nothing_is_measured_twice(
    tmp_path: Path, cluster: Cluster
) -> None:
    orders = {f"c{i:02d}": f"wait {0.05 if i < 3 else 0.6}{i:02d}" for i in range(12)}
    cohort = write_cohort(tmp_path / "data", orders)
    cluster.worker()
    run = tmp_path / "run"
    arguments = [str(cohort), str(run), cluster.options.scheduler, FUNCTION]
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, *arguments], start_new_session=True)
    wait_for(lambda: len(list(run.glob("cases/*.json"))) >= 3)
    kill(driver)
    with cluster.client() as client:
        # The scheduler drops what the driver asked for, the worker ends what it has begun.
        wait_for(lambda: client.run_on_scheduler(_tasks) == 0)
        wait_for(lambda: sum(client.run(_at_work).values()) == 0)
    finished = len(calls(tmp_path / "data"))
    assert 3 <= finished < 12
    result = run_cohort(cohort, run, case_function=FUNCTION, cluster=cluster.options)
    assert result.count("ok") == 12
    assert result.resumed == finished
    assert sorted(calls(tmp_path / "data")) == sorted(orders)


def test_a_run_whose_scheduler_dies_goes_on_under_another_engine(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radiome.cohort.cluster._PATIENCE", 5)
    cohort = write_cohort(tmp_path / "data", {f"c{i:02d}": f"wait 0.1{i:02d}" for i in range(60)})
    cluster.settled_workers(1)

    def kill_midway(progress: Progress) -> None:
        if progress.done == 5:
            for process in cluster.processes:
                kill(process)

    address = cluster.options
    with pytest.raises(UserError, match="the Dask scheduler gave the run up"):
        run_cohort(
            cohort,
            tmp_path / "run",
            case_function=FUNCTION,
            cluster=address,
            progress=kill_midway,
        )
    finished = len(list((tmp_path / "run" / "cases").glob("*.json")))
    assert 5 <= finished < 60
    result = run_cohort(cohort, tmp_path / "run", case_function=FUNCTION, jobs=2)
    assert (result.count("ok"), result.resumed) == (60, finished)


@pytest.mark.parametrize("then", ["a worker comes", "Ctrl-C"])
def test_a_cluster_that_loses_its_workers_says_so_and_waits(
    tmp_path: Path, cluster: Cluster, then: str
) -> None:
    orders = {f"c{i:02d}": "value 1" if i < 4 else "wait 0.3" for i in range(10)}
    cohort = write_cohort(tmp_path / "data", orders)
    cluster.settled_workers(1)
    said: list[str] = []

    def watch(progress: Progress) -> None:
        if progress.done == 4 and progress.latest:
            kill(cluster.processes[-1])
        if progress.note:
            assert progress.latest is None
            said.append(progress.note)
            if then == "Ctrl-C":
                signal.raise_signal(signal.SIGINT)
            elif len(said) == 1:
                cluster.worker()

    result = run_cohort(
        cohort,
        tmp_path / "run",
        case_function=FUNCTION,
        cluster=replace(cluster.options, tell_after=1.5),
        progress=watch,
    )
    assert "no worker for" in said[0]
    if then == "Ctrl-C":
        assert result.interrupted
        assert len(said) == 1
        assert 4 <= result.count("ok") < 10
        assert result.count("pending") == 10 - result.count("ok")
    else:
        assert said[1:] == ["the cluster has workers again"]
        assert result.count("ok") == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "found or started"),
        ({"scheduler": "tcp://h:1", "kind": "local"}, "not both"),
        ({"kind": "slrum"}, "did you mean 'slurm'"),
        ({"kind": "local", "options": {"queue": "long"}}, "without a queue system"),
    ],
)
def test_clusters_that_cannot_be_are_refused(options, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match=message):
        ClusterOptions(**options)


def test_a_scheduler_that_does_not_answer_is_explained(tmp_path: Path) -> None:
    cohort = write_cohort(tmp_path / "data", {"a": "value 1"})
    nobody = ClusterOptions(scheduler="nonsense://127.0.0.1:1")
    with pytest.raises(UserError, match="does not answer"):
        run_cohort(cohort, tmp_path / "run", case_function=FUNCTION, cluster=nobody)


def test_options_of_a_queue_system(tmp_path: Path) -> None:
    jobqueue = pytest.importorskip("dask_jobqueue")
    path = tmp_path / "queue.yaml"
    path.write_text("queue: long\nwalltime: '02:00:00'\n")
    assert read_cluster_options(path) == {"queue": "long", "walltime": "02:00:00"}
    path.write_text("- long\n")
    with pytest.raises(UserError, match="names with values"):
        read_cluster_options(path)
    with pytest.raises(UserError, match="not readable"):
        read_cluster_options(tmp_path / "none.yaml")
    options = ClusterOptions(kind="slurm", options={"job_script_prologue": ["module load x"]})
    job = jobqueue.SLURMCluster.job_cls("tcp://h:1", "w", cores=1, memory="4GB", processes=1)
    assert "MALLOC" not in job.job_script()
    job = jobqueue.SLURMCluster.job_cls(
        "tcp://h:1", "w", cores=1, memory="4GB", processes=1, **queue_options(options)
    )
    assert "export MALLOC_TRIM_THRESHOLD_=67108864\n" in job.job_script()
    assert "\nmodule load x\n" in job.job_script()
    cohort = write_cohort(tmp_path / "data", {"a": "value 1"})
    wrong = ClusterOptions(kind="slurm", options={"walltme": "1:00"})
    with pytest.raises(UserError, match="did you mean 'walltime'"):
        run_cohort(cohort, tmp_path / "run", case_function=FUNCTION, cluster=wrong)
