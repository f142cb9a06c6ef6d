"""Pace, pauses and retries: an archive is asked gently, and again for what it does wrong."""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    IgnoreRequest,
    NotConfigured,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.utils.misc import load_object
from scrapy.utils.project import data_path
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_exponential_jitter

from crawler.allowance import LONGEST_PAUSE, Allowance
from crawler.archives.base import AT_ONCE, is_here
from crawler.errors import ArchiveTrouble, SchedulerLost
from crawler.records import Reply
from crawler.replay.body import DamagedBody
from crawler.replay.memento import live_trouble
from crawler.replies import decoded, reply_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.archives import Archive
    from crawler.cluster.leases import LeasedAllowance

logger = logging.getLogger(__name__)

SHUT_OUT = 5  # requests in a row, of different addresses, that got no answer
OUTAGE = 5  # sites in a row of whose pages and index all that is asked for the first time fails
OUTAGE_WAIT = 1800.0  # seconds that an outage is waited for
RATE_LIMITED = "rate_limited"
DAMAGED_BODY = "damaged_body"
DAMAGED_ATTEMPTS = 2  # a page may be damaged on its way, but most that are were captured so


class PolitenessMiddleware:
    """Asks at the archives' pace, again after passing trouble; stands still when one says so.

    tenacity holds the policy: RETRY_TIMES retries, waits that double from RETRY_WAIT up to
    RETRY_WAIT_MAX seconds, with jitter. A live 429, a connection refused by an archive that
    answered before, or SHUT_OUT requests in a row without an answer, pause every request to the
    archive's host for ARCHIVE_PAUSE seconds, or as long as Retry-After says, and longer each time
    it is refused again. A refusal is no failed attempt until ARCHIVE_PATIENCE seconds have passed.
    Nothing but errors for OUTAGE sites in a row pauses them, too, until OUTAGE_WAIT has passed, but
    counts as attempts: what an archive can never give must not hold up a crawl. What an archive
    allows is remembered in the project's data folder, for all processes there
    (`crawler.allowance`), or by the Dask scheduler for all machines (`crawler.cluster.leases`).
    Bodies are decoded here, too, because one that ends too early is asked for again.
    """

    def __init__(self, crawler: "Crawler", archives: "list[Archive]", memory: Path) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.maxsize = settings.getint("DOWNLOAD_MAXSIZE")
        self.pause_seconds = settings.getfloat("ARCHIVE_PAUSE")
        self.patience = settings.getfloat("ARCHIVE_PATIENCE")
        self.policy = AsyncRetrying(
            stop=stop_after_attempt(settings.getint("RETRY_TIMES") + 1),
            wait=wait_exponential_jitter(
                multiplier=settings.getfloat("RETRY_WAIT"), max=settings.getfloat("RETRY_WAIT_MAX")
            ),
        )
        if settings.getpriority("RETRY_EXCEPTIONS"):
            _ = self.transient  # what was typed wrong is said at once
        self.archives = {
            slot: archive
            for archive in archives
            for slot in (archive.index_slot, archive.page_slot)
        }
        self.scheduler = settings["ALLOWANCE_SCHEDULER"]
        self.allowances = {a.name: self._allowance(memory, a) for a in archives if a.is_remote}
        slots = settings.getdict("DOWNLOAD_SLOTS")
        delay = settings.getfloat("DOWNLOAD_DELAY")
        self.rates = {s: _rate(slots[s].get("delay", delay)) for s in self.archives}
        self.turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by slot
        self.paused_until: dict[str, float] = {}  # by host, as all that follow
        self.answered: set[str] = set()
        self.unanswered: dict[str, set[str]] = defaultdict(set)
        self.failing: dict[str, tuple[float, set[str]]] = {}  # since when, and sites

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Serve the spider that has archives; stay out of the way of others."""
        archives = getattr(crawler.spider, "archives", None)
        if archives is None:
            raise NotConfigured
        middleware = cls(crawler, list(archives.values()), Path(data_path("allowance.sqlite")))
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    @cached_property
    def transient(self) -> tuple[type[BaseException], ...]:
        """What may pass when it is asked again; one of them brings all of Scrapy's HTTP with it."""
        names = self.crawler.settings.getlist("RETRY_EXCEPTIONS")
        return tuple(load_object(name) if isinstance(name, str) else name for name in names)

    def _allowance(self, memory: Path, archive: "Archive") -> "Allowance | LeasedAllowance":
        if not self.scheduler:
            return Allowance(memory, archive.host, self.pause_seconds)
        from crawler.cluster.leases import LeasedAllowance

        return LeasedAllowance(self.scheduler, memory, archive.host, self.pause_seconds)

    def pace(self, archive: "Archive", slot: str) -> float | None:
        """Return how many requests a minute are sent now; None for no limit."""
        rate, allowance = self.rates[slot], self.allowances.get(archive.name)
        return rate / 2**allowance.halvings if rate and allowance else rate

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Pause on a live 429, or a 503 that says until when, before the next request is sent."""
        if "Memento-Datetime" in response.headers:
            return
        retry_after = response.headers.get("Retry-After")
        if response.status == 429 or (response.status == 503 and retry_after):
            until = None if retry_after is None else retry_after.decode("latin-1")
            self._pause(self._archive(request), until)

    async def process_request(self, request: Request) -> None:
        """Hold a request back until the archive may be asked."""
        archive = self._archive(request)
        allowance = self.allowances.get(archive.name)
        if allowance is None:
            return
        slot = request.meta["download_slot"]
        if self.rates[slot] is None:  # nothing waits long in it
            await self._take(archive, allowance, slot)
            return
        async with self.turns[slot]:
            await self._sent_before(slot)
            await self._take(archive, allowance, slot)

    async def _sent_before(self, name: str) -> None:
        """Wait until all but one of a slot's requests are sent.

        What waits there has its right already, and is sent even if another process is refused.
        """
        assert self.crawler.engine
        slots = self.crawler.engine.downloader.slots
        while (slot := slots.get(name)) is not None and len(slot.queue) > 1:
            await self._wait_until(monotonic() + min(max(slot.delay, AT_ONCE) / 2, 1.0))

    async def _take(
        self, archive: "Archive", allowance: "Allowance | LeasedAllowance", slot: str
    ) -> None:
        kind = "index" if slot == archive.index_slot else "page"
        while True:
            await self._wait_until(self.paused_until.get(archive.host, 0.0))
            try:
                wait = await asyncio.to_thread(allowance.take, kind, self.rates[slot])
            except sqlite3.Error as error:  # nobody knows what was sent: not now
                logger.warning("%s: %s", allowance.path, error)
                wait = self.pause_seconds or 1.0
            except SchedulerLost as error:
                self._give_up(error)
                raise IgnoreRequest("the crawl ends") from None
            if wait <= 0:
                return
            await self._wait_until(monotonic() + wait)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Let an archive's answer pass; retry its trouble, and raise ArchiveTrouble in the end.

        In the end of a damaged body, raise DamagedBody; at once for a large one, BodyTooLarge.
        """
        host = self._archive(request).host
        self.answered.add(host)
        self.unanswered.pop(host, None)
        try:
            response = await asyncio.to_thread(decoded, response, self.maxsize)
        except DamagedBody:
            captured = "Memento-Datetime" in response.headers
            why = DAMAGED_BODY if captured or response.status == 200 else _status(response)
            if retry := await self._retry(request, why):
                return retry
            if captured:
                raise
            raise ArchiveTrouble(why) from None
        cause = self._trouble(request, reply_of(response))
        if cause is None:
            self.failing.pop(host, None)
            return response
        if cause != RATE_LIMITED:
            self._look_for_outage(request)
        retry = await self._retry(request, cause)
        if retry is None:
            raise ArchiveTrouble(cause)
        return retry

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Retry what the network did wrong."""
        if not isinstance(exception, self.transient):
            return None
        cause = type(exception).__name__
        archive = self._archive(request)
        if self._is_shut_out(archive, request, exception):
            self._pause(archive, None)
            cause = RATE_LIMITED
        return await self._retry(request, cause)

    def _is_shut_out(self, archive: "Archive", request: Request, exception: Exception) -> bool:
        """Whether an archive does not talk to us any more, or, on the network, not at all.

        What is on this machine and has never answered is not running.
        """
        answered = archive.host in self.answered
        if not archive.is_remote or isinstance(exception, ResponseDataLossError):
            return False
        if isinstance(exception, DownloadConnectionRefusedError) and answered:
            return True
        unanswered = self.unanswered[archive.host]
        unanswered.add(request.url)
        never_there = isinstance(exception, CannotResolveHostError) or is_here(
            archive.replay_prefix
        )
        return len(unanswered) >= SHUT_OUT and (answered or not never_there)

    def _look_for_outage(self, request: Request) -> None:
        """Pause if an archive gives nothing but errors, whichever site it is asked about."""
        archive = self._archive(request)
        about = request.meta.get("target") or request.cb_kwargs.get("capture")
        if not archive.is_remote or is_here(archive.replay_prefix) or about is None:
            return
        since, sites = self.failing.setdefault(archive.host, (monotonic(), set()))
        if not request.meta.get("retry_times"):  # what fails again may be what it never gives
            sites.add(about.domain)
        if len(sites) < OUTAGE:
            return
        if monotonic() - since < OUTAGE_WAIT:
            self._pause(archive, None)
        else:  # none, or a long one: what was waited for has had its attempts
            del self.failing[archive.host]

    def _archive(self, request: Request) -> "Archive":
        return self.archives[request.meta["download_slot"]]

    def _trouble(self, request: Request, reply: Reply) -> str | None:
        archive = self._archive(request)
        if request.meta.get("home"):
            return RATE_LIMITED if reply.status == 429 else None
        if (target := request.meta.get("target")) is not None:
            return archive.index_trouble(reply, target)
        trouble = live_trouble(reply, archive)
        return trouble.cause if trouble else None

    async def _retry(self, request: Request, cause: str) -> Request | None:
        """Return the request to make again, after the policy's wait; None when it says stop."""
        assert self.crawler.stats
        assert self.crawler.spider
        self.crawler.stats.inc_value(f"archive/trouble/{cause}")
        attempts = request.meta.get("retry_times", 0)
        refused_since = request.meta.get("refused_since")
        damaged = request.meta.get("damaged_times", 0) + (cause == DAMAGED_BODY)
        if cause == RATE_LIMITED:
            refused_since = refused_since or monotonic()
            if monotonic() - refused_since > self.patience:
                return None
        else:
            if not await self._may_try_again(request, cause, attempts + 1, damaged):
                return None
            attempts, refused_since = attempts + 1, None
        again = get_retry_request(
            request, spider=self.crawler.spider, reason=cause, max_retry_times=10**6
        )
        assert again is not None
        again.meta.update(retry_times=attempts, refused_since=refused_since, damaged_times=damaged)
        return again

    async def _may_try_again(
        self, request: Request, cause: str, attempt: int, damaged: int
    ) -> bool:
        """Ask the policy after a failed attempt; wait as it says."""
        state = RetryCallState(self.policy, None, (), {})
        state.attempt_number = attempt
        captured_so = damaged >= DAMAGED_ATTEMPTS and "capture" in request.cb_kwargs
        if self.policy.stop(state) or captured_so:
            return False
        wait = self.policy.wait(state)
        logger.info("%s: %s; asking again in %.0f s", self._archive(request).name, cause, wait)
        await self._wait_until(monotonic() + wait)
        return True

    async def _wait_until(self, moment: float) -> None:
        """Wait until then; IgnoreRequest if the crawl ends, for it would wait, too.

        The capture or listing stays as it is, for a later run.
        """
        while (rest := moment - monotonic()) > 0:
            slot = self.crawler.engine._slot if self.crawler.engine else None
            if slot is not None and slot.closing is not None:
                raise IgnoreRequest("the crawl ends")
            await asyncio.sleep(min(rest, 1.0))

    def _pause(self, archive: "Archive", retry_after: str | None) -> None:
        """Stop all requests to an archive at once; what is remembered may make it longer."""
        asked = min(_seconds(retry_after), LONGEST_PAUSE)
        self._stand_still(archive, max(asked, self.pause_seconds))
        asyncio.ensure_future(self._remember_refusal(archive, asked))

    async def _remember_refusal(self, archive: "Archive", asked: float) -> None:
        refused = self.allowances[archive.name].refused
        try:
            seconds, is_new = await asyncio.to_thread(refused, asked)
        except SchedulerLost as error:
            self._give_up(error)
            return
        self._stand_still(archive, seconds)
        if is_new:
            assert self.crawler.stats
            self.crawler.stats.inc_value("archive/pauses")
            logger.warning("%s refuses requests: pausing for %.0f s", archive.name, seconds)
            asyncio.ensure_future(self._end_with_crawl(archive, monotonic() + seconds))

    def _give_up(self, error: SchedulerLost) -> None:
        """End the crawl, once: what is not asked for stays as it is, for a later run."""
        assert self.crawler.engine
        slot = self.crawler.engine._slot
        if slot is not None and slot.closing is None:
            logger.error("%s", error)
            ending = self.crawler.engine.close_spider_async(reason="allowance_lost")
            asyncio.ensure_future(ending)

    def _stand_still(self, archive: "Archive", seconds: float) -> None:
        """Hold back the requests to come, and those that wait in the archive's slots."""
        until = max(monotonic() + seconds, self.paused_until.get(archive.host, 0.0))
        self.paused_until[archive.host] = until
        assert self.crawler.engine
        for name, owner in self.archives.items():
            slot = self.crawler.engine.downloader.slots.get(name)
            if slot is not None and owner.host == archive.host:
                slot.lastseen = until

    async def _end_with_crawl(self, archive: "Archive", pause_ends: float) -> None:
        """If the crawl ends in a pause, end what waits in the archive's slots."""
        try:
            await self._wait_until(pause_ends)
            return
        except IgnoreRequest as error:
            ending = error
        assert self.crawler.engine
        for name in (archive.index_slot, archive.page_slot):
            slot = self.crawler.engine.downloader.slots.get(name)
            while slot is not None and slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(ending)


def _rate(delay: float) -> float | None:
    return 60 / delay if delay > AT_ONCE else None


def _status(response: Response) -> str:
    return RATE_LIMITED if response.status == 429 else f"http_{response.status}"


def _seconds(retry_after: str | None) -> float:
    """Return the seconds that a Retry-After header asks for, in either of its forms."""
    if retry_after is None:
        return 0.0
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
