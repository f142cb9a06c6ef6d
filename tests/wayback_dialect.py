"""What the Wayback Machine says: pages of its index, replies of its replay, and all its faults.

Pure; `tests.imitation` serves it.
"""

import base64
import hashlib
import html
import json
import re
import string
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, unquote, unquote_plus, urljoin

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader

from crawler import urlkeys

urlkey = lru_cache(maxsize=100_000)(urlkeys.urlkey)

FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
_HTML = {"content-type": "text/html; charset=utf-8"}
_ERROR = "x-archive-wayback-runtime-error"
_RAISED = "org.archive.util.io.RuntimeIOException: org.archive.wayback.exception."
_BLOCKED = f"{_RAISED}AdministrativeAccessControlException: Blocked Site Error"
_ROBOTS = f"{_RAISED}RobotAccessControlException: Blocked By Robots"
_SORRY = b"<h2>Sorry.</h2> <p>This URL has been excluded from the Wayback Machine.</p>"
_HRM = b"<h2>Hrm.</h2> <p>The Wayback Machine has not archived that URL.</p>"
NOTICE = b"<html><body><h1>The Internet Archive is under maintenance</h1></body></html>"
_TOO_MANY = (
    b"<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests</body></html>"
)
_VIEW = (
    b"<html><body><p>Got an HTTP 301 response at crawl time</p>"
    b'<a href="/web/20150101000000/http://elsewhere.example/">Impatient?</a></body></html>'
)


@dataclass(frozen=True)
class Answer:
    """A reply before it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Fault:
    """Something that the archive does wrong; `answer` makes the reply if it is a reply."""

    meaning: str
    answer: Callable[[], Answer] | None = None


def web_page(status: int, body: bytes, **headers: str) -> Answer:
    """A reply in HTML of the archive itself; `retry_after=` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, _HTML | {"cache-control": "no-cache"} | named, body)


def nginx(status: int, reason: str) -> Answer:
    """An error of the servers in front of the archive."""
    body = f"<html><body><center><h1>{status} {reason}</h1></center><hr>nginx</body></html>"
    return web_page(status, body.encode())


def _soon() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)


_OF_ANY_REQUEST = {
    "429": Fault("429 in HTML, without Retry-After", lambda: web_page(429, _TOO_MANY)),
    "429_seconds": Fault(
        "429 with Retry-After: 2", lambda: web_page(429, _TOO_MANY, retry_after="2")
    ),
    "429_date": Fault(
        "429 with Retry-After as a date, in two seconds",
        lambda: web_page(429, _TOO_MANY, retry_after=_soon()),
    ),
    "429_empty": Fault("429 without a body", lambda: web_page(429, b"")),
    "502": Fault("502 in HTML", lambda: nginx(502, "Bad Gateway")),
    "503": Fault("503 in HTML", lambda: nginx(503, "Service Temporarily Unavailable")),
    "504": Fault("504 in HTML", lambda: nginx(504, "Gateway Time-out")),
    "notice": Fault("200 with a notice of maintenance", lambda: web_page(200, NOTICE)),
    "nothing": Fault("200 without a body", lambda: web_page(200, b"")),
    "reset": Fault("the connection is closed without an answer"),
    "stall": Fault("headers, then nothing for a minute"),
    "half": Fault("half a body, in a reply that ends as it should"),
    "torn": Fault("a body whose gzip stream ends early, in a reply that ends as it should"),
    "cut": Fault("the connection is closed in the middle of a body"),
    "block": Fault("no connection for half a second, the next time for twice as long"),
}
_OF_THE_INDEX = {
    "excluded": Fault(
        "the site is excluded, as said today: 403, a header, no body",
        lambda: Answer(403, {_ERROR: _BLOCKED}),
    ),
    "excluded_in_body": Fault(
        "the site is excluded, as said until 2024: 403, header and body",
        lambda: Answer(403, {_ERROR: _BLOCKED}, _BLOCKED.encode()),
    ),
    "robots": Fault(
        "withheld for a robots.txt: 403", lambda: Answer(403, {_ERROR: _ROBOTS}, _ROBOTS.encode())
    ),
    "robots_line": Fault(
        "withheld for a robots.txt: 200 and a line of text",
        lambda: Answer(200, {"content-type": "text/plain"}, _ROBOTS.encode() + b"\n"),
    ),
}
_OF_ROWS = {
    "cdx_empty_page": Fault("no rows, but a resume key"),
    "cdx_first_key": Fault("the resume key of the first page again"),
    "cdx_extra_column": Fault("a column that was not asked for, dupecount"),
    "cdx_unended": Fault("no line end after the last row"),
}
_OF_PAGES = {
    "login": Fault(
        "302 to a login page",
        lambda: Answer(302, {"location": "https://archive.example/account/login"}),
    ),
    "excluded": Fault("the page is excluded, 200", lambda: web_page(200, _SORRY)),
    "excluded_403": Fault(
        "the page is excluded, 403", lambda: web_page(403, _BLOCKED.encode(), x_ts="403")
    ),
    "excluded_451": Fault("the page is excluded, 451", lambda: web_page(451, b"")),
    "robots": Fault("withheld for a robots.txt, 403", lambda: Answer(403, {_ERROR: _ROBOTS})),
    "hrm": Fault("404, not archived, though it is", lambda: web_page(404, _HRM, x_ts="404")),
    "view": Fault(
        "200, the page that hides a redirect from those who view it",
        lambda: web_page(200, _VIEW, x_archive_src="view.warc.gz"),
    ),
}
_OF_REPLIES = {
    "cdx": {f"cdx_{name}": fault for name, fault in (_OF_ANY_REQUEST | _OF_THE_INDEX).items()},
    "page": {f"page_{name}": fault for name, fault in (_OF_ANY_REQUEST | _OF_PAGES).items()},
}
FAULTS: dict[str, Fault] = _OF_REPLIES["cdx"] | _OF_ROWS | _OF_REPLIES["page"]
OF_REPLIES = {kind: tuple(faults) for kind, faults in _OF_REPLIES.items()}
PAGE_COUNTS = [(200, b"-\n"), (400, b"<h1>400</h1>"), (403, b""), (200, b"28903799\n")]


