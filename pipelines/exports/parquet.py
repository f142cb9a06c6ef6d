"""Parquet, typed and compressed: a folder of versions by year, and the captures known of them."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from pipelines.exports.captures import captures_query
from pipelines.exports.chosen import Chosen
from pipelines.storage import schema
from pipelines.storage.duck import MEMORY, columns

PART = 32_000_000  # characters of documents in a file, so that memory does not grow with the corpus
_OPTIONS = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048"
_COLUMNS = [column.name for column in schema.POLICIES.columns]
_TYPED = "SELECT " + ", ".join(f"{c.name}::{c.type} AS {c.name}" for c in schema.POLICIES.columns)


def write(chosen: Chosen, target: Path) -> str:
    """Write `policies/year=2015/part-00000.parquet` and so on, and `captures/captures.parquet`.

    The year is that of `first_seen`; `captures` has the captures known to have these texts.
    """
    write_parts(chosen, target, "'policies/year=' || year(first_seen)")
    (target / "captures").mkdir()
    names = ", ".join(column.name for column in schema.CAPTURES.columns)
    captures = f"SELECT {names} FROM ({captures_query()}) ORDER BY number, timestamp, capture_id"
    copy(chosen.db, captures, target / "captures" / "captures.parquet")
    return f"{chosen.versions:,} versions"


def write_parts(chosen: Chosen, target: Path, folder: str) -> None:
    """Write all columns of `policies` in files of bounded size, in folders.

    `folder` is SQL on the columns of `versions` that says which folder a version is in.
    """
    chosen.db.execute("ALTER TABLE versions ADD COLUMN folder VARCHAR")
    chosen.db.execute(f"UPDATE versions SET folder = {folder} WHERE chosen")
    rows = chosen.in_order(*_COLUMNS, "folder", order="folder, number")
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": 1}) as db:
        db.execute(f"SET pandas_analyze_sample = {PART}")  # what a column holds is seen in all rows
        for name, of_folder in groupby(rows, itemgetter("folder")):
            (target / name).mkdir(parents=True)
            for number, part in enumerate(_parts(of_folder)):
                arrays = [np.array(values, object) for values in columns(part)]
                db.register("part", dict(zip(_COLUMNS, arrays, strict=True)))
                copy(db, f"{_TYPED} FROM part", target / name / f"part-{number:05}.parquet")


def copy(db: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write the rows of a query to a file."""
    name = str(file).replace("'", "''")
    db.execute(f"COPY ({query}) TO '{name}' ({_OPTIONS})")


def _parts(rows: Iterator[dict[str, Any]]) -> Iterator[list[tuple[Any, ...]]]:
    part: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        part.append(tuple(row[name] for name in _COLUMNS))
        size += len(row["markdown"])
        if size >= PART:
            yield part
            part, size = [], 0
    if part:
        yield part
