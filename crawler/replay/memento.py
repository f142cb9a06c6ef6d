"""Step 5: what an archive's replay answered, into a memento, a hop or a loss. Pure.

The rule that decides everything: `Memento-Datetime` is present if and only if the reply is an
archived capture, whatever its status; without it, the archive itself is talking (RFC 7089).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin

from crawler import timestamps
from crawler.archives.base import Archive
from crawler.outcomes import Outcome
from crawler.records import Capture, Loss, Memento, Reply
from crawler.replay.framesets import content_frame
from crawler.replay.page_types import is_binary, is_html, is_pdf

_OF_THE_TRANSFER = {"content-encoding", "content-length", "transfer-encoding", "connection"}
_EXCLUDED = (b"has been excluded from the Wayback Machine", b"AdministrativeAccessControl")
_ROBOTS = (b"RobotAccessControl", b"Blocked By Robots")


@dataclass(frozen=True, slots=True)
class Hop:
    """An address to ask next inside the archive; `missing` is the outcome if it is not there."""

    url: str
    missing: Outcome


@dataclass(frozen=True, slots=True)
class Trouble:
    """The archive's own, passing trouble: to be asked again, never stored. `cause` is a word."""

    cause: str


def live_trouble(reply: Reply, archive: Archive) -> Trouble | None:
    """Return the archive's passing trouble that a replay reply shows, if it shows one."""
    if "memento-datetime" in reply.headers or _withheld(reply) is not None:
        return None
    archive = archive.serving(reply.url)
    if reply.status == 429:
        return Trouble("rate_limited")
    if reply.status in (404, 410, 451):
        return None
    if 300 <= reply.status < 400:
        raw = reply.headers.get("location", "").strip()
        location = _joined(reply.url, raw) if raw else None
        inside = location is not None and archive.parse_replay_url(location) is not None
        return None if inside else Trouble("sent_elsewhere")
    return Trouble(f"http_{reply.status}" if reply.status != 200 else "not_a_memento")


def read_replay(
    reply: Reply,
    capture: Capture,
    archive: Archive,
    window: timedelta,
    missing: Outcome = Outcome.NOT_ARCHIVED,
) -> Memento | Hop | Loss:
    """Read a replay reply that shows no live trouble.

    `window` is how far the served capture may lie from the one asked for; `missing` is
    the outcome if the archive has nothing there, which depends on what led here.
    """
    archive = archive.serving(reply.url)
    served = served_capture(reply, archive)
    if 300 <= reply.status < 400 and "location" in reply.headers:
        return _hop(reply, served, capture, archive, window, missing)
    if served is None:
        return Loss(capture, _withheld(reply) or missing, f"HTTP {reply.status}")
    timestamp, url = served
    if _distance(timestamp, capture.timestamp) > window:
        return _too_far(capture, timestamp, url)
    if reply.status != 200:
        not_found = reply.status in (404, 410)
        outcome = Outcome.NOT_FOUND if not_found else Outcome.HTTP_ERROR
        return Loss(capture, outcome, f"HTTP {reply.status}", timestamp, url)
    frame = _joined(url, src) if (src := content_frame(reply.body)) is not None else None
    if frame is not None and re.match(r"https?://[^/]", frame, re.IGNORECASE):
        return Hop(archive.replay_url(timestamp, frame), Outcome.FRAMESET)
    content_type = reply.headers.get("content-type")
    if not is_pdf(reply.body) and not is_html(content_type, reply.body):
        return Loss(capture, Outcome.UNSUPPORTED_TYPE, content_type, timestamp, url)
    if not is_pdf(reply.body) and is_binary(content_type, reply.body):
        return Loss(capture, Outcome.UNSUPPORTED_TYPE, "not a text", timestamp, url)
    headers = tuple((n, v) for n, v in reply.headers.items() if n not in _OF_THE_TRANSFER)
    return Memento(capture, timestamp, url, headers, reply.body)


