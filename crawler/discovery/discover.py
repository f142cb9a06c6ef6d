"""Finds the addresses of one site's policy: asks the archive what `inquiry` wants to know.

All requests go through Scrapy's downloader, so that pace, retries and statistics see them; pages
are read in the pool that the extraction uses.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TypeVar

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.archives import Archive
from crawler.discovery.conclusion import Found, conclude, looked_at
from crawler.discovery.evidence import Kind, Route
from crawler.discovery.index import Address, is_address, key_of
from crawler.discovery.inquiry import CLEAR, Inquiry, ListAddress, Read, Visit
from crawler.discovery.look import Look, look_at, read_at
from crawler.discovery.names import address_pattern
from crawler.discovery.questions import next_step
from crawler.discovery.redirects import leaves
from crawler.errors import NotAnIndexReply, took_too_long
from crawler.outcomes import Listing, Outcome
from crawler.records import Capture, IndexPage, Loss, Memento, Target
from crawler.replay.memento import Hop, bounded, read_replay, served_capture
from crawler.replies import reply_of
from pipelines.pool import ProcessPool

T = TypeVar("T")

logger = logging.getLogger(__name__)

WORDS = f"{address_pattern()}|/[^/]*sitemap[^/]*[.]xml|/robots[.]txt"
INDEX_PAGES = 3  # of a site's index; what comes after them is not looked at
CRAWLS = 5  # questions to crawls that have an index each; one may be for the list of them
NEAR = timedelta(days=3 * 366)  # between a page and the capture of what it leads to


class UsedUp(Exception):
    """A site's requests are used up."""


class Refused(Exception):
    """The archive did not answer a question, after all retries."""

    def __init__(self, why: str, took_too_long: bool) -> None:
        super().__init__(why)
        self.took_too_long = took_too_long


@dataclass(slots=True)
class Discovery:
    """What was found of a site with so many requests.

    `trouble` names what the archive did not answer: then nothing found does not mean nothing.
    `withheld` says that it keeps the site, or what may be its policy, back; `used_up` that more
    requests would have been worth it. `story` is what there was to look at.
    """

    found: list[Found]
    requests: int
    trouble: list[str]
    withheld: Listing | None = None
    used_up: bool = False
    story: str = ""

    @property
    def doubt(self) -> str:
        """Why the site may have a policy if none was found; empty if all was seen."""
        unseen = [f for f in self.found if f.kind is Kind.UNSEEN and f.score >= CLEAR]
        doubts = list(dict.fromkeys(self.trouble))
        if self.withheld is not None:
            doubts.append(str(self.withheld))
        if unseen:
            doubts.append(f"no capture of {len(unseen)} likely addresses: {unseen[0].says}")
        if self.used_up:
            doubts.append(f"{self.requests} requests were not enough (DISCOVER_REQUESTS)")
        return "; ".join(doubts)


@dataclass(slots=True)
class Discoverer:
    """Asks one archive about sites. `most` requests a site; `threshold` is POLICY_THRESHOLD.

    `routes` are those that may be used: benchmarks leave some out.
    """

    archive: Archive
    download: Callable[[Request], Awaitable[Response]]
    pool: ProcessPool
    threshold: float
    most: int
    hops: int
    routes: frozenset[Route] = frozenset(Route)

    async def discover(self, domain: str, listed: Iterable[str] = ()) -> Discovery:
        """Find a site's addresses, `listed` ones among them."""
        site = _Site(self, Inquiry(domain, whole=not self.archive.by_crawl))
        site.inquiry.take_listed(listed)
        used_up = False
        try:
            await site.ask_index()
            while (step := next_step(site.inquiry)) is not None:
                await site.take(step)
        except UsedUp:
            used_up = True
        found, story = conclude(site.inquiry), looked_at(site.inquiry)
        return Discovery(found, site.requests, site.trouble, site.withheld, used_up, story)


