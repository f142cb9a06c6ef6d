"""Retries and pauses: what the archive does wrong is asked again, gently."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import DownloadConnectionRefusedError, IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.utils.misc import load_object
from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_exponential_jitter

from crawler.body import DamagedBody
from crawler.errors import ArchiveTrouble
from crawler.memento import live_trouble
from crawler.records import Reply
from crawler.replies import decoded, reply_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.archives import Archive

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 3600.0
LONGEST_RETRY_AFTER = 24 * 3600.0
RATE_LIMITED = "rate_limited"
DAMAGED_BODY = "damaged_body"
DAMAGED_ATTEMPTS = 2  # a page may be damaged on its way, but most that are were captured so


class PolitenessMiddleware:
    """Asks again after an archive's passing trouble; stands still when the archive says so.

    tenacity holds the policy: RETRY_TIMES retries, waits that double from RETRY_WAIT up to
    RETRY_WAIT_MAX seconds, with jitter. A live 429, or a connection refused by an archive that
    answered before, pauses every request to the archive for ARCHIVE_PAUSE seconds, or as long as
    Retry-After says, and twice as long each time it is refused again. It decodes bodies, too,
    because one that ends too early is asked for again.
    """

    def __init__(self, crawler: "Crawler", archive: "Archive") -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.archive = archive
        self.maxsize = settings.getint("DOWNLOAD_MAXSIZE")
        self.pause_seconds = settings.getfloat("ARCHIVE_PAUSE")
        self.policy = AsyncRetrying(
            stop=stop_after_attempt(settings.getint("RETRY_TIMES") + 1),
            wait=wait_exponential_jitter(
                multiplier=settings.getfloat("RETRY_WAIT"), max=settings.getfloat("RETRY_WAIT_MAX")
            ),
        )
        self.transient = tuple(
            load_object(name) if isinstance(name, str) else name
            for name in settings.getlist("RETRY_EXCEPTIONS")
        )
        self.paused_until = 0.0
        self.refusals = 0
        self.answered = False

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Serve the spider that has an archive; stay out of the way of others."""
        archive = getattr(crawler.spider, "archive", None)
        if archive is None:
            raise NotConfigured
        middleware = cls(crawler, archive)
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    def response_downloaded(self, response: Response) -> None:
        """Pause on a live 429, or a 503 that says until when, before the next request is sent."""
        if "Memento-Datetime" in response.headers:
            return
        retry_after = response.headers.get("Retry-After")
        if response.status == 429 or (response.status == 503 and retry_after):
            self._pause(retry_after.decode("latin-1") if retry_after else None)

    async def process_request(self, request: Request) -> None:
        """Hold a request back while the archive wants to be left alone."""
        await self._wait(lambda: self.paused_until)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Let an archive's answer pass; retry its trouble, and raise ArchiveTrouble in the end.

        In the end of a damaged body, raise DamagedBody; at once for a large one, BodyTooLarge.
        """
        self.answered = True
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
            self.refusals = 0
            return response
        retry = await self._retry(request, cause)
        if retry is None:
            raise ArchiveTrouble(cause)
        return retry

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Retry what the network did wrong."""
        if not isinstance(exception, self.transient):
            return None
        cause = type(exception).__name__
        if isinstance(exception, DownloadConnectionRefusedError) and self.answered:
            self._pause(None)
            cause = RATE_LIMITED
        return await self._retry(request, cause)

    def _trouble(self, request: Request, reply: Reply) -> str | None:
        if request.meta.get("home"):
            return RATE_LIMITED if reply.status == 429 else None
        if (target := request.meta.get("target")) is not None:
            return self.archive.index_trouble(reply, target)
        trouble = live_trouble(reply, self.archive)
        return trouble.cause if trouble else None

    async def _retry(self, request: Request, cause: str) -> Request | None:
        """Return the request to make again, after the policy's wait; None when it says stop."""
        state = RetryCallState(self.policy, None, (), {})
        state.attempt_number = request.meta.get("retry_times", 0) + 1
        assert self.crawler.stats
        assert self.crawler.spider
        self.crawler.stats.inc_value(f"archive/trouble/{cause}")
        damaged = request.meta.get("damaged_times", 0) + (cause == DAMAGED_BODY)
        captured_so = damaged >= DAMAGED_ATTEMPTS and "capture" in request.cb_kwargs
        if self.policy.stop(state) or captured_so:
            return None
        if cause != RATE_LIMITED:
            wait = self.policy.wait(state)
            logger.info("%s: %s; asking again in %.0f s", self.archive.name, cause, wait)
            until = monotonic() + wait
            await self._wait(lambda: until)
        retry = get_retry_request(
            request, spider=self.crawler.spider, reason=cause, max_retry_times=10**6
        )
        assert retry
        retry.meta["damaged_times"] = damaged
        return retry

    async def _wait(self, until: Callable[[], float]) -> None:
        """Wait until then, which may move; IgnoreRequest if the crawl ends, for it would wait, too.

        The capture or listing stays as it is, for a later run.
        """
        while (rest := until() - monotonic()) > 0:
            slot = self.crawler.engine._slot if self.crawler.engine else None
            if slot is not None and slot.closing is not None:
                raise IgnoreRequest("the crawl ends")
            await asyncio.sleep(min(rest, 1.0))

    def _pause(self, retry_after: str | None) -> None:
        """Stop all requests to the archive: those to come and those that wait in its slots."""
        now = monotonic()
        seconds = min(_seconds(retry_after), LONGEST_RETRY_AFTER)
        if now >= self.paused_until:  # else it was sent before the pause began: no new refusal
            seconds = max(seconds, min(self.pause_seconds * 2**self.refusals, LONGEST_PAUSE))
            self.refusals += 1
            assert self.crawler.stats
            self.crawler.stats.inc_value("archive/pauses")
        if now + seconds <= self.paused_until:
            return
        self.paused_until = now + seconds
        assert self.crawler.engine
        for name in (self.archive.index_slot, self.archive.page_slot):
            if slot := self.crawler.engine.downloader.slots.get(name):
                slot.lastseen = self.paused_until
        logger.warning("%s refuses requests: pausing for %.0f s", self.archive.name, seconds)


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
