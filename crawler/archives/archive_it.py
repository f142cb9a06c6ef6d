"""Archive-It: the collections of the Internet Archive's partners."""

import re

from scrapy.settings import BaseSettings

from crawler import cdx
from crawler.archives.base import named_delays
from crawler.archives.wayback import Wayback
from crawler.errors import NotAnIndexReply
from crawler.records import IndexPage, Reply, Target


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
        extra = {"fl": ",".join(cdx.FIELDS), "limit": str(self.page_size)}
        url, first = target.policy_url or "", resume_key or since
        return cdx.query_url(f"{self.base}/timemap/cdx", url, first, until, extra)

    def last_second(self, page: IndexPage) -> str | None:
        """Nothing is missing: the next page starts with this second."""
        return None

    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read the lines; no captures is an empty reply that says it is text."""
        is_text = reply.headers.get("content-type", "").startswith("text/plain")
        if not reply.body.strip() and not is_text:
            raise NotAnIndexReply("an empty reply that is not text")
        return cdx.read_text_page(reply.body, self.name, target, self.page_size)
