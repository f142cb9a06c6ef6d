"""Small imitations, on loopback ports, of archives with other dialects than the Wayback Machine's.

Sources of the replies: Common Crawl: the replies that cdx_toolkit recorded (collinfo.json, index
rows, 404). TimeMaps: pywb's, MemGator's and RFC 7089. Archive-It: its help on the CDX/C API.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import islice
from urllib.parse import parse_qs, urlsplit

from pywb.utils.canonicalize import calc_search_range
from pywb.warcserver.index.cdxops import cdx_filter
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler import timestamps
from crawler.urlkeys import urlkey
from tests.imitation import Captured
from tests.wayback_dialect import Query


@dataclass
class Answer:
    """What a server says."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """A server under way: its address, the requests it saw, answers that come first, by path."""

    address: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    first: dict[str, list[Answer]] = field(default_factory=dict)

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [path for path, _ in self.asked]


@contextmanager
def serve(answer: Callable[[Server, str, dict[str, str]], Answer]) -> Iterator[Server]:
    """Serve what `answer` says to a path and its headers."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.asked.append((self.path, headers))
            waiting = next((a for part, a in state.first.items() if part in self.path and a), None)
            said = waiting.pop(0) if waiting else answer(state, self.path, headers)
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def memento(capture: Captured, location: str | None = None) -> Answer:
    """A capture as an archive plays it."""
    moment = timestamps.parse(capture.timestamp).strftime("%a, %d %b %Y %H:%M:%S GMT")
    headers = {
        "Content-Type": capture.content_type,
        "Memento-Datetime": moment,
        "Link": f'<{capture.url}>; rel="original"',
        **({"Location": location} if location else {}),
    }
    return Answer(capture.body, capture.status, headers)


def played(captures: list[Captured], path: str) -> Answer:
    """The capture that a replay path `/.../TIMESTAMPid_/URL` names."""
    for capture in captures:
        if path.endswith(f"/{capture.timestamp}id_/{capture.url}"):
            return memento(capture, capture.location)
    return Answer(b"<h1>Not archived</h1>", 404, {"Content-Type": "text/html"})


def archive_it(captures: list[Captured], collection: str) -> Callable[..., Answer]:
    """Archive-It: `/COLLECTION/timemap/cdx` in text, `/COLLECTION/TIMESTAMPid_/URL`."""

    def answer(state: Server, path: str, headers: dict[str, str]) -> Answer:
        if not path.startswith(f"/{collection}/timemap/cdx?"):
            return played(captures, path)
        query = Query.read(urlsplit(path).query)
        rows = query.answer(sorted(c.row() for c in captures if query.may_have(urlkey(c.url))))
        lines = [" ".join(row) + "\n" for row in islice(rows, int(query.given["limit"]))]
        return Answer("".join(lines).encode(), headers={"Content-Type": "text/plain"})

    return answer


