"""The page of a crawl while it runs: what `crawler.extensions.status` wrote last."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.storage.publication import status_file

SILENT = timedelta(minutes=1)  # a crawl that runs writes every two seconds


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """An archive that is asked: its pace in requests a minute (None: no limit), its pause in
    seconds."""

    name: str
    index_a_minute: float | None
    pages_a_minute: float | None
    paused_for: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request under way: `kind` is index or page."""

    kind: str
    domain: str
    address: str


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl: `running`, or how it `ended`; neither if it was killed."""

    running: bool
    ended: str | None
    started_at: datetime
    updated_at: datetime
    chosen: int
    settled: int
    a_minute: float
    seconds_left: int | None
    index_requests: int
    page_requests: int
    retries: int
    pauses: int
    outcomes: dict[str, int]
    archives: Sequence[ArchiveState]
    fetching: Sequence[Fetch]


@dataclass(frozen=True, slots=True)
class CrawlPage:
    """The last crawl of a corpus; None if none is known."""

    crawl: Crawl | None


def crawl_page(corpus: Path) -> CrawlPage:
    """Return what the last crawl does, or did."""
    try:
        said = json.loads(status_file(corpus).read_text("utf-8"))
        return CrawlPage(_crawl(said))
    except (OSError, ValueError, LookupError, TypeError):  # none, or of another version
        return CrawlPage(None)


def _crawl(said: dict[str, Any]) -> Crawl:
    pid, ended = said.pop("pid"), said.pop("ended")
    updated_at = datetime.fromisoformat(said.pop("updated_at"))
    is_fresh = datetime.now(UTC) - updated_at < SILENT  # else its number may be another's now
    return Crawl(
        running=ended is None and is_fresh and _is_alive(pid),
        ended=ended,
        started_at=datetime.fromisoformat(said.pop("started_at")),
        updated_at=updated_at,
        archives=[ArchiveState(**archive) for archive in said.pop("archives")],
        fetching=[Fetch(**fetch) for fetch in said.pop("fetching")],
        **said,
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
