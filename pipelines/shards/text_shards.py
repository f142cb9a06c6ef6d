"""Texts in bulk: one WARC file becomes one Parquet shard, on whatever machine.

A shard is named by what it is made of and by what makes it, and is written whole or not at all: so
that a task may be killed, or done twice, and a shard that is there is not made again.
"""

import asyncio
import os
import pickle
import sys
import tempfile
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import uuid4

import duckdb
import fsspec
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

import crawler
from crawler.records import Document, Loss, Memento
from pipelines.pool import ProcessPool
from pipelines.shards.shard_jobs import Job, ShardFailed, Unreadable
from pipelines.shards.warc_pages import Found, Unusable, all_pages, kept_pages
from pipelines.stages import ExtractPipeline, JudgePipeline
from pipelines.storage import schema
from pipelines.storage.duck import MEMORY, columns, unnest
from pipelines.storage.store import text_row, verdict_of

OF_CAPTURE = (
    *("capture_id", "archive", "domain", "policy_url", "urlkey", "timestamp", "original"),
    *("mimetype", "statuscode", "digest", "length"),
)
RESULT = "outcome", "detail", "canonical_url", "served_timestamp", "served_url"
_TYPES = {c.name: c.type.split()[0] for c in (*schema.CAPTURES.columns, *schema.TEXTS.columns)}
_TEXT = tuple(column.name for column in schema.TEXTS.columns)
_COLUMNS = {
    "record_offset": "BIGINT",
    **{name: _TYPES[name] for name in (*OF_CAPTURE, *RESULT, *_TEXT)},
}
_BATCH = 500
_AHEAD = 8  # pages read ahead for each process that extracts


def maker() -> str:
    """Return what makes shards here: texts of two makers must not come together."""
    from pipelines.extraction.extractors import READER

    return f"policy-history {crawler.__version__}, {READER}"


def located(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the file system of a path or an address, and the path there; local ones absolute.

    ImportError names what reads that kind; ValueError says that there is no such kind.
    """
    fs, path = url_to_fs(url)
    return fs, path


def name_of(fs: fsspec.AbstractFileSystem, path: str) -> str:
    """Return the path or address by which any machine opens a file."""
    return path if isinstance(fs, LocalFileSystem) else str(fs.unstrip_protocol(path))


def make_in_child() -> None:
    """Make the shard that standard input names; say on standard output how it went."""
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    job: Job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_input, daemon=True).start()
    error: Exception | None = None
    try:
        if job.maker != (here := maker()):
            raise ShardFailed(f"a worker has {here}, not {job.maker}")
        asyncio.run(_make_alone(job))
    except (Unreadable, ShardFailed) as reason:
        error = reason
    with os.fdopen(answers, "wb") as stream:
        pickle.dump(error, stream)
    os._exit(0)  # a thread still waits for input; DuckDB would complain of it at length


async def make_shard(job: Job, pool: ProcessPool) -> None:
    """Make a shard unless it is there; the pool has the limits of the job.

    Raises Unreadable for a source that is no WARC file or cannot be opened, ShardFailed for what
    may go well another time.
    """
    try:
        fs, target = located(f"{job.folder}/{job.shard}")
        if fs.exists(target):
            return
        with tempfile.TemporaryDirectory() as folder, opened(job) as stream:
            file = Path(folder) / "made.parquet"
            await _write(file, _found(job, stream), pool, job.limits.threshold)
            fs.makedirs(fs._parent(target), exist_ok=True)
            part = f"{fs._parent(target)}/.{uuid4().hex}.part"
            fs.put_file(str(file), part)
            fs.mv(part, target)
    except (Unreadable, ShardFailed):
        raise
    except Exception as error:  # file systems have errors of their own
        raise ShardFailed(f"{type(error).__name__}: {error}"[:500]) from None


@contextmanager
def opened(job: Job) -> Iterator[IO[bytes]]:
    """Open a job's source; Unreadable if that cannot be."""
    try:
        fs, path = located(job.source)
        stream = fs.open(path, "rb")
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    with stream:
        yield stream


def shards_in(folder: str) -> set[str]:
    """Return the names of what is in a folder of shards, which need not be there."""
    fs, path = located(folder)
    try:
        return {PurePosixPath(name).name for name in fs.ls(path, detail=False)}
    except FileNotFoundError:
        return set()


@contextmanager
def fetched(job: Job) -> Iterator[str]:
    """Give the path of a job's shard on this machine."""
    fs, path = located(f"{job.folder}/{job.shard}")
    if isinstance(fs, LocalFileSystem):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / "shard.parquet")
        fs.get_file(path, copy)
        yield copy


