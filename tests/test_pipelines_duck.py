"""DuckDB as the corpus uses it: small groups of rows, memory that goes back."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.storage.duck import ROW_GROUP, open_file, transaction

# DuckDB's allocator is asked itself: the setting is read once, when DuckDB is imported.
DECAY = """
import pipelines.storage.duck
import ctypes, _duckdb
value, size = ctypes.c_ssize_t(-1), ctypes.c_size_t(8)
ask = ctypes.CDLL(_duckdb.__file__).duckdb_je_mallctl
ask(b"opt.dirty_decay_ms", ctypes.byref(value), ctypes.byref(size), None, 0)
print(value.value)
"""


def test_rows_are_in_small_groups_so_that_a_checkpoint_writes_few_anew(tmp_path: Path) -> None:
    file = tmp_path / "corpus.duckdb"
    db = open_file(file, file)
    db.execute("CREATE TABLE numbers AS SELECT range AS number FROM range(10000)")
    db.execute("CHECKPOINT")
    groups = db.execute(
        "SELECT row_group_id, sum(count) FROM pragma_storage_info('numbers')"
        " WHERE segment_type <> 'VALIDITY' GROUP BY ALL"
    ).fetchall()
    db.close()
    assert len(groups) == -(-10_000 // ROW_GROUP)
    assert max(count for _, count in groups) == ROW_GROUP


def test_many_texts_go_straight_into_the_file(tmp_path: Path) -> None:
    file, log = tmp_path / "corpus.duckdb", tmp_path / "corpus.duckdb.wal"
    db = open_file(file, file)
    with transaction(db):
        db.execute("CREATE TABLE numbers AS SELECT range AS number FROM range(10000)")
    assert log.stat().st_size > 0
    with transaction(db, texts=20):
        db.execute("INSERT INTO numbers FROM range(10000)")
    assert not log.exists() or log.stat().st_size == 0
    with transaction(db):
        db.execute("INSERT INTO numbers FROM range(10000)")
    assert log.stat().st_size > 0
    db.close()


@pytest.mark.skipif(sys.platform != "linux", reason="DuckDB has an allocator of its own on Linux")
def test_memory_that_duckdb_has_freed_goes_back_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", DECAY], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
