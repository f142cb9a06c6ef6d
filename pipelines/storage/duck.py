"""DuckDB itself: opening the file, and rows in bulk. Knows nothing of the corpus."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from crawler.errors import InputError

# Readable by every DuckDB since 1.4, and the first format with zstd that all of them know.
STORAGE_VERSION = "v1.4.0"
# Each checkpoint writes the rows of a group anew: with DuckDB's 122,880, all of a corpus.
ROW_GROUP = 2_048
MEMORY = "1GB"  # of DuckDB's own, which takes most of the machine's otherwise; it spills to disk


def open_file(path: Path, corpus: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file for writing; say in a line of `corpus` why it cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = duckdb.connect(
            config={
                "storage_compatibility_version": STORAGE_VERSION,
                "memory_limit": MEMORY,
                "auto_checkpoint_skip_wal_threshold": 0,  # what a checkpoint writes needs no log
                "temp_directory": f"{path}.tmp",
            }
        )
        db.execute(f"ATTACH ? AS corpus (ROW_GROUP_SIZE {ROW_GROUP})", [str(path)])
        db.execute("USE corpus")  # of this connection; its cursors have no default
        db.execute("CHECKPOINT")  # what a killed run left in the log becomes part of the file
        return db
    except (duckdb.Error, OSError) as error:
        raise InputError(f"DUCKDB_PATH={corpus}: {reason_of(error)}") from None


def reason_of(error: Exception) -> str:
    """Return in a few words why a DuckDB file cannot be opened."""
    message = " ".join(str(error).split())
    if "Conflicting lock" in message:
        holder = re.search(r"PID (\d+)", message)
        who = f"another process (PID {holder[1]})" if holder else "another process"
        return f"{who} holds it; close that first"
    if "not a valid DuckDB database file" in message:
        return "not a DuckDB file"
    return message[:300]


@contextmanager
def transaction(db: duckdb.DuckDBPyConnection, texts: int = 0) -> Iterator[None]:
    """All of what is written inside, or nothing.

    What has `texts` goes straight into the file, as a checkpoint, and not to the log: to log even
    one of them DuckDB unpacks its whole group, in twice the memory that a checkpoint takes.
    """
    db.execute("BEGIN")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    if not texts:
        db.execute("COMMIT")
        return
    db.execute("SET checkpoint_threshold = '0KB'")
    try:
        db.execute("COMMIT")
    finally:
        db.execute("RESET checkpoint_threshold")


def unnest(types: Sequence[str]) -> str:
    """Return a SELECT that turns one list a column into rows: the fastest way in without Arrow."""
    return "SELECT " + ", ".join(f"unnest(?::{type_}[])" for type_ in types)


def columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Return the parameters of `unnest`: a list a column. There must be a row."""
    return [list(column) for column in zip(*rows, strict=True)]


def now() -> datetime:
    """The time now as DuckDB's TIMESTAMP holds it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
