"""Scrapy's item pipelines: thin adapters over extract, judge and store.

Items are the records of `crawler.records`: a Memento becomes a Document or a Loss, and the store
takes both.
"""

import asyncio
import logging
import platform
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import duckdb
from scrapy.exceptions import DropItem, NotConfigured

import crawler as project
from crawler.errors import TooLarge
from crawler.outcomes import Outcome
from crawler.records import (
    Capture,
    Document,
    IndexPage,
    KnownCapture,
    ListingEnd,
    Loss,
    Memento,
    Target,
    Text,
)
from crawler.selection.brackets import Report
from pipelines.judging.judge import judge, no_text
from pipelines.pool import ProcessPool
from pipelines.storage.discoveries import main_addresses, record_discovery
from pipelines.storage.histories import update_histories
from pipelines.storage.pages import PageWriter
from pipelines.storage.publication import folder_of
from pipelines.storage.store import WHOLE, Span, Store, new_run_id
from pipelines.summary import corpus_summary
from pipelines.worker import read_new_page

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from crawler.discovery.discover import Discovery

logger = logging.getLogger(__name__)

T = TypeVar("T")

REMEMBERED = 64  # texts, and policies, of which is known what was read

LIBRARIES = ("scrapy", "waybackpy", "trafilatura", "duckdb", "tenacity", "warcio", "lxml")


class KeepPipeline:
    """Keeps every fetched page beside the corpus (KEEP_PAGES), so that texts can be made again."""

    def __init__(self, crawler: "Crawler") -> None:
        self.crawler = crawler
        self.writer: PageWriter | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pages")

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Read KEEP_PAGES and DUCKDB_PATH."""
        if not crawler.settings.getbool("KEEP_PAGES"):
            raise NotConfigured
        return cls(crawler)

    def open_spider(self) -> None:
        """Name the files after the run."""
        store = self.crawler.get_item_pipeline(StorePipeline)
        assert store is not None
        self.writer = PageWriter(folder_of(store.path, "pages"), store.run_id)

    async def process_item(self, item: Memento | Loss) -> Memento | Loss:
        """Keep a page; let losses pass. If a page cannot be kept, the crawl is stopped."""
        if isinstance(item, Memento):
            assert self.writer is not None
            loop = asyncio.get_running_loop()
            try:
                item.kept = await loop.run_in_executor(self._thread, self.writer.write, item)
            except OSError as error:
                _stop(self.crawler, "pages_failed", f"{self.writer.folder}: {error}")
                raise DropItem(str(error), log_level="DEBUG") from None  # it stays pending
        return item

    async def close_spider(self) -> None:
        """Close the file."""
        if self.writer is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self.writer.close)
        self._thread.shutdown()


class ExtractPipeline:
    """Turns a Memento into a Document in a process pool; what fails becomes a Loss.

    A page that is equal to an earlier one of its policy but for scripts and comments has its text,
    and a text that was made before is not made again: the last are kept, the corpus knows more.
    """

    def __init__(self, pool: ProcessPool) -> None:
        self.pool = pool
        self.crawler: Crawler | None = None
        self.store: StorePipeline | None = None
        self._texts: dict[str, Text] = {}  # of the last pages, by their ids
        self._trees: dict[str, str] = {}  # of the last pages, and their texts' ids
        self._stored: dict[Target, dict[str, str]] = {}  # texts' ids by tree

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Read EXTRACT_WORKERS, EXTRACT_TIMEOUT and EXTRACT_MEMORY."""
        pipeline = cls.from_settings(crawler.settings)
        pipeline.crawler = crawler
        return pipeline

    def open_spider(self) -> None:
        """Look into the corpus for what was read before."""
        if self.crawler is not None:
            self.store = self.crawler.get_item_pipeline(StorePipeline)

    @classmethod
    def from_settings(cls, settings: "BaseSettings") -> Self:
        """As `from_crawler`, for a command that runs no crawl."""
        return cls(
            ProcessPool(
                settings.getint("EXTRACT_WORKERS"),
                settings.getfloat("EXTRACT_TIMEOUT"),
                settings.getint("EXTRACT_MEMORY"),
            )
        )

    async def process_item(self, item: Memento | Loss) -> Document | Loss:
        """Extract the text of a page; let losses pass."""
        if isinstance(item, Loss):
            return item
        try:
            text, tree = await self._read(item)
        except TimeoutError:
            detail = f"longer than {self.pool.seconds:g} s"
            return _lost(item, Outcome.EXTRACT_TIMEOUT, detail)
        except TooLarge as error:
            return _lost(item, Outcome.TOO_LARGE, str(error)[:300])
        except Exception as error:
            logger.warning("%s: extraction failed: %r", item.served_url, error)
            return _lost(item, Outcome.EXTRACT_FAILED, repr(error)[:300])
        if text is None:
            return _lost(item, no_text(item.body), None)
        return Document(item.capture, item.served_timestamp, item.served_url, text, item.kept, tree)

    async def _read(self, item: Memento) -> tuple[Text | None, str | None]:
        """Return a page's text, and its tree if it was read for that."""
        page = item.body, item.content_type, item.served_url
        stored, texts = await self._stored_of(item.capture), {**self._texts}
        trees = stored | {tree: text for tree, text in self._trees.items() if text in texts}
        known = frozenset((*trees, *trees.values(), *texts))
        read = await self.pool.run(read_new_page, *page, known)
        text = read.text
        if read.same_as is not None:
            text_id = trees.get(read.same_as, read.same_as)
            text = texts.get(text_id) or await self._text(text_id)
            if text is None:  # it is gone from the corpus
                return (await self.pool.run(read_new_page, *page, frozenset())).text, None
            text = replace(text, extracted=replace(text.extracted, canonical=read.canonical))
        if text is not None:
            _remember(self._texts, text.text_id, text)
            if read.tree is not None:
                _remember(self._trees, read.tree, text.text_id)
        return text, None if read.tree == read.same_as else read.tree

    async def _stored_of(self, capture: Capture) -> dict[str, str]:
        """Return the trees that the corpus knew of a policy when its first page came."""
        if self.store is None:
            return {}
        policy = capture.target
        known = self._stored.get(policy)
        if known is None:
            if len(self._stored) >= REMEMBERED:
                del self._stored[next(iter(self._stored))]
            known = self._stored[policy] = {}  # who comes meanwhile does not wait
            known.update(await self.store.readings(capture))
        return known

    async def _text(self, text_id: str) -> Text | None:
        return await self.store.text(text_id) if self.store is not None else None

    async def close_spider(self) -> None:
        """End the worker processes."""
        await self.pool.close()


