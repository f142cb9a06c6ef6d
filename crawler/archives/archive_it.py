"""Archive-It: the collections of the Internet Archive's partners."""

import re

from scrapy.settings import BaseSettings

from crawler import cdx
from crawler.archives import spans
from crawler.archives.base import named_delays
from crawler.archives.wayback import Wayback
from crawler.errors import NotAnIndexReply
from crawler.records import IndexPage, Reply, Target
from crawler.urlkeys import site_words


class ArchiveIt(Wayback):
    """CDX as text at `/COLLECTION/timemap/cdx`, replay at `/COLLECTION/TIMESTAMPid_/URL`.

    `collection` is its number, or `all`; ValueError otherwise. Source of the dialect: Archive-It's
    help, "Access Archive-It's Wayback index with the CDX/C API". It promises text and no resume
    key, so a full page is followed by one that starts at its last timestamp.
    """

    def __init__(self, collection: str, settings: BaseSettings) -> None:
        super().__init__(settings)
        if not re.fullmatch(r"all|[1-9]\d{0,9}", collection, re.ASCII):
            raise ValueError("a collection of Archive-It is a number, or all")
        self.name = f"archive-it:{collection}"
        self.index_slot, self.page_slot = f"{self.name}#cdx", f"{self.name}#page"
        self.base = f"{settings['ARCHIVE_IT_URL'].rstrip('/')}/{collection}"
        self.replay_prefix = f"{self.base}/"
        self.show("Archive-It")
        self.delays = named_delays("archive-it", settings, self.base, self.base)

    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Ask for text with the fields of every index."""
        return self._text_query(target.policy_url or "", resume_key or since, until, {})

    def home_index_url(self, domain: str, resume_key: str | None = None) -> str:
        """Ask for the first capture of each month."""
        url = str(self.home(domain).policy_url)
        return self._text_query(url, resume_key, None, {"collapse": "timestamp:6"})

    def site_index_url(self, domain: str, words: str, resume_key: str | None) -> str | None:
        """Ask for the rows that match, of all time or of the span that the resume key names."""
        rows = cdx.of_site(domain) | {"filter": f"urlkey:{site_words(domain, words)}"}
        return self._text_query(str(self.home(domain).policy_url), *spans.bounds(resume_key), rows)

    def _text_query(
        self, url: str, since: str | None, until: str | None, rows: dict[str, str]
    ) -> str:
        extra = {"fl": ",".join(cdx.FIELDS), "limit": str(self.page_size), **rows}
        return cdx.query_url(f"{self.base}/timemap/cdx", url, since, until, extra)

    def last_second(self, page: IndexPage) -> str | None:
        """Nothing is missing: the next page starts with this second."""
        return None

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the lines; no captures is an empty reply that says it is text."""
        is_text = reply.headers.get("content-type", "").startswith("text/plain")
        if not reply.body.strip() and not is_text:
            raise NotAnIndexReply("an empty reply that is not text")
        rows = cdx.rows_asked_for(reply.url) or self.page_size
        page = cdx.read_text_page(reply.body, target, rows)
        return spans.following(reply.url, page)
