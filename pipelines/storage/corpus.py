"""The corpus, open to be read: also while a crawl writes it (`pipelines.storage.publication`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import duckdb

from crawler.errors import InputError
from pipelines.storage import schema
from pipelines.storage.duck import reason_of
from pipelines.storage.publication import writing_copy


@contextmanager
def reading(corpus: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a corpus to read it; InputError if it cannot be, or is none of ours."""
    corpus = corpus.resolve()
    if not corpus.is_file():
        begun = "; a first run writes it, or was killed" if writing_copy(corpus).exists() else ""
        if corpus.is_dir():
            raise InputError(f"DUCKDB_PATH={corpus}: is a folder")
        hint = "; a crawl writes it, -s DUCKDB_PATH=FILE names another"
        raise InputError(f"DUCKDB_PATH={corpus}: no such file{begun or hint}")
    try:
        db = _connect(corpus)
    except duckdb.Error as error:
        raise InputError(f"DUCKDB_PATH={corpus}: {reason_of(error)}") from None
    with db:
        check_format(db, corpus)
        yield db


def check_format(db: duckdb.DuckDBPyConnection, corpus: Path) -> None:
    """InputError if a file is not a corpus of the format that this version knows."""
    try:
        found = db.execute("SELECT max(format) FROM corpus").fetchall()[0][0]
    except (duckdb.CatalogException, duckdb.InvalidInputException):  # no such table
        raise InputError(f"DUCKDB_PATH={corpus}: a DuckDB file, but not one of this tool") from None
    except duckdb.Error:
        found = None
    if found != schema.FORMAT:
        raise InputError(
            f"DUCKDB_PATH={corpus}: has format {found}; this version of the tool writes"
            f" format {schema.FORMAT}"
        )


def check_site(db: duckdb.DuckDBPyConnection, domain: str) -> None:
    """InputError if no capture of a site is known; it names sites that are spelt alike."""
    if db.execute("SELECT 1 FROM captures WHERE domain = ? LIMIT 1", [domain]).fetchall():
        return
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extract

    domains = [name for (name,) in db.execute("SELECT DISTINCT domain FROM captures").fetchall()]
    near = [name for name, *_ in extract(domain, domains, scorer=ratio, limit=3, score_cutoff=75)]
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise InputError(f"{domain}: no capture of it in this corpus{hint}")


def check_language(db: duckdb.DuckDBPyConnection, language: str) -> None:
    """InputError if no text is in a language (ISO 639-1)."""
    if not db.execute("FROM texts WHERE language = ? LIMIT 1", [language]).fetchall():
        raise InputError(f"{language}: no text of this corpus is in that language")


def _connect(corpus: Path) -> duckdb.DuckDBPyConnection:
    for _ in range(10):
        try:
            return duckdb.connect(corpus, read_only=True)
        except duckdb.IOException:  # locked for a moment where a run ends
            sleep(0.1)
    return duckdb.connect(corpus, read_only=True)
