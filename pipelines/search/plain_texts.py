"""The plain texts beside a search index, kept so that a single one is read at once.

DuckDB has the texts in zstd frames of 2,048, and unpacks 30 MB for one of them. Here neighbours,
mostly versions of one policy, share a frame of half a megabyte, in a SQLite file. Blocking.
"""

import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = 500_000  # bytes of texts in a pack, if more than one
_CHECKED = {int(zstd.CompressionParameter.checksum_flag): 1}
_SECONDS = 60  # to wait for another process that writes
_TABLES = """
    CREATE TABLE IF NOT EXISTS packs (pack INTEGER PRIMARY KEY, texts BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS texts (
        number INTEGER PRIMARY KEY, pack INTEGER NOT NULL, begins INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    );"""
_PLACES = """
    SELECT pack, number, begins, bytes FROM texts
    WHERE number IN ({}) ORDER BY pack, begins"""


class PlainTexts:
    """Texts by number, below 2**63, in a file; one process at a time may write it.

    Methods raise sqlite3.Error where it cannot be read or written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def make(self) -> None:
        """Make the file if it is not there."""
        with closing(sqlite3.connect(self._file, timeout=_SECONDS)) as db:
            db.executescript(_TABLES)

    def numbers(self) -> set[int]:
        """Return the texts that are there."""
        with closing(self._open()) as db:
            return {number for (number,) in db.execute("SELECT number FROM texts")}

    def keep(self, texts: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
        """Keep texts (number, title, body) that are not there yet; yield all, once kept."""
        had, waiting, size = self.numbers(), [], 0
        with closing(self._open()) as db:
            for text in texts:
                waiting.append(text)
                size += len(text[2])
                if size > PACK:
                    yield from _packed(db, waiting, had)
                    waiting, size = [], 0
            yield from _packed(db, waiting, had)

    def read(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return texts, each a title, a line feed and a body; without those that are not there.

        ValueError if the file is damaged.
        """
        try:
            return self._read(numbers)
        except (zstd.ZstdError, TypeError) as error:  # TypeError: a pack is not there
            raise ValueError(str(error)) from None

    def _read(self, numbers: Sequence[int]) -> dict[int, str]:
        found = {}
        with closing(self._open()) as db:
            db.execute("BEGIN")  # a writer may remove packs between two statements
            places = db.execute(_PLACES.format(", ".join("?" * len(numbers))), numbers).fetchall()
            for pack, of_pack in groupby(places, key=lambda place: place[0]):
                [packed] = db.execute("SELECT texts FROM packs WHERE pack = ?", [pack]).fetchone()
                texts = zstd.decompress(packed)
                for _, number, begins, length in of_pack:
                    found[number] = texts[begins : begins + length].decode()
        return found

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove texts; their room is used again when all of a pack are gone."""
        with closing(self._open()) as db, db:
            db.executemany("DELETE FROM texts WHERE number = ?", ([number] for number in numbers))
            db.execute("DELETE FROM packs WHERE pack NOT IN (SELECT pack FROM texts)")

    def _open(self) -> sqlite3.Connection:
        """Open the file, which is not made here: an empty one would be taken for whole."""
        address = f"{self._file.resolve().as_uri()}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=_SECONDS)


def _packed(
    db: sqlite3.Connection, texts: list[tuple[int, str, str]], had: set[int]
) -> list[tuple[int, str, str]]:
    """Write a pack of what of some texts is new; return the texts."""
    rows, parts, place = [], [], 0
    for number, title, body in texts:
        if number not in had:
            part = f"{title}\n{body}".encode()
            rows.append((number, place, len(part)))
            parts.append(part)
            place += len(part)
            had.add(number)
    if rows:
        with db:
            packed = zstd.compress(b"".join(parts), options=_CHECKED)
            pack = db.execute("INSERT INTO packs (texts) VALUES (?)", [packed]).lastrowid
            db.executemany(
                "INSERT INTO texts VALUES (?, ?, ?, ?)",
                [(number, pack, begins, length) for number, begins, length in rows],
            )
    return texts