@dataclass
class Captured:
    """A capture: `location` is where an archived redirect leads, as the archive says it.

    `headers` are the reply's, beside those that every capture has or instead of them. A revisit
    has no page: it repeats the one with its digest.
    """

    timestamp: str
    url: str
    body: bytes = b""
    status: int = 200
    digest: str = ""
    location: str | None = None
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    indexed_status: str = ""
    listed: bool = True
    playable: bool = True
    revisit: bool = False

    def row(self) -> list[str]:
        """The capture's row in the index."""
        digest = self.digest or base64.b32encode(hashlib.sha1(self.body).digest()).decode()
        length = str(len(self.body) + 300)
        kind = "warc/revisit" if self.revisit else self.content_type.split(";")[0] or "unk"
        status = self.indexed_status or ("-" if self.revisit else str(self.status))
        return [urlkey(self.url), self.timestamp, self.url, kind, status, digest, length]


def warc_captures(file: Path) -> Iterator[Captured]:
    """Read responses and revisits of a WARC file."""
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type in ("response", "revisit") and record.http_headers is not None:
                yield _of_record(record)


def _of_record(record: Any) -> Captured:
    warc, http = record.rec_headers, record.http_headers
    timestamp = "".join(filter(str.isdigit, warc.get_header("WARC-Date")))[:14]
    url, location = warc.get_header("WARC-Target-URI"), http.get_header("Location")
    chunked = "chunked" in (http.get_header("Transfer-Encoding") or "").lower()
    body = (ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream).read()
    headers = {f"x-archive-orig-{name.lower()}": value for name, value in http.headers}
    headers.pop("x-archive-orig-content-type", None)
    if encoding := headers.pop("x-archive-orig-content-encoding", None):
        headers["content-encoding"] = encoding
    return Captured(
        timestamp,
        url,
        body,
        status=int(http.get_statuscode()),
        digest=(warc.get_header("WARC-Payload-Digest") or "").removeprefix("sha1:"),
        location=f"/web/{timestamp}id_/{urljoin(url, location)}" if location else None,
        content_type=http.get_header("Content-Type") or "",
        headers=headers,
        revisit=record.rec_type == "revisit",
    )


@dataclass
class IndexReply:
    """A page of the index, to be written as text or JSON."""

    rows: list[list[str]]
    key: str | None
    columns: list[str] = field(default_factory=lambda: list(FIELDS))

    def written(self, output: str, old_style: bool) -> Answer:
        """Write it as the archive does, or as it did until 2024."""
        charset = ";charset=UTF-8" if old_style else ""
        if output != "json":
            lines = [" ".join(row) for row in self.rows] + (["", self.key] if self.key else [])
            body = "".join(f"{line}\n" for line in lines)
            return Answer(200, {"content-type": f"text/plain{charset}"}, body.encode())
        cells = ", " if old_style else ","
        table = [self.columns, *self.rows] if self.rows else []
        table += [[], [self.key]] if self.key else []
        lines = [json.dumps(r, separators=(cells, ":"), ensure_ascii=old_style) for r in table]
        body = "[" + ",\n".join(lines) + "]\n"
        return Answer(200, {"content-type": f"application/json{charset}"}, body.encode())


