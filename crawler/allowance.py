"""How many requests an archive gets, kept in the project's data folder: it holds over all
processes that run there, and over restarts.

What was sent in the last minute counts, whoever sent it. A refusal (a live 429) stops everybody for
a while; one that comes within an hour of the end of the last pause stops them for twice as long and
halves the pace, because the Wayback Machine shuts out who does not slow down, for an hour, then for
two (edgi-govdata-archiving/wayback#137).
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import time

logger = logging.getLogger(__name__)

MINUTE = 60.0
LEASE = 1.0  # seconds for which a right given to another machine may be used
LONGEST_PAUSE = 24 * 3600.0  # seconds, whatever an archive asks for or a clock says
MEMORY = 60  # first pauses for which a refusal is remembered after its pause: an hour
LONGEST = 60  # first pauses that a pause takes at most
SLOWEST = 4  # halvings of the pace at most

_TABLES = """
    CREATE TABLE IF NOT EXISTS sent (slot TEXT, at REAL);
    CREATE INDEX IF NOT EXISTS sent_at ON sent (slot, at);
    CREATE TABLE IF NOT EXISTS refusals (host TEXT PRIMARY KEY, until REAL, count INT);
"""


class Allowance:
    """What one archive allows; `host` names it, `pause` is the first pause in seconds.

    Blocking, for milliseconds: call it in a thread.
    """

    def __init__(self, path: Path, host: str, pause: float) -> None:
        self.path = path
        self.host = host
        self.pause = pause
        self.halvings = 0  # of the pace, when it was asked last
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._connect()) as db:
                db.executescript(_TABLES)
        except sqlite3.DatabaseError as error:  # a power cut may leave half a file
            logger.warning("%s: %s; what was sent and refused is forgotten", path, error)
            path.replace(path.with_name(f"{path.name}.damaged"))
            with closing(self._connect()) as db:
                db.executescript(_TABLES)

    def take(self, kind: str, rate: float | None, lease: float = 0.0) -> float:
        """Take the right to send a request now; return 0, or the seconds until asking again.

        `rate` is in requests a minute for all requests of a kind (index or page) to the host; None
        for no limit. A right that may be used within `lease` seconds (LEASE at most) counts as
        used at their end: whenever it is used, no minute has more requests than allowed.
        """
        with self._alone() as db:
            now = time()
            until, refusals = self._refusals(db, now)
            wait = max(0.0, until - now)
            self.halvings = min(refusals, SLOWEST)
            if not wait and rate is not None:
                wait = _window(db, f"{self.host} {kind}", rate / 2**self.halvings, now, lease)
        return wait

    def refused(self, asked: float) -> tuple[float, bool]:
        """Note a refusal; return for how many seconds nobody asks, and whether it is a new one.

        `asked` is what the archive asked for, in seconds. A refusal of what was sent before a pause
        began is no new one, but may make it longer.
        """
        with self._alone() as db:
            now = time()
            until, count = self._refusals(db, now)
            pause, is_new = max(until - now, asked), until <= now
            if is_new:
                pause = max(asked, self.pause * min(2**count, LONGEST))
                count += 1
            db.execute(
                "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)", (self.host, now + pause, count)
            )
        return pause, is_new

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        db.execute("PRAGMA synchronous = OFF")  # a lost second of memory is no harm
        return db

    def _refusals(self, db: sqlite3.Connection, now: float) -> tuple[float, int]:
        """Return until when nobody asks, and how many refusals are remembered."""
        known = db.execute(
            "SELECT until, count FROM refusals WHERE host = ? AND until > ?",
            (self.host, now - MEMORY * self.pause),
        ).fetchone()
        until, count = known or (0.0, 0)
        return min(until, now + LONGEST_PAUSE), count


def _window(db: sqlite3.Connection, slot: str, rate: float, now: float, lease: float) -> float:
    """Note a request if fewer than allowed were sent lately; else return the seconds to wait."""
    most = max(1, int(rate))
    length = most / rate * MINUTE
    # what was sent in the future, beyond all leases, was sent before the clock was set back
    db.execute(
        "DELETE FROM sent WHERE slot = ? AND NOT at BETWEEN ? AND ?",
        (slot, now - length, now + LEASE),
    )
    ahead = db.execute(
        "SELECT at FROM sent WHERE slot = ? ORDER BY at DESC LIMIT 1 OFFSET ?", (slot, most - 1)
    ).fetchone()
    if ahead is not None and (wait := float(ahead[0]) + length - now) > 0:
        return wait
    db.execute("INSERT INTO sent VALUES (?, ?)", (slot, now + lease))
    return 0.0
