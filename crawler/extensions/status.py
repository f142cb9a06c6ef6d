"""What a crawl is doing now, written beside the corpus for who looks on (`scrapy browse`)."""

import asyncio
import json
import logging
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, signals
from scrapy.utils.asyncio import create_looping_call

from crawler.middlewares.politeness import PolitenessMiddleware
from crawler.records import Loss
from pipelines.storage.publication import status_file

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

SECONDS = 2.0  # between two looks
SHOWN = 40  # requests under way that are named


class Status:
    """Writes `policies.duckdb.crawl.json` every two seconds, and once more at the end.

    A file that is older than its process is what a killed crawl left.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self.crawler = crawler
        self.path = status_file(Path(crawler.settings["DUCKDB_PATH"]))
        self.started = monotonic()
        self.started_at = datetime.now(UTC)
        self.settled = 0
        self.outcomes: Counter[str] = Counter()
        self.writing: asyncio.Future[None] | None = None
        self.loop = create_looping_call(self.look)
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.item_settled, signals.item_scraped)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Watch a crawl."""
        return cls(crawler)

    def opened(self) -> None:
        """Begin to look."""
        self.started, self.started_at = monotonic(), datetime.now(UTC)
        self.loop.start(SECONDS, now=False)

    def item_settled(self, item: Any) -> None:
        """Count a capture that has its outcome."""
        self.settled += 1
        self.outcomes[str(item.outcome) if isinstance(item, Loss) else "text"] += 1

    def look(self) -> None:
        """Write what is the case, in a thread."""
        if self.writing is None or self.writing.done():
            self.writing = asyncio.ensure_future(self.write())

    async def write(self, ended: str | None = None) -> None:
        """Write what is the case; a disk that is full is not the crawl's end."""
        try:
            await asyncio.to_thread(_replace, self.path, self.now(ended))
        except OSError as error:
            logger.warning("%s: %s", self.path, error.strerror)

    async def closed(self, spider: "Spider", reason: str) -> None:
        """Write how it ended."""
        if self.loop.running:
            self.loop.stop()
        if self.writing is not None:
            await self.writing
        await self.write(reason)

    def now(self, ended: str | None = None) -> dict[str, Any]:
        """Return what is the case, ready for JSON; times are ISO 8601 in UTC, waits in seconds."""
        assert self.crawler.stats
        stats = self.crawler.stats.get_value
        seconds = monotonic() - self.started
        chosen = stats("captures/chosen", 0)
        rate = self.settled / seconds if seconds else 0.0
        return {
            "pid": os.getpid(),
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "updated_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "ended": ended,
            "chosen": chosen,
            "settled": self.settled,
            "a_minute": round(rate * 60, 1),
            "seconds_left": max(0, round((chosen - self.settled) / rate)) if rate else None,
            "index_requests": stats("archive/requests/index", 0),
            "page_requests": stats("archive/requests/page", 0),
            "retries": stats("retry/count", 0),
            "pauses": stats("archive/pauses", 0),
            "outcomes": dict(self.outcomes.most_common()),
            "archives": self._archives(),
            "fetching": [] if ended else self._fetching(),
        }

    def _archives(self) -> list[dict[str, Any]]:
        """Return each archive's pace and pause."""
        politeness = self.crawler.get_downloader_middleware(PolitenessMiddleware)
        archives = getattr(self.crawler.spider, "archives", {})
        if not isinstance(politeness, PolitenessMiddleware):
            return []
        return [
            {
                "name": name,
                "index_a_minute": politeness.pace(archive, archive.index_slot),
                "pages_a_minute": politeness.pace(archive, archive.page_slot),
                "paused_for": round(
                    max(0.0, politeness.paused_until.get(archive.host, 0.0) - monotonic())
                ),
            }
            for name, archive in archives.items()
        ]

    def _fetching(self) -> list[dict[str, str]]:
        """Return what is asked for now, at most SHOWN."""
        engine = self.crawler.engine
        active = list(engine.downloader.active)[:SHOWN] if engine else []
        return [_described(request) for request in active]


def _described(request: Request) -> dict[str, str]:
    about = request.cb_kwargs.get("capture") or request.cb_kwargs.get("target")
    kind = "page" if "capture" in request.cb_kwargs else "index"
    return {"kind": kind, "domain": getattr(about, "domain", ""), "address": request.url[:300]}


def _replace(path: Path, said: dict[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(said), encoding="utf-8")
    part.replace(path)
