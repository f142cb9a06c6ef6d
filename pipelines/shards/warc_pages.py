"""The pages of a whole WARC file, one after the other: kept ones again, or all that a crawl of the
file would read. What cannot be used is named, never passed over in silence."""

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any
from urllib.parse import urlsplit
from zlib import error as ZlibError

from scrapy.exceptions import DownloadCancelledError
from scrapy.settings import Settings
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler import cdx
from crawler.archives.warc import LocalWarc
from crawler.archives.warc_index import index_row
from crawler.domains import parse_domain, parse_policy_url
from crawler.handlers.records import read_record, replay
from crawler.outcomes import Outcome
from crawler.records import Capture, Loss, Memento, PageAddress, Target
from crawler.replay.body import BodyTooLarge, DamagedBody
from crawler.replay.memento import Hop, read_replay
from crawler.replies import decoded, reply_of
from crawler.warc_records import records_of
from pipelines.shards.shard_jobs import Unreadable
from pipelines.storage.pages import read_page_at

_NOT_HERE = re.compile(r"(image|video|audio|font)/|text/css|.*(javascript|json)")
_PAGE = re.compile(r"text/html|application/(xhtml|pdf)")
_DAMAGE = (ArchiveLoadFailed, ZlibError, EOFError, ValueError)  # an OSError may pass


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record without a page, and why; without an address: all of the file from here on."""

    url: str | None
    reason: str


Found = tuple[int, Memento | Loss | Unusable]  # with the byte at which its record starts


def kept_pages(stream: IO[bytes], name: str, pages: Iterable[tuple[int, str]]) -> Iterator[Found]:
    """Yield pages that a crawl kept; each is given with its offset and the address served."""
    for offset, url in pages:
        try:
            headers, body = read_page_at(stream, PageAddress(name, offset))
        except ValueError as error:
            yield offset, Unusable(url, str(error))
        else:
            yield offset, Memento(_unnamed(url), "", url, headers, body)


def all_pages(stream: IO[bytes], maxsize: int) -> Iterator[Found]:
    """Yield all responses with status 200 that are HTML or PDF, as a crawl of the file reads them.

    A capture's policy is its own address, of the site that is its host. What stands before a damage
    is used. Raises Unreadable if nothing stands there.
    """
    settings = Settings()
    settings.setmodule("crawler.settings")
    archive = LocalWarc([], settings)
    records, end = records_of(stream), 0
    damage = "no record in it"
    try:
        for record in records:
            start = records.offset
            record.raw_stream = body = _Hashed(record.raw_stream)
            found = _page(records, record, archive, maxsize)
            body.read_to_end()
            if body.is_cut:
                damage = "cut short"
                break
            end = start + records.get_record_length()
            if found is not None:
                yield start, found
        else:
            if end > 0:
                return
    except _DAMAGE as error:
        damage = " ".join(str(error).split())[:200] or type(error).__name__
    if end == 0:
        raise Unreadable(f"not a WARC file, or damaged from its first byte on ({damage})")
    yield end, Unusable(None, f"unreadable from byte {end:,} on ({damage})")


class _Hashed:
    """A record's content, whose SHA-1 is taken while it is read."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.sha1 = hashlib.sha1(usedforsecurity=False)

    def read(self, size: int) -> bytes:
        piece: bytes = self.stream.read(size)
        self.sha1.update(piece)
        return piece

    def read_to_end(self) -> None:
        while self.read(65536):
            pass

    @property
    def digest(self) -> str:
        self.read_to_end()
        return b32encode(self.sha1.digest()).decode()

    @property
    def is_cut(self) -> bool:
        return getattr(self.stream, "limit", 0) != 0


def _page(
    records: ArchiveIterator, record: Any, archive: LocalWarc, maxsize: int
) -> Memento | Loss | Unusable | None:
    """Read one record; None if it is no response with status 200 that is HTML or PDF."""
    http, url = record.http_headers, record.rec_headers.get_header("WARC-Target-URI") or ""
    if record.rec_type == "response" and not url:
        return Unusable("", "its record names no address")
    if record.rec_type != "response" or http is None or http.get_statuscode() != "200":
        return None
    declared = (http.get_header("Content-Type") or "").strip().lower()
    if _NOT_HERE.match(declared):
        return None
    content: tuple[int, list[tuple[str, str]], bytes] | Exception
    try:
        content = read_record(record, maxsize, "-")
    except (DamagedBody, DownloadCancelledError) as error:
        content = error
    if record.raw_stream.is_cut and not isinstance(content, DownloadCancelledError):
        return None  # the file ends here
    digest = record.raw_stream.digest
    try:
        capture = _capture(index_row(record, digest), records)
        if capture is None:
            return None
        found = _read(content, capture, archive, maxsize)
    except Exception as error:  # of a hostile record; the next may be well
        return Unusable(url, f"{type(error).__name__}: {error}"[:300])
    if isinstance(found, Loss) and found.outcome is Outcome.UNSUPPORTED_TYPE:
        return None
    by_body = isinstance(found, Loss) and found.outcome in (Outcome.DAMAGED, Outcome.TOO_LARGE)
    return None if by_body and not _PAGE.match(declared) else found


def _capture(row: tuple[Any, ...] | None, records: ArchiveIterator) -> Capture | None:
    """Return the capture that an index of the file lists; ValueError if it cannot be listed."""
    if row is None:
        return None
    original = row[2]
    target = Target(
        parse_domain(urlsplit(original).netloc), parse_policy_url(original), archive=LocalWarc.name
    )
    named = dict(zip(cdx.FIELDS, (*row[:6], records.get_record_length()), strict=True))
    return cdx.capture_of(named, target)


def _read(
    content: tuple[int, list[tuple[str, str]], bytes] | Exception,
    capture: Capture,
    archive: LocalWarc,
    maxsize: int,
) -> Memento | Loss:
    """Read a record as the reply that a replay of it sends."""
    try:
        if isinstance(content, Exception):
            raise content
        place = capture.timestamp, capture.original
        response = replay(archive.replay_url(*place), place, *content)
        reply = reply_of(decoded(response, maxsize))
    except (DownloadCancelledError, BodyTooLarge) as error:
        return Loss(capture, Outcome.TOO_LARGE, f"{type(error).__name__}: {error}"[:300])
    except DamagedBody as error:
        return Loss(capture, Outcome.DAMAGED, f"{type(error).__name__}: {error}"[:300])
    found = read_replay(reply, capture, archive, timedelta(0))
    if isinstance(found, Hop):  # to the frame with the text, which is another record
        return Loss(capture, found.missing, found.url[:300], *place)
    return found


def _unnamed(url: str) -> Capture:
    """Return what stands for a kept page's capture, which the corpus knows."""
    return Capture("", "", "", "", "", url, "-", None, None, None)
