"""Scrapy's HTTP/1.1, each request once."""

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class OnceDownloadHandler(HTTP11DownloadHandler):
    """Twisted repeats a request whose kept-alive connection breaks, outside of any pace."""

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False
