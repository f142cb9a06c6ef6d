"""A small imitation of the Wayback Machine: its index, its replay, its limits and its faults.

    python -m tests.imitation --fault cdx_503=2 --fault page_429=1 data/demo/demo.warc.gz

serves WARC files on this machine and prints the WAYBACK_BASE_URL to crawl them with; tests serve
captures held in memory. Faults are switched on by name with the number of times they strike, or
ALWAYS. Every request is logged, so that tests can look at pace, pauses, connections and headers.
"""

import argparse
import gzip
import re
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from warcio.exceptions import ArchiveLoadFailed

from crawler.urlkeys import urlkey
from tests.wayback_dialect import (
    FAULTS,
    OF_REPLIES,
    PAGE_COUNTS,
    Answer,
    Captured,
    IndexReply,
    Query,
    nginx,
    replay,
    resume_key,
    warc_captures,
    web_page,
)

ALWAYS = 10**9
STALL = 60.0
SHUT_OUT = 0.5
_REPLAY = re.compile(r"/web/(\d{1,14})id_/(.+)")
_TIMEMAP = re.compile(r"/web/timemap/(json|cdx)/(.+)")
_COOKIE = "wb-cdx-0-SERVER=wwwb-cdx200; path=/"


@lru_cache(maxsize=2_000)
def compressed(body: bytes) -> bytes:
    """A body in gzip, as the archive keeps it: it does not compress for each who asks."""
    return gzip.compress(body)


