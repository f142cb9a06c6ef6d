"""The corpus file, and the copy of it that is written: writers and readers never meet.

DuckDB lets one process write a file and no other open it meanwhile. So a run writes a copy,
`policies.duckdb.writing`, and the corpus, `policies.duckdb`, is replaced by it as a whole, now and
then and at the end. Whoever has the corpus open goes on reading what it was. A copy that a killed
run left is what the next run goes on with. Blocking.
"""

import logging
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from crawler.errors import InputError
from pipelines.storage.duck import open_file

if TYPE_CHECKING:
    from filelock import FileLock

logger = logging.getLogger(__name__)

SHARE = 0.02  # of the time may go into copies for readers


class Publication:
    """A corpus open for writing. InputError if another process writes it or it is no DuckDB file.

    `db` is the connection to the copy, another one after each publication; `seconds` are the least
    between two publications.
    """

    def __init__(self, corpus: Path, seconds: float) -> None:
        self.corpus = corpus = corpus.resolve()  # not the link that leads to it
        self.writing = writing_copy(corpus)
        self.seconds = seconds
        self._lock = _lock(corpus)
        self._is_ours = False
        try:
            self._is_ours = self._prepare()
            self.db = open_file(self.writing, corpus)
            self._is_open = True
        except BaseException:
            self._remove()
            self._unlock()
            raise
        self._published = stamp(corpus)
        self._next = monotonic() + (seconds if corpus.exists() else 0)

    def publish_if_due(self) -> float:
        """Let readers see what has been committed, if they have not for a while.

        Returns the seconds until it is due, 0 if it was. What cannot be copied now may be later:
        the run goes on.
        """
        if (wait := self._next - monotonic()) > 0:
            return wait
        began = monotonic()
        self.db.execute("CHECKPOINT")
        part = _beside(self.corpus, "part")
        try:
            shutil.copy2(self.writing, part)
            self._replace(part)
        except OSError as error:
            part.unlink(missing_ok=True)
            logger.warning("%s: readers see an older state: %s", self.corpus, error)
        self._reopen()
        took = monotonic() - began
        self._next = monotonic() + max(self.seconds, took / SHARE)
        return 0.0

    def finish(self) -> None:
        """Make the copy the corpus, and close it. One that could not be opened anew stays."""
        try:
            if self._is_open:
                self.db.execute("CHECKPOINT")
                self._replace(self.writing)
        finally:
            self.db.close()
            if not self.writing.exists():
                _beside(self.writing, "wal").unlink(missing_ok=True)
            self._unlock()

    def abandon(self) -> None:
        """Close the copy; what is committed stays in it for who comes next."""
        self.db.close()
        self._unlock()

    def discard(self) -> None:
        """Close the copy and forget it, unless a killed run has left it."""
        self.db.close()
        self._remove()
        self._unlock()

    def _reopen(self) -> None:
        """Open the copy anew: DuckDB lets go of what it keeps of each row written, 1 kB."""
        if not self.writing.exists():  # somebody removed it: DuckDB would make an empty one
            return
        self.db.close()
        self._is_open = False
        self.db = open_file(self.writing, self.corpus)
        self._is_open = True

    def _prepare(self) -> bool:
        """Make the copy, unless a killed run has left one; return whether it is a new one."""
        log = _beside(self.writing, "wal")
        if self.writing.exists():
            if _changed_at(self.corpus) > max(_changed_at(self.writing), _changed_at(log)):
                raise InputError(
                    f"DUCKDB_PATH={self.corpus}: was changed after a run that was killed wrote "
                    f"{self.writing}; remove the one of the two that you do not want"
                )
            return False
        log.unlink(missing_ok=True)  # of a copy that is no more
        if self.corpus.exists():
            self._copy()
        return True

    def _copy(self) -> None:
        if not self.corpus.is_file():
            raise InputError(f"DUCKDB_PATH={self.corpus}: not a file")
        if _beside(self.corpus, "wal").exists():  # of a process that was killed: part of the file
            open_file(self.corpus, self.corpus).close()
        part = _beside(self.corpus, "part")
        try:
            shutil.copy2(self.corpus, part)
            os.replace(part, self.writing)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise InputError(f"DUCKDB_PATH={self.corpus}: {error.strerror}") from None

    def _replace(self, successor: Path) -> None:
        """Put a file in the place of the corpus; keep what others have written there."""
        successor.stat()  # before anything is moved
        log = _beside(self.corpus, "wal")
        if self.corpus.exists() and (log.exists() or stamp(self.corpus)[1:] != self._published[1:]):
            kept = _beside(self.corpus, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            logger.warning("%s was changed by somebody else; that is now %s", self.corpus, kept)
            os.replace(self.corpus, kept)
            if log.exists():
                os.replace(log, _beside(kept, "wal"))
        os.replace(successor, self.corpus)
        self._published = stamp(self.corpus)

    def _remove(self) -> None:
        if self._is_ours:
            self.writing.unlink(missing_ok=True)
            _beside(self.writing, "wal").unlink(missing_ok=True)

    def _unlock(self) -> None:
        """Let others write; the lock's file goes while it is still held."""
        Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()


def writing_copy(corpus: Path) -> Path:
    """Return where a corpus is written."""
    return _beside(corpus, "writing")


def folder_of(corpus: Path, ending: str) -> Path:
    """Return a folder that belongs to a corpus: `policies.duckdb` has `policies.pages`."""
    return corpus.with_suffix(f".{ending}" * (2 if corpus.suffix == f".{ending}" else 1))


def status_file(corpus: Path) -> Path:
    """Return where a crawl says what it is doing."""
    return _beside(corpus.resolve(), "crawl.json")


def _lock(corpus: Path) -> "FileLock":
    """Take the right to write a corpus, which ends with the process; InputError if it is taken.

    DuckDB's own lock does not do: it goes when this process closes the file after copying it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(_beside(corpus, "lock"), timeout=0, thread_local=False)
    try:
        corpus.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise InputError(
            f"DUCKDB_PATH={corpus}: another process writes it; wait for its end"
        ) from None
    except OSError as error:
        raise InputError(f"DUCKDB_PATH={corpus}: {error.strerror}") from None
    return lock


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(f"{file.name}.{ending}")


def _changed_at(file: Path) -> int:
    """Return when a file was changed last, in nanoseconds; 0 if there is none."""
    return file.stat().st_mtime_ns if file.exists() else 0


def stamp(file: Path) -> list[int]:
    """Return what tells that a file was changed or replaced; nothing where there is none."""
    if not file.exists():
        return []
    found = file.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns]
