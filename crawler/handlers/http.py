"""Scrapy's HTTP/1.1, each request once."""

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Request, Response

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class OnceDownloadHandler(BaseDownloadHandler):
    """Twisted repeats a request whose kept-alive connection breaks, outside of any pace."""

    lazy = True

    def __init__(self, crawler: "Crawler") -> None:
        # takes an eighth of a second: not for a crawl of local files
        from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

        super().__init__(crawler)
        self._http = HTTP11DownloadHandler(crawler)
        self._http._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        """Make the request."""
        return await self._http.download_request(request)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
