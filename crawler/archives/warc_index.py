"""An index of local WARC files in SQLite: made once per file, then records are read by offset."""

import hashlib
import logging
import re
import sqlite3
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar
from zlib import MAX_WBITS

from isal import igzip_lib, isal_zlib
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed

from crawler import timestamps
from crawler.urlkeys import urlkey
from crawler.warc_records import records_of

logger = logging.getLogger(__name__)

_FORMAT = 3  # counts up when what is read of a file changes: all files are read again
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, path TEXT UNIQUE, size INTEGER, mtime_ns INTEGER, damage TEXT);
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, file INTEGER, offset INTEGER, urlkey TEXT, timestamp TEXT,
    original TEXT, mimetype TEXT, statuscode TEXT, digest TEXT, length INTEGER,
    replayed_status TEXT, refers_to TEXT, refers_to_timestamp TEXT);
CREATE INDEX IF NOT EXISTS by_urlkey ON records (urlkey, timestamp);
CREATE INDEX IF NOT EXISTS by_original ON records (original, timestamp);
CREATE INDEX IF NOT EXISTS by_digest ON records (digest);
"""
_ROW = (
    "id, file, offset, urlkey, timestamp, original, mimetype, statuscode, digest, length,"
    " replayed_status, refers_to, refers_to_timestamp"
)
_REVISIT = "warc/revisit"
_RECORD_TYPES = ("response", "revisit", "resource")
_EMPTY_BODY_DIGEST = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
_DAMAGE: Any = (ArchiveLoadFailed, igzip_lib.IsalError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Record:
    """Where a capture's record lies, and what its index row says ("-" for what is not known).

    `replayed_status` is that of the page, also for a revisit, which has none in an index.
    """

    path: str
    offset: int
    urlkey: str
    timestamp: str
    original: str
    mimetype: str
    statuscode: str
    digest: str
    length: int
    replayed_status: str
    refers_to: str
    refers_to_timestamp: str

    @property
    def is_revisit(self) -> bool:
        """Whether it says only that the page was as before."""
        return self.mimetype == _REVISIT

    @property
    def is_redirect(self) -> bool:
        """Whether it leads elsewhere."""
        return self.replayed_status.startswith("3")


class WarcIndex:
    """The index of some WARC files; others may be in the index file, too.

    The file is safe for several processes, an index for several threads.
    """

    def __init__(self, path: Path, files: Sequence[Path]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files = files
        self._paths: dict[int, str] = {}  # of the files, by their number in the index
        self._lock = Lock()
        self._db = sqlite3.connect(path, timeout=600, isolation_level=None, check_same_thread=False)
        self._db.create_function("regexp", 2, _matches, deterministic=True)

    def add(self) -> list[str]:
        """Index the files that are new or changed; return what is damaged, a line a file.

        A file is indexed whole, in one transaction. What stands before a damage is used.
        """
        with self._lock:
            db = self._db
            if db.execute("PRAGMA user_version").fetchone()[0] != _FORMAT:
                db.executescript("DROP TABLE IF EXISTS files; DROP TABLE IF EXISTS records")
            db.executescript(f"{_SCHEMA} PRAGMA user_version = {_FORMAT}")
            added = [(str(file), *_add_file(db, file)) for file in self._files]
            self._paths = {number: path for path, number, _ in added}
            db.execute("CREATE TEMP TABLE ours (file INTEGER PRIMARY KEY)")
            db.executemany("INSERT INTO ours VALUES (?)", [(number,) for number in self._paths])
        return [f"{path}: {damage}" for path, _, damage in added if damage]

    def close(self) -> None:
        """Close the file; nothing can be asked after that."""
        with self._lock:
            self._db.close()

    def captures(
        self, key: str, since: str, until: str, limit: int, after: str
    ) -> tuple[list[Record], str | None]:
        """Return up to `limit` records of a urlkey in time order, and the key of the next page."""
        query = (
            f"SELECT {_ROW} FROM records WHERE urlkey = :key AND file IN ours"
            " AND timestamp BETWEEN :since AND :until AND (timestamp, id) > (:at, :id)"
            " ORDER BY timestamp, id LIMIT :limit"
        )
        at, _, row_id = after.partition("-")
        bounds = {"since": since, "until": until, "at": at, "id": int(row_id or 0)}
        found = self._find(query, key=key, limit=limit, **bounds)
        more = f"{found[-1][1].timestamp}-{found[-1][0]}" if len(found) == limit else None
        return [record for _, record in found], more

    def site(
        self, keys: tuple[str, str], regex: str, limit: int, after: str
    ) -> tuple[list[Record], str | None]:
        """Return up to `limit` records whose urlkeys are in a range and match as a whole.

        In the order of urlkey and time, with the key of the next page; rows that do not match are
        passed over one by one.
        """
        key, at, row_id = after.rsplit(" ", 2) if after else (keys[0], "", "0")
        query = (
            f"SELECT {_ROW} FROM records WHERE urlkey >= :begin AND urlkey < :end AND file IN ours"
            " AND (urlkey, timestamp, id) > (:key, :at, :id) AND urlkey REGEXP :regex"
            " ORDER BY urlkey, timestamp, id LIMIT :limit"
        )
        bounds = {"begin": max(keys[0], key), "end": keys[1], "key": key, "at": at}
        found = self._find(query, **bounds, id=int(row_id), regex=regex, limit=limit)
        more = None
        if len(found) == limit:
            row, last = found[-1]
            more = f"{last.urlkey} {last.timestamp} {row}"
        return [record for _, record in found], more

    def nearest(self, url: str, timestamp: str) -> Record | None:
        """Return the record of an address that is nearest in time.

        A redirect answers only for the very address it was captured at: `http://x/` that redirects
        to `https://x/` has the same urlkey and would answer for its own target.
        """
        key, found = urlkey(url), []
        for way, order in (("<=", "DESC"), (">=", "ASC")):
            query = (
                f"SELECT {_ROW} FROM records WHERE urlkey = :key AND file IN ours"
                f" AND timestamp {way} :at AND length(timestamp) = 14"
                " AND (original = :url OR replayed_status NOT LIKE '3__')"
                f" ORDER BY timestamp {order}, original = :url DESC, id LIMIT 1"
            )
            rows = self._find(query, key=key, at=timestamp, url=url)
            found += [record for _, record in rows]
            if found and (found[0].timestamp, found[0].original) == (timestamp, url):
                return found[0]
        asked = timestamps.parse(timestamp)
        found.sort(key=lambda record: abs(timestamps.parse(record.timestamp) - asked))
        return found[0] if found else None

    def payload_of(self, revisit: Record) -> Record | None:
        """Return the record that holds a revisit's page: the one it refers to, else any of its
        digest; None for an orphan. The digest of an empty body says nothing of a page."""
        pages = f"SELECT {_ROW} FROM records WHERE file IN ours AND mimetype <> '{_REVISIT}'"
        found = self._find(
            f"{pages} AND original = :url AND timestamp = :at LIMIT 1",
            url=revisit.refers_to,
            at=revisit.refers_to_timestamp,
        )
        if not found and revisit.digest not in ("-", _EMPTY_BODY_DIGEST):
            found = self._find(
                f"{pages} AND digest = :digest ORDER BY urlkey = :key DESC, timestamp LIMIT 1",
                digest=revisit.digest,
                key=revisit.urlkey,
            )
        return found[0][1] if found else None

    def _find(self, query: str, **given: Any) -> list[tuple[int, Record]]:
        """Return the records of a query and their numbers."""
        with self._lock:
            rows = self._db.execute(query, given).fetchall()
        return [(number, Record(self._paths[file], *row)) for number, file, *row in rows]


@lru_cache(maxsize=1)  # captures of one address come one after another
def _matches(regex: str, text: str) -> bool:
    """SQL's `text REGEXP regex`, of the whole text."""
    return re.fullmatch(regex, text) is not None