class JudgePipeline:
    """Turns a Document that is no privacy policy into a Loss."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Read POLICY_THRESHOLD."""
        return cls.from_settings(crawler.settings)

    @classmethod
    def from_settings(cls, settings: "BaseSettings") -> Self:
        """As `from_crawler`, for a command that runs no crawl."""
        return cls(settings.getfloat("POLICY_THRESHOLD"))

    def process_item(self, item: Document | Loss) -> Document | Loss:
        """Judge a document; let losses pass."""
        if isinstance(item, Document) and (verdict := judge(item.text, self.threshold)) is not None:
            return _lost(item, *verdict)
        return item


class StorePipeline:
    """Owns the DuckDB file: a single thread writes, in batches; the spider reads through it.

    A batch is committed when it has STORE_BATCH results or is STORE_SECONDS old; the spider sees
    what is in it before. If the file cannot be written, the crawl is stopped, because going on
    would lose what is fetched.
    """

    def __init__(self, crawler: "Crawler") -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.path = Path(settings["DUCKDB_PATH"])
        self.run_id = settings["RUN_ID"] or new_run_id()
        self.batch_size = settings.getint("STORE_BATCH")
        self.batch_seconds = settings.getfloat("STORE_SECONDS")
        self.publish_seconds = settings.getfloat("PUBLISH_SECONDS")
        self.workers = settings.getint("EXTRACT_WORKERS")
        self.lately = timedelta(days=settings.getfloat("UNPLAYABLE_DAYS"))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="duckdb")
        self._batch: deque[Document | Loss] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._publishing: asyncio.TimerHandle | None = None
        self._store: Store | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Read DUCKDB_PATH, RUN_ID, PUBLISH_SECONDS, UNPLAYABLE_DAYS and those of batches."""
        return cls(crawler)

    async def open_spider(self) -> None:
        """Open the file and record the run; InputError if the file cannot be written."""
        self._store = await self._call(Store, self.path, self.run_id, self.publish_seconds)
        arguments = getattr(self.crawler.spider, "arguments", None)
        await self._call(self._store.begin_run, arguments.given if arguments else {}, versions())
        archives = getattr(self.crawler.spider, "archives", {}).values()
        await self._call(
            self._store.note_archives, [(a.name, a.title, a.snapshots) for a in archives]
        )

    async def process_item(self, item: Document | Loss) -> Document | Loss:
        """Take a result into the batch."""
        assert self.crawler.stats
        outcome = item.outcome if isinstance(item, Loss) else Outcome.TEXT
        self.crawler.stats.inc_value(f"captures/{outcome}")
        self._batch.append(item)
        if len(self._batch) >= self.batch_size:
            await self._flush()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(
                self.batch_seconds, lambda: asyncio.ensure_future(self._flush())
            )
        return item

    async def close_spider(self) -> None:
        """Commit what is left, record the end of the run, let go of the file."""
        await self._flush()
        assert self._store
        assert self.crawler.stats
        stats = self.crawler.stats.get_stats()
        counts = {k: v for k, v in stats.items() if isinstance(v, (int, float, str, list))}
        store, self._store = self._store, None  # DuckDB complains of what outlives the program
        if self._publishing is not None:
            self._publishing.cancel()
        try:
            try:
                await self._call(lambda: update_histories(store.db, self.workers))
                await self._call(store.end_run, counts)
                figures = await self._call(lambda: corpus_summary(store.db, [store.run_id]))
            finally:
                await self._call(store.close)
            self.crawler.stats.set_value("corpus", figures)
        except Exception as error:
            logger.error("%s cannot be written: %s", self.path, error)
        finally:
            self._thread.shutdown()

    async def begin_listing(self, target: Target, span: Span = WHOLE) -> None:
        """See `Store.begin_listing`."""
        await self._stored(lambda store: store.begin_listing(target, span))

    async def main_addresses(self, target: Target) -> list[str] | None:
        """See `pipelines.storage.discoveries.main_addresses`."""
        given = target.archive, target.domain, self.lately
        return await self._stored(lambda store: main_addresses(store.db, *given))

    async def add_discovery(self, target: Target, discovery: "Discovery") -> None:
        """See `pipelines.storage.discoveries.record_discovery`."""
        site = target.archive, target.domain
        await self._stored(lambda store: record_discovery(store.db, store.run_id, *site, discovery))
        assert self.crawler.stats
        self.crawler.stats.inc_value("sites/discovered")
        self.crawler.stats.inc_value("sites/requests", discovery.requests)

    async def add_page(self, target: Target, page: IndexPage) -> None:
        """See `Store.add_page`."""
        new = await self._stored(lambda store: store.add_page(target, page))
        assert self.crawler.stats
        self.crawler.stats.inc_value("index/pages")
        self.crawler.stats.inc_value("index/rows", len(page.captures))
        self.crawler.stats.inc_value("index/new", new)
        self.crawler.stats.inc_value("index/malformed", len(page.malformed))

    async def end_listing(self, end: ListingEnd) -> None:
        """See `Store.end_listing`."""
        await self._stored(lambda store: store.end_listing(end))
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"listings/{end.status}")

    async def readings(self, capture: Capture) -> dict[str, str]:
        """See `Store.readings`."""
        return await self._stored(lambda store: store.readings(capture))

    async def text(self, text_id: str) -> Text | None:
        """See `Store.text`."""
        return await self._stored(lambda store: store.text(text_id))

    async def known(self, target: Target, span: Span | None = None) -> list[KnownCapture]:
        """See `Store.known`; what the batch has of the policy is seen, too."""
        waiting = [result for result in self._batch if result.capture.target == target]
        return await self._stored(
            lambda store: store.known_with(waiting, target, self.lately, span)
        )

    async def decide(
        self, decided: list[tuple[Capture, Outcome, str | None]], fetch: list[Capture], rule: str
    ) -> None:
        """See `Store.decide`; what the batch has of these captures is committed first."""
        waiting = {result.capture.capture_id for result in self._batch}
        if waiting and any(c.capture_id in waiting for c in chain(fetch, (c for c, *_ in decided))):
            await self._flush()
        await self._stored(lambda store: store.decide(decided, fetch, rule))
        assert self.crawler.stats
        for _, outcome, _ in decided:
            self.crawler.stats.inc_value(f"captures/{outcome}")
        self.crawler.stats.inc_value("captures/chosen", len(fetch))

    async def end_search(self, target: Target, part: Span, report: Report) -> None:
        """See `Store.end_search`."""
        await self._stored(lambda store: store.end_search(target, part, report))

    async def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._batch = self._batch, deque()
        if batch:
            taken = (batch.popleft() for _ in range(len(batch)))
            await self._stored(lambda store: store.record(taken))

    async def _stored(self, work: Callable[[Store], T]) -> T:
        assert self._store is not None
        try:
            done = await self._call(work, self._store)
            if self._publishing is None:
                await self._publish()
            return done
        except duckdb.DataError:  # of these values alone; others can be written
            raise
        except Exception as error:
            _stop(self.crawler, "store_failed", f"{self.path} cannot be written: {error}")
            raise

    async def _publish(self) -> None:
        """Let readers see what was written: now, or as soon as that is due."""
        if self._publishing is not None:  # it is due; no decision is seen without its results
            await self._flush()
        self._publishing = None
        if self._store is None:
            return
        try:
            wait = await self._call(self._store.publication.publish_if_due)
        except Exception as error:
            _stop(self.crawler, "store_failed", f"{self.path} cannot be written: {error}")
            return
        if wait > 0 and self._publishing is None:
            self._publishing = asyncio.get_running_loop().call_later(
                wait, lambda: asyncio.ensure_future(self._publish())
            )

    async def _call(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)


def _remember(lately: dict[str, T], key: str, value: T) -> None:
    """Keep the last of what comes."""
    lately.pop(key, None)
    lately[key] = value
    if len(lately) > REMEMBERED:
        del lately[next(iter(lately))]


def _stop(crawler: "Crawler", reason: str, message: str) -> None:
    """End a crawl that would lose what it fetches; once, however many items fail."""
    assert crawler.engine
    assert crawler.stats
    if crawler.stats.get_value("stopped") is None:
        crawler.stats.set_value("stopped", reason)
        logger.error(message)
        asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))


def versions() -> dict[str, str]:
    """Return the versions of the tool, of Python and of the main libraries."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"policy-history": project.__version__, "python": platform.python_version(), **libraries}


def _lost(item: Memento | Document, outcome: Outcome, detail: str | None) -> Loss:
    return Loss(item.capture, outcome, detail, item.served_timestamp, item.served_url, item.kept)
