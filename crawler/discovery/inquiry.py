"""What is known of a site so far, and which question to the archive tells most. Pure.

The last home page first, and what it links to; then the stretches of the site's life of which
nothing is known yet: an address that the index has there, a redirect that leads there, a home page
in the middle. Hubs, sitemaps and weak names only where nothing better is left. The driver answers
each step (`crawler.discovery.discover`), until there is none or the site's requests are used up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from crawler import timestamps
from crawler.discovery.evidence import Evidence, Route
from crawler.discovery.hubs import is_sitemap_key, sitemap_order
from crawler.discovery.index import Address, AddressBook, key_of, part_of
from crawler.discovery.look import Look, Reading
from crawler.discovery.pages import PageLink
from crawler.records import Capture

CLEAR = 2.0  # score of what is read at once
LIKELY = 2.5  # of what only the index knows, to be read while nothing is known of a time
FAINT = 1.0  # of what is read if nothing else is left
GAP = timedelta(days=400)  # a stretch of which it is worth to know more
ALIKE = timedelta(days=60)  # between home pages of which one tells as much as both
HUBS = 3  # that are looked at of one page
FRAMES = 3
SITEMAPS = 3  # that are looked at of a site
SITEMAPS_KEPT = 1_000  # of all addresses and years
BLIND = 3  # home pages that lead nowhere; after so many there is no use in more


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
    refused: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    tried: dict[str, set[str]] = field(default_factory=dict)
    hubs: list[Visit] = field(default_factory=list)
    sitemaps: dict[tuple[str, str], Capture] = field(default_factory=dict)  # the last of each year
    mapped: list[Visit] = field(default_factory=list)  # sitemaps that were looked at
    parts: list[Visit] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)  # urlkeys of frames that lead nowhere

    # -- what is learnt --------------------------------------------------------------------------

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
            return
        if key != step.key:
            self._note(served, Route.REDIRECT, timestamp, step.capture.original, reading.title, 3.0)
            self.refused.setdefault(step.key, f"leads to {served}")
        self.refused.pop(key, None)
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
        self.asked.add(_question(step))
        if self.whole or address.sample or address.redirects:
            self.listed[address.urlkey] = address
        if address.urlkey in self.pages and address.sample:
            self.pages[address.urlkey].address = address
        elif not address.sample and not address.redirects:
            self.refused.setdefault(address.urlkey, nothing)

    def failed(self, step: Read, why: str) -> None:
        """Take in that a capture could not be read."""
        self.tried.setdefault(step.key, set()).add(step.capture.timestamp)
        self.refused.setdefault(step.key, why)

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

    # -- what to ask -----------------------------------------------------------------------------

    def next_step(self) -> Step | None:
        """Return the question that tells most; None if none is worth a request."""
        return next(self._steps(), None)

    def _steps(self) -> Iterator[Step]:
        if self.homes and not self.sights and not self._was_asked(self.homes[-1]):
            yield self._home(self.homes[-1])
        yield from self.parts[:1]
        yield from self._read_those(self._linked(), CLEAR)
        if not self.pages:
            yield from self._read_those(self._indexed(), LIKELY)
            if not any(sight.key for sight in self.sights):
                yield from self._hubs()
        yield from self._redirects()
        for gap in self._gaps():
            yield from self._read_those(self._indexed(*gap), LIKELY)
            yield from self._near_hubs(*gap)
            yield from self._home_in(*gap)
            yield from self._ends(gap[0])
            yield from self._hubs(*gap)
        for key, page in self.pages.items():  # where a redirect led to
            if self.address(key) is None:
                yield ListAddress(page.address.policy_url, page.address.since or "")
        yield from self._doubts()
        if any(sight.key is None for sight in self.sights[:1]):
            yield from self._hubs()
        if not self.pages:
            yield from self._read_those([*self._linked(), *self._indexed()], FAINT)

    def _read_those(self, keys: list[str], least: float) -> Iterator[Step]:
        """Yield what reads the best of some addresses, or lists it first."""
        for key in sorted(keys, key=lambda key: -self.score(key)):
            if self.score(key) < least or key in self.pages:
                continue
            address = self.address(key)
            is_known = address is not None and (self.whole or address.sample)
            if not is_known and (unasked := self._unasked(key)) is not None:
                yield unasked
            elif address is not None and (capture := self._untried(address)) is not None:
                yield Read(key, capture)

    def _unasked(self, key: str) -> ListAddress | None:
        """Return what asks for an address's captures: once, or of some crawls once a time."""
        named = self.evidence.get(key, [])[: 1 if self.whole else None]
        steps = (ListAddress(e.policy_url, e.timestamp) for e in named)
        return next((step for step in steps if _question(step) not in self.asked), None)

    def _untried(self, address: Address) -> Capture | None:
        """Return a capture to read: of a likely address that was refused, one more from its end."""
        tried = self.tried.get(address.urlkey, set())
        likely = self.score(address.urlkey) >= LIKELY + 1 and address.pages > 2
        if len(tried) >= (2 if likely else 1) or self.pages.get(address.urlkey):
            return None
        found = [c for c in (address.middle, *address.sample[:1]) if c is not None]
        found = found or address.redirects[-1:]
        return next((c for c in found if c.timestamp not in tried), None)

    def _linked(self) -> list[str]:
        return [key for key in self.evidence if not self._is_aside(key)]

    def _indexed(self, since: str = "0", until: str = "9") -> list[str]:
        """Return addresses of the index that lived in a time."""
        return [
            a.urlkey
            for a in self.book.ranked()[:20]
            if a.since and a.until and a.since <= until and a.until >= since
            if not self._is_aside(a.urlkey)
        ]

    def _is_aside(self, key: str) -> bool:
        """Whether an address is named as a policy for some only."""
        address = self.address(key)
        if address is not None and part_of(address.policy_url, "address"):
            return True
        return any(part_of(e.says, "link") for e in self.evidence.get(key, []))

    def _hubs(self, since: str = "0", until: str = "9") -> Iterator[Step]:
        """Yield a hub that a home page of a time leads to; sitemaps after the others."""
        found = [hub for hub in self.hubs if since <= hub.timestamp <= until]
        yield from sorted(found, key=lambda hub: hub.route is Route.SITEMAP)[:1]
        if len(self.mapped) < SITEMAPS:
            yield from self._sitemaps(since, until)

    def _near_hubs(self, since: str, until: str) -> Iterator[Step]:
        """Yield a hub of a home page of a time that led nowhere, as one of another year may do."""
        yield from [hub for hub in self.hubs if since <= hub.timestamp <= until][:1]

    def _sitemaps(self, since: str, until: str) -> Iterator[Step]:
        """Yield the last capture in a time of the sitemap that is likeliest to name a policy.

        One not looked at before all others, then that of pages; a robots.txt, which may name one,
        comes last. Of one that was looked at, another capture is one of another time.
        """
        looked = {(key_of(visit.url), visit.timestamp) for visit in self.mapped}
        found: dict[str, Capture] = {}
        for (key, _), row in self.sitemaps.items():
            known = (at for other, at in looked if other == key)
            gap = timedelta.max if key.endswith("/robots.txt") else GAP
            is_new = all(_apart(at, row.timestamp) >= gap for at in known)
            is_later = key not in found or row.timestamp > found[key].timestamp
            if since <= row.timestamp <= until and is_new and is_later:
                found[key] = row
        again = {key for key, _ in looked}
        for key in sorted(found, key=lambda key: (key in again, *sitemap_order(key)))[:1]:
            yield Visit(found[key].original, found[key].timestamp, Route.SITEMAP, found[key])

    def _redirects(self) -> Iterator[Step]:
        """Yield what known policies' addresses led to after their last page."""
        for key, page in self.pages.items():
            tried, after = self.tried.get(key, set()), page.address.redirects[:1]
            yield from [Read(key, c) for c in after if c.timestamp not in tried]

    def _ends(self, since: str) -> Iterator[Step]:
        """Yield the last capture of a known policy's address before a time."""
        for key, page in self.pages.items():
            last = page.address.last if page.address.pages > 1 else None
            if last and last.timestamp <= since and last.timestamp not in self.tried.get(key, ()):
                yield Read(key, last)

    def _doubts(self) -> Iterator[Step]:
        """Yield a look at a home page of the time of a policy to which none is known to lead."""
        seen = {sight.key for sight in self.sights}
        for key, page in self.pages.items():
            since, until = page.address.since, page.address.until
            if key in seen or self._is_aside(key) or since is None or until is None:
                continue
            others = [
                other.address.since
                for other_key, other in self.pages.items()
                if other_key != key and other.address.since and other.address.since > since
            ]
            before = min([until, *others])
            if any(since <= sight.timestamp <= before for sight in self.sights):
                continue
            yield from self._home_in(since, before)

    def _home_in(self, since: str, until: str) -> Iterator[Step]:
        """Yield a look at the home page in the middle of a time."""
        inside = [c for c in self.homes if since <= c.timestamp <= until]
        inside = [c for c in inside if not self._was_asked(c) and not self._is_seen(c)]
        is_blind = sum(sight.key is None for sight in self.sights) >= BLIND
        if inside and not is_blind:
            yield self._home(inside[len(inside) // 2])

    def _gaps(self) -> list[tuple[str, str]]:
        """Return the stretches of the site's life of which nothing is known, the longest first."""
        known = sorted([*self._spans(), *((s.timestamp, s.timestamp) for s in self.sights)])
        moments = [capture.timestamp for capture in self.homes]
        moments += [moment for span in known for moment in span]
        for key in self._indexed():  # what is likely to be one has its time, too
            address = self.book.get(key)
            if address and self.score(key) >= LIKELY and key not in self.refused:
                moments += [moment for moment in (address.since, address.until) if moment]
        if not moments:
            return []
        gaps, end = [], min(moments)
        for since, until in [*known, (max(moments), max(moments))]:
            if since > end and _between(end, since) >= GAP:
                gaps.append((end, since))
            end = max(end, until)
        return sorted(gaps, key=lambda gap: -_between(*gap))

    def _spans(self) -> Iterator[tuple[str, str]]:
        """Yield the times in which an address had the policy, or a home page led to it."""
        for key, page in self.pages.items():
            if self._is_aside(key):
                continue
            since, until = page.address.since, page.address.until
            seen = [moment for moment in (since, until) if moment]
            moved = bool(page.address.redirects)
            seen += [s.timestamp for s in self.sights if s.key == key and not moved]
            if seen:
                yield min(seen), max(seen)

    def _home(self, capture: Capture) -> Visit:
        return Visit(capture.original, capture.timestamp, Route.HOME, capture)

    def _is_seen(self, capture: Capture) -> bool:
        """Whether a home page of about that time was looked at."""
        return any(_apart(sight.timestamp, capture.timestamp) < ALIKE for sight in self.sights)

    def _was_asked(self, capture: Capture) -> bool:
        return f"{capture.timestamp} {capture.original}" in self.asked

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


def _question(step: ListAddress) -> str:
    return f"list {key_of(step.url)} {step.timestamp}"


def _part(url: str, timestamp: str) -> str:
    return f"part {key_of(url)} {timestamp}"


def _apart(one: str, other: str) -> timedelta:
    return abs(_between(one, other))


def _between(since: str, until: str) -> timedelta:
    return timestamps.parse(until) - timestamps.parse(since)
