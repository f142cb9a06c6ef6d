"""The page of a crawl while it runs: what `crawler.extensions.status` wrote last."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


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
    corpus = corpus.resolve()
    try:
        said = json.loads(corpus.with_name(f"{corpus.name}.crawl.json").read_text("utf-8"))
    except (OSError, ValueError):
        return CrawlPage(None)
    pid, ended = said.pop("pid"), said.pop("ended")
    return CrawlPage(
        Crawl(
            running=ended is None and _is_alive(pid),
            ended=ended,
            started_at=datetime.fromisoformat(said.pop("started_at")),
            updated_at=datetime.fromisoformat(said.pop("updated_at")),
            archives=[ArchiveState(**archive) for archive in said.pop("archives")],
            fetching=[Fetch(**fetch) for fetch in said.pop("fetching")],
            **said,
        )
    )


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