@dataclass
class Seen:
    """A request that reached the imitation; header names are as they were sent."""

    at: float
    path: str
    connection: tuple[str, int]
    headers: dict[str, str]
    fault: str | None = None

    @property
    def user_agent(self) -> str | None:
        """Who asked."""
        return self.headers.get("User-Agent")

    @property
    def query(self) -> dict[str, str]:
        """The parameters of a query of the index."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass(frozen=True)
class Limits:
    """What the archive bears in a minute, as of June 2026, and how long it shuts out who goes on.

    `minute` and `block` are in seconds; a block lasts twice as long each time.
    """

    minute: float = 60.0
    index: int = 30
    pages: int = 600
    connections: int = 15
    block: float = 3600.0


@dataclass
class Gate:
    """Counts requests and connections against the limits; without limits, it lets all in."""

    limits: Limits | None = None
    recent: dict[str, deque[float]] = field(default_factory=dict)
    refusing_since: float | None = None
    blocks: int = 0
    blocked_until: float = 0.0
    closed_until: float = 0.0

    def admit(self, kind: str) -> bool:
        """Whether a request is in its limit; who goes on for a minute after that is blocked."""
        if self.limits is None or self._within(kind, getattr(self.limits, kind)):
            self.refusing_since = None
            return True
        now = time.monotonic()
        self.refusing_since = self.refusing_since or now
        if now - self.refusing_since > self.limits.minute:
            self.block(self.limits.block)
        return False

    def connect(self) -> bool:
        """Whether one more connection is in its limit; if not, none is for the rest of a minute."""
        if self.limits is None or self._within("connections", self.limits.connections):
            return True
        self.closed_until = time.monotonic() + self.limits.minute
        return False

    def block(self, first: float) -> None:
        """Let nobody in, on no connection, for `first` seconds, and for twice as long each time."""
        self.refusing_since = None
        self.blocked_until = self.closed_until = time.monotonic() + first * 2**self.blocks
        self.blocks += 1

    def _within(self, kind: str, most: int) -> bool:
        assert self.limits is not None
        recent, now = self.recent.setdefault(kind, deque()), time.monotonic()
        while recent and now - recent[0] > self.limits.minute:
            recent.popleft()
        recent.append(now)
        return len(recent) <= most


@dataclass
class Imitation:
    """The archive's state: captures, faults still to strike, requests seen.

    The first `spared` requests meet no fault. A query for more rows than `bearable_rows` takes too
    long. `old_style` is how the index spoke until 2024. Without `can_filter`, it ignores filters.
    """

    captures: list[Captured]
    page_size: int = 5
    faults: Counter[str] = field(default_factory=Counter)
    spared: int = 0
    extra_rows: list[list[str]] = field(default_factory=list)
    old_style: bool = False
    can_filter: bool = True
    bearable_rows: int = ALWAYS
    limits: Limits | None = None
    seen: list[Seen] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        unknown = self.faults.keys() - FAULTS.keys()
        assert not unknown, f"no such faults: {unknown}"
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.gate = Gate(self.limits)
        self.page_counts = cycle(PAGE_COUNTS)

    def strike(self, *names: str) -> str | None:
        """Return the first of these faults that is switched on, and count it down."""
        with self.lock:
            if len(self.seen) <= self.spared:
                return None
            for name in names:
                if self.faults[name] > 0:
                    self.faults[name] -= 1
                    return name
        return None

    def admit(self, kind: str) -> bool:
        """Whether a request is in the limits."""
        with self.lock:
            return self.gate.admit("index" if kind == "cdx" else "pages")

    def near(self, key: str) -> Sequence[Captured]:
        """Return the captures among which those of a urlkey are."""
        return self.captures

    def rows(self, query: Query) -> Iterable[list[str]]:
        """Return the rows among whose keys the query's are, in their order.

        Those before the query's start may be left out. `extra_rows` come with every query.
        """
        near = self.near(query.begin) if query.is_exact else self.captures
        rows = [c.row() for c in near if c.listed and query.begin <= urlkey(c.url) < query.end]
        return sorted(rows + self.extra_rows, key=lambda row: row[:2])

    def pages(self) -> list[str]:
        """Replay addresses asked for, in order."""
        return [seen.path for seen in self.seen if _REPLAY.match(seen.path)]

    def queries(self) -> list[dict[str, str]]:
        """Queries of the index, in order."""
        return [seen.query for seen in self.seen if seen.path.startswith("/cdx/")]

    def index(self, text: str) -> Answer:
        """Answer a query of the index: what stands after the question mark."""
        given = {name: values[0] for name, values in parse_qs(text).items()}
        if "url" not in given:
            return Answer(400, {"content-type": "text/plain"}, b"url parameter is required")
        if "showNumPages" in given:
            status, body = next(self.page_counts)
            return Answer(status, {"content-type": "text/plain"}, body)
        if given.get("page", "0") != "0":
            return web_page(400, b"<h1>400 Bad Request</h1>")
        try:
            limit = int(given.get("limit", ALWAYS))
            query = Query.read(text, self.old_style, self.can_filter)
        except ValueError:
            return web_page(400, b"<h1>400 Bad Request</h1>")
        if limit > self.bearable_rows:
            return nginx(504, "Gateway Time-out")
        reply = query.shown(self._page(query, max(1, min(self.page_size, limit))))
        if self.strike("cdx_extra_column"):
            rows = [[*row, "0"] for row in reply.rows]
            reply = IndexReply(rows, reply.key, [*reply.columns, "dupecount"])
        answer = reply.written(given.get("output", ""), self.old_style)
        body = answer.body.rstrip(b"\n") if self.strike("cdx_unended") else answer.body
        return Answer(answer.status, {**answer.headers, "set-cookie": _COOKIE}, body)

    def _page(self, query: Query, size: int) -> IndexReply:
        rows = query.answer(self.rows(query))
        page = list(islice(rows, size))
        if page and self.strike("cdx_empty_page"):
            return IndexReply([], resume_key(page[0], self.old_style, of_next=True))
        more = "showResumeKey" in query.given and next(rows, None) is not None
        reply = IndexReply(page, resume_key(page[-1], self.old_style) if more else None)
        if more and self.strike("cdx_first_key"):
            first = query.of_first_page()
            *_, last = islice(first.answer(self.rows(first)), size)
            reply.key = resume_key(last, self.old_style)
        return reply


@contextmanager
def imitate(captures: list[Captured], port: int = 0, **state: Any) -> Iterator[Imitation]:
    """Run an imitation on a loopback port; 0 is any that is free."""
    with serving(Imitation(captures, **state), port) as imitation:
        yield imitation


@contextmanager
def serving(imitation: Imitation, port: int = 0) -> Iterator[Imitation]:
    """Run this imitation on a loopback port; 0 is any that is free."""
    server = _open(imitation, port)
    imitation.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=_listen, args=(imitation, server))
    thread.start()
    try:
        yield imitation
    finally:
        imitation.ended.set()
        thread.join()


def _open(imitation: Imitation, port: int) -> "_Server":
    handler = type("Handler", (_Handler,), {"imitation": imitation})
    server = _Server(("127.0.0.1", port), handler)
    server.gate = imitation.gate
    return server


def _listen(imitation: Imitation, server: "_Server") -> None:
    """Accept connections until the imitation ends; refuse them while the gate is closed."""
    while not imitation.ended.is_set():
        server.handle_request()
        if (closed := imitation.gate.closed_until - time.monotonic()) > 0:
            server.server_close()
            imitation.ended.wait(closed)
            server = _open(imitation, server.server_address[1])
    server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    timeout = 0.05
    gate: Gate

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.gate.connect()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    imitation: Imitation

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        archive = self.imitation
        if time.monotonic() < archive.gate.blocked_until:
            self.hang_up()
            return
        seen = Seen(time.monotonic(), self.path, self.client_address, dict(self.headers.items()))
        archive.seen.append(seen)
        kind = "cdx" if self.path.startswith(("/cdx/", "/web/timemap/")) else "page"
        seen.fault = archive.strike(*OF_REPLIES[kind])
        if seen.fault is None and not archive.admit(kind):
            seen.fault = f"{kind}_429"
        fault = FAULTS[seen.fault] if seen.fault else None
        if fault is not None and fault.answer is not None:
            self.send(fault.answer())
        else:
            answer = self.index(seen) if kind == "cdx" else self.replay()
            self.send(answer, (seen.fault or "").removeprefix(f"{kind}_"))

    def index(self, seen: Seen) -> Answer:
        if not seen.user_agent:
            return web_page(400, b"<h1>400 Bad Request</h1>")
        if timemap := _TIMEMAP.match(self.path):
            given = {"output": timemap[1], "url": unquote(timemap[2])}
            return self.imitation.index(urlencode(given))
        return self.imitation.index(urlsplit(self.path).query)

    def replay(self) -> Answer:
        place = _REPLAY.match(self.path)
        if place is None:
            return web_page(404, b"<h1>404 Not Found</h1>")
        whole = re.match(r"https?%3a", place[2], re.IGNORECASE)
        url = unquote(place[2]) if whole else place[2]
        near = self.imitation.near(urlkey(url))
        return replay(near, self.imitation.address, place[1], url)

    def send(self, answer: Answer, fault: str = "") -> None:
        """Send a reply, or what the fault makes of it."""
        match fault:
            case "reset":
                self.hang_up()
            case "block":
                self.imitation.gate.block(SHUT_OUT)
                self.hang_up()
            case "half":
                self.transfer(replace(answer, body=answer.body[: len(answer.body) // 2]))
            case _:
                self.transfer(answer, fault)

    def transfer(self, answer: Answer, fault: str = "") -> None:
        """Send headers and body as the archive does: in gzip, in chunks."""
        body, headers = answer.body, dict(answer.headers)
        if self.accepts_gzip() and body and "content-encoding" not in map(str.lower, headers):
            body, headers["content-encoding"] = compressed(body), "gzip"
        if fault == "torn":
            body = body[: len(body) // 2]
        length = ("Transfer-Encoding", "chunked") if body else ("Content-Length", "0")
        self.send_response(answer.status)
        for name, value in (*headers.items(), length):
            self.send_header(name, value)
        self.end_headers()
        if fault == "stall":
            self.imitation.ended.wait(STALL)
            self.hang_up()
        elif fault == "cut":
            self.wfile.write(b"%x\r\n" % len(body) + body[: len(body) // 2])
            self.hang_up()
        elif body:
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    def accepts_gzip(self) -> bool:
        unwanted = "gzip=false" in self.path
        return "gzip" in self.headers.get("Accept-Encoding", "") and not unwanted

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the other side was faster
            self.connection.shutdown(socket.SHUT_RDWR)


def _port(argument: str) -> int:
    if not argument.isdecimal() or int(argument) > 65535:
        raise argparse.ArgumentTypeError(f"not a port: {argument}")
    return int(argument)


def _fault(argument: str) -> tuple[str, int]:
    name, _, times = argument.partition("=")
    if name not in FAULTS:
        raise argparse.ArgumentTypeError(f"no such fault: {name}")
    if not re.fullmatch(r"\d*|always", times):
        raise argparse.ArgumentTypeError(f"not a number of times: {times}")
    return name, ALWAYS if times == "always" else int(times or 1)


def main() -> None:
    """Serve WARC files until Ctrl-C."""
    meanings = "".join(f"\n  {name:<22}{fault.meaning}" for name, fault in FAULTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.imitation",
        description="An imitation of the Wayback Machine on this machine.",
        epilog=f"faults (of queries of the index, cdx_, and of pages):{meanings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("warcs", nargs="+", type=Path, metavar="WARC", help="what it has captured")
    parser.add_argument("--port", type=_port, default=0, help="any that is free by default")
    parser.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="NAME=TIMES",
        help="what it does wrong and how often: a number or `always`",
    )
    parser.add_argument(
        "--limits",
        action="store_const",
        const=Limits(),
        help="refuse more than 30 queries, 600 pages or 15 connections a minute, then block",
    )
    given = parser.parse_args()
    captures: list[Captured] = []
    for file in given.warcs:
        try:
            captures += warc_captures(file)
        except (OSError, ArchiveLoadFailed) as error:
            parser.error(f"{file}: {error}")
    state = {"page_size": 10_000, "faults": Counter(dict(given.fault)), "limits": given.limits}
    with imitate(captures, given.port, **state) as archive, suppress(KeyboardInterrupt):
        print(f"WAYBACK_BASE_URL={archive.address}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