def timemap(captures: list[Captured], page_size: int) -> Callable[..., Answer]:
    """An aggregator's TimeMap in pages that name one another, and one archive's replay."""

    def answer(state: Server, path: str, headers: dict[str, str]) -> Answer:
        if not path.startswith("/timemap/link/"):
            return played(captures, path)
        rest = path.removeprefix("/timemap/link/")
        number, _, url = rest.partition("/") if rest[0].isdigit() else ("1", "", rest)
        same = [c for c in captures if urlkey(c.url) == urlkey(url)]
        if not same:
            none = {"X-Memento-Count": "0", "Content-Type": "text/plain; charset=utf-8"}
            return Answer(b"404 page not found\n", 404, none)
        begin = (int(number) - 1) * page_size
        pages = range(1, -(-len(same) // page_size) + 1)
        links = [
            f'<{url}>; rel="original"',
            *(f'<{state.address}/timemap/link/{n}/{url}>; rel="timemap"' for n in pages),
            *(
                f'<{state.address}/web/{c.timestamp}mp_/{c.url}>; rel="memento"; datetime="'
                + timestamps.parse(c.timestamp).strftime("%a, %d %b %Y %H:%M:%S GMT")
                + '"'
                for c in same[begin : begin + page_size]
            ),
        ]
        kind = {"Content-Type": "application/link-format"}
        return Answer((",\n".join(links) + "\n").encode(), headers=kind)

    return answer


@dataclass
class Crawls:
    """Common Crawl: for each crawl its captures; index, list of crawls, and WARC files.

    The index is made of blocks of so many rows, and a page of a site is one of them.
    """

    crawls: dict[str, list[Captured]]
    block_rows: int = 3000
    file: bytes = b""
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for crawl, captures in self.crawls.items():
            self.rows[crawl] = [self._add(crawl, capture) for capture in captures]

    def _add(self, crawl: str, capture: Captured) -> dict[str, str]:
        member = warc_member(capture)
        begin, self.file = len(self.file), self.file + member
        return {
            "urlkey": urlkey(capture.url),
            "timestamp": capture.timestamp,
            "url": capture.url,
            "mime": "text/html",
            "mime-detected": "text/html",
            "status": str(capture.status),
            "digest": capture.row()[5],
            "length": str(len(member)),
            "offset": str(begin),
            "filename": f"crawl-data/{crawl}/segments/1.2/warc/x-00340.warc.gz",
            "languages": "eng",
            "encoding": "UTF-8",
        }

    def __call__(self, state: Server, path: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(path)
        kind = {"Content-Type": "application/json"}
        if parts.path == "/collinfo.json":
            return Answer(json.dumps(self.collinfo(state.address)).encode(), headers=kind)
        if parts.path.startswith("/crawl-data/"):
            first, last = map(int, headers["range"].removeprefix("bytes=").split("-"))
            return Answer(self.file[first : last + 1], 206)
        named = parse_qs(parts.query)
        query = {name: values[0] for name, values in named.items()}
        begin, end = calc_search_range(query["url"], query.get("matchType", "exact"))
        rows = self.rows[parts.path[1:].removesuffix("-index")]
        rows = sorted(
            (row for row in rows if begin <= row["urlkey"] < end),
            key=lambda row: (row["urlkey"], row["timestamp"]),
        )
        pages = -(-len(rows) // self.block_rows)
        if "showNumPages" in query:
            told = {"pages": pages, "pageSize": 1, "blocks": pages}
            return Answer(json.dumps(told).encode(), headers={"Content-Type": "text/x-ndjson"})
        page = int(query.get("page", "0"))
        if page >= pages > 0:
            told = {"message": f"Page {page} invalid: First Page is 0, Last Page is {pages - 1}"}
            return Answer(json.dumps(told).encode(), 400, kind)
        rows = rows[page * self.block_rows : (page + 1) * self.block_rows]
        since, until = query.get("from", "0"), query.get("to", "9")
        rows = [row for row in rows if since <= row["timestamp"] <= until]
        rows = list(cdx_filter(rows, named.get("filter", [])))
        if not rows:
            none = {"message": f"No Captures found for: {query['url']}"}
            return Answer(json.dumps(none).encode(), 404, kind)
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        return Answer(body, headers={"Content-Type": "text/x-ndjson"})

    def collinfo(self, address: str) -> list[dict[str, str]]:
        """The list of crawls, newest first, as recorded; a crawl is of one year here."""
        return [
            {
                "id": crawl,
                "name": f"{crawl} Index",
                "timegate": f"{address}/{crawl}/",
                "cdx-api": f"{address}/{crawl}-index",
                "from": f"{crawl[8:12]}-01-02T22:09:07",
                "to": f"{crawl[8:12]}-12-15T23:42:38",
            }
            for crawl in sorted(self.crawls, reverse=True)
        ]


def yearly(captures: Iterable[Captured]) -> Crawls:
    """Common Crawl, had it crawled once a year since 1996."""
    crawls: dict[str, list[Captured]] = {f"CC-MAIN-{year}-05": [] for year in range(1996, 2025)}
    for capture in captures:
        crawls[f"CC-MAIN-{capture.timestamp[:4]}-05"].append(capture)
    return Crawls(crawls)


def warc_member(capture: Captured, kind: str = "response", **headers: str) -> bytes:
    """The gzip member of a capture's WARC record of a kind; `headers` are WARC's."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    of_the_page = [("Content-Type", capture.content_type), *capture.headers.items()]
    if capture.location:
        of_the_page.append(("Location", capture.location))
    date = timestamps.parse(capture.timestamp).strftime("%Y-%m-%dT%H:%M:%SZ")
    writer.write_record(
        writer.create_warc_record(
            capture.url,
            kind,
            payload=BytesIO(capture.body),
            http_headers=StatusAndHeaders(f"{capture.status} OK", of_the_page, "HTTP/1.1"),
            warc_headers_dict={"WARC-Date": date, **headers},
        )
    )
    return buffer.getvalue()


def arc_member(capture: Captured) -> bytes:
    """The same as an ARC record, as the crawls of 2008 to 2012 have them."""
    http = f"HTTP/1.1 {capture.status} OK\r\nContent-Type: text/html\r\n\r\n".encode()
    block = http + capture.body
    line = f"{capture.url} 127.0.0.1 {capture.timestamp} text/html {len(block)}\n".encode()
    return gzip.compress(line + block + b"\n")
