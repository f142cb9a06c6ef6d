"""The corpus, open for pages: what all pages count is counted once, in memory.

Readers and a crawl never meet (`pipelines.storage.publication`): a corpus that was replaced is
opened anew and counted beside the old one, which goes on answering meanwhile. Blocking; used from
threads.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import duckdb

from crawler.errors import InputError
from pipelines.browse.site import KEY
from pipelines.search.searching import Search
from pipelines.storage.corpus import reading
from pipelines.storage.duck import MEMORY
from pipelines.storage.publication import stamp
from pipelines.versioning.versions import BEGINNINGS

logger = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds that a page waits for the search index
LATEST = 15  # changes that are counted as the latest
LOOK_SECONDS = 1.0  # between two looks at whether the corpus was replaced

# `counted` is a database in memory; the corpus is attached to it as `corpus`.
_COUNTED = (
    f"""CREATE TABLE counted.versions AS
    SELECT *, {KEY} AS key FROM ({BEGINNINGS})
    ORDER BY domain, archive, policy_id, language, timestamp, snapshot_url""",
    """CREATE TABLE counted.site_years AS
    SELECT domain, year, sum(captures)::INTEGER AS captures, sum(texts)::INTEGER AS texts,
        sum(not_selected + same_digest)::INTEGER AS unread,
        bool_and(listing = 'complete') IS TRUE AS listed
    FROM coverage WHERE year IS NOT NULL GROUP BY domain, year ORDER BY domain, year""",
    """CREATE TABLE counted.sites AS
    SELECT domain, coalesce(versions, 0) AS versions
    FROM (SELECT DISTINCT domain FROM counted.site_years)
    LEFT JOIN (
        SELECT domain, count(*)::INTEGER AS versions FROM counted.versions GROUP BY domain
    ) USING (domain) ORDER BY domain""",
    """CREATE TABLE counted.years AS
    SELECT year(first_seen) AS year, count(*) AS versions FROM counted.versions GROUP BY year""",
    """CREATE TABLE counted.totals AS
    SELECT count(DISTINCT domain) AS sites,
        count(DISTINCT (archive, domain, policy_id)) AS policies,
        count(*) AS versions, (SELECT count(*) FROM captures) AS captures,
        min(first_seen)::DATE AS since, max(last_seen)::DATE AS until,
        (SELECT min(year) FROM counted.site_years) AS first_year,
        (SELECT max(year) FROM counted.site_years) AS last_year
    FROM counted.versions""",
    f"""CREATE TABLE counted.latest AS
    SELECT domain, changed_after, changed_before, kind, words_added, words_removed, key
    FROM counted.versions WHERE from_text_id IS NOT NULL AND NOT variant
    ORDER BY changed_before DESC, domain LIMIT {LATEST}""",
)


class Busy(Exception):
    """What was asked for is being made; the message says what."""


@dataclass(frozen=True, slots=True)
class _State:
    """The corpus as it was at a time, counted; `made_of` is its stamp."""

    made_of: list[int]
    db: duckdb.DuckDBPyConnection


class Shelf:
    """A corpus for the pages of one server; InputError if it is none, or not there."""

    def __init__(self, corpus: Path) -> None:
        self.corpus = corpus
        with reading(corpus):
            pass
        self._lock = threading.Lock()  # of what follows
        self._state: _State | None = None
        self._looked = 0.0
        self._indexing: threading.Thread | None = None
        self._search: tuple[list[int], Search, duckdb.DuckDBPyConnection] | None = None
        self._unsearchable: InputError | None = None
        self._searching = threading.Lock()  # a Search is of one connection

    @property
    def made_of(self) -> list[int]:
        """The stamp of the corpus that pages show now."""
        return self._current().made_of

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection: the corpus' tables by their names, and beside them `counted.versions`
        (what `pipelines.versioning.versions.BEGINNINGS` gives, and a key) and what the first page
        shows: `counted.totals`, `years`, `latest`, `sites` and `site_years`."""
        cursor = self._current().db.cursor()
        try:
            cursor.execute("USE corpus")
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def searching(self) -> Iterator[tuple[Search, duckdb.DuckDBPyConnection]]:
        """Give the full-text search of the corpus and its connection; Busy while its first index is
        made. While it is made again, the one before goes on answering."""
        if indexing := self._start_indexing(self._current()):
            indexing.join(0.0 if self._search else PATIENCE)
        found, failed = self._search, self._unsearchable
        if found is None and failed is not None:
            raise failed
        if found is None or not self._searching.acquire(timeout=PATIENCE):
            raise Busy("The index of the texts' words is being made.")
        try:
            yield found[1:]
        finally:
            self._searching.release()

    def _start_indexing(self, state: _State) -> threading.Thread | None:
        """Begin to index a state unless it is done; return what is at it."""
        with self._lock:
            if self._indexing is not None and self._indexing.is_alive():
                return self._indexing
            if self._search is not None and self._search[0] == state.made_of:
                return None
            self._indexing = threading.Thread(target=self._index, args=[state], daemon=True)
            self._indexing.start()
            return self._indexing

    def _index(self, state: _State) -> None:
        db = state.db.cursor()
        db.execute("USE corpus")
        try:
            self._search = state.made_of, Search(self.corpus, db, state.made_of), db
            self._unsearchable = None
        except InputError as error:
            self._unsearchable = error
            logger.warning("%s", error)
        except (duckdb.Error, OSError) as error:
            self._unsearchable = InputError(f"{self.corpus}: cannot be indexed: {error}")
            logger.warning("%s", self._unsearchable)

    def _current(self) -> _State:
        """Return the corpus as it is now; while it is counted anew, as it was."""
        with self._lock:
            if self._state is None:
                self._state = self._counted()
            elif monotonic() - self._looked > LOOK_SECONDS:
                self._looked = monotonic()
                if stamp(self.corpus.resolve()) != self._state.made_of:
                    threading.Thread(target=self._renew, daemon=True).start()
                    self._looked += 3600  # until it is counted
            return self._state

    def _renew(self) -> None:
        try:
            state = self._counted()
        except (duckdb.Error, OSError) as error:
            logger.warning("%s: %s; the pages show an older state", self.corpus, error)
        else:
            with self._lock:
                self._state = state  # the old one closes when its last page is done
        self._looked = monotonic()

    def _counted(self) -> _State:
        made_of = stamp(self.corpus.resolve())
        db = duckdb.connect()
        db.execute(f"SET memory_limit = '{MEMORY}'")
        file = str(self.corpus.resolve()).replace("'", "''")
        db.execute(f"ATTACH '{file}' AS corpus (READ_ONLY)")
        db.execute("ATTACH ':memory:' AS counted")
        db.execute("USE corpus")
        for statement in _COUNTED:
            db.execute(statement)
        return _State(made_of, db)
