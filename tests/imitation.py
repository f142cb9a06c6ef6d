"""A small imitation of the Wayback Machine: CDX in JSON with resume keys, `id_` replay, faults.

Serves captures held in memory on a loopback port. Faults are switched on by name with the number
of times they strike, or ALWAYS. Every request is logged, so that tests can look at pace, pauses,
connections and headers.
"""

import base64
import json
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from crawler.urlkeys import urlkey

ALWAYS = 10**9
FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
FAULTS = ("429", "429_retry_after", "503", "notice", "reset", "cut", "nothing")
NOTICE = b"<html><body><h1>The Internet Archive is under maintenance</h1></body></html>"
HRM = b"<html><h2>Hrm.</h2> <p>The Wayback Machine has not archived that URL.</p></html>"
EXCLUDED = b"<h2>Sorry.</h2> <p>This URL has been excluded from the Wayback Machine.</p>"
TOO_MANY = b"<html><body><h1>429 Too Many Requests</h1></body></html>"


@dataclass
class Captured:
    """A capture in the imitation: `location` is where an archived redirect leads."""

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

    def row(self) -> list[str]:
        """The capture's row in the index."""
        digest = self.digest or base64.b32encode(f"{hash(self.body)}".encode())[:32].decode()
        length = str(len(self.body) + 300)
        kind = self.content_type.split(";")[0]
        status = self.indexed_status or str(self.status)
        return [urlkey(self.url), self.timestamp, self.url, kind, status, digest, length]


@dataclass
class Seen:
    """A request that reached the imitation."""

    at: float
    path: str
    connection: tuple[str, int]
    user_agent: str | None
    fault: str | None


@dataclass
class Imitation:
    """The archive's state: captures, faults still to strike, requests seen."""

    captures: list[Captured]
    page_size: int = 5
    faults: Counter[str] = field(default_factory=Counter)
    spared: int = 0
    extra_rows: list[list[str]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    address: str = ""

    def strike(self, *names: str) -> str | None:
        """Return the first of these faults that is switched on, and count it down.

        The first `spared` requests meet none.
        """
        with self.lock:
            if len(self.seen) < self.spared:
                return None
            for name in names:
                if self.faults[name] > 0:
                    self.faults[name] -= 1
                    return name
        return None

    def pages(self) -> list[str]:
        """Replay addresses asked for, in order."""
        return [seen.path for seen in self.seen if seen.path.startswith("/web/")]


@contextmanager
def imitate(captures: list[Captured], **state: object) -> Iterator[Imitation]:
    """Run an imitation on a free loopback port."""
    imitation = Imitation(captures, **state)  # type: ignore[arg-type]
    handler = type("Handler", (_Handler,), {"imitation": imitation})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    imitation.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield imitation
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    imitation: Imitation

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        kind = "cdx" if self.path.startswith("/cdx/") else "page"
        fault = self.imitation.strike(*(f"{kind}_{f}" for f in FAULTS))
        agent = self.headers.get("User-Agent")
        seen = Seen(time.monotonic(), self.path, self.client_address, agent, fault)
        self.imitation.seen.append(seen)
        match (fault or "").removeprefix(f"{kind}_"):
            case "429":
                self.reply(429, TOO_MANY)
            case "429_retry_after":
                self.reply(429, TOO_MANY, {"Retry-After": "2"})
            case "503":
                self.reply(503, NOTICE)
            case "notice":
                self.reply(200, NOTICE)
            case "nothing":
                self.reply(200, b"")
            case "reset":
                self.close_connection = True
                self.connection.close()
            case name:
                serve = self.index if kind == "cdx" else self.replay
                serve(cut=name == "cut")

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def index(self, cut: bool) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if self.imitation.strike("cdx_excluded"):
            error = "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked"
            self.reply(403, b"", {"X-Archive-Wayback-Runtime-Error": error})
            return
        key = urlkey(query["url"])
        rows = sorted(
            [c.row() for c in self.imitation.captures if c.listed and urlkey(c.url) == key]
            + self.imitation.extra_rows,
            key=lambda row: row[1],
        )
        rows = [r for r in rows if query.get("from", "0") <= r[1] <= query.get("to", "9")]
        start = _position(query.get("resumeKey"))
        if self.imitation.strike("cdx_empty_page"):
            page, resume = [], _key(start)
        else:
            page = rows[start : start + self.imitation.page_size]
            end = start + len(page)
            resume = _key(end) if end < len(rows) else None
            if self.imitation.strike("cdx_repeated_key") and start:
                resume = query["resumeKey"]
        body = [FIELDS, *page] if page else []
        if resume:
            body = [*(body or [FIELDS]), [], [resume]]
        text = ("[" + ",\n".join(map(json.dumps, body)) + "]\n").encode()
        self.reply(200, text[: len(text) // 2] if cut else text, {"Content-Type": "text/plain"})

    def replay(self, cut: bool) -> None:
        timestamp, url = self.path.removeprefix("/web/").split("id_/", 1)
        if self.imitation.strike("page_login"):
            self.reply(302, b"", {"Location": "https://archive.example/account/login"})
            return
        if self.imitation.strike("page_excluded"):
            self.reply(200, EXCLUDED)
            return
        same = [c for c in self.imitation.captures if c.playable and urlkey(c.url) == urlkey(url)]
        if not same:
            self.reply(404, HRM)
            return
        best = min(same, key=lambda c: (_distance(c.timestamp, timestamp), c.url != url))
        if (best.timestamp, best.url) != (timestamp, url):
            reason = f"found capture at {best.timestamp}"
            location = f"{self.imitation.address}/web/{best.timestamp}id_/{best.url}"
            headers = {"Location": location, "X-Archive-Redirect-Reason": reason}
            self.reply(302, b"", headers)
            return
        moment = datetime.strptime(best.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        headers = {
            "Content-Type": best.content_type,
            "Memento-Datetime": moment.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "Link": f'<{best.url}>; rel="original", <x>; rel="timemap"',
            **best.headers,
        }
        if best.location is not None:
            headers["Location"] = best.location
        if cut:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(best.body)))
            self.end_headers()
            self.wfile.write(best.body[: len(best.body) // 2])
            self.close_connection = True
            return
        self.reply(best.status, best.body, headers)


def _key(position: int) -> str:
    """An opaque resume key as the archive makes them: base64url of zlib, without padding."""
    return base64.urlsafe_b64encode(zlib.compress(str(position).encode())).decode().rstrip("=")


def _position(key: str | None) -> int:
    if key is None:
        return 0
    return int(zlib.decompress(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))))


def _distance(one: str, other: str) -> float:
    form = "%Y%m%d%H%M%S"
    moments = datetime.strptime(one, form) - datetime.strptime(other, form)
    return abs(moments.total_seconds())
