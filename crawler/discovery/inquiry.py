"""What is known of a site so far, and the steps by which more is learnt. Pure.

`crawler.discovery.questions` chooses a step, the driver (`crawler.discovery.discover`) takes it and
tells what it brought, until there is none or the site's requests are used up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.discovery.evidence import Evidence, Route
from crawler.discovery.hubs import is_sitemap_key
from crawler.discovery.index import Address, AddressBook, key_of, part_of
from crawler.discovery.look import Look, Reading
from crawler.discovery.pages import PageLink
from crawler.records import Capture

CLEAR = 2.0  # score of what is read at once
FAINT = 1.0  # of what is read if nothing else is left
HUBS = 3  # that are looked at of one page
FRAMES = 3
SITEMAPS_KEPT = 1_000  # of all addresses and years


@dataclass(frozen=True, slots=True)
class Visit:
    """Look at a page for its links. `timestamp` (14 digits): about when; `capture`: exactly which.

    `route` is how a link found there is known.
    """

    url: str
    timestamp: str
    route: Route
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class ListAddress:
    """Ask the index for the captures of an address of which only a link of that time is known."""

    url: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class Read:
    """Read a capture of an address that may be the policy's; a redirect is followed."""

    key: str
    capture: Capture


Step = Visit | ListAddress | Read


@dataclass(slots=True)
class Page:
    """An address that had a policy: `reading` of one of its captures, and its life."""

    address: Address
    reading: Reading


@dataclass(slots=True)
class Sight:
    """A home page that was looked at, and where it leads: the urlkey of its best link, or None."""

    timestamp: str
    key: str | None


