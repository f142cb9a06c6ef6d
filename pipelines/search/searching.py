"""Searching a corpus: its search index brought up to date, and which versions count at a date.

The folder `policies.search` beside `policies.duckdb` has the index of the texts' words, the texts
once more to be read one by one, a DuckDB file of the versions and when each stood (the view
`policies` takes seconds for that), and a note of what these were made of. All of it can be made
again at any time. Blocking.
"""

import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from crawler.errors import InputError
from pipelines.batches import batches
from pipelines.search import fulltext
from pipelines.search.fulltext import Index, Query, Words, snippet, sought
from pipelines.search.plain_texts import PlainTexts
from pipelines.storage.corpus import check_language, check_site
from pipelines.storage.duck import MEMORY, reason_of
from pipelines.storage.publication import folder_of

logger = logging.getLogger(__name__)

_BATCH = 100  # texts at a time
_LOOKED_AT = 300  # versions from which examples are taken
_KEPT = 8  # choices of versions that a search remembers
# 63 bits of a SHA-256: a corpus of a million texts has two with the same once in 18 million
_NUMBER = "(('0x' || left(text_id, 16))::UBIGINT >> 1)"
_VERSIONS = f"""
    CREATE TABLE made.versions AS SELECT domain, language, archived_on, first_seen, last_seen,
        lead(first_seen) OVER history AS next_seen, snapshot_url, text_id, {_NUMBER} AS number,
        dense_rank() OVER (ORDER BY domain)::INTEGER AS site
    FROM policies
    WINDOW history AS (
        PARTITION BY archive, domain, policy_id, language ORDER BY timestamp, snapshot_url, text_id
    )
    ORDER BY domain, first_seen"""
_FOUND = """
    SELECT domain, language, archived_on, last_seen, {standing} AS standing, snapshot_url, text_id,
        number
    FROM search.versions JOIN (
        SELECT unnest($numbers::UBIGINT[]) AS number, unnest($scores::DOUBLE[]) AS score
    ) USING (number)
    WHERE {which}
    ORDER BY score DESC, domain, first_seen, snapshot_url LIMIT $limit OFFSET $skip"""
_STANDING = """CASE WHEN last_seen >= $at THEN 'yes' WHEN next_seen IS NULL THEN 'not seen since'
    ELSE 'in a bracket' END"""
_USES = """
    SELECT domain, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        count(*) AS versions
    FROM search.versions
    WHERE number IN (FROM temp.matching) AND {which}
    GROUP BY domain ORDER BY first_seen, domain"""
