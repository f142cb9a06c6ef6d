"""What Scrapy's HTTP cache may keep, for those who switch it on."""

from scrapy import Request
from scrapy.extensions.httpcache import DummyPolicy
from scrapy.http import Response
from scrapy.settings import BaseSettings

from crawler.replies import decoded


class MementoPolicy(DummyPolicy):
    """Keeps captures, which never change; index pages and an archive's troubles do."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.maxsize = settings.getint("DOWNLOAD_MAXSIZE")

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Whether a reply is a capture, and whole: a damaged one is asked for again."""
        if "Memento-Datetime" not in response.headers:
            return False
        try:
            decoded(response, self.maxsize)
        except ValueError:
            return False
        return True
