"""The Internet Archive's Wayback Machine, and servers that speak its dialect."""

from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from crawler import cdx
from crawler.archives.base import Archive, delay
from crawler.records import IndexPage, Reply, Target


class Wayback(Archive):
    """CDX at `/cdx/search/cdx` in JSON, replay at `/web/TIMESTAMPid_/URL`."""

    name = "wayback"
    index_slot = "wayback-cdx"
    page_slot = "wayback-page"

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.base = settings["WAYBACK_BASE_URL"].rstrip("/")
        self.replay_prefix = f"{self.base}/web/"
        if self.replay_prefix != self.snapshots:
            self.show(urlsplit(self.base).netloc)
        self.page_size = settings.getint("CDX_PAGE_SIZE")
        self.delays = (
            delay(settings, "WAYBACK_CDX_RATE", self.base),
            delay(settings, "WAYBACK_PAGE_RATE", self.base),
        )

    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Ask for JSON, with a limit and a resume key: without a limit, lists end early."""
        extra = {
            "output": "json",
            "fl": ",".join(cdx.FIELDS),
            "limit": str(self.page_size),
            "showResumeKey": "true",
        }
        if resume_key is not None:
            extra["resumeKey"] = resume_key
        endpoint = f"{self.base}/cdx/search/cdx"
        return cdx.query_url(endpoint, target.policy_url or "", since, until, extra)

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the JSON array of arrays."""
        return cdx.read_json_page(reply.body, self.name, target)

    def last_second(self, page: IndexPage) -> str | None:
        """The old resume keys passed over all rows of that second; what today's do is not known."""
        return max((capture.timestamp for capture in page.captures), default=None)
