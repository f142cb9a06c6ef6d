"""Searching a corpus: its search index brought up to date, and which versions count at a date.

The folder `policies.search` beside `policies.duckdb` has the index of the texts' words, a file of
the versions and when each stood (the view `policies` takes seconds for that), and a note of what
both were made of. All of it can be made again at any time. Blocking.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from filelock import FileLock, Timeout
from tqdm import tqdm

from crawler.errors import InputError
from pipelines import fulltext
from pipelines.duck import MEMORY
from pipelines.fulltext import Index, Query, Words, snippet, sought
from pipelines.publication import folder_of

logger = logging.getLogger(__name__)

_BATCH = 100  # texts at a time
# 64 bits of a SHA-256: a corpus of a million texts has two with the same once in 37 million
_NUMBER = "('0x' || left(text_id, 16))::UBIGINT"
_VERSIONS = f"""
    SELECT domain, language, archived_on, first_seen, last_seen,
        lead(first_seen) OVER history AS next_seen, snapshot_url, text_id, {_NUMBER} AS number
    FROM policies
    WINDOW history AS (
        PARTITION BY archive, domain, policy_id, language ORDER BY timestamp, snapshot_url, text_id
    )
    ORDER BY domain, first_seen"""
_FOUND = """
    SELECT domain, language, archived_on, last_seen, {standing} AS standing, snapshot_url, text_id
    FROM read_parquet($versions) JOIN hits USING (number)
    WHERE {which}
    ORDER BY score DESC, domain, first_seen, snapshot_url LIMIT $limit"""
_NUMBERS = """
    SELECT count(*), count(DISTINCT domain)
    FROM read_parquet($versions) JOIN hits USING (number) WHERE {which}"""
_STANDING = """CASE WHEN last_seen >= $at THEN 'yes' WHEN next_seen IS NULL THEN 'not seen since'
    ELSE 'in a bracket' END"""
_YEARS = """
    SELECT year, count(DISTINCT domain) FILTER (score IS NOT NULL) AS sites,
        count(DISTINCT domain) AS of_sites, count(score) AS versions, count(*) AS of_versions
    FROM (
        SELECT *, unnest(range(year(first_seen), year(last_seen) + 1)) AS year
        FROM read_parquet($versions) LEFT JOIN hits USING (number) WHERE {which}
    )
    GROUP BY year ORDER BY year"""


@dataclass(frozen=True, slots=True)
class Which:
    """The versions among which is searched.

    `at`: those that stood then (UTC), else the last of each policy and language, or `every` one;
    of a domain and in a language (ISO 639-1), if these are given.
    """

    at: datetime | None = None
    every: bool = False
    domain: str | None = None
    language: str | None = None

    def condition(self) -> str:
        """Return the condition in SQL, with parameters of the names of the fields."""
        parts = ["true"]
        if self.at is not None:
            parts.append("first_seen <= $at AND (next_seen IS NULL OR next_seen > $at)")
        elif not self.every:
            parts.append("next_seen IS NULL")
        parts += [f"{name} = ${name}" for name in ("domain", "language") if getattr(self, name)]
        return " AND ".join(parts)

    def values(self) -> dict[str, Any]:
        """Return the parameters."""
        given = {"at": self.at, "domain": self.domain, "language": self.language}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Found:
    """A version that matches. `snippet` has pieces of its text, and whether each was searched for.

    `standing`, at a date: `yes` if captures before and after it have the text; `in a bracket` if
    the next version began in the time after the last capture with this one, so that either may have
    stood; `not seen since` if no later capture is known; without a date None.
    """

    domain: str
    language: str | None
    archived_on: date
    last_seen: datetime
    standing: str | None
    snapshot_url: str
    text_id: str
    snippet: list[tuple[str, bool]]


class Search:
    """A corpus open to be searched; its index is made or brought up to date first.

    `db` is the corpus, open to be read, and `made_of` its `stamp` from before it was opened.
    InputError if the index cannot be written or read. Who is killed meanwhile leaves what the next
    goes on with; who comes meanwhile waits.
    """

    def __init__(self, corpus: Path, db: duckdb.DuckDBPyConnection, made_of: list[int]) -> None:
        self._db = db
        self._folder = folder_of(corpus, "search")
        self._words = self._folder / "words"
        self._versions = self._folder / "versions.parquet"
        self._note = self._folder / "made.json"
        try:
            if self._noted() != [fulltext.FORMAT, made_of]:
                self._folder.mkdir(exist_ok=True)
                with _alone(self._folder / "lock"):
                    self._bring_up_to_date(made_of)
            self._index = Index(self._words)
        except OSError as error:
            raise InputError(f"{self._folder}: {error.strerror}") from None
        except ValueError as error:
            raise InputError(f"{self._folder}: {error}; remove that folder") from None

    def versions(self, query: Query, which: Which, limit: int) -> "Answer":
        """Return the versions that match, the best first, at most `limit`."""
        self._register(query)
        condition, values = which.condition(), {**which.values(), **self._source()}
        count = self._db.execute(_NUMBERS.format(which=condition), values)
        (versions, sites), *_ = count.fetchall()
        best = _FOUND.format(which=condition, standing=_STANDING if which.at else "NULL")
        rows = self._db.execute(best, {**values, "limit": limit}).fetchall()
        return Answer(self._shown(rows, sought(query)), versions, sites)

    def years(self, query: Query, which: Which) -> tuple[str, dict[str, Any]]:
        """Return a statement, and its values, that gives for each year the sites and versions that
        match, of all that were seen in it."""
        self._register(query)
        values = {**which.values(), **self._source()}
        return _YEARS.format(which=which.condition()), values

    def _shown(self, rows: list[tuple[Any, ...]], wanted: list[Words]) -> Iterator[Found]:
        for begin in range(0, len(rows), _BATCH):
            batch = rows[begin : begin + _BATCH]
            texts = self._db.execute(
                "SELECT text_id, title, plain FROM texts WHERE text_id IN (SELECT unnest(?))",
                [[row[-1] for row in batch]],
            ).fetchall()
            of = {text_id: f"{title}\n{plain}" for text_id, title, plain in texts}
            for row in batch:
                values: list[Any] = [*row, snippet(wanted, of.get(row[-1], ""))]
                yield Found(*values)

    def _register(self, query: Query) -> None:
        """Make the texts that match a table, `hits`, for DuckDB."""
        numbers, scores = self._index.hits(query)
        hits = {"number": np.array(numbers, np.uint64), "score": np.array(scores, np.float64)}
        self._db.register("hits", hits)

    def _source(self) -> dict[str, str]:
        return {"versions": escape(str(self._versions))}

    def _noted(self) -> list[Any] | None:
        """Return what the index was made by and of; None if there is none that is whole."""
        try:
            noted = json.loads(self._note.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        whole = self._versions.exists() and (self._words / "meta.json").exists()
        return noted if whole else [noted[0], None]

    def _bring_up_to_date(self, made_of: list[int]) -> None:
        noted = self._noted()
        if noted == [fulltext.FORMAT, made_of]:  # another process has done it meanwhile
            return
        if not noted or noted[0] != fulltext.FORMAT:
            shutil.rmtree(self._words, ignore_errors=True)
        self._words.mkdir(exist_ok=True)
        self._write_note([fulltext.FORMAT, None])
        self._db.execute(f"SET memory_limit = '{MEMORY}'")
        part = self._versions.with_suffix(".part")
        self._db.sql(_VERSIONS).write_parquet(str(part))
        wanted = self._db.execute(
            "SELECT DISTINCT number FROM read_parquet(?)", [escape(str(part))]
        ).fetchnumpy()["number"]
        index = Index(self._words)
        had = np.array(index.numbers(), np.uint64)
        gone, new = np.setdiff1d(had, wanted), np.setdiff1d(wanted, had)
        if len(gone):
            index.remove(gone.tolist())
        if len(new):
            added = index.add(self._texts(new))
            for _ in tqdm(added, total=len(new), desc="texts", unit="", disable=None):
                pass
        os.replace(part, self._versions)
        self._write_note([fulltext.FORMAT, made_of])

    def _texts(self, numbers: Any) -> Iterator[tuple[int, str, str]]:
        """Yield texts: number, title, what they say."""
        self._db.register("numbers", {"number": numbers})
        texts = self._db.execute(
            f"SELECT {_NUMBER}, title, plain FROM texts SEMI JOIN numbers ON number = {_NUMBER}"
        )
        while batch := texts.fetchmany(_BATCH):
            yield from batch

    def _write_note(self, note: list[Any]) -> None:
        part = self._note.with_suffix(".part")
        part.write_text(json.dumps(note))
        os.replace(part, self._note)


@dataclass(frozen=True, slots=True)
class Answer:
    """Versions that match, the best first; and how many do in all, of how many sites."""

    found: Iterator[Found]
    versions: int
    sites: int


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process in at a time; say so if that means to wait."""
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        logger.warning("another process brings %s up to date; waiting for it", lock.parent)
        held.acquire()
    try:
        yield
    finally:
        held.release()