@dataclass(slots=True)
class _Site:
    """The questions about one site, and how many they are."""

    by: Discoverer
    inquiry: Inquiry
    requests: int = 0
    trouble: list[str] = field(default_factory=list)
    withheld: Listing | None = None

    async def ask_index(self) -> None:
        """Ask for the addresses with a policy's name, and for the home page's captures.

        Where each crawl has its index, both in one question to each of some.
        """
        archive, domain = self.by.archive, self.inquiry.domain
        if archive.by_crawl:
            self.inquiry.take_homes(await self._ask_site(f"{WORDS}|/$", CRAWLS))
            return
        if Route.INDEX in self.by.routes:
            await self._ask_site(WORDS, INDEX_PAGES)
        page = await self._index(partial(archive.home_index_url, domain), archive.home(domain))
        if page is not None:
            self.inquiry.take_homes(page.captures)

    async def _ask_site(self, words: str, most: int) -> list[Capture]:
        """Take in so many pages of the site's index at most; return the home page's captures."""
        archive, domain = self.by.archive, self.inquiry.domain
        home, homes = archive.home(domain), []
        key: str | None = None
        for _ in range(most):
            page = await self._index(partial(archive.site_index_url, domain, words, key), home)
            if page is None:
                if (key := archive.site_key_after(key)) is None:
                    break
                continue
            self.inquiry.take_rows(page.captures)
            homes += [row for row in page.captures if row.urlkey == key_of(f"http://{domain}/")]
            if page.resume_key is None or page.resume_key == key:
                break
            key = page.resume_key
        return homes

    async def take(self, step: Visit | ListAddress | Read) -> None:
        """Ask what a step wants to know."""
        match step:
            case Visit():
                await self._visit(step)
            case ListAddress():
                await self._list(step)
            case Read():
                await self._read(step)

    async def _list(self, step: ListAddress) -> None:
        address = Address(key_of(step.url), step.url)
        captures = await self._captures(step.url, step.timestamp)
        for capture in captures or []:
            address.add(capture)
        if captures is None:
            self.inquiry.listing(step, address, "the archive's index did not answer")
        else:
            self.inquiry.listing(step, address)

    async def _captures(self, url: str, timestamp: str) -> list[Capture] | None:
        """Return an address's captures, near a time at least; None: the index did not answer."""
        archive = self.by.archive
        target = Target(self.inquiry.domain, url, archive=archive.name)
        for turn in count():
            question = partial(archive.near_index_url, target, timestamp, turn)
            if question() is None:
                break
            page = await self._index(question, target)
            if page is None:
                return None
            if page.captures:
                return page.captures
        return []

    async def _visit(self, step: Visit) -> None:
        self.inquiry.visiting(step)
        capture = step.capture or await self._capture(step.url, step.timestamp)
        if capture is None:
            return
        found = await self._page(capture)
        if not isinstance(found, Memento):
            return
        look = await self._worked(look_at, found, self.inquiry.domain)
        if look is not None:
            if step.route not in self.by.routes:
                look = Look(onward=look.onward)
            self.inquiry.saw(step, found.served_url, found.served_timestamp, look)

    async def _read(self, step: Read) -> None:
        found = await self._page(step.capture, until=step.key)
        if isinstance(found, Loss):
            if found.outcome in (Outcome.EXCLUDED, Outcome.ROBOTS):
                self.withheld = Listing(str(found.outcome))
            self.inquiry.failed(step, f"{found.outcome}: {found.detail or ''}")
            return
        if isinstance(found, str):
            self.inquiry.led(step, found, follow=Route.REDIRECT in self.by.routes)
            return
        reading = await self._worked(read_at, found, self.by.threshold)
        if reading is None:
            self.inquiry.failed(step, "it could not be read")
            return
        if Route.REDIRECT not in self.by.routes:
            reading = replace(reading, onward=None)
        if Route.CANONICAL not in self.by.routes:
            reading = replace(reading, canonical=None)
        served = found.served_url if is_address(found.served_url) else step.capture.original
        self.inquiry.read(step, served, found.served_timestamp, reading)

    async def _worked(self, work: Callable[..., T], page: Memento, given: object) -> T | None:
        """Return what a worker makes of a page; None if it breaks on it, or takes too long."""
        try:
            return await self.by.pool.run(
                work, page.body, page.content_type, page.served_url, given
            )
        except Exception as error:  # a hostile page must not end the inquiry
            logger.warning("%s: cannot be read: %r", page.served_url, error)
        return None

    async def _capture(self, url: str, timestamp: str) -> Capture | None:
        """Return the capture of an address at about a time; None: there is none.

        One that is made up, where the archive's replay finds it.
        """
        if not self.by.archive.by_crawl:
            name, domain = self.by.archive.name, self.inquiry.domain
            return Capture(name, domain, url, key_of(url), timestamp, url, "-", None, None, None)
        captures = await self._captures(url, timestamp) or []
        return next((capture for capture in captures if capture.statuscode == 200), None)

    async def _place(self, url: str) -> str:
        """Return where what a replay address names is: itself or, without a replay, its record."""
        named = self.by.archive.parse_replay_url(url) if self.by.archive.by_crawl else None
        capture = await self._capture(named[1], named[0]) if named is not None else None
        return self.by.archive.capture_url(capture) if capture is not None else url

    async def _index(self, question: Callable[[], str | None], target: Target) -> IndexPage | None:
        """Ask the index; None if there is no such question, or no answer even of fewer rows."""
        archive, page_size = self.by.archive, self.by.archive.page_size
        meta = {"download_slot": archive.index_slot, "target": target}
        while (url := question()) is not None:
            try:
                response = await self._ask(Request(url, meta=meta, dont_filter=True))
                reply = reply_of(response)
                if (withheld := archive.withheld(reply)) is not None:
                    self.withheld = withheld
                    return None
                return archive.read_index(reply, target)
            except NotAnIndexReply as error:
                self.trouble.append(f"index: {error}")
                return None
            except Refused as error:
                if not (error.took_too_long and archive.ask_for_less()):
                    archive.page_size = page_size  # it was not for the rows
                    self.trouble.append(str(error))
                    return None
        return None

    async def _page(self, capture: Capture, until: str | None = None) -> Memento | Loss | str:
        """Return a page, redirects followed: one of frames or text itself if only looked at.

        With `until`, the urlkey of an address to be read, redirects that leave it are not followed:
        where to is returned. What that has is asked by itself, where it is known when.
        """
        archive, missing = self.by.archive, Outcome.NOT_ARCHIVED
        url = archive.capture_url(capture)
        visited = [url]
        while True:
            meta = {"download_slot": archive.page_slot}
            try:
                response = await self._ask(Request(url, meta=meta, dont_filter=True))
            except Refused as error:
                self.trouble.append(str(error))
                return Loss(capture, Outcome.ARCHIVE_ERROR, str(error))
            reply = reply_of(response)
            found = read_replay(reply, capture, archive, NEAR, missing)
            served = served_capture(reply, archive)
            if until is None and reply.status == 200 and served is not None:
                return Memento(capture, *served, tuple(reply.headers.items()), reply.body)
            found = bounded(found, capture, visited, self.by.hops)
            if not isinstance(found, Hop):
                return found
            if until is not None and (to := leaves(found, until, archive)) is not None:
                return to
            visited.append(found.url)
            url, missing = await self._place(found.url), found.missing

    async def _ask(self, request: Request) -> Response:
        if self.requests >= self.by.most:
            raise UsedUp
        self.requests += 1
        try:
            return await self.by.download(request)
        except IgnoreRequest:  # the crawl ends
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {str(error)[:200]}"
            raise Refused(said, took_too_long(error)) from error
