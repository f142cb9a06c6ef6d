"""Route 1: addresses of a site in an archive's index, and how much each looks like a policy. Pure.

An address speaks for itself by its name and by its life: policies have short paths and are captured
often and for years; blog posts, forums and shops that mention privacy are not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import log2
from urllib.parse import unquote, urlsplit

from crawler.discovery.names import Name, Where, names_in
from crawler.domains import parse_policy_url
from crawler.records import Capture
from crawler.urlkeys import urlkey

MOST = 1_000  # addresses that are kept of a site; the least likely go first
SAMPLE = 16  # captures that are kept of an address
LONGEST = 500  # characters of a policy's address
_PAGES = ("text/html", "application/xhtml+xml", "application/pdf", "-", "unk", "warc/revisit", "")
_ASIDE = re.compile(
    r"/(?:blogs?|news|newsroom|press|presse|articles?|artikel|stor(?:y|ies)|posts?|forums?|threads?"
    r"|topics?|questions?|help|hilfe|support|kb|faqs?|tags?|categor(?:y|ies)|search|suche|product"
    r"|products|shop|store|items?|users?|profiles?|members?|wiki|events?|courses?|books?|videos?"
    r"|templates?|samples?|generator|archives?|feed|rss|comments?|login|signin|account|settings"
    r"|preferences|newsletter|subscribe|mailing)(?:[/.?_-]|$)"
)
_DATED = re.compile(r"/(?:19|20)\d\d/\d\d?(?:/|$)|/(?:19|20)\d\d-\d\d-\d\d")
_TRACKED = re.compile(r"\b(?:utm_\w+|gclid|fbclid|sid|sess\w*|session\w*|phpsessid|ref|src)=", re.I)
_PRINTED = re.compile(r"\bprint|druck|imprimir|imprimer|stampa", re.I)
_FILES = re.compile(r"\.(?:jpe?g|png|gif|svg|ico|css|js|json|xml|zip|mp[34]|txt|docx?|woff2?)$")
_ASSETS = re.compile(r"/(?:images?|img|assets|static|css|js|media|wp-includes|wp-json)/")


@dataclass(slots=True)
class Address:
    """An address of a site, and what the index says of it; times are 14-digit timestamps.

    `since` and `until` bound the captures that are pages (status 200, or unknown as in revisits),
    `pages` counts them; `sample` has some of them, spread in time, and `last` is the last.
    `redirects` has the first captures after its last page that are redirects; those before it, as
    from http to https, say nothing of where it went.
    """

    urlkey: str
    policy_url: str
    since: str | None = None
    until: str | None = None
    pages: int = 0
    sample: list[Capture] = field(default_factory=list)
    last: Capture | None = None
    redirects: list[Capture] = field(default_factory=list)
    stride: int = 1

    def add(self, capture: Capture) -> None:
        """Take in a row of the index; they come in time order, most of the time."""
        if capture.is_redirect:
            if len(self.redirects) < SAMPLE and capture.timestamp > (self.until or ""):
                self.redirects.append(capture)
            return
        if capture.statuscode not in (None, 200) or capture.mimetype not in _PAGES:
            return
        self.pages += 1
        self.since = min(self.since or capture.timestamp, capture.timestamp)
        if self.until is None or capture.timestamp >= self.until:
            self.until, self.policy_url, self.last = capture.timestamp, capture.original, capture
            self.redirects = [c for c in self.redirects if c.timestamp > capture.timestamp]
        if self.pages % self.stride == 0:
            self.sample.append(capture)
        if len(self.sample) > SAMPLE:
            self.sample = self.sample[::2]
            self.stride *= 2

    @property
    def middle(self) -> Capture | None:
        """The page in the middle of the sample."""
        found = sorted(self.sample, key=lambda capture: capture.timestamp)
        return found[len(found) // 2] if found else None

    @property
    def life(self) -> float:
        """How much it lives like a policy: captured often, and for years; 2 is much."""
        if self.since is None or self.until is None:
            return -1.0 if self.redirects else -5.0
        years = int(self.until[:4]) - int(self.since[:4])
        return min(log2(1 + self.pages) / 4, 1.0) + min(years, 10) / 10

    @property
    def score(self) -> float:
        """How much it looks and lives like a policy; below 1 is next to nothing."""
        return name_score(self.policy_url) + self.life


class AddressBook:
    """The addresses of a site, as rows of its index come in; memory does not grow with them."""

    def __init__(self) -> None:
        self._known: dict[str, Address] = {}
        self._ranked: list[Address] | None = None  # until more rows come

    def add(self, captures: Iterable[Capture]) -> None:
        """Take in rows."""
        self._ranked = None
        for capture in captures:
            address = self._known.get(capture.urlkey)
            if address is None:
                named = name_score(capture.original)  # an archive that cannot filter sends all
                if named <= 0 or not is_address(capture.original):
                    continue
                if len(self._known) >= 2 * MOST:
                    self._known = {a.urlkey: a for a in self._sorted()[:MOST]}
                address = Address(capture.urlkey, capture.original)
                self._known[capture.urlkey] = address
            address.add(capture)

    def get(self, key: str) -> Address | None:
        """Return what is known of an address, by its urlkey."""
        return self._known.get(key)

    def ranked(self) -> list[Address]:
        """Return the addresses, those that look most like a policy first."""
        if self._ranked is None:
            self._ranked = self._sorted()
        return self._ranked

    def _sorted(self) -> list[Address]:
        return sorted(self._known.values(), key=lambda a: (-a.score, len(a.urlkey), a.urlkey))


def meaning(text: str, where: Where) -> Name | None:
    """Return the longest name in a link's text or an address that says what is behind it.

    That of a neighbour (a cookie policy) counts, those of hubs and of parts of a site do not.
    """
    found = names_in(text, where)
    return next((name for name in found if name.means in ("policy", "subject", "other")), None)


def part_of(text: str, where: Where) -> str | None:
    """Return what makes a policy one of several (`app`, `kids`), if a text or address says so."""
    found = names_in(text, where)
    return next((name.term for name in found if name.means == "sub"), None)


@lru_cache(maxsize=4 * MOST)
def name_score(url: str) -> float:
    """Return how much an address is named like a policy: 3 is a clear name; may be negative.

    What is no address, or longer than LONGEST, has 0.
    """
    if len(url) > LONGEST:
        return 0.0
    try:
        parts = urlsplit(url.lower())
    except ValueError:  # such as http://[
        return 0.0
    path = unquote(parts.path)
    host = parts.hostname or ""
    named = f"{host.split('.')[0] if host.count('.') > 1 else ''} {path} {unquote(parts.query)}"
    name = meaning(named, "address")
    if name is None:
        return 0.0
    score = {"policy": 3.0, "subject": 2.2}.get(name.means, -2.0)
    segments = [segment for segment in path.split("/") if segment]
    if segments:
        words = re.split(r"[\W_]+", segments[-1].rpartition(".")[0] or segments[-1])
        score -= min(max(len(words) - max(len(name.term.split()), 1) - 1, 0) * 0.4, 2.0)
    score -= 0.3 * max(len(segments) - 2, 0)
    score -= 2.5 * bool(_ASIDE.search(path)) + 2.5 * bool(_DATED.search(path))
    score -= 3.0 * bool(_TRACKED.search(parts.query)) + 0.6 * bool(parts.query)
    score -= 1.0 * bool(_PRINTED.search(f"{path}?{parts.query}")) + 1.0 * path.endswith(".pdf")
    score -= 5.0 * bool(_FILES.search(path)) + 3.0 * bool(_ASSETS.search(path))
    return score


def is_address(url: str) -> bool:
    """Whether a domain list may name an address: http(s), with a host that has a name."""
    try:
        parse_policy_url(url)
    except ValueError:
        return False
    return True


def key_of(url: str) -> str:
    """Return the urlkey by which addresses are told apart; of an address that is none, itself."""
    try:
        return urlkey(url)
    except ValueError:
        return url
