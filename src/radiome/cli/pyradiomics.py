"""`radiome pyradiomics`: the command line of pyradiomics."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from radiome.base.counting import counted

if TYPE_CHECKING:
    from radiome.compat.pyradiomics.batch import Run

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("image", type=_FILE, metavar="{IMAGE|BATCH.csv}")
@click.argument("mask", type=_FILE, required=False)
@click.option("--param", "-p", type=_FILE, help="Parameter file of pyradiomics, YAML or JSON.")
@click.option("--setting", "-s", multiple=True, metavar="NAME:VALUE", help="Over the file's own.")
@click.option(
    "--definition",
    type=click.Choice(["pyradiomics", "ibsi"]),
    default="pyradiomics",
    help="Whose definitions the values follow; the names stay.",
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), default=1, help="Batch: processes.")
@click.option("--validate", is_flag=True, help="Check the input, extract nothing.")
@click.option("--out", "-o", type=_FILE, help="File to append to; by default the terminal.")
@click.option("--out-dir", "-od", type=_FILE, help="Folder for one CSV file per case, or maps.")
@click.option(
    "--mode",
    "-m",
    type=click.Choice(["segment", "voxel"]),
    default="segment",
    help="Features of regions, or maps of every voxel's neighbourhood as NRRD.",
)
@click.option("--skip-nans", is_flag=True, help="Leave out features that are NaN.")
@click.option("--format", "-f", "form", type=click.Choice(["csv", "json", "txt"]), default="txt")
@click.option(
    "--format-path", type=click.Choice(["absolute", "relative", "basename"]), default="absolute"
)
@click.option("--unix-path", "-up", is_flag=True, help="Paths with / everywhere.")
@click.option("--logging-level", default="WARNING", help="Level of the log file.")
@click.option("--log-file", type=_FILE, help="File to append messages to.")
@click.option(
    "--verbosity", "-v", type=click.IntRange(1, 5), is_flag=False, flag_value=4, default=3
)
@click.option("--label", "-l", type=int, help="Value of the region in the mask.")
def pyradiomics(
    image: Path,
    mask: Path | None,
    *,
    param: Path | None,
    setting: tuple[str, ...],
    definition: Literal["pyradiomics", "ibsi"],
    jobs: int,
    validate: bool,
    out: Path | None,
    out_dir: Path | None,
    mode: str,
    skip_nans: bool,
    form: str,
    format_path: str,
    unix_path: bool,
    logging_level: str,
    log_file: Path | None,
    verbosity: int,
    label: int | None,
) -> None:
    """Extract features as pyradiomics 3.0.1 does, by its definitions, files and flags.

    With --definition ibsi the same files give the values of the IBSI definitions.

    \b
    radiome pyradiomics IMAGE MASK -p params.yaml
    radiome pyradiomics batch.csv -p params.yaml -o features.csv -f csv -j 4
    """
    from radiome.compat.pyradiomics import batch
    from radiome.compat.pyradiomics.batch_output import write_cases

    _configure_messages(logging_level, log_file, verbosity)
    overrides = batch.setting_overrides(setting)
    if label is not None:
        overrides["label"] = label
    cases = _cases(image, mask)
    maps = mode == "voxel"
    folder = Path() if maps and out_dir is None else out_dir
    run = batch.Run(param, overrides, folder, definition, voxel_based=maps)
    if validate:
        _validate(cases, run)
        return
    rows = batch.extract_cases(cases, run, jobs=jobs)
    paths = partial(_path, style=format_path, start=image.parent, unix=unix_path)
    write = partial(write_cases, rows, form=form, skip_nans=skip_nans, paths=paths)
    if out is None:
        write(sys.stdout)
    else:
        with out.open("a", encoding="utf-8", newline="") as file:
            write(file)
    failed = [row for row in rows if batch.ERROR in row]
    for row in failed:
        click.echo(f"failed: {row['Image']}: {row[batch.ERROR]}", err=True)
    if failed:
        raise SystemExit(1)


def _cases(image: Path, mask: Path | None) -> list[dict[str, str]]:
    from radiome.compat.pyradiomics import batch

    if image.suffix.lower() == ".csv":
        return batch.read_batch(image)
    if mask is None:
        raise click.UsageError("give the mask too, or a batch file that ends in .csv")
    return [{"Image": str(image), "Mask": str(mask)}]


def _validate(cases: list[dict[str, str]], run: Run) -> None:
    run.extractor()
    missing = [
        case[name] for case in cases for name in ("Image", "Mask") if not Path(case[name]).is_file()
    ]
    for path in missing:
        click.echo(f"does not exist: {path}", err=True)
    click.echo(f"{counted(len(cases), 'case')}, {counted(len(missing), 'file')} missing", err=True)
    raise SystemExit(1 if missing else 0)


def _path(text: str, *, style: str, start: Path, unix: bool) -> str:
    if style == "basename":
        text = os.path.basename(text)
    elif style == "relative":
        text = os.path.relpath(text, start=start)
    else:
        text = os.path.abspath(text)
    return text.replace(os.path.sep, "/") if unix else text


def _configure_messages(level: str, log_file: Path | None, verbosity: int) -> None:
    import logging

    logger = logging.getLogger("radiome")
    logger.setLevel(min((6 - verbosity) * 10, logging.getLevelName(level.upper())))
    screen = logging.StreamHandler()
    screen.setLevel((6 - verbosity) * 10)
    logger.addHandler(screen)
    if log_file is not None:
        logger.addHandler(logging.FileHandler(log_file))
