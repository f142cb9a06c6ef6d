"""Which question to the archive tells most, by what is known of a site. Pure.

The last home page first, and what it links to; then the stretches of the site's life of which
nothing is known yet: an address that the index has there, a redirect that leads there, a home page
in the middle. Hubs, sitemaps and weak names only where nothing better is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from crawler import timestamps
from crawler.discovery.evidence import Route
from crawler.discovery.hubs import sitemap_order
from crawler.discovery.index import Address, key_of, part_of
from crawler.discovery.inquiry import (
    CLEAR,
    FAINT,
    Inquiry,
    ListAddress,
    Read,
    Step,
    Visit,
    question,
)
from crawler.records import Capture

LIKELY = 2.5  # of what only the index knows, to be read while nothing is known of a time
GAP = timedelta(days=400)  # a stretch of which it is worth to know more
ALIKE = timedelta(days=60)  # between home pages of which one tells as much as both
SITEMAPS = 3  # that are looked at of a site
ASIDES = 3  # policies for some only that are read of a site, when all else is known
BLIND = 3  # home pages that lead nowhere; after so many there is no use in more


def next_step(known: Inquiry) -> Step | None:
    """Return the question that tells most; None if none is worth a request."""
    return next(_Questions(known).steps(), None)


@dataclass(frozen=True, slots=True)
class _Questions:
    """The questions about a site, at one moment."""

    known: Inquiry

    def steps(self) -> Iterator[Step]:
        """Yield the questions, the most telling first, as far as is known now."""
        yield from self._read_those(self._named(), FAINT)
        if self.known.homes and not self.known.sights and not self._was_asked(self.known.homes[-1]):
            yield self._home(self.known.homes[-1])
        yield from self.known.parts[:1]
        yield from self._read_those(self._linked(), CLEAR)
        if not self.known.pages:
            yield from self._read_those(self._indexed(), LIKELY)
            if not any(sight.key for sight in self.known.sights):
                yield from self._hubs()
        yield from self._redirects()
        for gap in self._gaps():
            yield from self._read_those(self._indexed(*gap), LIKELY)
            yield from self._near_hubs(*gap)
            yield from self._home_in(*gap)
            yield from self._ends(gap[0])
            yield from self._hubs(*gap)
        for key, page in self.known.pages.items():  # where a redirect led to
            step = ListAddress(page.address.policy_url, page.address.since or "")
            if self.known.address(key) is None and question(step) not in self.known.asked:
                yield step
        yield from self._doubts()
        if any(sight.key is None for sight in self.known.sights[:1]):
            yield from self._hubs()
        if not self.known.pages:
            yield from self._read_those([*self._linked(), *self._indexed()], FAINT)
        aside = [key for key in self.known.evidence if self._is_aside(key)]
        if sum(key in self.known.tried for key in aside) < ASIDES:
            yield from self._read_those(aside, CLEAR)

    def _read_those(self, keys: list[str], least: float) -> Iterator[Step]:
        """Yield what reads the best of some addresses, or lists it first."""
        for key in sorted(keys, key=lambda key: -self.known.score(key)):
            if self.known.score(key) < least or key in self.known.pages:
                continue
            address = self.known.address(key)
            is_known = address is not None and (self.known.whole or address.sample)
            if not is_known and (unasked := self._unasked(key)) is not None:
                yield unasked
            elif address is not None and (capture := self._untried(address)) is not None:
                yield Read(key, capture)

    def _unasked(self, key: str) -> ListAddress | None:
        """Return what asks for an address's captures: once, or of some crawls once a time."""
        named = self.known.evidence.get(key, [])[: 1 if self.known.whole else None]
        steps = (ListAddress(e.policy_url, e.timestamp) for e in named)
        return next((step for step in steps if question(step) not in self.known.asked), None)

    def _untried(self, address: Address) -> Capture | None:
        """Return a capture to read: of a likely address that was refused, one more from its end."""
        tried = self.known.tried.get(address.urlkey, set())
        likely = self.known.score(address.urlkey) >= LIKELY + 1 and address.pages > 2
        if len(tried) >= (2 if likely else 1) or self.known.pages.get(address.urlkey):
            return None
        found = [c for c in (address.middle, *address.sample[:1]) if c is not None]
        found = found or address.redirects[-1:]
        return next((c for c in found if c.timestamp not in tried), None)

    def _named(self) -> list[str]:
        """Return the addresses that a person has named."""
        return [
            key
            for key, found in self.known.evidence.items()
            if any(reason.route is Route.LISTED for reason in found)
        ]

    def _linked(self) -> list[str]:
        return [key for key in self.known.evidence if not self._is_aside(key)]

    def _indexed(self, since: str = "0", until: str = "9") -> list[str]:
        """Return addresses of the index that lived in a time."""
        return [
            a.urlkey
            for a in self.known.book.ranked()[:20]
            if a.since and a.until and a.since <= until and a.until >= since
            if not self._is_aside(a.urlkey)
        ]

    def _is_aside(self, key: str) -> bool:
        """Whether an address is named as a policy for some only."""
        address = self.known.address(key)
        if address is not None and part_of(address.policy_url, "address"):
            return True
        return any(part_of(e.says, "link") for e in self.known.evidence.get(key, []))

    def _hubs(self, since: str = "0", until: str = "9") -> Iterator[Step]:
        """Yield a hub that a home page of a time leads to; sitemaps after the others."""
        found = [hub for hub in self.known.hubs if since <= hub.timestamp <= until]
        yield from sorted(found, key=lambda hub: hub.route is Route.SITEMAP)[:1]
        if len(self.known.mapped) < SITEMAPS:
            yield from self._sitemaps(since, until)

    def _near_hubs(self, since: str, until: str) -> Iterator[Step]:
        """Yield a hub of a home page of a time that led nowhere, as one of another year may do."""
        yield from [hub for hub in self.known.hubs if since <= hub.timestamp <= until][:1]

    def _sitemaps(self, since: str, until: str) -> Iterator[Step]:
        """Yield the last capture in a time of the sitemap that is likeliest to name a policy.

        One not looked at before all others, then that of pages; a robots.txt, which may name one,
        comes last. Of one that was looked at, another capture is one of another time.
        """
        looked = {(key_of(visit.url), visit.timestamp) for visit in self.known.mapped}
        found: dict[str, Capture] = {}
        for (key, _), row in self.known.sitemaps.items():
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
        for key, page in self.known.pages.items():
            if self._is_aside(key):
                continue
            tried, after = self.known.tried.get(key, set()), page.address.redirects[:1]
            yield from [Read(key, c) for c in after if c.timestamp not in tried]

    def _ends(self, since: str) -> Iterator[Step]:
        """Yield the last capture of a known policy's address before a time."""
        for key, page in self.known.pages.items():
            last = page.address.last if page.address.pages > 1 else None
            if (
                last
                and last.timestamp <= since
                and last.timestamp not in self.known.tried.get(key, ())
            ):
                yield Read(key, last)

    def _doubts(self) -> Iterator[Step]:
        """Yield a look at a home page of the time of a policy to which none is known to lead."""
        seen = {sight.key for sight in self.known.sights}
        for key, page in self.known.pages.items():
            since, until = page.address.since, page.address.until
            if key in seen or self._is_aside(key) or since is None or until is None:
                continue
            others = [
                other.address.since
                for other_key, other in self.known.pages.items()
                if other_key != key and other.address.since and other.address.since > since
            ]
            before = min([until, *others])
            if any(since <= sight.timestamp <= before for sight in self.known.sights):
                continue
            yield from self._home_in(since, before)

    def _home_in(self, since: str, until: str) -> Iterator[Step]:
        """Yield a look at the home page in the middle of a time."""
        inside = [c for c in self.known.homes if since <= c.timestamp <= until]
        inside = [c for c in inside if not self._was_asked(c) and not self._is_seen(c)]
        is_blind = sum(sight.key is None for sight in self.known.sights) >= BLIND
        if inside and not is_blind:
            yield self._home(inside[len(inside) // 2])

    def _gaps(self) -> list[tuple[str, str]]:
        """Return the stretches of the site's life of which nothing is known, the longest first."""
        known = sorted([*self._spans(), *((s.timestamp, s.timestamp) for s in self.known.sights)])
        moments = [capture.timestamp for capture in self.known.homes]
        moments += [moment for span in known for moment in span]
        for key in self._indexed():  # what is likely to be one has its time, too
            address = self.known.book.get(key)
            tried = self.known.refused.keys() | self.known.unseen.keys()
            if address and self.known.score(key) >= LIKELY and key not in tried:
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
        for key, page in self.known.pages.items():
            if self._is_aside(key):
                continue
            since, until = page.address.since, page.address.until
            seen = [moment for moment in (since, until) if moment]
            moved = bool(page.address.redirects)
            seen += [s.timestamp for s in self.known.sights if s.key == key and not moved]
            if seen:
                yield min(seen), max(seen)

    def _home(self, capture: Capture) -> Visit:
        return Visit(capture.original, capture.timestamp, Route.HOME, capture)

    def _is_seen(self, capture: Capture) -> bool:
        """Whether a home page of about that time was looked at."""
        return any(
            _apart(sight.timestamp, capture.timestamp) < ALIKE for sight in self.known.sights
        )

    def _was_asked(self, capture: Capture) -> bool:
        return f"{capture.timestamp} {capture.original}" in self.known.asked


def _apart(one: str, other: str) -> timedelta:
    return abs(_between(one, other))


def _between(since: str, until: str) -> timedelta:
    return timestamps.parse(until) - timestamps.parse(since)
