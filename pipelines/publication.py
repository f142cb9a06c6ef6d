"""The corpus file, and the copy of it that is written: writers and readers never meet.

DuckDB lets one process write a file and no other open it meanwhile. So a run writes a copy,
`policies.duckdb.writing`, and the corpus, `policies.duckdb`, is replaced by it as a whole, now and
then and at the end. Whoever has the corpus open goes on reading what it was. A copy that a killed
run left is what the next run goes on with. Blocking.
"""

import logging
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from crawler.errors import InputError
from pipelines.duck import open_file

logger = logging.getLogger(__name__)

SHARE = 0.02  # of the time may go into copies for readers


class Publication:
    """A corpus open for writing. InputError if another process writes it or it is no DuckDB file.

    `db` is the connection to the copy; `seconds` are the least between two publications.
    """

    def __init__(self, corpus: Path, seconds: float) -> None:
        self.corpus = corpus
        self.writing = writing_copy(corpus)
        self.seconds = seconds
        left = _changed_at(self.writing)
        self._is_ours = not left and _copy_to_write(corpus, self.writing)
        try:
            self.db = open_file(self.writing, corpus)
        except InputError:
            self._remove()
            raise
        self._is_ours = not left
        if _changed_at(corpus) > left > 0:
            self.db.close()
            raise InputError(
                f"DUCKDB_PATH={corpus}: was changed after a run that was killed wrote "
                f"{self.writing}; remove the one of the two that you do not want"
            )
        self._published = _stamp(corpus)
        self._next = monotonic() + (seconds if corpus.exists() else 0)

    def publish_if_due(self) -> None:
        """Let readers see what has been committed, if they have not for a while."""
        if monotonic() < self._next:
            return
        began = monotonic()
        self.db.execute("CHECKPOINT")
        part = self.corpus.with_name(f"{self.corpus.name}.part")
        shutil.copy2(self.writing, part)
        self._replace(part)
        took = monotonic() - began
        self._next = monotonic() + max(self.seconds, took / SHARE)

    def finish(self) -> None:
        """Make the copy the corpus, and close it."""
        try:
            self.db.execute("CHECKPOINT")
            # while it is still locked: who comes next must not find a copy that is about to go
            self._replace(self.writing)
        finally:
            self.db.close()

    def abandon(self) -> None:
        """Close the copy; what is committed stays in it for who comes next."""
        self.db.close()

    def discard(self) -> None:
        """Close the copy and forget it, unless a killed run has left it."""
        self.db.close()
        self._remove()

    def _remove(self) -> None:
        if self._is_ours:
            self.writing.unlink(missing_ok=True)

    def _replace(self, successor: Path) -> None:
        """Put a file in the place of the corpus; keep what others have written there."""
        log = _log(self.corpus)
        if log.exists() or (self.corpus.exists() and _stamp(self.corpus) != self._published):
            kept = self.corpus.with_name(f"{self.corpus.name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            logger.warning("%s was changed by somebody else; that is now %s", self.corpus, kept)
            os.replace(self.corpus, kept)
            if log.exists():
                os.replace(log, _log(kept))
        os.replace(successor, self.corpus)
        self._published = _stamp(self.corpus)


def writing_copy(corpus: Path) -> Path:
    """Return where a corpus is written."""
    return corpus.with_name(f"{corpus.name}.writing")


def _copy_to_write(corpus: Path, writing: Path) -> bool:
    """Copy a corpus, if there is one; return whether it was."""
    if not corpus.exists():
        return False
    if not corpus.is_file():
        raise InputError(f"DUCKDB_PATH={corpus}: not a file")
    if _log(corpus).exists():  # of a process that was killed: part of the file
        open_file(corpus, corpus).close()
    try:
        with tempfile.TemporaryDirectory(prefix=f".{corpus.name}.", dir=corpus.parent) as folder:
            part = Path(folder) / corpus.name
            shutil.copy2(corpus, part)
            os.link(part, writing)
    except FileExistsError:  # another process has made one meanwhile, and will hold it
        return False
    except OSError as error:
        raise InputError(f"DUCKDB_PATH={corpus}: {error.strerror}") from None
    return True


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")


def _changed_at(file: Path) -> int:
    """Return when a DuckDB file was changed last, in nanoseconds; 0 if there is none."""
    return max((p.stat().st_mtime_ns for p in (file, _log(file)) if p.exists()), default=0)


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return what tells that a file was changed."""
    if not file.exists():
        return None
    found = file.stat()
    return found.st_mtime_ns, found.st_size