@dataclass(slots=True)
class Inquiry:
    """All that is known of a site; times are 14-digit timestamps.

    Without `whole`, the index of some crawls only was asked: it may have more of each address.
    """

    domain: str
    whole: bool = True
    book: AddressBook = field(default_factory=AddressBook)
    homes: list[Capture] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    listed: dict[str, Address] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)  # what was read and is none, and why
    unseen: dict[str, str] = field(default_factory=dict)  # what could not be read, and why
    asked: set[str] = field(default_factory=set)
    tried: dict[str, set[str]] = field(default_factory=dict)
    hubs: list[Visit] = field(default_factory=list)
    sitemaps: dict[tuple[str, str], Capture] = field(default_factory=dict)  # the last of each year
    mapped: list[Visit] = field(default_factory=list)  # sitemaps that were looked at
    parts: list[Visit] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)  # urlkeys of frames that lead nowhere

    def take_listed(self, urls: Iterable[str]) -> None:
        """Take in addresses that a person has named."""
        for url in urls:
            self._note(url, Route.LISTED, "", None, "", 4.0)

    def take_rows(self, captures: Iterable[Capture]) -> None:
        """Take in rows of the site's index: addresses, and sitemaps to look at if need be."""
        rows = list(captures)
        self.book.add(rows)
        for row in rows:
            if row.statuscode == 200 and is_sitemap_key(row.urlkey):
                year = row.timestamp[:4]
                if (row.urlkey, year) in self.sitemaps or len(self.sitemaps) < SITEMAPS_KEPT:
                    self.sitemaps[row.urlkey, year] = row

    def take_homes(self, captures: Iterable[Capture]) -> None:
        """Take in the home page's captures: the pages or, if there are none, the redirects."""
        rows = sorted(captures, key=lambda capture: (capture.timestamp, capture.original))
        pages = [row for row in rows if row.statuscode in (None, 200)]
        self.homes = pages or [row for row in rows if row.is_redirect]

    def visiting(self, visit: Visit) -> None:
        """Note that a page is asked for, so that it is not asked for again."""
        if visit.capture is not None:
            self.asked.add(f"{visit.capture.timestamp} {visit.capture.original}")
        self.asked.add(_part(visit.url, visit.timestamp))
        self.parts = [one for one in self.parts if one != visit]
        self.hubs = [one for one in self.hubs if one != visit]
        if visit.route is Route.SITEMAP:
            self.mapped.append(visit)

    def saw(self, visit: Visit, served: str, timestamp: str, look: Look) -> None:
        """Take in the links of a page; `served` is its address, `timestamp` that of its capture."""
        best: PageLink | None = None
        for link in look.links:
            if link.score >= FAINT:
                self._note(link.url, visit.route, timestamp, served, link.says, link.score)
                if best is None or _main_first(link) > _main_first(best):
                    best = link
        if best is None:
            self._follow(visit, look)
            if visit.capture is None and not look.links and look.onward is None:
                self.empty.add(key_of(visit.url))
        key = key_of(best.url) if best else None
        if visit.capture is not None and visit.route is Route.HOME:
            self.sights.append(Sight(visit.timestamp, key))
        for sight in self.sights:  # of a frame, or of a hub that the home page leads to
            if sight.timestamp == visit.timestamp and sight.key is None:
                sight.key = key

    def read(self, step: Read, served: str, timestamp: str, reading: Reading) -> None:
        """Take in what a capture of an address turned out to be, and where it leads."""
        self.tried.setdefault(step.key, set()).add(step.capture.timestamp)
        key = key_of(served)
        for url, route in ((reading.onward, Route.REDIRECT), (reading.canonical, Route.CANONICAL)):
            if url is not None and key_of(url) not in (key, step.key):
                self._note(url, route, timestamp, served, reading.title, 2.5)
        if reading.refused:
            self.refused[step.key] = reading.refused
            self.unseen.pop(step.key, None)
            return
        if key != step.key:
            self._note(served, Route.REDIRECT, timestamp, step.capture.original, reading.title, 3.0)
            self.refused.setdefault(step.key, f"leads to {served}")
        self.refused.pop(key, None)
        self.unseen.pop(step.key, None)
        address = self.address(key) or Address(key, served, timestamp, timestamp, 1)
        self.pages[key] = Page(address, reading)

    def led(self, step: Read, url: str, *, follow: bool) -> None:
        """Take in that a capture of an address is a redirect to another; to the home page is none.

        Where it led is worth to look at only with `follow`.
        """
        self.tried.setdefault(step.key, set()).add(step.capture.timestamp)
        self.refused.setdefault(step.key, f"leads to {url}")
        if follow and key_of(url) != key_of(f"http://{self.domain}/"):
            said = f"HTTP {step.capture.statuscode}"
            found_at, timestamp = step.capture.original, step.capture.timestamp
            self._note(url, Route.REDIRECT, timestamp, found_at, said, 3.0)

    def listing(
        self,
        step: ListAddress,
        address: Address,
        nothing: str = "the archive has no capture of it",
    ) -> None:
        """Take in what the index says of one address; `nothing` is why, if that is nothing."""
        self.asked.add(question(step))
        if self.whole or address.sample or address.redirects:
            self.listed[address.urlkey] = address
        if address.urlkey in self.pages and address.sample:
            self.pages[address.urlkey].address = address
        elif not address.sample and not address.redirects:
            self.unseen.setdefault(address.urlkey, nothing)

    def failed(self, step: Read, why: str) -> None:
        """Take in that a capture could not be read."""
        self.tried.setdefault(step.key, set()).add(step.capture.timestamp)
        self.unseen.setdefault(step.key, why)

    def address(self, key: str) -> Address | None:
        """Return what the index says of an address, if it was asked."""
        return self.listed.get(key) or self.book.get(key)

    def score(self, key: str) -> float:
        """Return how much speaks for an address, whatever it holds."""
        found = sorted((e.score for e in self.evidence.get(key, [])), reverse=True)
        address = self.address(key)
        named = address.score if address else 0.0
        if not found:
            return named
        said = found[0] + 0.2 * min(sum(score >= CLEAR for score in found[1:]), 5)
        return max(said + (address.life if address else 0.0) / 2, named)

    def _follow(self, visit: Visit, look: Look) -> None:
        """Note where else to look when a page leads to no policy."""
        if visit.route is Route.HOME:
            onward = [look.onward] if look.onward else []
            inner = [link.url for link in look.links if link.frame]
            parts = [url for url in [*onward, *inner] if key_of(url) not in self.empty]
            for url in parts[:FRAMES]:
                if (part := _part(url, visit.timestamp)) not in self.asked:
                    self.asked.add(part)
                    self.parts.append(Visit(url, visit.timestamp, Route.HOME))
        for link in [link for link in look.links if link.is_hub][:HUBS]:
            route = visit.route if visit.route is Route.SITEMAP else self._route_of(link.url)
            self._add_hub(Visit(link.url, visit.timestamp, route))

    def _add_hub(self, visit: Visit) -> None:
        key = f"hub {key_of(visit.url)}"
        if key not in self.asked:
            self.asked.add(key)
            self.hubs.append(visit)

    def _route_of(self, url: str) -> Route:
        """Return how a link on a page is known: on a page of another host, about this site."""
        host = key_of(url).partition(")")[0]
        own = key_of(f"http://{self.domain}/").partition(")")[0]
        return Route.HUB if host == own or host.startswith(f"{own},") else Route.SEAL

    def _note(
        self, url: str, route: Route, timestamp: str, found_at: str | None, says: str, score: float
    ) -> None:
        found = Evidence(url, route, timestamp, found_at, says, score)
        self.evidence.setdefault(key_of(url), []).append(found)


def _main_first(link: PageLink) -> tuple[bool, float]:
    """What a home page's best link has more of: it is to no policy for some only, it is clear."""
    return not (part_of(link.says, "link") or part_of(link.url, "address")), link.score


def question(step: ListAddress) -> str:
    """Return by what is remembered that an address was asked for."""
    return f"list {key_of(step.url)} {step.timestamp}"


def _part(url: str, timestamp: str) -> str:
    return f"part {key_of(url)} {timestamp}"
