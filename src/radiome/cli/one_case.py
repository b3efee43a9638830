"""Extract one case, print it and save it, loading no more than that needs."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from radiome.base.errors import UserError

if TYPE_CHECKING:
    from radiome.extraction.row import Row
    from radiome.tables.columns import Column


def extract_one(
    image: Path,
    mask: Path,
    out: Path | None,
    *,
    settings: str | None,
    roi: str | None,
    modality: str | None,
    resample_mask: bool,
    fill_gaps: bool,
    threads: int | None,
) -> None:
    """Extract the features of `mask` on `image`; print them and save them to `out`."""
    save = None if out is None else _writer(out)
    with _without_cycle_collector():
        from radiome.cohort.single import extract

        row = extract(
            image,
            mask,
            settings,
            roi=roi,
            modality=modality,
            resample_mask=resample_mask,
            fill_gaps=fill_gaps,
            threads=threads,
        )
    from radiome.cli.feature_listing import feature_lines

    click.echo("\n".join(feature_lines(row, settings)))
    if out is not None and save is not None:
        save(out, row, _in_full(settings, row))
        click.echo(f"\nsaved to {out}")


@contextmanager
def _without_cycle_collector() -> Iterator[None]:
    """Load and measure without the cycle collector, and leave it out at the end, too.

    The process ends after this one case, and arrays are freed without the collector. It
    would spend a quarter of the time on the compiler's many long-lived objects.
    """
    gc.disable()
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        gc.enable()


#: Settings in full, by their hash.
InFull = dict[str, dict[str, Any]]
Writer = Callable[[Path, "Row", InFull], None]


def _in_full(settings: str | None, row: Row) -> InFull:
    from radiome.extraction.settings import load_settings

    chosen = load_settings(settings, modality=str(row.record.get("modality") or ""))
    return {chosen.fingerprint(): chosen.model_dump(mode="json")}


def _writer(out: Path) -> Writer:
    writers: dict[str, Writer] = {
        ".csv": _write_csv,
        ".json": _write_json,
        ".parquet": _write_parquet,
    }
    if out.suffix.lower() not in writers or out.is_dir():
        raise UserError(
            "the result of one case is saved to a file of a known kind",
            where=str(out),
            expected="a name that ends in " + ", ".join(writers),
            got="a folder" if out.is_dir() else out.name,
            do="for example: -o features.csv",
        )
    if not out.parent.is_dir():
        raise UserError(
            "there is no such folder to save to",
            where=str(out.parent),
            expected="an existing folder",
            do="make the folder first, or choose another",
        )
    return writers[out.suffix.lower()]


def _write_json(out: Path, row: Row, settings: InFull) -> None:
    from radiome.tables.atomic import write_json

    told = {"reasons": row.reasons, "record": row.record, "settings": settings}
    write_json(out, {"features": dict(row), **told}, indent=1)


def _write_csv(out: Path, row: Row, settings: InFull) -> None:
    from radiome.tables.files import write_csv

    write_csv(out, _columns(row))
    _write_beside(out, row, settings)


def _write_parquet(out: Path, row: Row, settings: InFull) -> None:
    from radiome.tables.files import write_parquet

    metadata = {
        "version": row.record.get("radiome"),
        "settings": row.record.get("settings"),
        "features": list(row),
    }
    write_parquet(out, _columns(row), metadata)
    _write_beside(out, row, settings)


def _columns(row: Row) -> list[Column]:
    from radiome.tables.columns import number_column, text_column

    names = [
        text_column(name, [str(row.record.get(name, ""))]) for name in ("image", "mask", "roi")
    ]
    return [*names, *(number_column(tag, [value]) for tag, value in row.items())]


def _write_beside(out: Path, row: Row, settings: InFull) -> None:
    """Write what the columns are, why some are null, and how it was done."""
    from radiome.cohort.store import software_versions, write_catalogue
    from radiome.tables.atomic import write_json

    write_catalogue(out.with_suffix(".catalogue.csv"), list(row))
    told = {"reasons": row.reasons, "record": row.record, "settings": settings}
    run = {**told, "software": software_versions()}
    write_json(out.with_suffix(".run.json"), run, indent=1)
