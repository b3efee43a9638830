"""Run radiome and its peers in turn on the same cases, and print medians and ratios.

    python benchmarks/side_by_side.py BENCH_HOME ../shared/bench [runner options]

BENCH_HOME holds `venvs/NAME` (one environment per peer, radiome among them) and `data/`, as
the README of the shared bench folder says. Times are quoted as ratios: machines are noisy.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(home: Path, bench: Path, options: list[str]) -> list[dict]:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "bench"
        shutil.copytree(bench, copy)
        (Path(scratch) / "data").symlink_to(bench.parent / "data")
        shutil.copy(HERE / "radiome_driver.py", copy / "drivers" / "d_radiome.py")
        out = Path(scratch) / "out.jsonl"
        environment = dict(os.environ, BENCH_HOME=str(home))
        command = [sys.executable, str(copy / "runner.py"), str(out), *options]
        subprocess.run(command, check=True, env=environment)
        return [json.loads(line) for line in out.read_text().splitlines()]


def summarise(results: list[dict]) -> None:
    runs = defaultdict(list)
    for result in results:
        runs[result["case"], result["peer"]].append(result)
    for case in dict.fromkeys(case for case, _ in runs):
        ours = _median(runs.get((case, "radiome"), []))
        for peer in dict.fromkeys(peer for _, peer in runs):
            seconds = _median(runs.get((case, peer), []))
            if seconds is None:
                print(f"{case:10s} {peer:14s} no result")
                continue
            memory = max(result["maxrss_mb"] for result in runs[case, peer])
            ratio = f"{seconds / ours:8.2f} x radiome" if ours else ""
            print(f"{case:10s} {peer:14s} {seconds:9.4f} s {ratio} {memory:7.0f} MB peak")


def _median(results: list[dict]) -> float | None:
    times = [time for result in results for time in result.get("t_runs") or []]
    times += [result["batch_wall"] for result in results if result.get("batch_wall")]
    return statistics.median(times) if times else None


if __name__ == "__main__":
    home, bench, *options = sys.argv[1:]
    summarise(run(Path(home).resolve(), Path(bench).resolve(), options))
