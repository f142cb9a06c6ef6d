"""The main job: from a domain list to every dated version of each policy."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID

from scrapy import Request, Spider, signals
from scrapy.exceptions import (
    DownloadCancelledError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archives import Archive
from crawler.arguments import Arguments, parse_arguments
from crawler.discovery.discover import Discoverer
from crawler.discovery.evidence import Kind
from crawler.errors import NotAnIndexReply, took_too_long
from crawler.outcomes import Listing, Outcome
from crawler.records import (
    Capture,
    Document,
    IndexPage,
    KnownCapture,
    ListingEnd,
    Loss,
    Memento,
    Target,
)
from crawler.replay.body import BodyTooLarge, DamagedBody
from crawler.replay.memento import Hop, bounded, read_replay
from crawler.replies import reply_of
from crawler.selection import BOUND, choose
from crawler.selection.budget import Budget
from pipelines.stages import ExtractPipeline, StorePipeline

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

INDEX_PRIORITY = 10**6  # above all pages': listing goes on while they wait
# Of each archive, so that one that stands still does not hold up another.
AT_ONCE = 32  # captures that are fetched or wait for it
AT_ONCE_OF_BUDGET = 16  # the same with a budget, which goes where it tells most
LISTINGS_AT_ONCE = 2  # one that the archive works on, one that waits for its turn
SITES_AT_ONCE = 4  # of which the policy's address is looked for


class Second(NamedTuple):
    """A second of which all rows are asked for, from a resume key on."""

    timestamp: str
    resume_key: str | None = None


class PoliciesSpider(Spider):
    """Lists the captures of each policy, chooses, fetches; the item pipelines do the rest.

    Arguments: `domains`, `archive`, `since`, `until`, `select`; see `crawler.arguments`.
    """

    name = "policies"

    def __init__(self, arguments: Arguments, ahead: int, window: timedelta, hops: int) -> None:
        super().__init__()
        self.arguments = arguments
        self.span = arguments.since, arguments.until
        self.archives = {archive.name: archive for archive in arguments.archives}
        self.ahead = ahead
        self.window = window
        self.hops = hops
        self.queues: dict[str, deque[Target]] = {name: deque() for name in self.archives}
        self.discovering: dict[Target, asyncio.Task[None]] = {}
        self.listing: set[Target] = set()
        self.unsettled: dict[Target, set[UUID]] = {}
        self.tried: dict[Target, set[UUID]] = {}
        self.settled = asyncio.Event()
        self.budget = Budget(arguments.budget)
        self.all_listed = False
        self.doubt: dict[str, str] = {}
        self.not_whole: set[Target] = set()

    @classmethod
    def from_crawler(cls, crawler: "Crawler", *args: Any, **kwargs: Any) -> Self:
        """Check the arguments and take on the archive's rates; InputError if they are wrong."""
        settings = crawler.settings
        arguments = parse_arguments(kwargs, settings)
        spider = cls(
            arguments,
            settings.getint("LISTING_AHEAD"),
            timedelta(seconds=settings.getfloat("MEMENTO_WINDOW")),
            settings.getint("REDIRECT_MAX_TIMES"),
        )
        slots = {n: slot for a in arguments.archives for n, slot in a.download_slots().items()}
        slots |= settings.getdict("DOWNLOAD_SLOTS")
        settings.set("DOWNLOAD_SLOTS", slots, priority="spider")
        places = (AT_ONCE + 2 * LISTINGS_AT_ONCE) * len(arguments.archives)
        places = max(places, settings.getint("CONCURRENT_REQUESTS"))
        settings.set("CONCURRENT_REQUESTS", places, priority="spider")
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.item_settled, signals.item_scraped)
        crawler.signals.connect(spider.item_failed, signals.item_error)
        crawler.signals.connect(spider.item_failed, signals.item_dropped)
        crawler.signals.connect(spider.callback_failed, signals.spider_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """List the policies one after another, never far ahead of the fetches they bring."""
        self.homes = {n: asyncio.create_task(self._visit(a)) for n, a in self.archives.items()}
        for target in self.arguments.targets:
            self.queues[target.archive].append(target)
        while any(self.queues.values()) or self.discovering:
            queues = self.queues.items()
            if not (free := [n for n, queue in queues if queue and self._may_list(n)]):
                self.settled.clear()
                await self.settled.wait()
            for target in [self.queues[name].popleft() for name in free]:
                if target.policy_url is None:
                    self.discovering[target] = asyncio.create_task(self._discover(target))
                    continue
                self.listing.add(target)
                await self.store.begin_listing(target, self.span)
                yield self._index_request(target, ())
        self.all_listed = True
        await asyncio.gather(*self.homes.values())
        for request in self._turns():
            yield request

    async def parse_index(
        self, response: Response, target: Target, keys: tuple[str, ...], second: Second | None
    ) -> AsyncIterator[Request]:
        """Store a page of the index; go on to the next page or, at the end, to the captures.

        Between two pages, the second at which they part is asked for by itself.
        """
        reply = reply_of(response)
        archive = self.archives[target.archive]
        status, detail = Listing.COMPLETE, None
        if (withheld := archive.withheld(reply)) is not None:
            status = withheld
        else:
            try:
                page = archive.read_index(reply, target)
            except NotAnIndexReply as error:
                status, detail = (Listing.PARTIAL if keys else Listing.FAILED), str(error)
            else:
                await self.store.add_page(target, page)
                if page.resume_key in keys:
                    status, detail = Listing.PARTIAL, "the archive repeats a resume key"
                elif second is not None or page.resume_key is not None:
                    yield self._next_index_request(target, page, keys, second)
                    return
        async for request in self._listed(target, status, detail):
            yield request

    async def index_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Record a listing that the archive did not let us finish; fetch what is known of it.

        A query that took too long is asked for fewer rows first.
        """
        if isinstance(failure.value, IgnoreRequest):  # the crawl ends; it stays unfinished
            return
        given = failure.request.cb_kwargs  # type: ignore[attr-defined]
        target, keys = given["target"], given["keys"]
        if took_too_long(failure.value) and self.archives[target.archive].ask_for_less():
            yield self._index_request(**given)
            return
        status = Listing.PARTIAL if keys else Listing.FAILED
        async for request in self._listed(target, status, _cause(failure)):
            yield request

    def parse_page(
        self, response: Response, capture: Capture, visited: tuple[str, ...], missing: Outcome
    ) -> Iterator[Request | Memento | Loss]:
        """Turn a replay reply into an item, or follow it one hop further inside the archive."""
        try:
            archive = self.archives[capture.archive]
            found = read_replay(reply_of(response), capture, archive, self.window, missing)
            yield self._followed(found, capture, visited)
        except Exception as error:  # a reply we do not understand must not leave a capture open
            self.logger.exception("%s: cannot be read", response.url)
            yield Loss(capture, Outcome.ARCHIVE_ERROR, f"{type(error).__name__}: {error}"[:300])

    def page_failed(self, failure: Failure) -> Iterator[Loss]:
        """Record a capture that could not be fetched, with its cause."""
        if isinstance(failure.value, IgnoreRequest):  # the crawl ends; it stays pending
            return
        capture = failure.request.cb_kwargs["capture"]  # type: ignore[attr-defined]
        outcome = Outcome.ARCHIVE_ERROR
        if isinstance(failure.value, (DownloadCancelledError, BodyTooLarge)):
            outcome = Outcome.TOO_LARGE
        elif isinstance(failure.value, (DamagedBody, ResponseDataLossError)):
            outcome = Outcome.DAMAGED
        yield Loss(capture, outcome, _cause(failure))

    async def item_settled(self, item: Memento | Document | Loss) -> None:
        """Note that a capture has its outcome; after the last one of a round, choose again.

        With a budget, after the last one that was asked for: what is more telling comes first.
        """
        await self._settle(item.capture)

    async def item_failed(self, item: Memento | Document | Loss) -> None:
        """Count an item that a pipeline broke on: its capture stays as it was."""
        assert self.crawler.stats
        self.crawler.stats.inc_value("items/failed")
        await self._settle(item.capture)

    def callback_failed(self, failure: Failure, response: Response | None) -> None:
        """Do not wait for what a broken callback worked on: a later run asks for it again."""
        request = getattr(failure, "request", None) or getattr(response, "request", None)
        given = request.cb_kwargs if request is not None else {}
        if "capture" in given:
            target = given["capture"].target
            self.unsettled.get(target, set()).discard(given["capture"].capture_id)
        if "target" in given:
            self.listing.discard(given["target"])
        self.settled.set()
        self._go_on()

    @property
    def store(self) -> StorePipeline:
        """The pipeline that owns the DuckDB file."""
        pipeline = self.crawler.get_item_pipeline(StorePipeline)
        assert pipeline is not None
        return pipeline

    def _may_list(self, archive: str) -> bool:
        """Whether to list another policy of an archive: never far ahead of the fetches."""
        listing = sum(target.archive == archive for target in self.listing)
        ahead = self._under_way(archive) + self.budget.waiting[archive]
        discovering = sum(target.archive == archive for target in self.discovering)
        if discovering >= SITES_AT_ONCE:
            return False
        return listing < LISTINGS_AT_ONCE and ahead < self.ahead

    def _under_way(self, archive: str) -> int:
        return sum(len(ids) for t, ids in self.unsettled.items() if t.archive == archive)

    async def _discover(self, target: Target) -> None:
        """Find the address of a site's policy, or take what an earlier run found; list it next."""
        try:
            urls = await self.store.main_addresses(target)
            if urls is None:
                urls = await self._find(target)
            elif not urls:
                end = ListingEnd(target, Listing.NO_POLICY_URL)
                await self.store.end_listing(end)
            targets = [replace(target, policy_url=url) for url in urls]
            self.queues[target.archive].extendleft(reversed(targets))
        finally:
            del self.discovering[target]
            self.settled.set()

    async def _find(self, target: Target, listed: Iterable[str] = ()) -> list[str]:
        """Look for a site's policy, and store what is found; return the main one's addresses."""
        try:
            await self.homes[target.archive]
            found = await self.discoverer(target.archive).discover(target.domain, listed)
            urls = [f.policy_url for f in found.found if f.kind is Kind.MAIN]
            if not urls:
                doubts = self.archives[target.archive].damage, self.doubt.get(target.archive)
                found.trouble.extend(filter(None, doubts))
            await self.store.add_discovery(target, found)
        except IgnoreRequest:  # the crawl ends
            return []
        except Exception:
            self.logger.exception("%s: its policy's address cannot be looked for", target.domain)
            assert self.crawler.stats
            self.crawler.stats.inc_value("items/failed")
            return []
        if not urls:
            status = Listing.FAILED if found.trouble else found.withheld or Listing.NO_POLICY_URL
            detail = found.doubt[:300] or None
            await self.store.end_listing(ListingEnd(target, status, detail))
        return urls

    def discoverer(self, archive: str) -> Discoverer:
        """Return who finds the addresses of policies in an archive."""
        settings, extract = self.crawler.settings, self.crawler.get_item_pipeline(ExtractPipeline)
        assert extract is not None
        assert self.crawler.engine
        return Discoverer(
            archive=self.archives[archive],
            download=self.crawler.engine.download_async,
            pool=extract.pool,
            threshold=settings.getfloat("POLICY_THRESHOLD"),
            most=settings.getint("DISCOVER_REQUESTS"),
            hops=self.hops,
        )

    async def _visit(self, archive: Archive) -> None:
        """See whether there is such an archive at all; its index would say: no captures."""
        if archive.home_url is None:
            return
        assert self.crawler.engine
        meta = {"download_slot": archive.index_slot, "home": True}
        request = Request(archive.home_url, meta=meta, dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # the listings will say it, each for itself
            self.logger.warning("%s: %s", request.url, error)
            return
        if response.status == 404:
            doubt = f"{archive.home_url} answers 404: there may be no such collection"
            self.doubt[archive.name] = doubt
            self.logger.error("archive=%s: %s", archive.name, doubt)

    def _followed(
        self, found: Memento | Hop | Loss, capture: Capture, visited: tuple[str, ...]
    ) -> Request | Memento | Loss:
        found = bounded(found, capture, visited, self.hops)
        if not isinstance(found, Hop):
            return found
        return self._page_request(found.url, capture, visited, found.missing)

    async def _settle(self, capture: Capture) -> None:
        target = capture.target
        waiting = self.unsettled.get(target, set())
        waiting.discard(capture.capture_id)
        self.settled.set()
        ended = not waiting and (self.budget.left is not None or not self.budget.of_round(target))
        if ended and target in self.unsettled:
            del self.unsettled[target]
            await self._choose(target)
        self._go_on()

    def _go_on(self) -> None:
        """Ask for the captures whose turn has come."""
        for request in self._turns():
            assert self.crawler.engine
            self.crawler.engine.crawl(request)

    async def _listed(
        self, target: Target, status: Listing, detail: str | None
    ) -> AsyncIterator[Request]:
        await self.homes[target.archive]
        damage, doubt = self.archives[target.archive].damage, self.doubt.get(target.archive)
        if status is Listing.COMPLETE and damage is not None:
            status, detail = Listing.PARTIAL, damage
        if status is Listing.COMPLETE and doubt and not await self.store.known(target):
            status, detail = Listing.FAILED, doubt
        await self.store.end_listing(ListingEnd(target, status, detail))
        if status in (Listing.PARTIAL, Listing.FAILED):
            self.not_whole.add(target)
        await self._choose(target)
        self.listing.discard(target)
        self.settled.set()
        for request in self._turns():
            yield request

    async def _known(self, target: Target) -> list[KnownCapture]:
        """Return the captures listed or, where that broke off, what any run has listed."""
        span = self.span if target in self.not_whole else None
        return await self.store.known(target, span)

    async def _choose(self, target: Target) -> None:
        """Choose among a policy's captures, and let those to fetch wait for their turn."""
        tried = self.tried.setdefault(target, set())
        known = await self._known(target)
        rule, search = self.arguments.select, self.arguments.search
        limited = self.budget.left is not None
        choice = choose(known, rule, tried, search, reporting=limited)
        await self.store.decide(choice.decided, choice.fetch, rule)
        if choice.report is not None and known:
            await self.store.end_search(target, self.span, choice.report)
        if not choice.fetch:
            del self.tried[target]
        self.budget.wait(target, [(choice.priority.get(c.capture_id, 0), c) for c in choice.fetch])

    def _turns(self) -> list[Request]:
        """Return the requests for the captures whose turn it is.

        With a budget, only the ends of histories are fetched before all policies are listed.
        """
        most, least = AT_ONCE, 0
        if self.budget.left is not None:
            most = AT_ONCE_OF_BUDGET
            least = 0 if self.all_listed and not self.listing else BOUND
        requests = []
        for name, archive in self.archives.items():
            room = max(0, most - self._under_way(name))
            for target, capture, priority in self.budget.take(name, room, least):
                self.unsettled.setdefault(target, set()).add(capture.capture_id)
                self.tried[target].add(capture.capture_id)
                url = archive.capture_url(capture)
                requests.append(self._page_request(url, capture, priority=priority))
        return requests

    def _next_index_request(
        self,
        target: Target,
        page: IndexPage,
        keys: tuple[str, ...],
        second: Second | None,
    ) -> Request:
        """Ask for what comes after a page that is not the last."""
        if second is not None and page.resume_key is not None:
            keys, second = (str(page.resume_key), *keys), Second(second.timestamp, page.resume_key)
        elif second is not None:
            second = None
        else:
            keys = (*keys, str(page.resume_key))
            timestamp = self.archives[target.archive].last_second(page)
            second = Second(timestamp) if timestamp is not None else None
        return self._index_request(target, keys, second)

    def _index_request(
        self, target: Target, keys: tuple[str, ...], second: Second | None = None
    ) -> Request:
        """Ask for the page after the last of `keys` or, if given, for the rows of one second."""
        archive = self.archives[target.archive]
        since, until, key = self.arguments.since, self.arguments.until, keys[-1] if keys else None
        if second is not None:
            since, until, key = second.timestamp, second.timestamp, second.resume_key
        return Request(
            archive.index_url(target, since, until, key),
            callback=self.parse_index,
            errback=self.index_failed,
            cb_kwargs={"target": target, "keys": keys, "second": second},
            meta={"download_slot": archive.index_slot, "target": target},
            priority=INDEX_PRIORITY,
            dont_filter=True,
        )

    def _page_request(
        self,
        url: str,
        capture: Capture,
        visited: tuple[str, ...] = (),
        missing: Outcome = Outcome.NOT_ARCHIVED,
        priority: int = 0,
    ) -> Request:
        return Request(
            url,
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"capture": capture, "visited": (*visited, url), "missing": missing},
            meta={"download_slot": self.archives[capture.archive].page_slot},
            priority=priority,
            dont_filter=True,
        )


def _cause(failure: Failure) -> str:
    message = str(failure.value)[:300]
    name = type(failure.value).__name__
    return message if name == "ArchiveTrouble" else f"{name}: {message}"
