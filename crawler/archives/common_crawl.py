"""Common Crawl: an index for each of its crawls, pages as ranges of its WARC files."""

import json
import re
from collections import deque
from collections.abc import Sequence
from itertools import islice
from urllib.parse import parse_qs, urlsplit

from scrapy.settings import BaseSettings

from crawler import cdx
from crawler.archives.base import Archive, escaped, named_delays
from crawler.errors import NotAnIndexReply
from crawler.records import Capture, IndexPage, Reply, Target
from crawler.urlkeys import site_words

_CRAWL = re.compile(r"CC-MAIN-\d{4}(-\d{2,4})?", re.ASCII)
_NO_CAPTURES = "no captures found"
_LIST = "collinfo.json"
_ALWAYS = "", "9"
_PLACE = re.compile(r"([\w./=-]+)/(\d+)\+(\d+)/(\d{14})id_/(.+)", re.ASCII | re.DOTALL)


class CommonCrawl(Archive):
    """Asks the index of each crawl in turn, oldest first; there is no index of them all.

    `collinfo.json` names the crawls and when they were; it is asked for once a run. An index is
    pywb's (NDJSON), and says in which WARC file a capture is, which becomes its `location`. There
    is no replay: `crawler.handlers.common_crawl` answers `commoncrawl://...` from the file.
    Of a site the crawls are asked in an order of which each beginning is spread over the years.
    Sources: index.commoncrawl.org; cdx_toolkit's recorded replies; pywb's `zipnum.py`.
    """

    name = "commoncrawl"
    title = "Common Crawl"
    snapshots = None
    by_crawl = True
    index_slot = "commoncrawl-cdx"
    page_slot = "commoncrawl-page"
    replay_prefix = "commoncrawl://data/"

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.index = settings["COMMONCRAWL_INDEX_URL"].rstrip("/")
        data = settings["COMMONCRAWL_DATA_URL"]
        self.delays = named_delays(self.name, settings, self.index, data)
        self.crawls: list[tuple[str, str, str]] = []
        # Of those that wait for the list of crawls; None: of a whole site
        self.spans: dict[Target, tuple[str, str] | None] = {}

    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Ask for the list of crawls, then for the crawl that the resume key names."""
        span = since or "", until or "9"
        crawl = resume_key or self._after("", span)
        if crawl is None:
            self.spans[target] = span
            return f"{self.index}/{_LIST}"
        return self._query(crawl, target, since, until, {})

    def site_index_url(self, domain: str, words: str, resume_key: str | None) -> str | None:
        """Ask a crawl for its first page: of the first 15,000 rows of the site those that match.

        The home page is the first row. Where the other pages are, only its links tell.
        """
        home = self.home(domain)
        crawl = resume_key or self._spread_after("")
        if crawl is None:
            self.spans[home] = None
            return f"{self.index}/{_LIST}"
        rows = {"filter": f"~urlkey:{site_words(domain, words)}"}
        return self._query(crawl, home, None, None, cdx.of_site(domain) | rows)

    def site_key_after(self, failed: str | None) -> str | None:
        """Go on with the next crawl."""
        if not self.crawls:
            return None
        return self._spread_after(failed or self._spread_after("") or "")

    def near_index_url(self, target: Target, timestamp: str, turn: int) -> str | None:
        """Ask the crawl of that time (if that is "", the last), of a year before, of a year after.

        A crawl does not have all pages that its pages link to, but they often stand for years.
        """
        if not self.crawls:
            return self.index_url(target, None, None, None)
        moment = timestamp or self.crawls[-1][1]
        year, rest = int(moment[:4]), moment[4:]
        crawls = dict.fromkeys(self._begun(f"{year + n:04}{rest}") for n in (0, -1, 1))
        crawl = next(islice(crawls, turn, None), None)
        return self._query(crawl, target, None, None, {}) if crawl is not None else None

    def _query(
        self,
        crawl: str,
        target: Target,
        since: str | None,
        until: str | None,
        rows: dict[str, str],
    ) -> str:
        extra = {"output": "json", **rows}
        url = target.policy_url or ""
        return cdx.query_url(f"{self.index}/{crawl}-index", url, since, until, extra)

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the list of crawls, or one crawl's captures; the next crawl is the resume key."""
        parts = urlsplit(reply.url)
        name = parts.path.rsplit("/", 1)[-1]
        if name == _LIST:
            self.crawls = read_crawls(reply.body)
            span = self.spans.get(target, _ALWAYS)
            key = self._after("", span) if span is not None else self._spread_after("")
            return IndexPage([], [], key)
        crawl = name.removesuffix("-index")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        key = self._after(crawl, (query.get("from", ""), query.get("to", "9")))
        if "matchType" in query:
            key = self._spread_after(crawl)
        if _has_none(reply):
            return IndexPage([], [], key)
        if reply.status != 200 or not reply.body.strip():
            raise NotAnIndexReply(f"HTTP {reply.status}, {len(reply.body):,} bytes")
        found = cdx.read_ndjson_page(reply.body, target, 0, located=True)
        return IndexPage(found.captures, found.malformed, key)

    def index_trouble(self, reply: Reply, target: Target) -> str | None:
        """As for any archive, but a 404 may say that a crawl has no captures."""
        return None if _has_none(reply) else super().index_trouble(reply, target)

    def capture_url(self, capture: Capture) -> str:
        """Return an address that says where the record is; without one, none that answers."""
        match = cdx.LOCATION.fullmatch(capture.location or "")
        if match is None:
            return self.replay_url(capture.timestamp, capture.original)
        place = f"{match[1]}/{match[2]}+{match[3]}"
        return f"{self.replay_prefix}{place}/{capture.timestamp}id_/{escaped(capture.original)}"

    def _after(self, crawl: str, span: tuple[str, str]) -> str | None:
        """Return the first crawl after this one that has captures of the time asked for."""
        names = [name for name, _, _ in self.crawls]
        if crawl and crawl not in names:
            raise NotAnIndexReply(f"no such crawl: {crawl[:80]}")
        for name, begin, end in self.crawls[names.index(crawl) + 1 if crawl else 0 :]:
            if end >= span[0] and begin <= span[1]:
                return name
        return None

    def _begun(self, timestamp: str) -> str:
        """Return the last crawl that had begun by a time; the first of all, if none had."""
        begun = [name for name, begin, _ in self.crawls if begin <= timestamp]
        return begun[-1] if begun else self.crawls[0][0]

    def _spread_after(self, crawl: str) -> str | None:
        """Return the crawl that follows one where a site's are asked; after "", the first."""
        spread = spread_out([name for name, _, _ in self.crawls])
        following = spread[spread.index(crawl) + 1 if crawl else 0 :]
        return following[0] if following else None