def bounded(
    found: Memento | Hop | Loss, capture: Capture, visited: Sequence[str], most: int
) -> Memento | Hop | Loss:
    """Return what was found, but a hop in a circle, or after `most` of them, as a loss.

    `visited` are the addresses asked so far, that of the capture first.
    """
    if not isinstance(found, Hop):
        return found
    if found.url in visited:
        return Loss(capture, Outcome.REDIRECT_LOST, f"in a circle, back to {found.url[:200]}")
    if len(visited) > most:
        return Loss(capture, Outcome.REDIRECT_LOST, f"more than {most} redirects")
    return found


def served_capture(reply: Reply, archive: Archive) -> tuple[str, str] | None:
    """Return timestamp and address of the capture that was served; None if none was.

    The address is the one in the `Link` header (rel="original"), else the one in the replay
    address.
    """
    try:
        timestamp = timestamps.from_http_date(reply.headers["memento-datetime"])
    except (KeyError, ValueError):
        return None
    link = re.search(r'<([^<>]+)>;\s*rel="?original"?', reply.headers.get("link", ""))
    if link:
        return timestamp, link[1].replace("&amp;", "&")
    place = archive.parse_replay_url(reply.url)
    return timestamp, place[1] if place else reply.url


def _hop(
    reply: Reply,
    served: tuple[str, str] | None,
    capture: Capture,
    archive: Archive,
    window: timedelta,
    missing: Outcome,
) -> Hop | Loss:
    """Turn a redirect into the next replay address; never one outside the archive."""
    raw = reply.headers["location"].strip()
    if served is None:
        location = _joined(reply.url, raw)
        place = archive.parse_replay_url(location) if location is not None else None
        if location is None or place is None:
            return Loss(capture, Outcome.NOT_ARCHIVED, f"sent to {raw[:200]}")
        if _distance(place[0], capture.timestamp) > window:
            return _too_far(capture, *place)
        return Hop(archive.serving(location).replay_url(*place), missing)
    timestamp, url = served
    if _distance(timestamp, capture.timestamp) > window:
        return _too_far(capture, timestamp, url)
    # the archive rewrites an absolute address, and one from the root; a relative one it leaves
    rewritten = re.match(r"/|[a-z][a-z0-9+.-]*:", raw, re.IGNORECASE)
    location = _joined(reply.url if rewritten else url, raw)
    if location is not None and (place := archive.parse_replay_url(location)) is not None:
        return Hop(archive.replay_url(*place), Outcome.TARGET_NOT_ARCHIVED)
    target = _joined(url, raw)  # it left the site's own address in Location
    if target is None or not re.match(r"https?://[^/]", target, re.IGNORECASE):
        return Loss(capture, Outcome.REDIRECT_LOST, f"to {raw[:200]}", timestamp, url)
    return Hop(archive.replay_url(timestamp, target), Outcome.TARGET_NOT_ARCHIVED)


def _joined(base: str, address: str) -> str | None:
    """Return an address that may be relative to `base`; None if there is no such address."""
    try:
        return urljoin(base, address)
    except ValueError:
        return None


def _withheld(reply: Reply) -> Outcome | None:
    """Whether the archive says that it keeps a site or page back (with 200, 403 or 451)."""
    told = reply.headers.get("x-archive-wayback-runtime-error", "").encode() + reply.body[:200_000]
    if reply.status in (200, 403, 451) and any(mark in told for mark in _EXCLUDED):
        return Outcome.EXCLUDED
    if reply.status in (200, 403) and any(mark in told for mark in _ROBOTS):
        return Outcome.ROBOTS
    return Outcome.EXCLUDED if reply.status == 451 else None


def _distance(timestamp: str, asked: str) -> timedelta:
    try:
        return abs(timestamps.parse(timestamp) - timestamps.parse(asked))
    except ValueError:
        return timedelta.max


def _too_far(capture: Capture, timestamp: str, url: str) -> Loss:
    detail = f"served {timestamp} for {capture.timestamp}"
    return Loss(capture, Outcome.WRONG_CAPTURE, detail, timestamp, url)
