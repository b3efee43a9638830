"""Tables as Parquet and CSV files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radiome.base.errors import UserError
from radiome.tables.atomic import replacing
from radiome.tables.columns import Column, text_column, typed_column

if TYPE_CHECKING:
    import pandas as pd

#: Key under which a Parquet file carries what radiome knows of the table, as JSON.
METADATA_KEY = b"radiome"

#: Columns that are text whatever they hold.
TEXT_COLUMNS = ("case", "image", "mask", "roi", "modality", "settings", "status", "reason")


def write_parquet(path: Path, columns: Sequence[Column], metadata: Mapping[str, Any]) -> None:
    """Write columns as Parquet, atomically; equal input gives equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    schema = pa.schema(
        [pa.field(column.name, kinds[column.kind]) for column in columns],
        metadata={METADATA_KEY: json.dumps(metadata, sort_keys=True).encode()},
    )
    arrays = [pa.array(column.cells, type=kinds[column.kind]) for column in columns]
    with replacing(path) as temporary:
        pq.write_table(pa.table(arrays, schema=schema), temporary)


def write_csv(path: Path, columns: Sequence[Column]) -> None:
    """Write columns as CSV in UTF-8, atomically.

    Cells that a user wrote are written as they were; floats read back to the same value.
    """
    cells = [column.texts() for column in columns]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        writer.writerows(zip(*cells, strict=True))


def write_records(
    path: Path, records: Sequence[Mapping[str, str]], headings: Sequence[str]
) -> None:
    """Write mappings of text as CSV with the given headings."""
    columns = [text_column(name, [record[name] for record in records]) for name in headings]
    write_csv(path, columns)


def read_features(path: str | Path) -> pd.DataFrame:
    """Read a feature table that radiome wrote.

    Parameters
    ----------
    path : str or Path
        ``features.parquet`` or ``features.csv``, or the run folder that holds one.

    Returns
    -------
    DataFrame
        One row per case. ``frame.attrs["radiome"]["features"]`` lists the columns
        that are features; the others identify the case or were carried through.

    Notes
    -----
    Features are float64. A carried column of whole numbers is int64, with blanks among
    them the nullable Int64 of pandas: the numbers stay whole, blanks are ``pd.NA``, and
    ``astype("float64")`` or ``numpy.asarray`` makes them NaN. A column in which whole
    numbers and decimals meet is float64; ``features.csv`` keeps how each was written.

    Raises
    ------
    UserError
        If there is no such table, or nothing tells which columns are features.
    """
    path = _locate(Path(path))
    if path.suffix == ".parquet":
        return _read_parquet(path)
    return _read_csv(path)


def _locate(path: Path) -> Path:
    candidates = [path / "features.parquet", path / "features.csv"] if path.is_dir() else [path]
    for candidate in candidates:
        if candidate.is_file() and candidate.suffix in (".parquet", ".csv"):
            return candidate
    measured = path / "extraction"
    raise UserError(
        "there is no feature table here",
        where=str(path),
        expected="features.parquet or features.csv, or a run folder with one of them",
        do=f"give {measured}: that is where a study keeps what it measured"
        if (measured / "features.parquet").is_file()
        else "run 'radiome extract COHORT.csv -o RUN_DIR' first",
    )


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(
            "the feature table cannot be read",
            where=str(path),
            expected="the Parquet file that radiome wrote",
            got=" ".join(str(error).split()),
            do="make it again; cases that were measured are not measured again",
        ) from None
    stored = (table.schema.metadata or {}).get(METADATA_KEY)
    if stored is None:
        raise UserError(
            "this Parquet file is not a radiome feature table",
            where=str(path),
            do="give a features.parquet that radiome wrote",
        )
    frame: pd.DataFrame = table.to_pandas()
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_integer(column.type):
            frame[name] = _whole_numbers(column.to_pylist())
    frame.attrs["radiome"] = json.loads(stored)
    return frame


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    with path.open(encoding="utf-8-sig", newline="") as file:
        headings, *rows = list(csv.reader(file)) or [[]]
    features = _features_of(path)
    cells = dict(zip(headings, zip(*rows, strict=True), strict=False))
    series = {name: _series(name, texts, name in features) for name, texts in cells.items()}
    frame = pd.DataFrame(series, columns=headings)
    frame.attrs["radiome"] = {"features": [name for name in headings if name in features]}
    return frame


def _series(name: str, texts: Sequence[str], is_feature: bool) -> pd.Series[Any]:
    import pandas as pd

    if is_feature:
        return pd.Series([float(text) if text else None for text in texts], dtype="float64")
    column = text_column(name, texts) if name in TEXT_COLUMNS else typed_column(name, texts)
    if column.kind == "integer":
        return _whole_numbers(column.cells)
    dtype = "float64" if column.kind == "number" else "string"
    return pd.Series(list(column.cells), dtype=dtype)


def _whole_numbers(cells: Sequence[Any]) -> pd.Series[Any]:
    """Integers, exactly: a float would round those above 2**53 and show 61 as 61.0."""
    import pandas as pd

    return pd.Series(cells, dtype="Int64" if None in cells else "int64")


def _features_of(path: Path) -> set[str]:
    beside = [path.with_name("catalogue.csv"), path.with_suffix(".catalogue.csv")]
    for catalogue in beside:
        if catalogue.is_file():
            with catalogue.open(encoding="utf-8-sig", newline="") as file:
                return {row["tag"] for row in csv.DictReader(file)}
    raise UserError(
        "nothing tells which columns of this table are features",
        where=str(path),
        expected=f"{beside[0].name} beside it, as radiome writes it",
        do="keep the catalogue beside the table, or read features.parquet instead",
    )