@dataclass(frozen=True)
class Query:
    """A query of the index, as the archive reads it (wayback-cdx-server, CDXServer.java).

    Rows are in the order of urlkey and timestamp; those asked for have keys from `begin` to before
    `end`. `start` is where a page begins that is asked for with a resume key.
    """

    given: Mapping[str, str]
    begin: str
    end: str
    start: tuple[str, str]
    filters: tuple[tuple[int | None, Callable[[str], bool]], ...]
    old_style: bool = False

    @classmethod
    def read(cls, text: str, old_style: bool = False, can_filter: bool = True) -> "Query":
        """Read what stands after the question mark; ValueError for what it cannot be."""
        named = parse_qs(text)
        given = {name: values[0] for name, values in named.items()}
        begin, end = _key_range(given["url"], given.get("matchType"))
        start = "", ""
        if key := given.get("resumeKey"):
            start = _resumed_at(key, old_style)
        filters = named.get("filter", []) if can_filter else []
        return cls(given, begin, end, start, tuple(map(_filter, filters)), old_style)

    @property
    def is_exact(self) -> bool:
        """Whether it is about one urlkey."""
        return self.end == f"{self.begin}\0"

    def of_first_page(self) -> "Query":
        """The same query without a resume key."""
        return replace(self, start=("", ""))

    def may_have(self, key: str) -> bool:
        """Whether rows with this urlkey may be asked for."""
        return self.begin <= key < self.end and all(
            holds(key) for n, holds in self.filters if n == 0
        )

    def answer(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """Take the rows asked for out of those of the keys: filtered first, then collapsed."""
        since, until = self.given.get("from", "0"), self.given.get("to", "9")
        asked = (
            row
            for row in rows
            if since <= row[1]
            and (row[1] <= until or row[1].startswith(until))
            and (row[0], row[1]) >= self.start
            and all(holds(" ".join(row) if n is None else row[n]) for n, holds in self.filters)
        )
        name, _, length = self.given.get("collapse", "").partition(":")
        if name not in FIELDS:
            return asked
        column, most = FIELDS.index(name), int(length) if length else None
        return (next(same) for _, same in groupby(asked, key=lambda row: row[column][:most]))

    def shown(self, reply: "IndexReply") -> "IndexReply":
        """Leave out the columns that were not asked for; names that are unknown are dropped."""
        wanted = [name for name in self.given.get("fl", "").split(",") if name in reply.columns]
        if not wanted:
            return reply
        places = [reply.columns.index(name) for name in wanted]
        return IndexReply([[row[n] for n in places] for row in reply.rows], reply.key, wanted)


def _key_range(url: str, match_type: str | None) -> tuple[str, str]:
    """The urlkeys that a query is about: from the first to before the second."""
    if match_type not in ("exact", "prefix", "host", "domain"):  # unknown ones are ignored
        match_type = "exact"
        if url.startswith("*."):
            url, match_type = url[2:], "domain"
        elif url.endswith("*"):
            url, match_type = url[:-1], "prefix"
    key = urlkey(url if "://" in url else f"http://{url}")
    host = key.partition(")")[0]
    match match_type:
        case "prefix":
            key += "/" if url.endswith("/") and not key.endswith("/") else ""
            return key, key[:-1] + chr(ord(key[-1]) + 1)
        case "host":
            return f"{host})", f"{host}*"
        case "domain":  # `)` is followed by `*`, `+`, `,` and `-`; so `com,example-x` is outside
            return f"{host})", f"{host}-"
    return key, f"{key}\0"


def _filter(text: str) -> tuple[int | None, Callable[[str], bool]]:
    """Read `[!]FIELD:REGEX`, which matches a whole field, or `~[!]FIELD:PART`, which is in it.

    Returns the number of the field (None: the whole row) and what says whether it holds.
    """
    contains, rest = text.startswith("~"), text.removeprefix("~")
    negated, rest = rest.startswith("!"), rest.removeprefix("!")
    name, colon, sought = rest.partition(":")
    if not colon:
        name, sought = "", rest
    column = FIELDS.index(name) if name in FIELDS else int(name) if name else None
    try:
        regex = re.compile(sought)
    except re.error as error:
        raise ValueError(str(error)) from None

    @lru_cache(maxsize=1)  # rows of one address come one after another
    def holds(value: str) -> bool:
        return (sought in value if contains else regex.fullmatch(value) is not None) != negated

    return column, holds


def resume_key(row: list[str], old_style: bool, *, of_next: bool = False) -> str:
    """The key that follows a row, or the one that leads to it (`of_next`).

    The old one passes over all other rows of its second; from today's, the second comes again.
    """
    key, timestamp = row[:2]
    if old_style:
        end = chr(ord(timestamp[-1]) + (not of_next))
        return quote_plus(f"{key} {timestamp[:-1]}{end}")
    packed = zlib.compress(f"{key} {timestamp}".encode())
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _resumed_at(key: str, old_style: bool) -> tuple[str, str]:
    """Urlkey and timestamp at which a page begins that is asked for with this key."""
    try:
        if old_style:
            place = unquote_plus(key)
        else:
            place = zlib.decompress(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from None
    begin, _, timestamp = place.rpartition(" ")
    return begin, timestamp


def replay(captures: Sequence[Captured], address: str, timestamp: str, url: str) -> Answer:
    """Answer a replay address: a capture, a redirect to the nearest, or that there is none."""
    try:
        _moment(timestamp)
    except ValueError:
        return web_page(400, b"<h1>400 Bad Request</h1>")
    same = [c for c in captures if c.playable and urlkey(c.url) == urlkey(url)]
    best = min(
        [c for c in same if not _leads_to_itself(c)] or same,
        key=lambda c: (_distance(c.timestamp, timestamp), unquote(c.url) != unquote(url)),
        default=None,
    )
    if best is None:
        return web_page(404, _HRM, x_ts="404")
    if (best.timestamp, unquote(best.url)) != (timestamp, unquote(url)):
        location = f"{address}/web/{best.timestamp}id_/{_in_ascii(best.url)}"
        reason = f"found capture at {best.timestamp}"
        kind = "text/plain; charset=utf-8"
        given = {"content-type": kind, "x-archive-redirect-reason": reason, "location": location}
        return Answer(302, given)
    page = _payload(best, captures)
    if page is None:
        return web_page(404, _HRM, x_ts="404")
    given = _memento_headers(best, page, sorted(c.timestamp for c in same), address)
    own = {name.lower() for name in page.headers}
    kept = {name: value for name, value in given.items() if value and name not in own}
    return Answer(page.status, kept | page.headers, page.body)


def _leads_to_itself(capture: Captured) -> bool:
    """Whether it redirects to an address with its own key, as to https; the archive skips these."""
    target = (capture.location or "").rpartition("id_/")[2]
    return target.startswith("http") and urlkey(target) == urlkey(capture.url)


def _payload(capture: Captured, captures: Sequence[Captured]) -> Captured | None:
    """The capture whose page is shown; None for a revisit of what is nowhere."""
    if not capture.revisit:
        return capture
    digest = capture.row()[5]
    return next((c for c in captures if not c.revisit and c.row()[5] == digest), None)


def _memento_headers(
    capture: Captured, page: Captured, stamps: Sequence[str], address: str
) -> dict[str, str]:
    date = _http_date(capture.timestamp)
    original = html.escape(_in_ascii(capture.url), quote=False)
    links = [f'<{original}>; rel="original"']
    for relation, place in (("timemap", "timemap/link/"), ("timegate", "")):
        links.append(f'<{address}/web/{place}{original}>; rel="{relation}"')
    for relation, stamp in (("first", stamps[0]), ("last", stamps[-1])):
        link = f'<{address}/web/{stamp}id_/{original}>; rel="{relation} memento"'
        links.append(f'{link}; datetime="{_http_date(stamp)}"')
    encoded = "content-encoding" in {name.lower() for name in page.headers}
    return {
        "content-type": page.content_type,
        "location": page.location or "",
        "memento-datetime": date,
        "link": ", ".join(links),
        "x-archive-src": "imitation-0001/imitation-0001-00000.warc.gz",
        "x-archive-orig-date": date,
        "x-archive-orig-server": "Apache",
        "x-archive-orig-content-length": "" if encoded else str(len(page.body)),
        "x-ts": str(page.status),
        "x-tr": "120",
        "x-page-cache": "MISS",
        "x-location": "All",
        "server-timing": "captures_list;dur=0.4, exclusion.robots;dur=0.02",
        "cache-control": "max-age=1800",
        "set-cookie": "wb-p-SERVER=wwwb-app200; path=/",
    }


def _in_ascii(url: str) -> str:
    return quote(url, safe=string.punctuation)


@lru_cache(maxsize=10_000)
def _moment(timestamp: str) -> datetime:
    whole = timestamp + "00000101000000"[len(timestamp) :]
    return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _http_date(timestamp: str) -> str:
    return format_datetime(_moment(timestamp), usegmt=True)


def _distance(one: str, other: str) -> float:
    return abs((_moment(one) - _moment(other)).total_seconds())
