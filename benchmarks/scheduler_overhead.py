"""How much of a run is not work: many small cases, here and on a Dask cluster.

    python benchmarks/scheduler_overhead.py [--sizes 100,1000,10000] [--engine local|dask]

Each case is a made-up image of 24 x 32 x 32 voxels with a ball of 1 cm in it, of its own
content, measured in full (215 features). Overhead is the time of the workers, from the start
to the last case, that no case accounts for, as a share of the time that cases account for;
starting the workers is in it. Writing the tables at the end is given apart. The processor
time is that of all processes together, which on a busy machine tells more than the clock.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

from radiome.cohort.cluster import ClusterOptions
from radiome.cohort.engine import run_cohort

WORKERS = 2


def make_cohort(folder: Path, size: int) -> Path:
    grid = np.indices((32, 32, 24)) - np.array([16, 16, 12]).reshape(3, 1, 1, 1)
    ball = ((grid**2).sum(axis=0) <= 100).astype(np.uint8)
    nibabel.Nifti1Image(ball, np.eye(4)).to_filename(folder / "mask.nii.gz")
    rng = np.random.default_rng(1)
    rows = ["case,image,mask,modality"]
    for number in range(size):
        voxels = rng.normal(40, 20, ball.shape).astype(np.int16)
        nibabel.Nifti1Image(voxels, np.eye(4)).to_filename(folder / f"{number}.nii")
        rows.append(f"c{number},{number}.nii,mask.nii.gz,CT")
    table = folder / "cohort.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


def measure(size: int, engine: str) -> None:
    cluster = None
    if engine == "dask":
        cluster = ClusterOptions(kind="local", workers=WORKERS, memory="2GB")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        table = make_cohort(folder, size)
        memory = []

        measured = []

        def watch(progress):
            if progress.done in (size // 10, size):
                memory.append(current_memory())
                measured.append(time.perf_counter())

        before = processor_seconds()
        start = time.perf_counter()
        result = run_cohort(table, folder / "run", jobs=WORKERS, cluster=cluster, progress=watch)
        processor = processor_seconds() - before
        tables = time.perf_counter() - measured[-1]
        wall = measured[-1] - start
        work = sum(outcome.answer["seconds"] for outcome in result.outcomes)
        assert result.count("ok") == size
        start = time.perf_counter()
        again = run_cohort(table, folder / "run", jobs=WORKERS)
        resumed = time.perf_counter() - start
        assert again.resumed == size
    overhead = (wall * WORKERS - work) / work
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{engine:6s} {size:6d} cases  {wall:8.1f} s  {1000 * work / size:6.1f} ms a case  "
        f"overhead {100 * overhead:5.1f} %  processor {processor:6.1f} s  "
        f"tables {tables:5.1f} s  "
        f"memory {memory[0]:5.0f} -> {memory[-1]:5.0f} MB, "
        f"peak {peak:5.0f} MB  resume {resumed:6.1f} s",
        flush=True,
    )


def processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def current_memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--engine", choices=["local", "dask"], default="local")
    parser.add_argument("--one", action="store_true", help="measure in this process")
    chosen = parser.parse_args()
    for size in map(int, chosen.sizes.split(",")):
        if chosen.one:
            measure(size, chosen.engine)
        else:  # a process each, so that memory is that of the run alone
            arguments = ["--sizes", str(size), "--engine", chosen.engine, "--one"]
            subprocess.run([sys.executable, __file__, *arguments], check=True)


if __name__ == "__main__":
    main()
