"""From a run folder to its report."""

from __future__ import annotations

from pathlib import Path

from radiome.report.html import render
from radiome.report.record import read_record
from radiome.report.section import Output
from radiome.study.stamps import Stamps
from radiome.tables.atomic import replacing


def build_report(folder: str | Path) -> Path:
    """Write ``report.html`` into the run folder of a study, from its tables alone.

    Parameters
    ----------
    folder : path
        The run. Numbers of every plot go to its folder ``report/data``, pictures to
        ``report/figures``.

    Returns
    -------
    Path
        The page. The same tables give the same bytes.

    Raises
    ------
    UserError
        If the folder is not a run of a study, or a file of it cannot be read.
    """
    record, output = read_record(folder), Output()
    page = render(record, output)
    output.downloads.write(record.folder / "report")
    path = record.folder / "report.html"
    with replacing(path) as part:
        part.write_text(page, encoding="utf-8", newline="\n")
    if (record.folder / "state").is_dir():  # Tables alone, without their run, have no stamps.
        made = [file for file in (record.folder / "report").rglob("*") if file.is_file()]
        Stamps(record.folder).note("report", [path, *made])
    return path
