"""Answers `warc://local/...` from local WARC files, as a Wayback Machine would over HTTP."""

import asyncio
import json
import logging
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Request, Response
from scrapy.utils.project import data_path

from crawler.archives.warc import LocalWarc
from crawler.archives.warc_index import Record, WarcIndex
from crawler.cdx import FIELDS
from crawler.handlers.records import read_record, replay
from crawler.urlkeys import site_range, urlkey
from crawler.warc_records import first_record

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class WarcDownloadHandler(BaseDownloadHandler):
    """Serves the index and the captures of the crawl's WARC files; all file work is in threads."""

    lazy = True

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        archive = getattr(crawler.spider, "archives", {}).get(LocalWarc.name)
        if not isinstance(archive, LocalWarc):
            raise ValueError("warc:// addresses need a spider whose archive is local WARC files")
        self.archive = archive
        self.maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.index = WarcIndex(Path(data_path("warc-index.sqlite")), archive.files)
        self._indexed: asyncio.Task[None] | None = None

    async def download_request(self, request: Request) -> Response:
        """Answer an index query or a replay address."""
        if self._indexed is None:
            self._indexed = asyncio.ensure_future(self._add_files())
        await asyncio.shield(self._indexed)
        place = self.archive.parse_replay_url(request.url)
        if place is not None:
            return await asyncio.to_thread(self._replay, request.url, *place)
        return await asyncio.to_thread(self._query, request.url)

    async def _add_files(self) -> None:
        for damage in await asyncio.to_thread(self.index.add):
            logger.warning("damaged WARC file: %s", damage)
            self.archive.damage = "; ".join(filter(None, (self.archive.damage, damage)))
            assert self.crawler.stats
            damages = self.crawler.stats.get_value("warc/damaged", [])
            self.crawler.stats.set_value("warc/damaged", [*damages, damage])

    async def close(self) -> None:
        """Close the index."""
        self.index.close()

    def _query(self, url: str) -> Response:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        limit, after = int(query["limit"]), query.get("resumeKey", "")
        if "matchType" in query:
            keys = site_range(urlsplit(query["url"]).netloc)
            regex = query["filter"].removeprefix("urlkey:")
            records, more = self.index.site(keys, regex, limit, after)
        else:
            span = query.get("from", "0"), query.get("to", "9")
            records, more = self.index.captures(urlkey(query["url"]), *span, limit, after)
        if "collapse" in query:  # by month
            months = groupby(records, key=lambda record: record.timestamp[:6])
            records = [next(month) for _, month in months]
        rows: list[list[Any]] = [[getattr(record, name) for name in FIELDS] for record in records]
        body = [list(FIELDS), *rows] if rows else []
        if more is not None:
            body += [[], [more]]
        return Response(url, headers={"Content-Type": "application/json"}, body=_dump(body))

    def _replay(self, url: str, timestamp: str, original: str) -> Response:
        record = self.index.nearest(original, timestamp)
        page = record
        if record is not None and record.is_revisit and not record.is_redirect:
            page = self.index.payload_of(record)
        if record is None or page is None:
            return Response(url, status=404, headers={"Content-Type": "text/plain"})
        return replay(url, (record.timestamp, record.original), *_read(page, self.maxsize))


def _dump(rows: list[list[Any]]) -> bytes:
    """Encode rows as the Wayback Machine does: an array a line."""
    return ("[" + ",\n".join(map(json.dumps, rows)) + "]\n").encode()


def _read(record: Record, maxsize: int) -> tuple[int, list[tuple[str, str]], bytes]:
    """Read a record at its offset; see `read_record`."""
    with open(record.path, "rb") as stream:
        stream.seek(record.offset)
        warc = first_record(stream)
        if warc is None:
            raise OSError(f"{record.path}: no record at byte {record.offset:,}")
        return read_record(warc, maxsize, record.mimetype)
