"""Answers `commoncrawl://...` from ranges of Common Crawl's WARC files, as a replay would."""

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING
from zlib import error as ZlibError

from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Request, Response
from warcio.exceptions import ArchiveLoadFailed

from crawler.archives.common_crawl import record_range
from crawler.handlers.http import OnceDownloadHandler
from crawler.handlers.records import read_record, replay
from crawler.replay.body import DamagedBody
from crawler.warc_records import first_record

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_DAMAGE = (ArchiveLoadFailed, ZlibError, EOFError, OSError, ValueError)


class CommonCrawlDownloadHandler(OnceDownloadHandler):
    """One HTTP range request for one capture: its compressed record, nothing else of the file."""

    lazy = True

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self.data = crawler.settings["COMMONCRAWL_DATA_URL"].rstrip("/")
        self.maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        """Answer a capture's address; 404 for one that does not say where the record is.

        What is not the range asked for comes back as it is, without the header of a memento, so
        that it is asked for again. Raises DamagedBody for a record that is damaged in the file, and
        DownloadCancelledError for one larger than DOWNLOAD_MAXSIZE.
        """
        found = record_range(request.url)
        if found is None:
            return Response(request.url, status=404)
        file, first, length = found
        if length > self.maxsize:
            raise DownloadCancelledError("a record larger than DOWNLOAD_MAXSIZE")
        headers = {"Range": f"bytes={first}-{first + length - 1}", "Accept-Encoding": "identity"}
        ranged = request.replace(url=f"{self.data}/{file}", headers={**request.headers, **headers})
        ranged.meta["download_maxsize"] = max(length, 65536)  # room for an error page
        try:
            reply = await super().download_request(ranged)
        except DownloadCancelledError:  # the whole file instead of a range
            return Response(request.url, status=502)
        if reply.status != 206 or len(reply.body) != length:
            own = {name: values for name, values in reply.headers.items() if name == b"Retry-After"}
            status = 502 if reply.status in (200, 206) else reply.status
            return Response(request.url, status=status, headers=own)
        return await asyncio.to_thread(played, request.url, reply.body, self.maxsize)


def played(url: str, member: bytes, maxsize: int) -> Response:
    """Return the reply that a record makes, compressed as it is in its file."""
    try:
        record = first_record(BytesIO(member))
        if record is None or record.rec_type not in ("response", "resource"):
            return Response(url, status=404)  # a revisit, of a page that nothing points to
        about = record.rec_headers
        moment = about.get_header("WARC-Date") or about.get_header("archive-date") or ""
        original = about.get_header("WARC-Target-URI") or about.get_header("uri") or ""
        timestamp = "".join(filter(str.isdigit, moment))[:14]
        content = read_record(record, maxsize, about.get_header("Content-Type") or "-")
        return replay(url, (timestamp, original), *content)
    except DamagedBody:
        raise
    except _DAMAGE as error:
        raise DamagedBody(f"its WARC record: {error}"[:200]) from None