def _add_file(db: sqlite3.Connection, file: Path) -> tuple[int, str | None]:
    """Index one file unless it is indexed as it stands; return its number and its damage."""
    stat = file.stat()
    about = "SELECT id, damage, size, mtime_ns FROM files WHERE path = ?"
    known = db.execute(about, [str(file)]).fetchone()
    if known and known[2:] == (stat.st_size, stat.st_mtime_ns):
        return known[0], known[1]
    logger.info("indexing %s", file)
    db.execute("BEGIN IMMEDIATE")
    try:
        if known:
            db.execute("DELETE FROM records WHERE file = ?", known[:1])
        (number,) = db.execute(  # the number stays: other processes know the file by it
            "INSERT INTO files (path, size, mtime_ns) VALUES (?, ?, ?) ON CONFLICT (path)"
            " DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns RETURNING id",
            [str(file), stat.st_size, stat.st_mtime_ns],
        ).fetchone()
        damages: list[str] = []
        db.executemany(
            f"INSERT INTO records VALUES (NULL, {', '.join('?' * 12)})",
            ((number, *row) for row in _read_records(file, damages)),
        )
        damage = damages[0] if damages else None
        db.execute("UPDATE files SET damage = ? WHERE id = ?", [damage, number])
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return number, damage


class _Reader(DecompressingBufferedReader):  # type: ignore[misc]
    """Unpacks gzip in a fraction of the time that zlib takes."""

    DECOMPRESSORS: ClassVar = {"gzip": lambda: isal_zlib.decompressobj(16 + MAX_WBITS)}