_YEARS = """
    SELECT year, count(*) FILTER (hits > 0) AS sites, count(*) AS of_sites,
        sum(hits)::BIGINT AS versions, sum(versions)::BIGINT AS of_versions
    FROM (
        SELECT domain, year, count(*) FILTER (hit) AS hits, count(*) AS versions
        FROM (
            SELECT domain, unnest(range(year(first_seen), year(last_seen) + 1)) AS year,
                number IN (FROM temp.matching) AS hit
            FROM search.versions WHERE {which}
        ) GROUP BY domain, year
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

    @property
    def is_all(self) -> bool:
        """Whether all versions are meant."""
        return self.every and self.at is None and not self.values()

    def values(self) -> dict[str, Any]:
        """Return the parameters."""
        given = {"at": self.at, "domain": self.domain, "language": self.language}
        return {name: value for name, value in given.items() if value is not None}


def check(db: duckdb.DuckDBPyConnection, which: Which) -> None:
    """InputError for a site or a language that the corpus does not have."""
    if which.domain:
        check_site(db, which.domain)
    if which.language:
        check_language(db, which.language)


@dataclass(frozen=True, slots=True)
class Searched:
    """The versions that were searched: their texts, and their sites as numbers."""

    texts: NDArray[np.uint64]
    sites: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Hits:
    """What was searched; the texts that match, the best first; how well each."""

    among: Searched
    numbers: NDArray[np.uint64]
    scores: NDArray[np.float64]


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
        self._texts = self._folder / "texts.sqlite"
        self._versions = self._folder / "versions.duckdb"
        self._note = self._folder / "made.json"
        try:
            if self._noted() != [fulltext.FORMAT, made_of]:
                self._folder.mkdir(exist_ok=True)
                with _alone(self._folder / "lock"):
                    self._bring_up_to_date(made_of)
            self._index = Index(self._words)
            self._plain = PlainTexts(self._texts)
            self._among: dict[Which, Searched] = {}
            self._last: tuple[tuple[Query, Which], Hits] | None = None
            db.execute("ATTACH ? AS search (READ_ONLY)", [str(self._versions)])
        except OSError as error:
            raise InputError(f"{self._folder}: {error.strerror}") from None
        except (ValueError, duckdb.IOException, sqlite3.Error) as error:
            raise InputError(f"{self._folder}: {reason_of(error)}; remove that folder") from None

    def versions(self, query: Query, which: Which, limit: int, skip: int = 0) -> "Answer":
        """Return the versions that match, the best first, after so many at most `limit`."""
        hits = self._hits(query, which)
        sites = hits.among.sites[np.isin(hits.among.texts, hits.numbers)]
        found = self._shown(self._best(hits, which, limit, skip), sought(query))
        return Answer(found, len(sites), len(np.unique(sites)), len(hits.among.texts))

    def examples(self, query: Query, which: Which, count: int) -> list[Found]:
        """Return the best versions, each of another site; of the first hundreds that match."""
        rows = self._best(self._hits(query, which), which, _LOOKED_AT, 0)
        of_site: dict[str, tuple[Any, ...]] = {}
        for row in rows:
            of_site.setdefault(row[0], row)
        return list(self._shown([*of_site.values()][:count], sought(query)))

    def _best(self, hits: "Hits", which: Which, limit: int, skip: int) -> list[tuple[Any, ...]]:
        """Return the best versions, without what they say."""
        numbers, scores = hits.numbers, hits.scores
        # each text is of a version at least; of those as good as the last, any may come before it
        least = scores[min(skip + limit, len(scores)) - 1] if len(scores) else 0.0
        best = int((scores >= least).sum())
        standing = _STANDING if which.at else "NULL"
        return self._db.execute(
            _FOUND.format(standing=standing, which=which.condition()),
            {
                **which.values(),
                "numbers": numbers[:best].tolist(),
                "scores": scores[:best].tolist(),
                "limit": limit,
                "skip": skip,
            },
        ).fetchall()

    def years(self, query: Query, which: Which) -> tuple[str, dict[str, Any]]:
        """Return a statement, and its values, that gives for each year the sites and versions that
        match, of all that were seen in it; to be asked on `db`, before another search."""
        self._match(query, which)
        return _YEARS.format(which=which.condition()), which.values()

    def uses(self, query: Query, which: Which) -> tuple[str, dict[str, Any]]:
        """Return a statement, and its values, that gives the sites that match, the first to do so
        first: between which captures versions that match were seen, and how many they are; to be
        asked as that of `years`."""
        self._match(query, which)
        return _USES.format(which=which.condition()), which.values()

    def _shown(self, rows: list[tuple[Any, ...]], wanted: list[Words]) -> Iterator[Found]:
        for batch in batches(rows, _BATCH):
            texts = self._read(batch)
            for row in batch:
                values: list[Any] = [*row[:-1], snippet(wanted, texts.get(row[-1], ""))]
                yield Found(*values)

    def _read(self, rows: list[tuple[Any, ...]]) -> dict[int, str]:
        """Return the texts of versions; from the corpus, slowly, what is not beside the index: it
        may be made anew by now."""
        try:
            texts = self._plain.read([row[-1] for row in rows])
        except (sqlite3.Error, ValueError) as error:
            logger.warning("%s: %s; remove that folder", self._texts, error)
            texts = {}
        if lost := [row[-2] for row in rows if row[-1] not in texts]:
            found = self._db.execute(
                f"SELECT {_NUMBER}, title || chr(10) || plain FROM texts"
                " WHERE text_id IN (SELECT unnest(?::VARCHAR[]))",
                [lost],
            )
            texts.update(found.fetchall())
        return texts

    def _match(self, query: Query, which: Which) -> None:
        """Put the texts that match in `temp.matching`."""
        numbers = self._hits(query, which).numbers
        self._db.register("given", {"number": numbers})
        self._db.execute("CREATE OR REPLACE TEMP TABLE matching AS FROM given")
        self._db.unregister("given")

    def _hits(self, query: Query, which: Which) -> "Hits":
        """Search; what was asked last is not asked again."""
        if self._last is None or self._last[0] != (query, which):
            among = self._searched(which)
            texts = None if which.is_all else among.texts.tolist()
            numbers, scores = self._index.hits(query, texts)
            hits = Hits(among, np.array(numbers, np.uint64), np.array(scores, np.float64))
            self._last = (query, which), hits
        return self._last[1]

    def _searched(self, which: Which) -> Searched:
        """Return the versions that are meant."""
        if which not in self._among:
            if len(self._among) >= _KEPT:
                self._among.clear()
            rows = self._db.execute(
                f"SELECT number, site FROM search.versions WHERE {which.condition()}",
                which.values(),
            ).fetchnumpy()  # a hundred thousand tuples take a tenth of a second
            self._among[which] = Searched(rows["number"], rows["site"])
        return self._among[which]

    def _noted(self) -> list[Any] | None:
        """Return what the index was made by and of; None if there is none that is whole."""
        try:
            noted = json.loads(self._note.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        parts = self._versions, self._texts, self._words / "meta.json"
        whole = all(part.exists() and part.stat().st_size for part in parts)
        return noted if whole else [noted[0], None]

    def _bring_up_to_date(self, made_of: list[int]) -> None:
        noted = self._noted()
        if noted == [fulltext.FORMAT, made_of]:  # another process has done it meanwhile
            return
        if not noted or noted[0] != fulltext.FORMAT:
            self._note.unlink(missing_ok=True)  # of what is whole no more
            shutil.rmtree(self._words, ignore_errors=True)
            self._texts.unlink(missing_ok=True)
        self._words.mkdir(exist_ok=True)
        self._write_note([fulltext.FORMAT, None])
        self._db.execute(f"SET memory_limit = '{MEMORY}'")
        part = self._versions.with_suffix(".part")
        for left in self._folder.glob(f"{part.name}*"):  # by who was killed
            left.unlink()
        self._db.execute("ATTACH ? AS made (READ_WRITE)", [str(part)])
        self._db.execute(_VERSIONS)
        wanted = self._db.execute("SELECT number FROM made.versions").fetchall()
        self._db.execute("DETACH made")
        texts = {number for (number,) in wanted}
        try:
            self._index_texts(texts)
        except ValueError as error:  # a process killed in the engine may leave what stops it
            logger.warning("%s: %s; made anew", self._words, error)
            shutil.rmtree(self._words)
            self._words.mkdir()
            self._index_texts(texts)
        os.replace(part, self._versions)
        self._write_note([fulltext.FORMAT, made_of])

    def _index_texts(self, wanted: set[int]) -> None:
        """Let the index, and the texts beside it, have those that are wanted and no other."""
        index, plain = Index(self._words), PlainTexts(self._texts)
        plain.make()
        indexed, kept = set(index.numbers()), plain.numbers()
        if gone := indexed - wanted:
            index.remove([*gone])
        if gone := kept - wanted:
            plain.remove(gone)
        if missing := wanted - (indexed & kept):
            from tqdm import tqdm

            texts = plain.keep(self._said(missing))
            added = index.add(text for text in texts if text[0] not in indexed)
            new = len(missing - indexed)
            for _ in tqdm(added, total=new, desc="texts", unit="", disable=None):
                pass

    def _said(self, numbers: set[int]) -> Iterator[tuple[int, str, str]]:
        """Yield texts: number, title, what they say."""
        texts = self._db.execute(
            f"SELECT {_NUMBER}, title, plain FROM texts SEMI JOIN"
            f" (SELECT unnest(?::UBIGINT[]) AS number) ON number = {_NUMBER}",
            [[*numbers]],
        )
        while batch := texts.fetchmany(_BATCH):
            yield from batch

    def _write_note(self, note: list[Any]) -> None:
        part = self._note.with_suffix(".part")
        part.write_text(json.dumps(note))
        os.replace(part, self._note)


@dataclass(frozen=True, slots=True)
class Answer:
    """Versions that match, the best first; how many do in all, of how many sites; and how many
    versions were searched."""

    found: Iterator[Found]
    versions: int
    sites: int
    searched: int


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process in at a time; say so if that means to wait."""
    from filelock import FileLock, Timeout

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
