"""Where cases are measured when it is not here: a Dask cluster, found or started.

dask-jobqueue starts workers through a queue system; any other cluster is reached by the
address of its scheduler.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from radiome.base.errors import UserError, nearest_name

ClusterKind = Literal["local", "slurm", "pbs", "sge", "lsf"]
CLUSTER_KINDS: tuple[str, ...] = get_args(ClusterKind)

_CLASSES = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster"}

#: Memory of a worker, and so of a case, where none is stated.
DEFAULT_MEMORY = "4GB"

#: Workers that may die with a case before the scheduler gives it back.
_DEATHS = 1

#: Freed memory, in bytes, that a worker keeps for its next arrays: what glibc settles at by
#: itself. Dask has all of it given back to the system, which then costs a small case a
#: quarter of its time.
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": 64 << 20, "MALLOC_MMAP_THRESHOLD_": 32 << 20}

#: Seconds within which a scheduler must answer.
_PATIENCE = 10

_CONFIGURATION = {
    "distributed.scheduler.allowed-failures": _DEATHS,
    # A worker that a case took down starts anew, which lasts on a busy machine. One that is
    # not back in 15 s Dask would give up for good, and the cluster would be without it.
    "distributed.deploy.lost-worker-timeout": "1h",
    # It looks at the worker's stack every 10 ms, and nobody looks at what it saw.
    "distributed.worker.profile.enabled": False,
    **{f"distributed.nanny.pre-spawn-environ.{name}": size for name, size in ALLOCATOR.items()},
}


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Which cluster, and what each worker gets.

    Parameters
    ----------
    scheduler : str
        Address of a running scheduler such as ``tcp://host:8786``; empty to start a cluster.
    kind : str
        Queue system, or ``local`` for processes of this machine; empty with `scheduler`.
    workers : int or None
        Workers to start, one case at a time each; None for one per core, or 4 on a queue.
    memory : str
        Memory of a worker, such as ``8GB``: a case that takes more is ended.
    options : mapping
        Arguments of the dask-jobqueue class: queue, project, walltime, …
    tell_after : float
        Seconds without any worker after which the run says so; it goes on waiting for one.
    """

    scheduler: str = ""
    kind: str = ""
    workers: int | None = None
    memory: str = DEFAULT_MEMORY
    options: Mapping[str, Any] = field(default_factory=dict)
    tell_after: float = 60.0

    def __post_init__(self) -> None:
        if bool(self.scheduler) == bool(self.kind):
            raise UserError(
                "a cluster is either found or started",
                expected="the address of a scheduler, or one of " + ", ".join(CLUSTER_KINDS),
                do="give --scheduler or --cluster, not both",
            )
        if self.kind and self.kind not in CLUSTER_KINDS:
            near = nearest_name(self.kind, CLUSTER_KINDS)
            raise UserError(
                f"unknown kind of cluster '{self.kind}'",
                expected="one of " + ", ".join(CLUSTER_KINDS),
                do=f"did you mean '{near}'?" if near else "reach others with --scheduler",
            )
        if self.options and self.kind not in _CLASSES:
            raise UserError(
                "options of a queue system without a queue system",
                where="--cluster-options",
                expected="--cluster with one of " + ", ".join(_CLASSES),
            )

    @property
    def name(self) -> str:
        """How the record of a run names it."""
        return f"dask {self.kind}" if self.kind else "dask scheduler"


def read_cluster_options(path: Path) -> dict[str, Any]:
    """Read the arguments of a queue system from YAML."""
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UserError(
            "the cluster options are not readable",
            where=str(path),
            expected="YAML such as 'queue: long'",
            got=" ".join(str(error).split()),
        ) from None
    if not isinstance(values, dict):
        raise UserError(
            "the cluster options are not names with values",
            where=str(path),
            expected="YAML such as 'queue: long'",
            got=repr(values),
        )
    return values


@contextmanager
def connected(options: ClusterOptions) -> Iterator[Any]:
    """Connect to the cluster, or start it for the duration of the block; give a Dask client."""
    distributed = _optional("distributed")
    if options.scheduler:
        try:
            client = distributed.Client(options.scheduler, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(
                "the Dask scheduler does not answer",
                where=options.scheduler,
                expected="the address that 'dask scheduler' prints, such as tcp://host:8786",
                got=" ".join(str(error).split()),
            ) from None
        with client:
            yield client
        return
    import dask

    with (
        dask.config.set(_CONFIGURATION),
        _started(options, distributed) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _started(options: ClusterOptions, distributed: Any) -> Any:
    if options.kind == "local":
        return distributed.LocalCluster(
            n_workers=options.workers,
            threads_per_worker=1,
            memory_limit=options.memory,
            dashboard_address=None,
        )
    kind = getattr(_optional("dask_jobqueue"), _CLASSES[options.kind])
    _require_known(options, kind)
    cluster = kind(cores=1, processes=1, memory=options.memory, **queue_options(options))
    cluster.scale(options.workers or 4)
    return cluster


def queue_options(options: ClusterOptions) -> dict[str, Any]:
    """Arguments of the dask-jobqueue class: the user's, after the memory of the allocator."""
    prologue = [f"export {name}={size}" for name, size in ALLOCATOR.items()]
    own = options.options.get("job_script_prologue") or []
    return {**options.options, "job_script_prologue": [*prologue, *own]}


def _require_known(options: ClusterOptions, kind: Any) -> None:
    # Checked here, because an unknown one would fail half-way through a cluster's start.
    known: set[str] = set()
    for part in (*kind.__mro__, *kind.job_cls.__mro__):
        known |= set(inspect.signature(part.__init__).parameters)
    known -= {"self", "args", "kwargs", "cores", "processes", "memory"}
    for name in options.options:
        if name not in known:
            near = nearest_name(str(name), known)
            raise UserError(
                f"unknown option '{name}' of a {options.kind} cluster",
                where="--cluster-options",
                expected=f"arguments of dask_jobqueue.{kind.__name__}",
                do=f"did you mean '{near}'?" if near else "see the pages of dask-jobqueue",
            )


def _optional(package: str) -> Any:
    try:
        return import_module(package)
    except ImportError:
        raise UserError(
            f"running on a cluster needs the package {package.replace('_', '-')}",
            do="pip install 'radiome[cluster]'",
        ) from None
