"""Are the files of a run those that its steps left, made from what is there now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from radiome.base.errors import UserError
from radiome.study.protocol import Protocol, read_protocol
from radiome.study.stamps import Stamps, file_hash


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was left.

    Parameters
    ----------
    kind : str
        ``file``, ``protocol``, ``value``, ``input`` or ``recomputed``.
    where : str
        The file, or the case.
    what : str
        What is wrong, with both values.
    """

    kind: str
    where: str
    what: str


def check_files(run: Path, steps: Iterable[str]) -> tuple[int, list[Finding]]:
    """Compare the files of a run with the stamps of its steps.

    Parameters
    ----------
    run : Path
        The run folder.
    steps : iterable of str
        Steps that the record of the run says were finished.

    Returns
    -------
    compared : int
        Number of files.
    findings : list of Finding
        Files that are not what their step left; steps of which nothing is known any more;
        files that are not those that a step was made from.

    Notes
    -----
    Each stamp holds the hashes of what a step read beside those of what it left. So a table
    that was edited together with its own stamp is found by the stamps of the steps after it.
    """
    stamps = Stamps(run)
    left = stamps.outputs()
    hashes = {path: file_hash(run / path) for path, _ in left}
    changed = dict.fromkeys(path for path, digest in left if hashes[path] != digest)
    found = [Finding("file", path, "is not the file that its step left") for path in changed]
    for name in steps:
        read = stamps.read_by(name)
        if read is None:
            what = f"the stamp of step '{name}' is not there, or cannot be read"
            found.append(Finding("file", "state", what))
            continue
        for path, digest in read[0].items():
            if path not in changed and file_hash(run / path) != digest:
                changed[path] = None
                what = f"is not the file that step '{name}' was made from"
                found.append(Finding("file", path, what))
    return len(hashes), found


def check_tables(
    run: Path, steps: Iterable[str], protocol: Protocol, data: Path
) -> Iterator[Finding]:
    """Compare the cohort table and the outcome table with those that the steps read.

    Parameters
    ----------
    run, steps
        As for `check_files`.
    protocol : Protocol
        As it is now.
    data : Path
        Folder that its tables count from.
    """
    stamps = Stamps(run)
    read = [(name, *stamp) for name in steps if (stamp := stamps.read_by(name)) is not None]
    for what, table in (("cohort", protocol.cohort), ("outcome", protocol.outcomes)):
        path = data / table
        now = file_hash(path)
        for step, _, tables in read:
            if tables.get(path.name, now) != now:
                is_not = f"is not the {what} table that step '{step}' was made from"
                yield Finding("input", table, is_not if now else "is not there any more")
                break


def check_protocol(run: Path, source: Path) -> Iterator[Finding]:
    """Compare the protocol with the copy that the run kept of it."""
    try:
        kept = read_protocol(run / "study.yaml")
    except UserError as error:
        yield Finding("protocol", "study.yaml", f"the copy of the run cannot be read: {error.what}")
        return
    now = read_protocol(source)
    parts = [name for name in type(now).model_fields if getattr(now, name) != getattr(kept, name)]
    if parts:
        yield Finding(
            "protocol", source.name, f"is not the one that was run: {', '.join(parts)} differ"
        )