def made_here(jobs: list[Job], pool: ProcessPool) -> Iterator[tuple[Job, Exception | None]]:
    """Make shards on this machine, one after the other; yield each with why there is none."""
    with asyncio.Runner() as runner:
        try:
            for job in jobs:
                try:
                    runner.run(make_shard(job, pool))
                except (Unreadable, ShardFailed) as error:
                    yield job, error
                else:
                    yield job, None
        finally:
            runner.run(pool.close())


async def _make_alone(job: Job) -> None:
    pool = ProcessPool(1, job.limits.seconds, job.limits.megabytes)
    try:
        await make_shard(job, pool)
    finally:
        await pool.close()


def _found(job: Job, stream: IO[bytes]) -> Iterator[Found]:
    if job.pages is None:
        return all_pages(stream, job.limits.maxsize)
    return kept_pages(stream, PurePosixPath(job.source).name, job.pages)


async def _write(file: Path, found: Iterator[Found], pool: ProcessPool, threshold: float) -> None:
    """Write a shard; what does not fit into memory is put beside it meanwhile."""
    definitions = ", ".join(f"{name} {type_}" for name, type_ in _COLUMNS.items())
    insert = f"INSERT INTO made {unnest(list(_COLUMNS.values()))}"
    spill: dict[str, Any] = {
        "memory_limit": MEMORY,
        "temp_directory": str(file.parent),
        "threads": 1,
    }
    rows: list[tuple[Any, ...]] = []
    with duckdb.connect(config=spill) as db:
        db.execute("SET threads = 1")  # a task has one core
        db.execute(f"CREATE TABLE made ({definitions})")
        async for row in _rows(found, pool, threshold):
            rows.append(row)
            if len(rows) == _BATCH:
                await asyncio.to_thread(db.execute, insert, columns(rows))
                rows = []
        if rows:
            await asyncio.to_thread(db.execute, insert, columns(rows))
        db.execute(
            "COPY (FROM made QUALIFY capture_id IS NULL OR"
            " row_number() OVER (PARTITION BY capture_id ORDER BY record_offset) = 1"
            " ORDER BY record_offset) TO ? (FORMAT parquet, COMPRESSION zstd)",
            [str(file)],
        )


async def _rows(
    found: Iterator[Found], pool: ProcessPool, threshold: float
) -> AsyncIterator[tuple[Any, ...]]:
    """Yield a row a record, in order; some pages are read ahead of those that are extracted."""
    extract, judge = ExtractPipeline(pool), JudgePipeline(threshold)

    async def row(offset: int, item: Memento | Loss | Unusable) -> tuple[Any, ...]:
        if isinstance(item, Unusable):
            return _row(offset, item)
        return _row(offset, judge.process_item(await extract.process_item(item)))

    under_way: deque[asyncio.Task[tuple[Any, ...]]] = deque()
    while (record := await asyncio.to_thread(next, found, None)) is not None:
        under_way.append(asyncio.ensure_future(row(*record)))
        if len(under_way) >= _AHEAD * pool.size:
            yield await under_way.popleft()
    while under_way:
        yield await under_way.popleft()


def _row(offset: int, result: Document | Loss | Unusable) -> tuple[Any, ...]:
    """Return a row of a shard; without an outcome for what could not be used."""
    of_text = len(_TEXT)
    if isinstance(result, Unusable):
        values = dict.fromkeys(OF_CAPTURE) | {"original": result.url}
        return (offset, *values.values(), None, result.reason, *(None,) * (3 + of_text))
    capture = result.capture
    identity = str(capture.capture_id) if capture.archive else None  # the corpus knows kept ones
    outcome, detail, _, canonical = verdict_of(result)
    served = result.served_timestamp, result.served_url
    text = text_row(result.text) if isinstance(result, Document) else (None,) * of_text
    known = (getattr(capture, name) for name in OF_CAPTURE[1:])
    return (offset, identity, *known, str(outcome), detail, canonical, *served, *text)


def _end_with_input() -> None:
    """End this process when who started it is gone."""
    while os.read(0, 1):
        pass
    os._exit(1)
