"""Any TimeMap in link format: one archive's, or that of an aggregator of many (RFC 7089)."""

import re
from copy import copy
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.settings import BaseSettings
from w3lib.url import safe_url_string

from crawler import timestamps
from crawler.archives.base import Archive, escaped, named_delays
from crawler.errors import NotAnIndexReply
from crawler.records import Capture, IndexPage, MalformedRow, Reply, Target
from crawler.urlkeys import urlkey

_PARAMETER = re.compile(r'\s*;\s*([\w*!-]+)\s*=\s*(?:"([^"]*)"|([^\s,;"<>]+))')
_LINK = re.compile(rf"[\s,]*<([^<>]*)>((?:{_PARAMETER.pattern})*)\s*(?=,|$)")
_MEMENTO = re.compile(r"(https?://[^/?#\s]+/(?:\S*?/)?)(\d{14})(?:[a-z]{2}_)?/(\S+)")
_TYPE = "application/link-format"
_RELATIONS = {"original", "self", "timegate", "timemap", "memento"}
_KEPT = 100  # listings whose pages are remembered; far fewer go on at a time


class TimeMap(Archive):
    """The mementos that a TimeMap lists, each fetched where the TimeMap says that it is.

    A TimeMap has no digests, statuses or types, and cannot be asked for a span of time: all is
    listed, and what is outside is left out here. It may continue in others (`rel="timemap"`), which
    are asked in turn if they are on the same host. Only mementos whose address has a 14-digit
    timestamp are taken, because only there the original bytes can be asked for (`id_`).
    """

    title = "its archive"
    snapshots = None

    def __init__(self, address: str, settings: BaseSettings) -> None:
        super().__init__(settings)
        address = safe_url_string(address)
        if not urlsplit(address).hostname or not re.match("https?:", address):
            raise ValueError("not an http address")
        self.base = address if address.endswith(("/", "=")) else f"{address}/"
        self.name = f"timemap:{self.base}"
        self.index_slot, self.page_slot = f"{self.name}#index", f"{self.name}#page"
        self.replay_prefix = self.base
        self.delays = named_delays("timemap", settings, self.base, "")
        self.spans: dict[Target, tuple[str, str]] = {}  # of each listing: the time asked for
        self.pages: dict[Target, dict[str, bool]] = {}  # of each listing: page, whether asked for

    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Append the policy's address, or go on at the page that the resume key names."""
        self.spans[target] = since or "", until or "9"
        if resume_key is None:
            self.pages[target] = {}
            while len(self.pages) > _KEPT:
                oldest = next(iter(self.pages))
                del self.pages[oldest]
                self.spans.pop(oldest, None)
        page = resume_key or self.base + escaped(target.policy_url or "")
        self.pages.setdefault(target, {})[page] = True
        return page

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the links; a 404 means no captures if it is a TimeMap's own, and the first page."""
        if reply.status == 404:
            if not _is_own_404(reply) or len(self.pages.get(target, {})) > 1:
                raise NotAnIndexReply("HTTP 404: no captures, or no TimeMap at this address")
            return IndexPage([], [], None)
        links = read_links(reply.body)
        since, until = self.spans.get(target, ("", "9"))
        captures: dict[Any, Capture] = {}
        malformed = []
        for address, relations in links:
            if "memento" in relations:
                try:
                    capture = self._capture(urljoin(reply.url, address), target)
                except ValueError as error:
                    malformed.append(MalformedRow(address[:2000], str(error)[:200]))
                    continue
                if since <= capture.timestamp <= until:
                    captures.setdefault(capture.capture_id, capture)
        more = self._next_page(reply.url, links, target)
        return IndexPage(list(captures.values()), malformed, more)

    def index_trouble(self, reply: Reply, target: Target) -> str | None:
        """As for any archive, but a 404 is not asked again."""
        return None if reply.status == 404 else super().index_trouble(reply, target)

    def capture_url(self, capture: Capture) -> str:
        """Return the memento's address, for its original bytes."""
        match = _MEMENTO.fullmatch(capture.location or "")
        if match is None:  # from a manifest, which does not say where the memento is
            return self.replay_url(capture.timestamp, capture.original)
        return f"{match[1]}{match[2]}id_/{escaped(match[3])}"

    def serving(self, url: str) -> Archive:
        """Return the one archive, of those that the TimeMap names, that answers at `url`."""
        match = _MEMENTO.fullmatch(url)
        archive = copy(self)
        archive.replay_prefix = match[1] if match else self.base
        return archive

    def _capture(self, address: str, target: Target) -> Capture:
        """Make a capture of a memento's address; ValueError says why it cannot be used."""
        match = _MEMENTO.fullmatch(address)
        if match is None:
            raise ValueError("no 14-digit timestamp in the memento's address")
        timestamps.parse(match[2])
        place = self.serving(address).parse_replay_url(address)
        if place is None or not re.match(r"https?://[^/\s]", place[1], re.IGNORECASE):
            raise ValueError("the memento's address does not end in an http address")
        if target.policy_url is None:
            raise ValueError("row without a policy address")
        return Capture(
            archive=target.archive,
            domain=target.domain,
            policy_url=target.policy_url,
            urlkey=urlkey(place[1]),
            timestamp=match[2],
            original=place[1],
            mimetype="-",
            statuscode=None,
            digest=None,
            length=None,
            location=address,
        )

    def _next_page(self, url: str, links: list[tuple[str, set[str]]], target: Target) -> str | None:
        """Return the first of this listing's TimeMaps that has not been asked for."""
        pages = self.pages.setdefault(target, {})
        pages[url] = True
        for address, relations in links:
            if "timemap" in relations and (page := self._inside(url, address)) is not None:
                pages.setdefault(page, False)
        return next((page for page, asked in pages.items() if not asked), None)

    def _inside(self, url: str, address: str) -> str | None:
        """Return the address that a link at `url` leads to; None if it is on another host."""
        try:
            page = urlsplit(safe_url_string(urljoin(url, address)))
        except ValueError:
            return None
        base = urlsplit(self.base)
        return page._replace(scheme=base.scheme).geturl() if page.netloc == base.netloc else None


def read_links(body: bytes) -> list[tuple[str, set[str]]]:
    """Return address and relation types of each link of a TimeMap (RFC 7089, 5; RFC 8288).

    Parsed here: httplink, the library that knows the whole syntax, takes time that grows with the
    square of the length, and a TimeMap of an aggregator can be long.

    Raises NotAnIndexReply for anything that is not whole links to its end, among them one that
    says what it is.
    """
    text = body.decode("utf-8", "replace")
    links = []
    position = 0
    while (match := _LINK.match(text, position)) is not None:
        named = {
            name.lower(): quoted or token for name, quoted, token in _PARAMETER.findall(match[2])
        }
        links.append((match[1].strip(), set(named.get("rel", "").lower().split())))
        position = match.end()
    if text[position:].strip(" \t\r\n,"):
        raise NotAnIndexReply(f"not a link at {position:,}: {text[position : position + 80]!r}")
    if not any(relations & _RELATIONS for _, relations in links):
        raise NotAnIndexReply(f"no TimeMap: {body[:80]!r}")
    return links


def _is_own_404(reply: Reply) -> bool:
    """Whether a 404 says that there are no mementos: pywb's by its type, MemGator's by its count.

    Any other may come from a server that has no TimeMaps at this address.
    """
    is_timemap = reply.headers.get("content-type", "").startswith(_TYPE)
    return is_timemap or reply.headers.get("x-memento-count") == "0"
