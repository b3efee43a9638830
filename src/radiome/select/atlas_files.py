"""The files of an atlas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from radiome.select.atlas import Atlas, cluster_table
from radiome.select.atlas_picture import atlas_svg
from radiome.tables.atomic import replacing
from radiome.tables.columns import Column, Kind
from radiome.tables.files import write_csv


def write_atlas(atlas: Atlas, folder: Path) -> tuple[Path, Path]:
    """Write ``clusters.csv`` and ``atlas.svg``; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    table, picture = folder / "clusters.csv", folder / "atlas.svg"
    frame = cluster_table(atlas)
    write_csv(table, [_column(str(name), frame[name]) for name in frame.columns])
    with replacing(picture) as temporary:
        temporary.write_text(atlas_svg(atlas), encoding="utf-8", newline="\n")
    return table, picture


def _column(name: str, cells: pd.Series) -> Column:
    """A column of the frame, with None where there is nothing."""
    kind: Kind = "text"
    if pd.api.types.is_integer_dtype(cells.dtype):
        kind = "integer"
    elif pd.api.types.is_float_dtype(cells.dtype):
        kind = "number"
    return Column(name, kind, tuple(None if pd.isna(cell) else cell for cell in cells.tolist()))
