"""What Scrapy's HTTP cache may keep, for those who switch it on."""

from scrapy import Request
from scrapy.extensions.httpcache import DummyPolicy
from scrapy.http import Response


class MementoPolicy(DummyPolicy):
    """Keeps captures, which never change; index pages and an archive's troubles do."""

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Whether a reply is a capture."""
        return "Memento-Datetime" in response.headers
