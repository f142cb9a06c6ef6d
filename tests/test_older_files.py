"""Files of the oldest DuckDB whose format ours is: written by 1.4.4, of a site of the demo.

Made by `ATTACH 'copy' (STORAGE_VERSION 'v1.4.0')` and `COPY FROM DATABASE` in DuckDB 1.4.4.
"""

import gzip
from pathlib import Path

import duckdb
import pytest

from crawler.records import IndexPage
from pipelines.storage.corpus import reading
from pipelines.storage.duck import STORAGE_VERSION
from pipelines.storage.store import Store
from tests.factories import TARGET, capture, document

FILE = Path(__file__).parent / "corpora" / "kettlewright.duckdb-1.4.4.gz"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    corpus = tmp_path / "older.duckdb"
    corpus.write_bytes(gzip.decompress(FILE.read_bytes()))
    return corpus


def versions(corpus: Path) -> list[tuple[str, str, int]]:
    with reading(corpus) as db:
        return db.execute(
            "SELECT domain, archived_on::VARCHAR, words FROM policies ORDER BY ALL"
        ).fetchall()


THERE = [("kettlewright.example", "2002-09-15", 283), ("kettlewright.example", "2006-03-22", 335)]


def test_a_file_of_the_oldest_duckdb_is_read(older: Path) -> None:
    assert versions(older) == THERE


def test_a_file_of_the_oldest_duckdb_is_written(older: Path) -> None:
    store = Store(older)
    taken = capture("20150101000000")
    store.begin_listing(TARGET)
    store.add_page(TARGET, IndexPage([taken], [], None))
    store.record([document(taken, "We keep nothing.")])
    store.close()
    assert versions(older) == sorted([*THERE, (TARGET.domain, "2015-01-01", 3)])


def test_a_new_file_has_the_format_of_the_oldest_duckdb(tmp_path: Path) -> None:
    Store(tmp_path / "new.duckdb").close()
    with duckdb.connect(tmp_path / "new.duckdb", read_only=True) as db:
        [(tags,)] = db.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'new'"
        ).fetchall()
    assert STORAGE_VERSION in tags["storage_version"]