def spread_out(items: Sequence[str]) -> list[str]:
    """Return the last, the one in the middle, those in the middle of what is between, ..."""
    order = dict.fromkeys(items[-1:])
    gaps = deque([(-1, len(items) - 1)])
    while gaps:
        before, after = gaps.popleft()
        if after - before > 1:
            middle = (before + after) // 2
            order[items[middle]] = None
            gaps += [(before, middle), (middle, after)]
    return list(order)


def record_range(url: str) -> tuple[str, int, int] | None:
    """Return the WARC file, first byte and length that a capture's address names.

    None for an address that names none, such as that of a redirect's target.
    """
    match = _PLACE.fullmatch(url.removeprefix(CommonCrawl.replay_prefix))
    if match is None or ".." in match[1]:
        return None
    return match[1], int(match[2]), int(match[3])


def read_crawls(body: bytes) -> list[tuple[str, str, str]]:
    """Read `collinfo.json`: name, first and last second of each crawl, oldest first.

    A crawl without times counts as one of all times. Raises NotAnIndexReply for anything that is
    not a list of at least one crawl.
    """
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAnIndexReply(f"no list of crawls ({error}): {body[:80]!r}") from None
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    crawls = [
        (str(row["id"]), _digits(row.get("from")) or "0", _digits(row.get("to")) or "9")
        for row in rows
        if _CRAWL.fullmatch(str(row.get("id")))
    ]
    if not crawls:
        raise NotAnIndexReply(f"no list of crawls: {body[:80]!r}")
    return sorted(set(crawls), key=lambda crawl: (crawl[1], crawl[0]))


def _digits(moment: object) -> str:
    """Return 2025-08-02T22:09:07 as 20250802220907; "" for what is no such time."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\D*", str(moment), re.ASCII)
    return "".join(found.groups()) if found else ""


def _has_none(reply: Reply) -> bool:
    """Whether a 404 says that a crawl has no captures, in JSON, as the index does."""
    if reply.status != 404:
        return False
    try:
        told = json.loads(reply.body)
    except (ValueError, RecursionError):
        return False
    said = (told.get("message") or told.get("error")) if isinstance(told, dict) else None
    return _NO_CAPTURES in str(said).lower()