def _read_records(file: Path, damages: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield an index row a capture; what cannot be used is added to `damages`, the worst first."""
    end = nameless = 0
    try:
        with file.open("rb") as stream:
            records = records_of(stream)
            records.reader = _Reader(stream)
            for record in records:
                offset = records.offset  # warcio's get_record_offset would read all of the record
                digest, whole = _read_through(record.raw_stream)
                if not whole:
                    break
                length = records.get_record_length()
                end = offset + length
                nameless += record.rec_type in _RECORD_TYPES and not _address(record)
                if (row := index_row(record, digest)) is not None:
                    yield offset, *row[:6], length, *row[6:]
    except _DAMAGE as error:
        damages.append(f"unreadable after byte {end:,} ({str(error).strip()[:200]})")
        return
    if end < file.stat().st_size:
        damages.append(f"cut short or unreadable after byte {end:,}")
    if nameless:
        damages.append(f"captures whose records name no address: {nameless:,}")


def _read_through(stream: Any) -> tuple[str, bool]:
    """Read a record's payload to its end; return its digest and whether all of it is there."""
    sha1 = hashlib.sha1(usedforsecurity=False)
    while chunk := stream.read(65536):
        sha1.update(chunk)
    return b32encode(sha1.digest()).decode(), getattr(stream, "limit", 0) == 0


def index_row(record: Any, digest: str) -> tuple[Any, ...] | None:
    """Return urlkey, timestamp, original, mimetype, status, digest, the status that is replayed and
    what a revisit refers to; None for a record that is no capture of a web page."""
    headers = record.rec_headers
    original = _address(record)
    if record.rec_type not in _RECORD_TYPES or not original.lower().startswith("http"):
        return None
    declared = (headers.get_header("WARC-Payload-Digest") or "").removeprefix("sha1:")
    is_revisit = record.rec_type == "revisit"
    status, mimetype = "200", headers.get_header("Content-Type") or "-"
    if record.http_headers is not None:
        status = record.http_headers.get_statuscode() or "-"
        mimetype = record.http_headers.get_header("Content-Type") or "-"
    return (
        urlkey(original),
        _timestamp(headers.get_header("WARC-Date")),
        original.replace(" ", "%20"),
        _REVISIT if is_revisit else mimetype.split(";")[0].strip().lower() or "-",
        "-" if is_revisit else status,
        declared or ("-" if is_revisit else digest),
        "-" if status == "304" else status,  # not what the page was sent with
        (headers.get_header("WARC-Refers-To-Target-URI") or "").replace(" ", "%20"),
        _timestamp(headers.get_header("WARC-Refers-To-Date")),
    )


def _address(record: Any) -> str:
    return record.rec_headers.get_header("WARC-Target-URI") or ""


def _timestamp(warc_date: str | None) -> str:
    return "".join(filter(str.isdigit, warc_date or ""))[:14]
