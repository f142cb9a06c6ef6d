"""The Internet Archive's Wayback Machine, and servers that speak its dialect."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from crawler import cdx
from crawler.archives.base import Archive, delay
from crawler.records import IndexPage, Reply, Target
from crawler.urlkeys import site_words


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
        return self._query(target.policy_url or "", since, until, resume_key)

    def home_index_url(self, domain: str, resume_key: str | None = None) -> str:
        """Ask for the first capture of each month."""
        thin = {"collapse": "timestamp:6"}
        return self._query(str(self.home(domain).policy_url), None, None, resume_key, thin)

    def site_index_url(self, domain: str, words: str, resume_key: str | None) -> str | None:
        """Ask for the rows that match; on a very large site they may take too long (504)."""
        rows = cdx.of_site(domain) | {"filter": f"urlkey:{site_words(domain, words)}"}
        return self._query(str(self.home(domain).policy_url), None, None, resume_key, rows)

    def _query(
        self,
        url: str,
        since: str | None,
        until: str | None,
        resume_key: str | None,
        rows: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        extra = {
            "output": "json",
            "fl": ",".join(cdx.FIELDS),
            "limit": str(self.page_size),
            "showResumeKey": "true",
            **rows,
        }
        if resume_key is not None:
            extra["resumeKey"] = resume_key
        return cdx.query_url(f"{self.base}/cdx/search/cdx", url, since, until, extra)

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the JSON array of arrays."""
        return cdx.read_json_page(reply.body, target)

    def last_second(self, page: IndexPage) -> str | None:
        """The old resume keys passed over all rows of that second; what today's do is not known."""
        return max((capture.timestamp for capture in page.captures), default=None)
