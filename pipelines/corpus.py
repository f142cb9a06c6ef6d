"""The corpus, open to be read: also while a crawl writes it (`pipelines.publication`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extract
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from crawler.errors import InputError
from pipelines import schema
from pipelines.duck import reason_of
from pipelines.publication import writing_copy


@contextmanager
def reading(corpus: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a corpus to read it; InputError if it cannot be, or is none of ours."""
    corpus = corpus.resolve()
    if not corpus.is_file():
        begun = "; a first run writes it, or was killed" if writing_copy(corpus).exists() else ""
        raise InputError(f"DUCKDB_PATH={corpus}: no such file{begun}")
    try:
        db = _connect(corpus)
    except duckdb.Error as error:
        raise InputError(f"DUCKDB_PATH={corpus}: {reason_of(error)}") from None
    with db:
        check_format(db, corpus)
        yield db


def check_format(db: duckdb.DuckDBPyConnection, corpus: Path) -> None:
    """InputError if a file is not a corpus of the format that this version knows."""
    names = {name for (name,) in db.execute("SHOW TABLES").fetchall()}
    if schema.CORPUS.name not in names:
        raise InputError(f"DUCKDB_PATH={corpus}: a DuckDB file, but not one of this tool")
    try:
        found = db.execute("SELECT max(format) FROM corpus").fetchall()[0][0]
    except duckdb.Error:
        found = None
    if found != schema.FORMAT:
        raise InputError(
            f"DUCKDB_PATH={corpus}: has format {found}; this version of the tool writes"
            f" format {schema.FORMAT}"
        )


def check_site(db: duckdb.DuckDBPyConnection, domain: str) -> None:
    """InputError if no capture of a site is known; it names sites that are spelt alike."""
    domains = [name for (name,) in db.execute("SELECT DISTINCT domain FROM captures").fetchall()]
    if domain in domains:
        return
    near = [name for name, *_ in extract(domain, domains, scorer=ratio, limit=3, score_cutoff=75)]
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise InputError(f"{domain}: no capture of it in this corpus{hint}")


@retry(
    retry=retry_if_exception_type(duckdb.IOException),
    wait=wait_fixed(0.1),
    stop=stop_after_delay(1),
    reraise=True,
)
def _connect(corpus: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(corpus, read_only=True)  # locked for a moment where a run ends
